/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_BOARD_PHASE_H
#define HF_BOARD_PHASE_H

/**
 * @file phase.h
 * The phases of an attempt and their names, for those who only display them.
 */

/** The phases of an attempt, for timing and progress. */
#define HF_PHASE_MAP(X)                                                                                      \
    X(START, "start")       /* starting the flasher and hilfarm-vboard; zero if already up */                \
    X(FLASH, "flash")       /* erase, program and verify, including the firmware if needed */                \
    X(RESET, "reset")       /* from reset until the firmware answers */                                      \
    X(IDENTIFY, "identify") /* hello, check of firmware and image, speed change */                           \
    X(INPUT, "input")       /* staging the input */                                                          \
    X(RUN, "run")           /* warm-up, timed runs, per-layer run, and their records */                      \
    X(CHECK, "check")       /* comparison with the reference */

typedef enum hf_phase {
#define HF_PHASE_ENUM(name, text) HF_PHASE_##name,
    HF_PHASE_MAP(HF_PHASE_ENUM)
#undef HF_PHASE_ENUM
        HF_PHASE_COUNT
} hf_phase;

/** Name of a phase ("flash"). Static string. */
const char *hf_phase_name(hf_phase phase);

#endif
