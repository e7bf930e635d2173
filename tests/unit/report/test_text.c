/* SPDX-License-Identifier: Apache-2.0 */
/* Table, CSV and JSON. */
#include "hf_test.h"

#include <jansson.h>

#include "report/render.h"
#include "sample.h"

static char *render(void (*make)(hf_report *report), void (*renderer)(const hf_report *, hf_buffer *))
{
    hf_report report;
    hf_buffer out = HF_BUFFER_INIT;
    make(&report);
    renderer(&report, &out);
    hf_report_free(&report);
    char *text = hf_buffer_take(&out);
    assert_non_null(text);
    return text;
}

static char *table(void (*make)(hf_report *report), int columns, bool colour)
{
    hf_report report;
    hf_buffer out = HF_BUFFER_INIT;
    make(&report);
    hf_render_table(&report, columns, colour, &out);
    hf_report_free(&report);
    char *text = hf_buffer_take(&out);
    assert_non_null(text);
    return text;
}

/* ---- Table ---- */

static void off_clock(hf_report *report)
{
    sample_small(report);
    report->results[0].clock_ratio = 0.9879;
}

static void table_reports_a_deviating_clock(void **state)
{
    (void)state;
    char *text = table(sample_small, 0, false); /* 0.25 % is well */
    assert_null(strstr(text, "core clock deviates"));
    free(text);
    text = table(off_clock, 0, false);
    assert_non_null(
        strstr(text, "\n! virtual-1: the core clock deviates by -1.21 % from the host's (source MSI): "));
    free(text);
}

static void table_is_exact(void **state)
{
    (void)state;
    static const char expected[] =
        "run 7: small, 2025-11-22 16:30, done: 1 measured, 1 failed, 0 not run, 42.6 s\n"
        "limits: RAM <= 250.0 KB, ROM <= 250.0 KB, MACs <= 60.0 M\n"
        "\n"
        "stm32l4r5zi       accuracy    MACs  params        model  peak mem       RAM  latency    spread  "
        "verdict\n"
        "net_a               85.4 %  21.9 M   219 k     244.0 KB  100.0 KB  104.0 KB  101 us*  +-0.99 %  ROM "
        "missed\n"
        "net_b                    -  61.0 M       -  >= 100.0 KB         -         -        -         -  "
        "FAILED\n"
        "* modelled: from a virtual board, whose cycle counts come from a timing model\n"
        "\n"
        "failed:\n"
        "  net_b on stm32l4r5zi (serial): opening the port, \"COM\": no such file\n";
    char *text = table(sample_small, 0, false);
    assert_string_equal(text, expected);
    free(text);
    text = table(sample_empty, 80, false);
    assert_string_equal(
        text, "run 7: empty, 2025-11-22 16:30, running: 0 measured, 0 failed, 0 not run\nlimits: none\n");
    free(text);
}

static size_t width_of_line(const char *line)
{
    size_t width = 0;
    for (; *line && *line != '\n'; line++)
        width += ((unsigned char)*line & 0xc0) != 0x80;
    return width;
}

/* Every line of the tables fits; the most important columns are always present. */
static void table_fits_the_terminal(void **state)
{
    (void)state;
    for (int columns = 64; columns <= 130; columns++) {
        char *text = table(sample_sweep, columns, false);
        char *end = strstr(text, "\nfailed:");
        assert_non_null(end);
        *end = '\0';
        const char *line = strstr(text, "\n\n");
        assert_non_null(line);
        for (line += 2; line; line = strchr(line, '\n') ? strchr(line, '\n') + 1 : NULL)
            if (!strstr(line, "* modelled:") || strstr(line, "* modelled:") != line)
                assert_in_range(width_of_line(line), 0, (size_t)columns);
        assert_non_null(strstr(text, "393.2 ms*"));
        assert_non_null(strstr(text, "30.6 M"));
        assert_non_null(strstr(text, "ROM missed"));
        /* Omitted columns are listed. */
        assert_true(strstr(text, "  params  ") || strstr(text, "width: params"));
        free(text);
    }
    /* A shortened name keeps both ends and loses its family, which all share. */
    char *text = table(sample_sweep, 80, false);
    assert_non_null(strstr(text, "\n..0.25_96_c3_o2_l3 "));
    assert_non_null(strstr(text, "not shown at this width: params, spread\n"));
    assert_null(strstr(text, "mobilenetv1_0.25_96_c3_o2 "));
    free(text);
    text = table(sample_sweep, 0, false);
    assert_non_null(strstr(text, "\nmobilenetv1_0.7_96_c3_o2_l5ll32pl64b0.3  "));
    free(text);
}

static void table_marks_modelled_results(void **state)
{
    (void)state;
    char *text = table(sample_sweep, 0, false);
    const char *f7 = strstr(text, "\nstm32f767zi ");
    assert_non_null(f7);
    const char *note = strstr(text, "* modelled:");
    assert_non_null(note);
    assert_true(note < f7);
    assert_null(strchr(f7, '*')); /* measured on silicon */
    free(text);
}

static void table_has_colours_on_request(void **state)
{
    (void)state;
    char *plain = table(sample_sweep, 0, false), *coloured = table(sample_sweep, 0, true);
    assert_null(strchr(plain, '\033'));
    assert_non_null(strstr(coloured, "\033[32mmet\033[0m"));
    assert_non_null(strstr(coloured, "\033[31mROM missed\033[0m"));
    assert_non_null(strstr(coloured, "\033[31mFAILED\033[0m"));
    /* And nothing else differs. */
    char *to = coloured;
    for (const char *from = coloured; *from; from++) {
        if (*from == '\033')
            from = strchr(from, 'm');
        else
            *to++ = *from;
    }
    *to = '\0';
    assert_string_equal(coloured, plain);
    free(plain);
    free(coloured);
}

static void table_replaces_control_characters(void **state)
{
    (void)state;
    for (int columns = 0; columns <= 100; columns += 50) {
        char *text = table(sample_hostile, columns, false);
        for (const char *at = text; *at; at++) {
            assert_true((unsigned char)*at >= ' ' || *at == '\n');
            assert_int_not_equal((unsigned char)*at, 0x7f);
            assert_false((unsigned char)at[0] == 0xc2 && (unsigned char)at[1] < 0xa0);
        }
        assert_null(strchr(text, '\xff'));
        free(text);
    }
}

static void runs_are_listed(void **state)
{
    (void)state;
    hf_run_row runs[] = {{.id = 12,
                          .key = "20251122-0000000c",
                          .name = "night",
                          .owner = "ada",
                          .tags = "v1 v2",
                          .started_ms = 1763829000000,
                          .state = HF_RUN_RUNNING,
                          .measured = 3,
                          .not_run = 9},
                         {.id = 11,
                          .key = "20251122-0000000b",
                          .name = "m\033[2Jx",
                          .started_ms = 1763829000000,
                          .finished_ms = 1763829042600 + 345600000000, /* the clock was set */
                          .duration_ns = 42600000000,
                          .state = HF_RUN_INTERRUPTED,
                          .measured = 3,
                          .failed = 1}};
    hf_buffer out = HF_BUFFER_INIT;
    hf_render_runs(runs, 2, &out);
    assert_string_equal(
        hf_buffer_text(&out),
        " run  key       started         outcome           ok  duration  owner     name [tags]\n"
        "  12  0000000c  25-11-22 16:30  running            3         -  ada       night [v1 v2]\n"
        "  11  0000000b  25-11-22 16:30  interrupted        3    42.6 s  -         m?[2Jx\n");
    hf_buffer_free(&out);
}

/* Green and red nights can be told apart, in 80 columns. */
static void outcomes_of_runs_are_told_apart(void **state)
{
    (void)state;
    hf_run_row run = {.id = 1234,
                      .key = "20251122-0000000c",
                      .name = "mobilenet_sweep",
                      .started_ms = 1763829000000,
                      .duration_ns = 123400000000,
                      .state = HF_RUN_DONE,
                      .measured = 9999};
    static const struct {
        int32_t failed, not_run, dead_boards, regressed;
        const char *says;
    } cases[] = {
        {0, 0, 0, 0, "  green "},       {2, 3, 1, 4, "  RED 2 failed "}, {0, 300, 1, 4, "  RED 300 not run "},
        {0, 0, 1, 4, "  RED 1 board "}, {0, 0, 2, 0, "  RED 2 boards "}, {0, 0, 0, 4, "  RED 4 worse "}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        hf_buffer out = HF_BUFFER_INIT;
        run.failed = cases[i].failed;
        run.not_run = cases[i].not_run;
        run.dead_boards = cases[i].dead_boards;
        run.regressed = cases[i].regressed;
        hf_render_runs(&run, 1, &out);
        assert_non_null(strstr(hf_buffer_text(&out), cases[i].says));
        const char *line = strchr(hf_buffer_text(&out), '\n') + 1;
        assert_true(strcspn(line, "\n") <= 80);
        hf_buffer_free(&out);
    }
}

/* ---- Layers ---- */

/* Three layers: three quarters of the cycles; a quarter and no MACs; part of another layer. */
static void sample_profile(hf_report *report)
{
    sample_small(report);
    hf_result_row *row = &report->results[0];
    row->layers = reallocarray(row->layers, 3, sizeof *row->layers);
    assert_non_null(row->layers);
    row->layers[1] = (hf_layer){.name = "pool\033[2J",
                                .op = "average_pool2d",
                                .height = 1,
                                .width = 1,
                                .channels = 4,
                                .live_bytes = 28,
                                .cycles = 3000};
    row->layers[2] = (hf_layer){
        .name = "flat, \"out\"", .op = "reshape", .height = 1, .width = 1, .channels = 4, .live_bytes = 4};
    row->layer_count = 3;
}

static void layers_table_is_exact(void **state)
{
    (void)state;
    static const char expected[] =
        "\n"
        "net_a on stm32l4r5zi, cycles modelled\n"
        "    #  layer        operator                MACs        cycles    share  MACs/cycle  instructions\n"
        "    1  conv         conv2d              21900000          9000   75.0 %    2433.333          7000  "
        "##############################\n"
        "    2  pool?[2J     average_pool2d             0          3000   25.0 %           -             -  "
        "##########\n"
        "    3  flat, \"out\"  reshape                    0             -        -           -             "
        "-\n"
        "       all                              21900000         12000  100.0 %    1825.000          7000\n"
        "  share: of the sum over the layers, one # per 2.5 %; a dash: part of another layer, or unknown\n";
    char *text = render(sample_profile, hf_render_layers_table);
    assert_string_equal(text, expected);
    free(text);
    text = render(sample_empty, hf_render_layers_table);
    assert_string_equal(text, "\nno layers were measured in this run\n");
    free(text);
}

static void layers_csv_is_exact(void **state)
{
    (void)state;
    static const char expected[] =
        "run,name,chip,board,timing,layer,layer_name,op,output_height,output_width,output_channels,macs,"
        "parameter_bytes,live_bytes,cycles,cycles_share_percent,macs_per_cycle,instructions,estimated_"
        "cycles\r\n"
        "7,net_a,stm32l4r5zi,virtual-1,modelled,1,conv,conv2d,2,3,4,21900000,219000,102400,9000,75.0000,"
        "2433.333333,7000,\r\n"
        "7,net_a,stm32l4r5zi,virtual-1,modelled,2,pool\033[2J,average_pool2d,1,1,4,0,0,28,3000,25.0000,,,\r\n"
        "7,net_a,stm32l4r5zi,virtual-1,modelled,3,\"flat, \"\"out\"\"\",reshape,1,1,4,0,0,4,,,,,\r\n";
    char *text = render(sample_profile, hf_render_layers_csv);
    assert_string_equal(text, expected);
    free(text);
}

/* The same profile, as numbers. */
static void json_has_the_profile(void **state)
{
    (void)state;
    char *text = render(sample_profile, hf_render_json);
    json_error_t error;
    json_t *root = json_loads(text, 0, &error);
    assert_non_null(root);
    double shares[2], speed, inference_speed;
    if (json_unpack_ex(root, &error, 0, "{s:[{s:{s:f}, s:[{s:f, s:f}, {s:f, s:n}, {s:n, s:n, s:n}]}, {}]}",
                       "results", "measurement", "macs_per_cycle", &inference_speed, "layers",
                       "cycles_share_percent", &shares[0], "macs_per_cycle", &speed, "cycles_share_percent",
                       &shares[1], "macs_per_cycle", "cycles", "cycles_share_percent", "macs_per_cycle") != 0)
        fail_msg("%s", error.text);
    assert_float_equal(shares[0], 75, 1e-9);
    assert_float_equal(shares[1], 25, 1e-9);
    assert_float_equal(speed, 21900000.0 / 9000, 1e-9);
    assert_float_equal(inference_speed, 21900000.0 / 10100, 1e-9);
    json_decref(root);
    free(text);
}

/* ---- CSV ---- */

/* Truncates every line after a number of fields; later columns are newer than the test. */
static void keep_fields(char *csv, int count)
{
    char *to = csv;
    bool quoted = false;
    int field = 1;
    for (const char *from = csv; *from; from++) {
        quoted ^= *from == '"';
        if (*from == ',' && !quoted)
            field++;
        if (field <= count || *from == '\r' || *from == '\n')
            *to++ = *from;
        if (*from == '\n' && !quoted)
            field = 1;
    }
    *to = '\0';
}

static void csv_is_exact(void **state)
{
    (void)state;
    static const char expected[] =
        "run,name,family,chip,board,outcome,attempts,macs,params,params_non_trainable,params_deployed,"
        "image_bytes,peak_memory_bytes,planned_arena_bytes,timing,clock_hz,samples,latency_median_ms,"
        "latency_min_ms,latency_max_ms,cycles_median,instructions_median,ram_bytes,arena_bytes,"
        "static_bytes,stack_bytes,rom_bytes,firmware_id,output_crc32,ram_verdict,rom_verdict,"
        "macs_verdict,verdict,factors,fault,message,source,image_sha256,firmware_bytes,latency_p05_ms,"
        "latency_p95_ms,accuracy_percent,accuracy_low_percent,accuracy_high_percent,accuracy_source,"
        "macs_per_cycle,run_key,image_bytes_min,clock_ratio,clock_source\r\n"
        "7,net_a,mobilenetv1,stm32l4r5zi,virtual-1,measured,1,21900000,219000,10,218990,249856,102400,"
        "103424,modelled,100000000,2,0.101000,0.100000,0.102000,10100.0,8000.0,106496,103424,2048,1024,"
        "290816,bench-1,0000001f,met,missed,met,missed,alpha=0.25 "
        "l=3,,,,ab,40960,0.100100,0.101900,85.4000,84.2500,86.5000,top-1 on "
        "data/vww,2168.316832,20251122-0badcafe,,1.002500,MSI\r\n"
        "7,net_b,mobilenetv1,stm32l4r5zi,,failed,1,61000000,,,,,,,,,,,,,,,,,,,,,,,,missed,missed,,"
        "serial,\"opening the port, \"\"COM\"\": no such file\",,,,,,,,,,,20251122-0badcafe,102400,,\r\n";
    char *text = render(sample_small, hf_render_csv);
    keep_fields(text, 50);
    assert_string_equal(text, expected);
    free(text);
}

/* Parses a field of RFC 4180; sets *end to its delimiter. */
static const char *read_field(const char *at, char *field, size_t size, char *end)
{
    size_t used = 0;
    bool quoted = *at == '"';
    at += quoted;
    for (;; at++) {
        if (quoted && at[0] == '"' && at[1] == '"')
            at++;
        else if (*at == '\0' || strchr(quoted ? "\"" : ",\r", *at))
            break;
        assert_true(*at && used + 1 < size);
        assert_true(quoted || (*at != '"' && *at != '\n'));
        field[used++] = *at;
    }
    field[used] = '\0';
    at += quoted;
    *end = *at;
    if (*at == '\r')
        assert_int_equal(*++at, '\n');
    assert_true(*at == ',' || *at == '\n');
    return at + 1;
}

static void csv_survives_hostile_texts(void **state)
{
    (void)state;
    char *text = render(sample_hostile, hf_render_csv);
    size_t records = 0, header_fields = 0;
    for (const char *at = text; *at; records++) {
        size_t fields = 0;
        char end = ',';
        while (end == ',') {
            char field[512];
            at = read_field(at, field, sizeof field, &end);
            fields++;
            if (records && fields == 2) /* name, byte for byte */
                assert_string_equal(field, SAMPLE_HOSTILE);
            if (records && fields == 15)
                assert_true(!strcmp(field, "modelled") || !strcmp(field, "measured") || !*field);
        }
        if (!records)
            header_fields = fields;
        assert_int_equal(fields, header_fields);
    }
    assert_int_equal(records, 15);
    free(text);
}

/* ---- JSON ---- */

static json_t *parse(const char *text)
{
    json_error_t error;
    json_t *root = json_loads(text, JSON_REJECT_DUPLICATES, &error);
    if (!root)
        fail_msg("line %d: %s", error.line, error.text);
    return root;
}

static void json_holds_everything(void **state)
{
    (void)state;
    char *text = render(sample_small, hf_render_json);
    json_t *root = parse(text);
    const char *name, *timing, *fault, *message, *transcript, *layer;
    json_int_t cycles, layer_cycles, ram, limit;
    double median, alpha;
    json_error_t error;
    int result = json_unpack_ex(
        root, &error, 0,
        "{s:{s:I}, s:[{s:s, s:{s:f}, s:{s:s, s:f, s:I, s:[{}, {s:I}]}, s:[{s:s, s:I}]},"
        " {s:s, s:s, s:n, s:[{s:s}]}]}",
        "run", "limit_macs", &limit, "results", "name", &name, "factors", "alpha", &alpha, "measurement",
        "timing", &timing, "latency_median_ns", &median, "ram_bytes", &ram, "samples", "cycles", &cycles,
        "layers", "name", &layer, "cycles", &layer_cycles, "fault", &fault, "message", &message,
        "measurement", "attempts", "transcript", &transcript);
    if (result)
        fail_msg("%s", error.text);
    assert_string_equal(name, "net_a");
    assert_string_equal(timing, "modelled");
    assert_float_equal(median, 101000, 1e-6);
    assert_float_equal(alpha, 0.25, 0);
    assert_int_equal(ram, 106496);
    assert_int_equal(cycles, 10200);
    assert_string_equal(layer, "conv");
    assert_int_equal(layer_cycles, 9000);
    assert_string_equal(fault, "serial");
    assert_string_equal(message, "opening the port, \"COM\": no such file");
    assert_string_equal(transcript, "log");
    assert_int_equal(limit, 60000000);
    json_decref(root);
    free(text);
}

static void json_survives_hostile_texts(void **state)
{
    (void)state;
    char *text = render(sample_hostile, hf_render_json);
    json_t *root = parse(text);
    /* UTF-8 is kept; 0xff is replaced. */
    const char *name = json_string_value(json_object_get(json_object_get(root, "run"), "name"));
    assert_string_equal(name, "\"><script>alert('x&y')</script>,\r\n\033[31m\xEF\xBF\xBD\xc2\x9b \xc3\xa9");
    assert_int_equal(json_array_size(json_object_get(root, "results")), 14);
    json_decref(root);
    free(text);
    text = render(sample_empty, hf_render_json);
    root = parse(text);
    assert_int_equal(json_array_size(json_object_get(root, "results")), 0);
    assert_true(json_is_null(json_object_get(json_object_get(root, "run"), "finished_ms")));
    json_decref(root);
    free(text);
}

/* A renderer that reaches the buffer's limit reports it instead of leaving a truncated text. */
static void failures_stick(void **state)
{
    (void)state;
    static void (*const renderers[])(const hf_report *report, hf_buffer *out) = {
        hf_render_csv, hf_render_layers_csv, hf_render_layers_table, hf_render_json};
    hf_report report;
    sample_sweep(&report);
    for (size_t i = 0; i < sizeof renderers / sizeof renderers[0]; i++) {
        hf_buffer out = {.limit = 5000};
        renderers[i](&report, &out);
        assert_true(out.failed);
        hf_buffer_free(&out);
    }
    hf_report_free(&report);
}

int main(void)
{
    setenv("TZ", "UTC", 1);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(table_reports_a_deviating_clock),
        cmocka_unit_test(table_is_exact),
        cmocka_unit_test(table_fits_the_terminal),
        cmocka_unit_test(table_marks_modelled_results),
        cmocka_unit_test(table_has_colours_on_request),
        cmocka_unit_test(table_replaces_control_characters),
        cmocka_unit_test(runs_are_listed),
        cmocka_unit_test(outcomes_of_runs_are_told_apart),
        cmocka_unit_test(layers_table_is_exact),
        cmocka_unit_test(layers_csv_is_exact),
        cmocka_unit_test(json_has_the_profile),
        cmocka_unit_test(csv_is_exact),
        cmocka_unit_test(csv_survives_hostile_texts),
        cmocka_unit_test(json_holds_everything),
        cmocka_unit_test(json_survives_hostile_texts),
        cmocka_unit_test(failures_stick),
    };
    return cmocka_run_group_tests_name("report_text", tests, NULL, NULL);
}
