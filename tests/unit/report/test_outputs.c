/* SPDX-License-Identifier: Apache-2.0 */
#include "hf_test.h"

#include "npy/npy.h"
#include "report/outputs.h"
#include "report/render.h"
#include "sample.h"

static hf_report report;

static int setup(void **state)
{
    (void)state;
    sample_small(&report);
    sample_add_outputs(&report.results[0]);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    hf_report_free(&report);
    return 0;
}

static void csv_has_a_line_for_each_value(void **state)
{
    (void)state;
    hf_buffer out = HF_BUFFER_INIT;
    hf_error err = {0};
    char want[1024], id[128];
    const hf_result_row *row = &report.results[0];
    assert_int_equal(hf_render_outputs_csv(&report, &(hf_outputs_choice){0}, &out, &err), HF_OK);
    snprintf(id, sizeof id, "%d,%s,%s,%s", (int)report.run.id, row->name, row->chip, row->board_id);
    snprintf(want, sizeof want,
             "run,name,chip,board,input,step,output,index,value,real\r\n"
             "%s,1,1,1,0,0,-64\r\n%s,1,1,1,1,255,63.5\r\n"
             "%s,1,2,1,0,128,0\r\n%s,1,2,1,1,3,-62.5\r\n"
             "%s,1,2,2,0,1,1\r\n%s,1,2,2,1,-2,-2\r\n",
             id, id, id, id, id, id);
    assert_string_equal(hf_buffer_text(&out), want);
    hf_buffer_free(&out);
}

static void an_array_has_the_models_type(void **state)
{
    (void)state;
    static const struct {
        hf_outputs_choice choice;
        hf_npy_type type;
        double values[4];
        uint64_t inferences;
    } cases[] = {
        {{.output = 1}, HF_NPY_UINT8, {0, 255, 128, 3}, 2},
        {{.output = 1, .real = true}, HF_NPY_FLOAT32, {-64, 63.5, 0, -62.5}, 2},
        {{.output = 2}, HF_NPY_FLOAT32, {1, -2}, 1},
        {{.output = 2, .real = true}, HF_NPY_FLOAT32, {1, -2}, 1},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        hf_buffer out = HF_BUFFER_INIT;
        hf_error err = {0};
        hf_npy array;
        assert_int_equal(hf_render_outputs_npy(&report, &cases[i].choice, &out, &err), HF_OK);
        assert_int_equal(hf_npy_parse((const uint8_t *)out.data, out.size, &array, &err), HF_OK);
        assert_int_equal(array.type, cases[i].type);
        assert_int_equal(array.rank, 4);
        assert_int_equal(array.shape[0], cases[i].inferences);
        assert_int_equal(array.shape[3], 2);
        assert_int_equal(array.count, 2 * cases[i].inferences);
        for (uint64_t v = 0; v < array.count; v++)
            assert_true(hf_npy_value(&array, v) == cases[i].values[v]);
        hf_buffer_free(&out);
    }
}

static void what_is_missing_is_said(void **state)
{
    (void)state;
    static const struct {
        hf_outputs_choice choice;
        bool npy;
        const char *says;
    } cases[] = {
        {{0}, true, "has several outputs: choose one with --number, or write CSV"},
        {{.model = "nope"}, false, "run 7 has no nope"},
        {{.model = "nope", .chip = "stm32f767zi"}, true, "run 7 has no nope on stm32f767zi"},
        {{.output = 3}, false, "model has no output 3"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        hf_buffer out = HF_BUFFER_INIT;
        hf_error err = {0};
        assert_int_not_equal((cases[i].npy ? hf_render_outputs_npy
                                           : hf_render_outputs_csv)(&report, &cases[i].choice, &out, &err),
                             HF_OK);
        if (!strstr(err.message, cases[i].says))
            fail_msg("case %zu says '%s'", i, err.message);
        hf_buffer_free(&out);
    }
    hf_report none;
    hf_buffer out = HF_BUFFER_INIT;
    hf_error err = {0};
    sample_small(&none);
    assert_int_equal(hf_render_outputs_csv(&none, &(hf_outputs_choice){0}, &out, &err), HF_ENOTFOUND);
    assert_non_null(strstr(err.message, "they are stored with `measure: {outputs: true}` in the spec"));
    hf_buffer_free(&out);
    hf_report_free(&none);
}

/* Values of another size than the port's are never read. */
static void damaged_outputs_are_refused(void **state)
{
    (void)state;
    hf_buffer out = HF_BUFFER_INIT;
    hf_error err = {0};
    report.results[0].outputs[2].value_bytes = 7;
    assert_int_equal(hf_render_outputs_csv(&report, &(hf_outputs_choice){0}, &out, &err), HF_ESTORE);
    hf_buffer_free(&out);
}

static void the_table_says_what_goes_in_and_out(void **state)
{
    (void)state;
    hf_buffer out = HF_BUFFER_INIT;
    report.results[0].inferences = 6;
    hf_render_table(&report, 0, false, &out);
    if (!strstr(hf_buffer_text(&out), "\ninputs and outputs:\n"))
        fail_msg("%s", hf_buffer_text(&out));
    assert_non_null(strstr(hf_buffer_text(&out), ": uint8 96x96x3 -> uint8 1x1x2 + float32 1x1x2 (before the "
                                                 "float LOG_SOFTMAX), 6 inferences compared\n"));
    hf_buffer_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(csv_has_a_line_for_each_value, setup, teardown),
        cmocka_unit_test_setup_teardown(an_array_has_the_models_type, setup, teardown),
        cmocka_unit_test_setup_teardown(what_is_missing_is_said, setup, teardown),
        cmocka_unit_test_setup_teardown(damaged_outputs_are_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(the_table_says_what_goes_in_and_out, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
