/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_REPORT_LIMIT_VERDICTS_H
#define HF_REPORT_LIMIT_VERDICTS_H

#include "report/rows.h"

/**
 * @file limit_verdicts.h
 * Whether a model meets the limits of a spec. `run`, `analyze` and pruning use the same rules.
 */

/** A figure that is known exactly (least = most), within a range, or not at all (both 0). */
typedef struct hf_range {
    int64_t least, most;
} hf_range;

/** What a model needs of each limited resource. */
typedef struct hf_needs {
    hf_range ram;  /**< bytes: arena, static data and stack together */
    hf_range rom;  /**< bytes: image and firmware together */
    hf_range macs; /**< of one inference */
} hf_needs;

typedef enum hf_verdict {
    HF_VERDICT_NONE,   /**< no such limit, or the figure is unknown */
    HF_VERDICT_MET,    /**< certainly */
    HF_VERDICT_OPEN,   /**< the limit lies within the range */
    HF_VERDICT_MISSED, /**< certainly */
} hf_verdict;

/** "met" or "missed"; NULL for what is not certain. Static. */
const char *hf_verdict_name(hf_verdict verdict);

typedef struct hf_verdicts {
    hf_verdict ram, rom, macs;
    hf_verdict all; /**< the worst of them */
} hf_verdicts;

/** A resource that can be limited. */
typedef struct hf_limit_kind {
    const char *name;                                      /**< "ram": as in CSV and JSON */
    const char *title;                                     /**< "RAM" */
    size_t limit_offset, need_offset, verdict_offset;      /**< in hf_limits, hf_needs, hf_verdicts */
    void (*format)(double value, char *text, size_t size); /**< with its unit */
} hf_limit_kind;

#define HF_LIMIT_KINDS 3
/** RAM, ROM and MACs, in the order in which they are shown. */
extern const hf_limit_kind hf_limit_kinds[HF_LIMIT_KINDS];

/** 0 = not limited. */
int64_t hf_limit_of(const hf_limits *limits, const hf_limit_kind *kind);
hf_range hf_need_of(const hf_needs *needs, const hf_limit_kind *kind);
hf_verdict hf_verdict_of(const hf_verdicts *verdicts, const hf_limit_kind *kind);

hf_verdict hf_judge(hf_range figure, int64_t limit);
hf_verdicts hf_judge_all(const hf_needs *needs, const hf_limits *limits);
/** Judges the measurement; without one, RAM is at least the planned arena and ROM at least the image. */
hf_verdicts hf_result_verdicts(const hf_result_row *row, const hf_limits *limits);
/** Whether a limit was missed: by measurement, or by analysis if the result was pruned. */
bool hf_report_missed(const hf_report *report, const hf_result_row *row);

#endif
