/* SPDX-License-Identifier: Apache-2.0 */
/* The page of a run carries the run's data, refers to nothing outside, and takes any text. */
#include "hf_test.h"

#include <jansson.h>
#include <math.h>
#include <sha256.h>
#include <zlib.h>

#include "name_table.h"
#include "packed_text.h"
#include "page/page.h"
#include "report/latency_statistics.h"
#include "sample.h"

/* ---- Reading a page ---- */

static char *render(const hf_report *report, const hf_run_comparison *comparison)
{
    hf_buffer out = HF_BUFFER_INIT;
    hf_page_render(report, comparison, &out);
    char *page = hf_buffer_take(&out);
    assert_non_null(page);
    return page;
}

/* What follows `start` up to `end`, as a string. @return the caller's to free() */
static char *between(const char *page, const char *start, const char *end)
{
    const char *from = strstr(page, start);
    assert_non_null(from);
    from += strlen(start);
    const char *to = strstr(from, end);
    assert_non_null(to);
    return strndup(from, (size_t)(to - from));
}

static uint8_t *decode(const char *base64, size_t *size)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const size_t length = strlen(base64);
    assert_int_equal(length % 4, 0);
    uint8_t *bytes = malloc(length + 1);
    *size = 0;
    for (size_t i = 0; i < length; i += 4) {
        uint32_t group = 0;
        int padding = 0;
        for (size_t k = 0; k < 4; k++) {
            const char *digit = base64[i + k] == '=' ? digits : strchr(digits, base64[i + k]);
            padding += base64[i + k] == '=';
            assert_non_null(digit);
            group = group << 6 | (uint32_t)(digit - digits);
        }
        for (int k = 0; k < 3 - padding; k++)
            bytes[(*size)++] = (uint8_t)(group >> (16 - 8 * k));
    }
    return bytes;
}

#define DATA    "<script id=\"data\" type=\"application/octet-stream\">"
#define DETAILS "<script class=\"details\" type=\"application/octet-stream\">"

/* The first data behind `start`. */
static json_t *unpack(const char *page, const char *start)
{
    char *base64 = between(page, start, "</script>");
    size_t deflated_bytes = 0;
    uint8_t *deflated = decode(base64, &deflated_bytes);
    uLongf size = 4u << 20;
    uint8_t *json = malloc(size);
    assert_int_equal(uncompress(json, &size, deflated, (uLong)deflated_bytes), Z_OK);
    json_error_t error;
    json_t *root = json_loadb((const char *)json, size, 0, &error);
    if (!root)
        fail_msg("%s at %d", error.text, error.position);
    free(json);
    free(deflated);
    free(base64);
    return root;
}

/* Adds the details of a block to the data: "details", one per result, with their "texts" and "arenas". */
static void add_block(json_t *root, json_t *block)
{
    json_t *details = json_object_get(root, "details"), *result;
    const size_t most = (size_t)json_integer_value(json_object_get(root, "details_block"));
    size_t i;
    assert_in_range(json_array_size(json_object_get(block, "results")), 1, most);
    json_array_foreach(json_object_get(block, "results"), i, result)
    {
        json_object_set(result, "texts", json_object_get(block, "texts"));
        json_object_set(result, "arenas", json_object_get(block, "arenas"));
        json_array_append(details, result);
    }
    json_decref(block);
}

static json_t *data_of(const char *page)
{
    json_t *root = unpack(page, DATA);
    json_object_set_new(root, "details", json_array());
    for (const char *at = page; (at = strstr(at, DETAILS)); at++)
        add_block(root, unpack(at, DETAILS));
    return root;
}

static json_t *data_of_report(const hf_report *report, const hf_run_comparison *comparison)
{
    char *page = render(report, comparison);
    json_t *root = data_of(page);
    free(page);
    return root;
}

static json_t *detail(const json_t *root, const char *name, size_t result)
{
    json_t *found = json_object_get(json_array_get(json_object_get(root, "details"), result), name);
    assert_non_null(found);
    return found;
}

static json_t *value(const json_t *root, const char *column, size_t result)
{
    json_t *array = json_object_get(json_object_get(root, "results"), column);
    assert_true(json_is_array(array));
    return json_array_get(array, result);
}

/* ---- Cases ---- */

static void every_column_has_a_value_per_result(void **state)
{
    (void)state;
    static void (*const makers[])(hf_report *) = {sample_sweep, sample_small, sample_hostile, sample_empty};
    for (size_t m = 0; m < sizeof makers / sizeof makers[0]; m++) {
        hf_report report;
        makers[m](&report);
        json_t *root = data_of_report(&report, NULL);
        const char *name;
        json_t *column;
        json_object_foreach(json_object_get(root, "results"), name, column)
            assert_int_equal(json_array_size(column), report.result_count);
        assert_int_equal(json_array_size(json_object_get(root, "details")), report.result_count);
        json_object_foreach(json_object_get(root, "factors"), name, column)
            assert_int_equal(json_array_size(column), report.result_count);
        assert_int_equal(json_array_size(json_object_get(root, "boards")), report.board_count);
        assert_true(json_is_null(json_object_get(root, "baseline")));
        json_decref(root);
        hf_report_free(&report);
    }
}

static void the_data_are_those_of_the_run(void **state)
{
    (void)state;
    hf_report report;
    sample_sweep(&report);
    json_t *root = data_of_report(&report, NULL);
    assert_string_equal(json_string_value(json_object_get(json_object_get(root, "run"), "name")),
                        report.run.name);
    size_t measured = 0, attempts = 0;
    for (size_t i = 0; i < report.result_count; i++) {
        const hf_result_row *row = &report.results[i];
        hf_latency latency = {0};
        const bool has_latency = row->outcome == HF_RESULT_MEASURED && hf_result_latency(row, &latency);
        measured += has_latency;
        assert_string_equal(json_string_value(value(root, "name", i)), row->name);
        const json_int_t chip = json_integer_value(value(root, "chip", i));
        assert_string_equal(json_string_value(json_array_get(json_object_get(root, "chips"), (size_t)chip)),
                            row->chip);
        assert_true(json_is_null(value(root, "latency_ns", i)) == !has_latency);
        if (has_latency) {
            assert_true(fabs(json_number_value(value(root, "latency_ns", i)) - latency.median_ns) <
                        1e-6 * latency.median_ns);
            assert_true(json_number_value(value(root, "ram_bytes", i)) == (double)hf_result_ram_bytes(row));
            assert_int_equal(json_array_size(detail(root, "samples", i)), row->sample_count);
            assert_int_equal(json_integer_value(value(root, "sample_count", i)), row->sample_count);
            const json_int_t firmware = json_integer_value(value(root, "firmware", i));
            assert_string_equal(
                json_string_value(json_array_get(json_object_get(root, "firmwares"), (size_t)firmware)),
                row->firmware_id);
        }
        const json_t *layers = detail(root, "layers", i);
        assert_int_equal(json_array_size(layers), 11 * row->layer_count);
        for (size_t l = 0; l < row->layer_count; l++) {
            const json_int_t text = json_integer_value(json_array_get(layers, 11 * l));
            assert_string_equal(json_string_value(json_array_get(detail(root, "texts", i), (size_t)text)),
                                row->layers[l].name);
            assert_int_equal(json_integer_value(json_array_get(layers, 11 * l + 8)), row->layers[l].cycles);
        }
        for (size_t a = 0; a < json_array_size(detail(root, "attempts", i)); a++) {
            const json_t *attempt = json_array_get(detail(root, "attempts", i), a);
            assert_int_equal(json_integer_value(json_array_get(attempt, 0)), a + 1); /* in order */
            attempts++;
        }
    }
    assert_true(measured > 0);
    assert_int_equal(attempts, report.attempt_count);
    json_decref(root);
    hf_report_free(&report);
}

/* A run of several blocks: each result finds its own details, in the block that its number says. */
static void details_are_in_blocks(void **state)
{
    (void)state;
    hf_report report;
    sample_large(150, &report); /* on two chips */
    char *page = render(&report, NULL);
    json_t *root = data_of(page);
    const size_t size = (size_t)json_integer_value(json_object_get(root, "details_block"));
    size_t blocks = 0;
    for (const char *at = page; (at = strstr(at, DETAILS)); at++)
        blocks++;
    assert_int_equal(report.result_count, 300);
    assert_int_equal(blocks, (report.result_count + size - 1) / size);
    assert_true(blocks > 2);
    for (size_t i = 0; i < report.result_count; i++) {
        const json_t *layers = detail(root, "layers", i);
        assert_int_equal(json_array_size(layers), 11 * report.results[i].layer_count);
        for (size_t l = 0; l < report.results[i].layer_count; l++)
            assert_int_equal(json_integer_value(json_array_get(layers, 11 * l + 8)),
                             report.results[i].layers[l].cycles);
    }
    json_decref(root);
    free(page);
    hf_report_free(&report);
}

/* ---- Trends ---- */

typedef struct nights {
    size_t calls, most;
    int64_t before;
} nights;

/* Two nights of a variation: measured by another firmware, then failed. */
static hf_status load_two_nights(void *user, const char *name, const char *chip, int64_t before, size_t most,
                                 hf_trend_row **rows, size_t *count, hf_error *err)
{
    nights *self = user;
    (void)err;
    assert_non_null(name);
    assert_non_null(chip);
    self->calls++;
    self->most = most;
    self->before = before;
    *count = 2;
    *rows = calloc(*count, sizeof **rows);
    assert_non_null(*rows);
    for (size_t i = 0; i < *count; i++)
        (*rows)[i] = (hf_trend_row){.run_id = (int64_t)(6 - i),
                                    .run_key = strdup("20251121-00000006"),
                                    .started_ms = 1763740000000,
                                    .hilfarm_version = strdup("0.1.0"),
                                    .host = strdup("<b>host</b>"),
                                    .result = {.outcome = HF_RESULT_FAILED, .message = strdup("no answer")}};
    hf_result_row *measured = &(*rows)[0].result;
    measured->outcome = HF_RESULT_MEASURED;
    free(measured->message);
    measured->message = NULL;
    measured->clock_hz = 100000000;
    measured->firmware_id = strdup("bench-old");
    measured->sample_count = 1;
    measured->samples = calloc(1, sizeof *measured->samples);
    assert_non_null(measured->samples);
    measured->samples[0].cycles = 200000;
    return HF_OK;
}

static hf_status append(void *user, const void *bytes, size_t size, hf_error *err)
{
    (void)err;
    hf_buffer_append(user, bytes, size);
    return HF_OK;
}

static char *render_with_history(const hf_report *report, hf_page_kind kind, nights *self)
{
    hf_buffer out = HF_BUFFER_INIT;
    const hf_page_history history = {self, load_two_nights};
    const hf_page_options options = {.kind = kind, .history = &history};
    const hf_text_sink sink = {&out, append};
    hf_page_writer *writer = hf_page_writer_new(&options, &sink);
    assert_non_null(writer);
    const hf_results_visitor visitor = hf_page_visitor(writer);
    assert_int_equal(hf_report_visit(report, &visitor, NULL), HF_OK);
    hf_page_writer_free(writer);
    return hf_buffer_take(&out);
}

static const char *point_text(const json_t *root, const json_t *point, size_t at)
{
    const json_int_t index = json_integer_value(json_array_get(point, at));
    return index < 0 ? NULL : json_string_value(json_array_get(detail(root, "texts", 0), (size_t)index));
}

static void results_have_their_trends(void **state)
{
    (void)state;
    hf_report report;
    nights self = {0};
    sample_small(&report);
    char *page = render_with_history(&report, HF_PAGE_WHOLE, &self);
    json_t *root = data_of(page);
    assert_int_equal(self.calls, report.result_count);
    assert_int_equal(self.before, report.run.id + 1); /* not what came later */
    assert_int_equal(self.most, 60);
    const json_t *trend = detail(root, "trend", 0);
    assert_int_equal(json_array_size(trend), 2);
    const json_t *point = json_array_get(trend, 0), *failed = json_array_get(trend, 1);
    assert_int_equal(json_array_size(point), 18);
    assert_int_equal(json_integer_value(json_array_get(point, 0)), 6);
    assert_true(fabs(json_number_value(json_array_get(point, 2)) - 2e6) < 1);
    assert_string_equal(point_text(root, point, 10), "measured");
    assert_string_equal(point_text(root, point, 13), "bench-old");
    assert_string_equal(point_text(root, point, 16), "<b>host</b>");
    assert_null(point_text(root, point, 11));
    assert_true(json_is_null(json_array_get(failed, 2)));
    assert_string_equal(point_text(root, failed, 11), "no answer");
    json_decref(root);
    free(page);
    hf_report_free(&report);
}

static void trainings_are_details(void **state)
{
    (void)state;
    hf_report report;
    sample_small(&report);
    json_t *root = data_of_report(&report, NULL);
    char *text = json_dumps(detail(root, "training", 0), JSON_COMPACT);
    assert_string_equal(text, "[\"k<b>\",0,3,40.5,[1,0.75,70.5,80.25,12.5,2,null,81,null,25],"
                              "\"no better than <guessing>\"]");
    assert_true(json_is_null(detail(root, "training", 1)));
    free(text);
    json_decref(root);
    hf_report_free(&report);
}

/* Trends of very many results would fill the page: fewer nights each, and none if too few are left. */
static void trends_are_bounded(void **state)
{
    (void)state;
    static const struct {
        uint32_t variations;
        size_t calls, most;
    } cases[] = {{400, 800, 37}, {5001, 0, 0}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        hf_report report;
        nights self = {0};
        sample_large(cases[i].variations, &report);
        free(render_with_history(&report, HF_PAGE_DETAILS, &self));
        assert_int_equal(self.calls, cases[i].calls);
        assert_int_equal(self.most, cases[i].most);
        hf_report_free(&report);
    }
}

/* Text of any length, in pieces of any length, is read back as it was. */
static void packed_text_is_read_back(void **state)
{
    (void)state;
    for (size_t length = 0; length < 70000; length = length * 3 + 1) {
        hf_buffer text = HF_BUFFER_INIT, out = HF_BUFFER_INIT;
        for (size_t i = 0; i < length; i++)
            hf_buffer_putc(&text, (char)('a' + (i * i) % 23));
        hf_packed_text packed;
        hf_packed_text_begin(&packed, &out);
        for (size_t at = 0, piece = 1; at < length; at += piece, piece = piece * 2 + 1)
            hf_packed_text_add(&packed, hf_buffer_text(&text) + at,
                               at + piece < length ? piece : length - at);
        hf_packed_text_end(&packed);
        assert_false(out.failed);
        size_t deflated_bytes = 0;
        uint8_t *deflated = decode(hf_buffer_text(&out), &deflated_bytes), *inflated = malloc(length + 1);
        uLongf size = (uLongf)length + 1;
        assert_int_equal(uncompress(inflated, &size, deflated, (uLong)deflated_bytes), Z_OK);
        assert_int_equal(size, length);
        assert_memory_equal(inflated, hf_buffer_text(&text), length);
        free(inflated);
        free(deflated);
        hf_buffer_free(&out);
        hf_buffer_free(&text);
    }
}

static void dead_boards_say_why(void **state)
{
    (void)state;
    hf_report report;
    sample_outage(&report);
    json_t *root = data_of_report(&report, NULL);
    size_t dead = 0;
    for (size_t b = 0; b < report.board_count; b++) {
        const json_t *board = json_array_get(json_object_get(root, "boards"), b);
        const char *shown = json_string_value(json_object_get(board, "dead"));
        const char *expected = hf_report_dead_board(&report, report.boards[b].id);
        assert_true((shown == NULL) == (expected == NULL));
        if (expected)
            assert_string_equal(shown, expected);
        dead += expected != NULL;
    }
    assert_true(dead > 0 && dead < report.board_count);
    /* The last words of a dead board are not another failure. */
    assert_true(json_array_size(json_object_get(root, "failures")) < report.failure_count);
    json_decref(root);
    hf_report_free(&report);
}

static void the_page_refers_to_nothing(void **state)
{
    (void)state;
    hf_report report;
    sample_hostile(&report);
    char *page = render(&report, NULL);
    char *frame = between(page, "<html", "<script class=\"details\"");
    static const char *const forbidden[] = {"src=", "href=", "url(", "@import", "http:", "https:", "<script"};
    for (size_t i = 0; i < sizeof forbidden / sizeof forbidden[0]; i++)
        if (strstr(frame, forbidden[i]))
            fail_msg("%s in the frame of the page", forbidden[i]);
    size_t scripts = 0;
    for (const char *at = page; (at = strstr(at, "<script")); at++)
        scripts++;
    assert_int_equal(scripts, 3); /* details, data and program: nothing from outside became markup */
    free(frame);
    free(page);
    hf_report_free(&report);
}

static void the_policy_allows_the_program_alone(void **state)
{
    (void)state;
    hf_report report;
    sample_small(&report);
    char *page = render(&report, NULL);
    char *program = between(page, "</script>\n<script>", "</script>");
    char *policy = between(page, "script-src 'sha256-", "'");
    size_t size = 0;
    uint8_t *allowed = decode(policy, &size);
    uint8_t digest[SHA256_DIGEST_LENGTH];
    SHA256_CTX context;
    SHA256Init(&context);
    SHA256Update(&context, (const uint8_t *)program, strlen(program));
    SHA256Final(digest, &context);
    assert_int_equal(size, sizeof digest);
    assert_memory_equal(allowed, digest, sizeof digest);
    assert_non_null(strstr(page, "default-src 'none'"));
    assert_null(strstr(page, "script-src 'unsafe"));
    free(allowed);
    free(policy);
    free(program);
    free(page);
    hf_report_free(&report);
}

static void changes_against_the_baseline(void **state)
{
    (void)state;
    hf_report before, after;
    sample_sweep(&before);
    sample_sweep(&after);
    const hf_result_row *changed = NULL;
    for (size_t i = 0; i < after.result_count && !changed; i++)
        if (after.results[i].outcome == HF_RESULT_MEASURED && after.results[i].modelled) {
            for (size_t s = 0; s < after.results[i].sample_count; s++)
                after.results[i].samples[s].cycles *= 2;
            changed = &after.results[i];
        }
    assert_non_null(changed);
    hf_run_comparison comparison;
    assert_int_equal(hf_run_compare(&before, &after, &comparison, NULL), HF_OK);
    json_t *root = data_of_report(&after, &comparison);
    const json_t *baseline = json_object_get(root, "baseline");
    assert_int_equal(json_integer_value(json_object_get(json_object_get(baseline, "counts"), "regressed")),
                     1);
    const json_t *change = json_array_get(json_object_get(baseline, "changes"), 0);
    assert_int_equal(json_array_size(json_object_get(baseline, "changes")), 1);
    assert_int_equal(json_integer_value(json_object_get(change, "result")), changed - after.results);
    assert_string_equal(json_string_value(json_object_get(change, "figure")), "latency");
    assert_string_equal(json_string_value(json_object_get(change, "change")), "regressed");
    assert_true(fabs(json_number_value(json_object_get(change, "percent")) - 100) < 1e-6);
    json_decref(root);
    hf_run_comparison_free(&comparison);
    hf_report_free(&before);
    hf_report_free(&after);
}

static void expect_other(const json_t *others, size_t at, json_int_t result, const char *texts[4])
{
    static const char *const keys[] = {"name", "change", "was", "is"};
    const json_t *other = json_array_get(others, at), *index = json_object_get(other, "result");
    if (result < 0)
        assert_true(json_is_null(index));
    else
        assert_int_equal(json_integer_value(index), result);
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
        assert_string_equal(json_string_value(json_object_get(other, keys[i])), texts[i]);
}

/* What the figures do not tell: results that failed, that one run lacks, or that were timed in another way. */
static void others_against_the_baseline(void **state)
{
    (void)state;
    hf_report before, after;
    sample_sweep(&before);
    sample_sweep(&after);
    hf_result_row *found[3] = {0}; /* fails now, is timed on silicon, has another name */
    for (size_t i = 0, n = 0; i < after.result_count && n < 3; i++)
        if (after.results[i].outcome == HF_RESULT_MEASURED && after.results[i].modelled)
            found[n++] = &after.results[i];
    if (!found[0] || !found[1] || !found[2]) {
        fail_msg("the sample has fewer than three measured results");
        return;
    }
    found[0]->outcome = HF_RESULT_FAILED;
    found[1]->modelled = false;
    char *old_name = found[2]->name;
    found[2]->name = strdup("new");
    hf_run_comparison comparison;
    assert_int_equal(hf_run_compare(&before, &after, &comparison, NULL), HF_OK);
    json_t *root = data_of_report(&after, &comparison);
    const json_t *others = json_object_get(json_object_get(root, "baseline"), "others");
    assert_int_equal(json_array_size(json_object_get(json_object_get(root, "baseline"), "changes")), 0);
    assert_int_equal(json_array_size(others), 5);
    expect_other(others, 0, found[0] - after.results,
                 (const char *[]){found[0]->name, "regressed", "measured", "failed"});
    expect_other(others, 1, found[1] - after.results,
                 (const char *[]){found[1]->name, "not comparable", "modelled", "measured"});
    expect_other(others, 2, found[2] - after.results,
                 (const char *[]){"new", "not comparable", "missing", "measured"});
    const hf_result_row *too_large = &after.results[12]; /* failed both times, so nothing is known of it */
    expect_other(others, 3, 12, (const char *[]){too_large->name, "not comparable", "failed", "failed"});
    expect_other(others, 4, -1, (const char *[]){old_name, "not comparable", "measured", "missing"});
    json_decref(root);
    free(old_name);
    hf_run_comparison_free(&comparison);
    hf_report_free(&before);
    hf_report_free(&after);
}

/* Plans of arenas are numbers; what a store that was edited by hand has instead is left out. */
static void arenas_are_numbers(void **state)
{
    (void)state;
    static const char *const wrong[] = {"", "1,", ",1", "1,,2", "x", "1-2", "007,1", "[1]"};
    for (size_t i = 0; i <= sizeof wrong / sizeof wrong[0]; i++) {
        hf_report report;
        sample_small(&report);
        const bool is_right = i == sizeof wrong / sizeof wrong[0];
        if (!is_right) {
            free(report.results[0].arena_map);
            report.results[0].arena_map = strdup(wrong[i]);
        }
        json_t *root = data_of_report(&report, NULL);
        const json_t *arenas = detail(root, "arenas", 0);
        assert_int_equal(json_array_size(arenas), is_right);
        assert_int_equal(json_integer_value(detail(root, "arena", 0)), is_right ? 0 : -1);
        assert_int_equal(json_integer_value(detail(root, "arena", 1)), -1);
        if (is_right)
            assert_int_equal(json_integer_value(json_array_get(json_array_get(arenas, 0), 2)), 27648);
        json_decref(root);
        hf_report_free(&report);
    }
}

static void names_keep_their_numbers(void **state)
{
    (void)state;
    static char names[1000][8];
    hf_name_table table = {0};
    hf_buffer out = HF_BUFFER_INIT;
    for (uint32_t round = 0; round < 2; round++)
        for (uint32_t i = 0; i < 1000; i++) {
            snprintf(names[i], sizeof names[i], "n%u", i * 7);
            assert_int_equal(hf_name_number(&table, names[i], &out), i);
        }
    assert_int_equal(table.count, 1000);
    assert_string_equal(table.names[999], "n6993");
    hf_name_table_free(&table);
    hf_buffer_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_column_has_a_value_per_result),
        cmocka_unit_test(the_data_are_those_of_the_run),
        cmocka_unit_test(details_are_in_blocks),
        cmocka_unit_test(results_have_their_trends),
        cmocka_unit_test(trainings_are_details),
        cmocka_unit_test(trends_are_bounded),
        cmocka_unit_test(packed_text_is_read_back),
        cmocka_unit_test(dead_boards_say_why),
        cmocka_unit_test(the_page_refers_to_nothing),
        cmocka_unit_test(the_policy_allows_the_program_alone),
        cmocka_unit_test(changes_against_the_baseline),
        cmocka_unit_test(others_against_the_baseline),
        cmocka_unit_test(arenas_are_numbers),
        cmocka_unit_test(names_keep_their_numbers),
    };
    return cmocka_run_group_tests_name("page", tests, NULL, NULL);
}
