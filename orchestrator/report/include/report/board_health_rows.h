/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_REPORT_BOARD_HEALTH_ROWS_H
#define HF_REPORT_BOARD_HEALTH_ROWS_H

#include "report/rows.h"

/**
 * @file board_health_rows.h
 * What is known of a board beyond a run, as plain rows like those of rows.h. A board is identified by name, chip and
 * whether it is modelled. Times are wall clock, Unix milliseconds; 0 = none. Texts are NULL only where their comment
 * allows it.
 */

typedef struct hf_board_state_row {
    char *id;
    char *chip;
    bool modelled;

    char *disabled_reason; /**< why it is in maintenance; NULL = it is not */
    char *disabled_by;     /**< user; may be NULL */
    int64_t disabled_ms;

    char *reserved_by; /**< user who works on it; NULL = it is not reserved */
    int64_t reserved_ms;
    int64_t reserved_until_ms; /**< the reservation has no effect after this */
    char *reserved_note;       /**< may be NULL */

    int32_t quarantine_count;     /**< quarantines since the board last worked */
    int64_t quarantined_until_ms; /**< 0 = it is not in quarantine */
    char *quarantine_message;     /**< the failure that led to the last one; may be NULL */
    char *quarantine_fault;       /**< hf_fault_name() of that failure; may be NULL */

    char *attention; /**< why a person must look at it; NULL = nobody must */
    int64_t attention_ms;
    char *attention_fault; /**< hf_fault_name() of the failure; may be NULL */

    int64_t golden_cycles;       /**< reference of its health checks; 0 = none yet */
    uint32_t golden_image_crc32; /**< of the image that took so many cycles */
    char *golden_firmware_id;    /**< of the firmware that ran it; may be NULL */
} hf_board_state_row;

typedef enum hf_health_check_kind {
    HF_HEALTH_CHECK_NIGHTLY,     /**< before the first job of a night */
    HF_HEALTH_CHECK_READMISSION, /**< after a quarantine */
    HF_HEALTH_CHECK_MANUAL,      /**< a user asked for it */
} hf_health_check_kind;

const char *hf_health_check_kind_name(hf_health_check_kind kind); /**< "nightly", "readmission", "manual" */

/** A health check: the golden image was flashed and run once. */
typedef struct hf_health_check_row {
    char *board_id;
    char *chip;
    int64_t at_ms;
    hf_health_check_kind kind;
    bool modelled;
    bool passed;
    bool drifted;          /**< its cycles differ from the reference by more than is allowed */
    int64_t duration_ns;   /**< 0 = unknown */
    int64_t cycles;        /**< 0 = it got no result */
    double drift;          /**< (cycles - reference) / reference; 0 without a reference */
    int64_t clock_hz;      /**< nominal core clock; 0 = unknown */
    char *clock_source;    /**< what it is derived from, as the firmware reported it; may be NULL */
    double clock_ratio;    /**< core clock as the host timed it / nominal clock; 0 = unknown */
    char *firmware_id;     /**< NULL = unknown */
    char *fault;           /**< hf_fault_name() of a failure; NULL if it passed */
    char *message;         /**< of a failure, or how far the cycles drifted; may be NULL */
    uint32_t image_crc32;  /**< of the golden image */
    uint32_t output_crc32; /**< 0 = it got no result */
} hf_health_check_row;

extern const hf_row_type hf_board_state_row_type, hf_health_check_row_type;

#endif
