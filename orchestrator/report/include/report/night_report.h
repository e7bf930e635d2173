/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_REPORT_NIGHT_REPORT_H
#define HF_REPORT_NIGHT_REPORT_H

#include "base/buffer.h"
#include "report/board_health_rows.h"
#include "report/run_comparison.h"

/**
 * @file night_report.h
 * What a run looks like to whoever did not watch it: JUnit XML for a CI system, Markdown for a pull request or a mail, a
 * line for the mail's subject, and a short JSON object for programs. report/FORMATS.md describes the formats.
 */

/** All borrowed. */
typedef struct hf_night {
    const hf_report *report;
    const hf_run_comparison
        *comparison;                  /**< with the baseline, `report` being `after`; NULL = there is none */
    const hf_board_state_row *states; /**< of the farm's boards; those that need attention are listed */
    size_t state_count;
    const char *folder; /**< of report.html and the other files, for links; NULL = not written */
} hf_night;

/** The numbers of a run that decide how it is reported. */
typedef struct hf_night_counts {
    size_t measured, failed, not_run, pruned;
    size_t missed;              /**< measured results that miss a limit */
    size_t regressed, improved; /**< 0 without a comparison */
    size_t dead;                /**< boards that were unusable at the end of the run */
    size_t attention;           /**< other boards that need attention */
    bool green;                 /**< the run is over, and nothing failed, regressed or was left out */
} hf_night_counts;

void hf_night_count(const hf_night *night, hf_night_counts *out);

/** One line without a line feed, ASCII as far as the spec's name is: "hilfarm nightly: 2 regressed, 1 failed". */
void hf_night_render_subject(const hf_night *night, hf_buffer *out);

#define HF_NIGHT_VARIABLES 10
/**
 * What a command that is told of the run's end finds in its environment: "HILFARM_SUBJECT=..." and so on, the same from
 * `hilfarm run` and from the daemon. configs/FORMAT.md, "Nights", describes them.
 * @param variables receives owned texts, NULL-terminated; hf_night_free_variables() frees them
 * @return false if memory is short; then there are none
 */
bool hf_night_make_variables(const hf_night *night, char *variables[HF_NIGHT_VARIABLES + 1]);
void hf_night_free_variables(char **variables);

/** Regressions, failures, missed limits and boards first, then the results; long lists are cut and say so. */
void hf_night_render_markdown(const hf_night *night, hf_buffer *out);
/** One object; long lists are cut, the counts are those of all. */
void hf_night_render_json(const hf_night *night, hf_buffer *out);
/**
 * JUnit XML as CI systems read it: a suite for each chip and one for the boards. Regressions and missed limits are
 * failures, broken boards are errors, what was pruned or not run is skipped.
 */
void hf_night_render_junit(const hf_night *night, hf_buffer *out);

#endif
