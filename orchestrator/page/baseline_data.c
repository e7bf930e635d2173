/* SPDX-License-Identifier: Apache-2.0 */
#include "baseline_data.h"

#include <string.h>

#include "report/json_text.h"
#include "report/modelled.h"

/* The metric of the page (web/report/metrics.ts) that a quantity is. */
static const char *const metric_of[HF_QUANTITY_COUNT] = {[HF_QUANTITY_LATENCY] = "latency",
                                                         [HF_QUANTITY_RAM] = "ram",
                                                         [HF_QUANTITY_IMAGE] = "image",
                                                         [HF_QUANTITY_ACCURACY] = "accuracy"};

static bool write_changes_of(const hf_report *report, const hf_result_comparison *result, bool any,
                             hf_buffer *out)
{
    const size_t index = (size_t)(result->after - report->results);
    for (int q = 0; q < HF_QUANTITY_COUNT; q++) {
        const hf_quantity_change *change = &result->quantities[q];
        if (change->change == HF_CHANGE_NONE || change->change == HF_CHANGE_NOT_COMPARABLE)
            continue;
        hf_buffer_printf(out, "%s{\"result\":%zu,\"figure\":", any ? "," : "", index);
        hf_json_text(out, metric_of[q]);
        hf_buffer_puts(out, ",\"change\":");
        hf_json_text(out, hf_change_name(change->change));
        hf_buffer_puts(out, ",\"before\":");
        hf_json_real(out, true, change->before);
        hf_buffer_puts(out, ",\"after\":");
        hf_json_real(out, true, change->after);
        hf_buffer_puts(out, ",\"percent\":");
        hf_json_real(out, true, change->percent);
        hf_buffer_putc(out, '}');
        any = true;
    }
    return any;
}

/* What was compared of one side: its outcome, or how it was timed where that is the difference. */
static const char *side_name(const hf_result_row *row, bool by_timing)
{
    return by_timing ? hf_timing_name(row->modelled) : hf_compared_outcome(row);
}

/* A result that its figures do not explain: it failed, is missing in one run, or was timed in another way.
 * @return whether it was written */
static bool write_other(const hf_report *report, const hf_result_comparison *result, bool any, hf_buffer *out)
{
    const hf_result_row *row = result->after ? result->after : result->before;
    if (!row)
        return false; /* of neither run */
    const bool by_timing = result->before && result->after && result->before->outcome == HF_RESULT_MEASURED &&
                           result->after->outcome == HF_RESULT_MEASURED &&
                           result->before->modelled != result->after->modelled;
    const char *was = side_name(result->before, by_timing), *is = side_name(result->after, by_timing);
    if (strcmp(was, is) == 0 && result->change != HF_CHANGE_NOT_COMPARABLE)
        return false;
    hf_buffer_puts(out, any ? ",{\"result\":" : "{\"result\":");
    if (result->after)
        hf_json_integer(out, result->after - report->results);
    else
        hf_buffer_puts(out, "null");
    const char *const texts[][2] = {
        {"name", row->name},
        {"chip", row->chip},
        {"change", hf_change_name(by_timing ? HF_CHANGE_NOT_COMPARABLE : result->change)},
        {"was", was},
        {"is", is}};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        hf_json_key(out, false, texts[i][0]);
        hf_json_text(out, texts[i][1]);
    }
    hf_buffer_putc(out, '}');
    return true;
}

void hf_baseline_data_json(const hf_run_comparison *comparison, hf_buffer *out)
{
    if (!comparison) {
        hf_buffer_puts(out, "null");
        return;
    }
    hf_buffer_puts(out, "{\"run\":");
    hf_json_text(out, comparison->before->run.key);
    hf_buffer_puts(out, ",\"started_ms\":");
    hf_json_integer(out, comparison->before->run.started_ms);
    hf_buffer_puts(out, ",\"counts\":{");
    for (int c = 0; c <= HF_CHANGE_NOT_COMPARABLE; c++) {
        hf_json_key(out, c == 0, hf_change_name((hf_change)c));
        hf_json_integer(out, (int64_t)comparison->counts[c]);
    }
    hf_buffer_puts(out, "},\"changes\":[");
    bool any = false;
    for (size_t i = 0; i < comparison->result_count; i++)
        if (comparison->results[i].after)
            any = write_changes_of(comparison->after, &comparison->results[i], any, out);
    hf_buffer_puts(out, "],\"others\":[");
    any = false;
    for (size_t i = 0; i < comparison->result_count; i++)
        any |= write_other(comparison->after, &comparison->results[i], any, out);
    hf_buffer_puts(out, "]}");
}
