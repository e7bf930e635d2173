/* SPDX-License-Identifier: Apache-2.0 */
/* Frees what rows own, for all types of rows by one description each. */
#include <stdlib.h>
#include <string.h>

#include "report/board_health_rows.h"
#include "report/history_rows.h"
#include "report/rows.h"
#include "report/transcripts.h"

/* A member that owns memory: a text, or an array of rows with its count. */
typedef struct owned_member {
    size_t offset;               /* of a pointer */
    size_t count_offset;         /* of the array's size_t count; not used for a text */
    const hf_row_type *elements; /* NULL = the pointer is all there is to free */
} owned_member;

struct hf_row_type {
    size_t size_bytes;
    const owned_member *members;
    size_t member_count;
};

#define TEXT(row, member)                                                                                    \
    {                                                                                                        \
        offsetof(row, member), 0, NULL                                                                       \
    }
#define ARRAY(row, member, count, type)                                                                      \
    {                                                                                                        \
        offsetof(row, member), offsetof(row, count), type                                                    \
    }
#define PLAIN_ARRAY(row, member) TEXT(row, member) /* its elements own nothing */
#define ROW_TYPE(row, members)                                                                               \
    {                                                                                                        \
        sizeof(row), members, sizeof(members) / sizeof *(members)                                            \
    }

static const owned_member factor_members[] = {TEXT(hf_factor_row, name)};
static const hf_row_type factor_type = ROW_TYPE(hf_factor_row, factor_members);

static const owned_member board_members[] = {
    TEXT(hf_board_row, id),
    TEXT(hf_board_row, chip),
    TEXT(hf_board_row, core),
};
static const hf_row_type board_type = ROW_TYPE(hf_board_row, board_members);

static const owned_member board_history_members[] = {
    TEXT(hf_board_history_row, id),
    TEXT(hf_board_history_row, chip),
    TEXT(hf_board_history_row, last_fault),
    TEXT(hf_board_history_row, last_message),
};
const hf_row_type hf_board_history_row_type = ROW_TYPE(hf_board_history_row, board_history_members);

static const owned_member attempt_members[] = {
    TEXT(hf_attempt_row, board_id),
    TEXT(hf_attempt_row, fault),
    TEXT(hf_attempt_row, message),
    TEXT(hf_attempt_row, transcript),
};
const hf_row_type hf_attempt_row_type = ROW_TYPE(hf_attempt_row, attempt_members);

static const owned_member failure_members[] = {
    TEXT(hf_failure_row, board_id),
    TEXT(hf_failure_row, fault),
    TEXT(hf_failure_row, message),
    TEXT(hf_failure_row, transcript),
};
const hf_row_type hf_failure_row_type = ROW_TYPE(hf_failure_row, failure_members);

static const owned_member port_members[] = {
    TEXT(hf_port_row, kind),
    TEXT(hf_port_row, type),
    TEXT(hf_port_row, float_tail),
};
static const hf_row_type port_type = ROW_TYPE(hf_port_row, port_members);

static const owned_member output_members[] = {PLAIN_ARRAY(hf_output_row, values)};
static const hf_row_type output_type = ROW_TYPE(hf_output_row, output_members);

static const owned_member result_members[] = {
    TEXT(hf_result_row, name),
    TEXT(hf_result_row, family),
    TEXT(hf_result_row, source),
    ARRAY(hf_result_row, factors, factor_count, &factor_type),
    TEXT(hf_result_row, chip),
    TEXT(hf_result_row, image_sha256),
    TEXT(hf_result_row, arena_map),
    TEXT(hf_result_row, accuracy_source),
    TEXT(hf_result_row, fault),
    TEXT(hf_result_row, message),
    TEXT(hf_result_row, board_id),
    TEXT(hf_result_row, clock_source),
    TEXT(hf_result_row, firmware_id),
    PLAIN_ARRAY(hf_result_row, samples),
    PLAIN_ARRAY(hf_result_row, layers),
    ARRAY(hf_result_row, ports, port_count, &port_type),
    TEXT(hf_result_row, training.key),
    TEXT(hf_result_row, training.warning),
    PLAIN_ARRAY(hf_result_row, training.curve),
    ARRAY(hf_result_row, outputs, output_count, &output_type),
};
const hf_row_type hf_result_row_type = ROW_TYPE(hf_result_row, result_members);

static const owned_member run_members[] = {
    TEXT(hf_run_row, key),
    TEXT(hf_run_row, name),
    TEXT(hf_run_row, owner),
    TEXT(hf_run_row, baseline),
    TEXT(hf_run_row, spec_path),
    TEXT(hf_run_row, spec_text),
    TEXT(hf_run_row, farm_path),
    TEXT(hf_run_row, farm_text),
    TEXT(hf_run_row, hilfarm_version),
    TEXT(hf_run_row, openocd_version),
    TEXT(hf_run_row, host),
    TEXT(hf_run_row, tags),
};
const hf_row_type hf_run_row_type = ROW_TYPE(hf_run_row, run_members);

static const owned_member tag_members[] = {
    TEXT(hf_tag_row, name),
    TEXT(hf_tag_row, run_key),
    TEXT(hf_tag_row, run_name),
};
const hf_row_type hf_tag_row_type = ROW_TYPE(hf_tag_row, tag_members);

static const owned_member board_state_members[] = {
    TEXT(hf_board_state_row, id),
    TEXT(hf_board_state_row, chip),
    TEXT(hf_board_state_row, disabled_reason),
    TEXT(hf_board_state_row, disabled_by),
    TEXT(hf_board_state_row, reserved_by),
    TEXT(hf_board_state_row, reserved_note),
    TEXT(hf_board_state_row, quarantine_message),
    TEXT(hf_board_state_row, quarantine_fault),
    TEXT(hf_board_state_row, attention),
    TEXT(hf_board_state_row, attention_fault),
    TEXT(hf_board_state_row, golden_firmware_id),
};
const hf_row_type hf_board_state_row_type = ROW_TYPE(hf_board_state_row, board_state_members);

static const owned_member health_check_members[] = {
    TEXT(hf_health_check_row, board_id),     TEXT(hf_health_check_row, chip),
    TEXT(hf_health_check_row, clock_source), TEXT(hf_health_check_row, firmware_id),
    TEXT(hf_health_check_row, fault),        TEXT(hf_health_check_row, message),
};
const hf_row_type hf_health_check_row_type = ROW_TYPE(hf_health_check_row, health_check_members);

static const owned_member trend_members[] = {
    TEXT(hf_trend_row, run_key),
    TEXT(hf_trend_row, run_name),
    TEXT(hf_trend_row, hilfarm_version),
    TEXT(hf_trend_row, host),
    TEXT(hf_trend_row, result.image_sha256),
    TEXT(hf_trend_row, result.fault),
    TEXT(hf_trend_row, result.message),
    TEXT(hf_trend_row, result.board_id),
    TEXT(hf_trend_row, result.clock_source),
    TEXT(hf_trend_row, result.firmware_id),
    PLAIN_ARRAY(hf_trend_row, result.samples),
};
const hf_row_type hf_trend_row_type = ROW_TYPE(hf_trend_row, trend_members);

static const owned_member variation_members[] = {
    TEXT(hf_variation_row, name),
    TEXT(hf_variation_row, chip),
};
const hf_row_type hf_variation_row_type = ROW_TYPE(hf_variation_row, variation_members);

static const owned_member board_failure_members[] = {
    TEXT(hf_board_failure_row, run_name),           TEXT(hf_board_failure_row, model),
    TEXT(hf_board_failure_row, failure.fault),      TEXT(hf_board_failure_row, failure.message),
    TEXT(hf_board_failure_row, failure.transcript),
};
const hf_row_type hf_board_failure_row_type = ROW_TYPE(hf_board_failure_row, board_failure_members);

static const owned_member transcript_members[] = {
    TEXT(hf_transcript_row, model), TEXT(hf_transcript_row, chip),    TEXT(hf_transcript_row, board_id),
    TEXT(hf_transcript_row, fault), TEXT(hf_transcript_row, message),
};
const hf_row_type hf_transcript_row_type = ROW_TYPE(hf_transcript_row, transcript_members);

static const owned_member report_members[] = {
    ARRAY(hf_report, boards, board_count, &board_type),
    ARRAY(hf_report, results, result_count, &hf_result_row_type),
    ARRAY(hf_report, attempts, attempt_count, &hf_attempt_row_type),
    PLAIN_ARRAY(hf_report, attempt_results),
    ARRAY(hf_report, failures, failure_count, &hf_failure_row_type),
};
static const hf_row_type report_type = ROW_TYPE(hf_report, report_members);

/* Rows nest three deep: report, result, factor. */
/* NOLINTNEXTLINE(misc-no-recursion) */
void hf_row_clear(const hf_row_type *type, void *row)
{
    for (size_t i = 0; row && i < type->member_count; i++) {
        const owned_member *member = &type->members[i];
        char *pointer = NULL;
        memcpy(&pointer, (const char *)row + member->offset, sizeof pointer);
        if (member->elements) {
            size_t count = 0;
            memcpy(&count, (const char *)row + member->count_offset, sizeof count);
            hf_rows_free(member->elements, pointer, count);
        } else {
            free(pointer);
        }
    }
    if (row)
        memset(row, 0, type->size_bytes);
}

/* NOLINTNEXTLINE(misc-no-recursion) */
void hf_rows_free(const hf_row_type *type, void *rows, size_t count)
{
    for (size_t i = 0; rows && i < count; i++)
        hf_row_clear(type, (char *)rows + i * type->size_bytes);
    free(rows);
}

void hf_report_free(hf_report *report)
{
    if (!report)
        return;
    hf_row_clear(&hf_run_row_type, &report->run);
    hf_row_clear(&report_type, report);
}
