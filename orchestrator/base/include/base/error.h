/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_BASE_ERROR_H
#define HF_BASE_ERROR_H

/**
 * @file error.h
 * Error codes, fault classes, and the error object that carries the first cause to the caller.
 *
 * Convention on the host side: a function that can fail returns HF_OK (0) or a negative hf_status,
 * takes an `hf_error *` as its last parameter (NULL allowed) and writes its outputs only on success. The
 * compiler rejects an ignored result: see HF_MUST_CHECK.
 */

#define HF_STATUS_MAP(X)                                                                                     \
    X(NOMEM, -1, "out of memory")                                                                            \
    X(IO, -2, "input/output error")                                                                          \
    X(INVALID, -3, "invalid value")                                                                          \
    X(FORMAT, -4, "malformed data")                                                                          \
    X(UNSUPPORTED, -5, "not supported")                                                                      \
    X(NOTFOUND, -6, "not found")                                                                             \
    X(TIMEOUT, -7, "deadline passed")                                                                        \
    X(CANCELLED, -8, "cancelled")                                                                            \
    X(BUSY, -9, "busy")                                                                                      \
    X(PROTOCOL, -10, "protocol violation")                                                                   \
    X(MISMATCH, -11, "does not match what was expected")                                                     \
    X(LIMIT, -12, "limit exceeded")                                                                          \
    X(CHILD, -13, "child process failed")                                                                    \
    X(STORE, -14, "result store error")                                                                      \
    X(TARGET, -15, "reported by the target")

/* Placed on the type, so that the compiler rejects every ignored hf_status, including calls through a
 * pointer. To ignore one on purpose, cast the call to void and say why. GCC accepts only one spelling on a
 * type, Clang 14 only the other. */
#ifdef __clang__
#define HF_MUST_CHECK __attribute__((warn_unused_result))
#else
#define HF_MUST_CHECK [[nodiscard]]
#endif

typedef enum HF_MUST_CHECK hf_status {
    HF_OK = 0,
#define HF_STATUS_ENUM(name, value, text) HF_E##name = (value),
    HF_STATUS_MAP(HF_STATUS_ENUM)
#undef HF_STATUS_ENUM
} hf_status;

/** Whose fault a failure is. The scheduler retries, changes boards, quarantines or stops accordingly. */
#define HF_FAULT_MAP(X)                                                                                      \
    X(NONE, "none")     /* not classified (a plain programming or input error) */                            \
    X(JOB, "job")       /* the variation itself: does not fit, wrong output, bad image; same on any board */ \
    X(BOARD, "board")   /* the microcontroller: does not boot, faults, does not answer */                    \
    X(PROBE, "probe")   /* debug probe or OpenOCD */                                                         \
    X(SERIAL, "serial") /* the serial line: cannot be opened, disconnected, garbled */                       \
    X(FARM, "farm")     /* this host: disk full, store broken, missing program */                            \
    X(AGENT, "agent")   /* the host that has the board cannot be reached; says nothing about job or board */

typedef enum hf_fault {
#define HF_FAULT_ENUM(name, text) HF_FAULT_##name,
    HF_FAULT_MAP(HF_FAULT_ENUM)
#undef HF_FAULT_ENUM
} hf_fault;

/** How long a failure lasts, which decides whether a retry makes sense. */
typedef enum hf_lasting {
    HF_TRANSIENT, /**< the next try may succeed */
    HF_ABSENT,    /**< a device is unplugged or access is denied; it may return if it was present before */
    HF_PERMANENT, /**< every retry fails the same way until somebody fixes it */
} hf_lasting;

/** One failure: its code, fault class, source line that detected it, and a message for the user. */
typedef struct hf_error {
    hf_status status; /**< HF_OK while nothing failed */
    hf_fault fault;
    hf_lasting lasting; /**< HF_TRANSIENT unless classified otherwise */
    const char *file;   /**< static string, never freed */
    int line;
    char message[512]; /**< NUL-terminated; empty while nothing failed */
} hf_error;

/** Name of a status ("timeout"); "unknown status" for a value outside the enum. Static string. */
const char *hf_status_name(hf_status status);
/** One-line text of a status ("deadline passed"). Static string. */
const char *hf_status_text(hf_status status);
/** Name of a fault class ("serial"). Static string. */
const char *hf_fault_name(hf_fault fault);
/** Parses a fault class name. Returns HF_OK and sets *out, or HF_ENOTFOUND. */
hf_status hf_fault_parse(const char *name, hf_fault *out);

/** Resets *err for reuse (status HF_OK, empty message). NULL allowed. */
void hf_error_clear(hf_error *err);

/**
 * Records a failure unless *err already holds one: the first cause wins. Use through HF_FAIL / HF_FAIL_AS.
 * @return status, so that callers can `return HF_FAIL(...)`.
 */
hf_status hf_error_set(hf_error *err, hf_status status, hf_fault fault, const char *file, int line,
                       const char *format, ...) __attribute__((format(printf, 6, 7)));

/**
 * Copies a failure that a callee recorded in a separate object, unless *err already holds one. NULL err
 * allowed.
 * @return the cause's status
 */
hf_status hf_error_pass(hf_error *err, const hf_error *cause);

/**
 * Takes "name: " off the beginning of a recorded message, for a caller that says the name itself.
 * Does nothing while *err holds no failure, or if its message begins otherwise.
 */
void hf_error_drop_name(hf_error *err, const char *name);

/**
 * Prefixes a recorded message with "what was being done: ", and sets the fault class if the callee did not.
 * Does nothing while *err holds no failure.
 */
void hf_error_context(hf_error *err, hf_fault fault_if_none, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Tells the static analyser what it cannot see across files: hf_error_set() never returns HF_OK here. */
#ifdef __clang__
#define HF_NEVER_OK(call)                                                                                    \
    ({                                                                                                       \
        hf_status hf_never_ok = (call);                                                                      \
        if (hf_never_ok == HF_OK)                                                                            \
            __builtin_unreachable();                                                                         \
        hf_never_ok;                                                                                         \
    })
#else
#define HF_NEVER_OK(call) (call)
#endif

/* `return HF_FAIL(...)`, or `(void)HF_FAIL(...)` where the function reports failure by other means than a
 * status: NULL, false, or *err itself. */
#define HF_FAIL(err, status, ...)                                                                            \
    hf_error_set((err), (status), HF_FAULT_NONE, __FILE__, __LINE__, __VA_ARGS__)
#define HF_FAIL_AS(err, fault, status, ...)                                                                  \
    HF_NEVER_OK(hf_error_set((err), (status), (fault), __FILE__, __LINE__, __VA_ARGS__))

#endif
