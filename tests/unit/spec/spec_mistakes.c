/* SPDX-License-Identifier: Apache-2.0 */
/* The message and position for every kind of mistake. Compares the complete rendering, so that superfluous
 * messages fail too. */
#include "check.h"

#define M "models: [mobilenetv1_0.25_96_c3_o2]\n"
#define F "  - {family: mobilenetv1, resolution: 96, channels: 3, classes: 2, "

static const mistake_case cases[] = {
    /* keys */
    {M "nmae: x\n", "t.yaml:2:1: unknown key \"nmae\" in the spec, did you mean \"name\"?\n"},
    {M "x: 1\n", "t.yaml:2:1: unknown key \"x\" in the spec, expected one of: name, constraints, objective, "
                 "on_unsupported, models, boards, measure, deadlines, retries, weights, train, optimize\n"},
    {"modles: []\n", "t.yaml:1:1: unknown key \"modles\" in the spec, did you mean \"models\"?\n"},
    {M "measure: {rnus: 3}\n", "t.yaml:2:11: unknown key \"rnus\" in measure, did you mean \"runs\"?\n"},
    {M "name: a\nname: b\n", "t.yaml:3:1: the key \"name\" appears twice, first on line 2\n"},
    {M "[1]: a\n", "t.yaml:2:1: a list as a key, expected a word\n"},
    {"name: x\n", "t.yaml:1:1: the spec has no \"models\", which is required\n"},
    {M "name: not/good\n",
     "t.yaml:2:7: name: \"not/good\", expected at most 64 of: letters, digits, '_', '-' "
     "and '.', beginning with a letter or digit\n"},
    /* types */
    {M "measure: 5\n", "t.yaml:2:10: measure: \"5\", expected a mapping with keys such as \"warmup\"\n"},
    {M "measure:\n", "t.yaml:2:9: measure: no value, expected a mapping with keys such as \"warmup\"\n"},
    {M "measure: {runs: [1]}\n", "t.yaml:2:17: runs: a list, expected a whole number from 1 to 10000\n"},
    {M "measure: {runs: 1.5}\n", "t.yaml:2:17: runs: \"1.5\", expected a whole number from 1 to 10000\n"},
    {M "measure: {runs: \"5\"}\n",
     "t.yaml:2:17: runs: \"5\" is a string, expected a whole number from 1 to 10000 without quotes\n"},
    {M "measure: {runs: 0}\n", "t.yaml:2:17: runs: \"0\", expected a whole number from 1 to 10000\n"},
    {M "measure: {runs: 18446744073709551617}\n",
     "t.yaml:2:17: runs: \"18446744073709551617\", expected a whole number from 1 to 10000\n"},
    {M "measure: {layers: yes}\n", "t.yaml:2:19: layers: \"yes\", expected true or false\n"},
    {M "measure: {input: {seed: 1, file: x}}\n",
     "t.yaml:2:18: input: both \"seed\" and \"file\", expected one of them\n"},
    {M "measure: {input: {}}\n",
     "t.yaml:2:18: input: an empty mapping, expected \"seed\", \"seeds\", \"file\" or \"files\"\n"},
    {M "measure: {input: {seeds: 8..1}}\n",
     "t.yaml:2:26: seeds: \"8..1\", expected a list or a range such as 1..8 of at most 1000 seeds\n"},
    {M "measure: {input: {seeds: [1, 2, 1]}}\n", "t.yaml:2:33: seeds: \"1\" appears twice\n"},
    {M "measure: {input: {seeds: [1, x]}}\n",
     "t.yaml:2:30: seeds: \"x\", expected a whole number from 0 to 4294967295\n"},
    {M "measure: {input: {seeds: 0..1000}}\n",
     "t.yaml:2:26: seeds: \"0..1000\", expected a list or a range such as 1..8 of at most 1000 seeds\n"},
    {M "measure: {input: {files: a.npy}}\n", "t.yaml:2:26: files: \"a.npy\", expected a list of at most 1000 "
                                             "inputs, each a path or one path for each input of "
                                             "the model\n"},
    {M "measure: {input: {files: [a.npy, []]}}\n",
     "t.yaml:2:34: files: a list of 0 paths, expected one for each of the model's inputs\n"},
    {M "measure: {steps: 0}\n", "t.yaml:2:18: steps: \"0\", expected a whole number from 1 to 1000\n"},
    {M "name: !!str x\n",
     "t.yaml:2:7: the YAML tag \"tag:yaml.org,2002:str\" is not supported, expected a value without a tag\n"},
    /* units */
    {M "objective: size\n", "t.yaml:2:12: objective: \"size\", expected time, speed or ram\n"},
    {M "on_unsupported: ignore\n",
     "t.yaml:2:17: on_unsupported: \"ignore\", expected \"skip\" or \"stop\"\n"},
    {M "objective: [ram]\n", "t.yaml:2:12: objective: a list, expected time, speed or ram\n"},
    {M "constraints: {ram: 250}\n",
     "t.yaml:2:20: ram: \"250\" has no unit, expected a size such as \"250 KB\" "
     "(units: B, KB, KiB, MB, MiB)\n"},
    {M "constraints: {ram: 250 kb}\n", "t.yaml:2:20: ram: \"250 kb\" has an unknown unit, expected a size "
                                       "such as \"250 KB\" (units: B, KB, KiB, "
                                       "MB, MiB); did you mean \"KB\"?\n"},
    {M "constraints: {ram: 0 KB}\n",
     "t.yaml:2:20: ram: \"0 KB\" is out of range, expected 1 B to 1048576 MB\n"},
    {M "constraints: {ram: 0.3 B}\n", "t.yaml:2:20: ram: \"0.3 B\" is not a whole number of bytes\n"},
    {M "deadlines: {flash: -1 s}\n", "t.yaml:2:20: flash: \"-1 s\" is not a number with a unit, expected a "
                                     "time such as \"30 s\" (units: ms, s, min, h)\n"},
    {M "deadlines: {flash: 25 h}\n", "t.yaml:2:20: flash: \"25 h\" is out of range, expected 1 ms to 24 h\n"},
    /* models */
    {"models: []\n", "t.yaml:1:9: models: an empty list, expected a list with at least one model\n"},
    {"models: x\n", "t.yaml:1:9: models: \"x\", expected a list with at least one model\n"},
    {"models:\n  - [a]\n",
     "t.yaml:2:5: a model: a list, expected a family with its factors, a name or a .tflite file\n"},
    {"models:\n  - {family: mobilnetv1, alpha: 1}\n",
     "t.yaml:2:14: unknown family \"mobilnetv1\", did you mean \"mobilenetv1\"?\n"},
    {"models:\n  - {family: resnet, alhpa: 1}\n",
     "t.yaml:2:14: unknown family \"resnet\", expected one of: mobilenetv1, mobilenetv2, "
     "mobilenetv3smallSQ, mobilenetv3smallNSQ, shufflenetv1, shufflenetv2\n"
     "t.yaml:2:22: unknown key \"alhpa\" in a model, did you mean \"alpha\"?\n"},
    {"models:\n" F "alfa: 1}\n",
     "t.yaml:2:68: unknown key \"alfa\" in mobilenetv1, did you mean \"alpha\"?\n"},
    {"models:\n" F "alpha: []}\n", "t.yaml:2:75: alpha: a list of 0 values, expected 1 to 10000\n"},
    {"models:\n" F "alpha: [0.25, x]}\n",
     "t.yaml:2:82: alpha: \"x\", expected a number or a list of numbers\n"},
    {"models:\n" F "alpha: [0.25, 0.250]}\n", "t.yaml:2:82: alpha: \"0.250\" appears twice in the list\n"},
    {"models:\n" F "alpha: nan}\n", "t.yaml:2:75: alpha: \"nan\", expected a number or a list of numbers\n"},
    {"models:\n" F "t: 6, alpha: 0.25}\n", "t.yaml:2:68: unknown key \"t\" in mobilenetv1, expected one of: "
                                           "family, weights, train, alpha, resolution, channels, "
                                           "classes, l, ll, pl, b\n"},
    {"models:\n" F "name: x, alpha: 0.25}\n", "t.yaml:2:68: unknown key \"name\" in mobilenetv1, expected "
                                              "one of: family, weights, train, alpha, resolution, channels, "
                                              "classes, l, ll, pl, b\n"},
    {"models:\n" F "tflite: x, alpha: 0.25}\n",
     "t.yaml:2:5: a model with both \"family\" and \"tflite\", expected one of them\n"},
    {"models:\n  - {name: mobilenetv1_0.25_96_c3_o2, alpha: 1}\n",
     "t.yaml:2:39: unknown key \"alpha\" in a model, expected one of: name, accuracy, data, pixels, "
     "weights, train\n"},
    {"models:\n  - {name: mobilenetv1_0.25_96_c3_o2, accuracy: 101 %}\n",
     "t.yaml:2:49: accuracy: \"101 %\", expected a percentage from 0 to 100 such as \"85.4 %\"\n"},
    {"models:\n  - {name: mobilenetv1_0.25_96_c3_o2, accuracy: 0.854}\n",
     "t.yaml:2:49: accuracy: \"0.854\", did you mean \"85.4 %\"? expected a percentage from 0 to 100 such as "
     "\"85.4 %\", with the % sign if below 1 %\n"},
    {"models:\n  - {name: mobilenetv1_0.25_96_c3_o2, accuracy: 1}\n",
     "t.yaml:2:49: accuracy: \"1\", did you mean \"100 %\"? expected a percentage from 0 to 100 such as "
     "\"85.4 %\", with the % sign if below 1 %\n"},
    {"models:\n  - {name: mobilenetv1_0.25_96_c3_o2, accuracy: 85 percent}\n",
     "t.yaml:2:49: accuracy: \"85 percent\", expected a percentage from 0 to 100 such as \"85.4 %\"\n"},
    {"models:\n  - {name: mobilenetv1_0.25_96_c3_o2, accuracy: 85.4 %, data: x}\n",
     "t.yaml:2:5: a model with both \"accuracy\" and \"data\", expected one of them\n"},
    {"models:\n  - {name: mobilenetv1_0.25_96_c3_o2, data: set, pixels: 0..2}\n",
     "t.yaml:2:58: pixels: \"0..2\", expected 0..1, -1..1, 0..255, or \"mean M deviation D\" with one number "
     "or three for "
     "M and D, such as \"mean 0.485,0.456,0.406 deviation 0.229,0.224,0.225\"\n"},
    {"models:\n  - {name: mobilenetv1_0.25_96_c3_o2, pixels: 0..1}\n",
     "t.yaml:2:47: \"pixels\" without \"data\", whose pixels it describes\n"},
    {"models:\n  - {tflite: \"a b.tflite\"}\n", "t.yaml:2:14: \"a b\" cannot be used as a variation name, "
                                                "expected a \"name\" of at most 95 letters, digits, "
                                                "'_', '-' and '.', beginning with a letter or digit\n"},
    {"models:\n  - mobilenetv1_0.25_96_c3_o2\n  - {tflite: x}\n  - name: mobilenetv1_0.25_96_c3_o2\n"
     "  - {tflite: y/x.tflite}\n",
     "t.yaml:4:5: the variation \"mobilenetv1_0.25_96_c3_o2\" appears twice, first on line 2\n"
     "t.yaml:5:5: the variation \"x\" appears twice, first on line 3\n"},
    /* boards */
    {M "boards:\n", "t.yaml:2:8: boards: no value, expected a mapping with keys such as \"tags\"\n"},
    {M "boards: {tags: []}\n", "t.yaml:2:16: tags: an empty list, expected a string or a list of strings\n"},
    {M "boards: {tags: [a, b, a]}\n", "t.yaml:2:23: tags: \"a\" appears twice, first on line 2\n"},
    /* YAML syntax */
    {"", "t.yaml:1:1: the file is empty, expected a mapping\n"},
    {"# only a comment\n", "t.yaml:1:1: the file is empty, expected a mapping\n"},
    {"- a\n", "t.yaml:1:1: the spec: a list, expected a mapping with keys such as \"name\"\n"},
    {M "---\nname: x\n", "t.yaml:2:1: a second YAML document, expected one per file\n"},
    {"models:\n\t- a\n  - b\n\t- c\n", "t.yaml:2:1: a tab character, expected spaces as indentation\n"
                                       "t.yaml:4:1: a tab character, expected spaces as indentation\n"},
    {M "name: *nme\n",
     "t.yaml:2:7: unknown alias \"*nme\", expected one with an anchor \"&nme\" before it\n"},
    {M "name: &a {b: *a}\n", "t.yaml:2:7: name: a mapping, expected letters, digits, '_', '-' and '.', "
                             "beginning with a letter or digit\n"
                             "t.yaml:2:14: the alias \"*a\" refers to the value that contains it\n"},
    {M "measure: {<<: 5}\n", "t.yaml:2:15: \"<<\": a single value, expected a mapping to merge\n"},
    {M "name: \"a\\0b\"\n", "t.yaml:2:7: the string contains a NUL character, expected plain text\n"},
    {M "boards: {tags: \"a\\nb\"}\n",
     "t.yaml:2:16: tags: the string contains control characters, expected plain text\n"},
    {M "name: \"\xff\"\n", "t.yaml:2:8: invalid leading UTF-8 octet, expected plain UTF-8 text\n"},
    {M "a: [1, 2\nb: 3\n", "t.yaml:3:2: not valid YAML while parsing a flow sequence that starts on line 2: "
                           "did not find expected ',' or ']'\n"},
};

static void test_each_mistake(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char *rendered = spec_mistakes(cases[i].text, strlen(cases[i].text), false);
        assert_string_equal(rendered, cases[i].expected);
        free(rendered);
    }
}

static void expect_start(const char *text, const char *start)
{
    char *rendered = spec_mistakes(text, strlen(text), false);
    if (strncmp(rendered, start, strlen(start)) != 0)
        print_error("%s", rendered);
    assert_int_equal(strncmp(rendered, start, strlen(start)), 0);
    assert_ptr_equal(strchr(rendered, '\n'), rendered + strlen(rendered) - 1); /* one line */
    free(rendered);
}

/* Errors from the model families are reported at the position of the value. */
static void test_model_rules_are_reported_in_place(void **state)
{
    (void)state;
    expect_start("models:\n" F "alpha: [0.25, 9]}\n", "t.yaml:2:82: ");
    expect_start("models:\n  - {family: mobilenetv1, alpha: 1, resolution: 96, channels: 2, classes: 2}\n",
                 "t.yaml:2:63: ");
    expect_start("models:\n  - {family: mobilenetv1, alpha: 1, resolution: 96.5, channels: 3, classes: 2}\n",
                 "t.yaml:2:49: ");
    expect_start("models:\n  - {family: mobilenetv1, alpha: 1, resolution: 96, channels: 3}\n",
                 "t.yaml:2:5: mobilenetv1 has no \"classes\"");
    expect_start("models:\n  - name: mobilenetv1_0.25\n", "t.yaml:2:11: mobilenetv1_0.25");
    expect_start("models:\n  - squeezenet_1_96_c3_o2\n", "t.yaml:2:5: unknown model family \"squeezenet\"");
}

static void test_all_mistakes_in_one_run(void **state)
{
    (void)state;
    static const char text[] = "nmae: x\n"
                               "constraints: {ram: 250, rom: x}\n"
                               "models:\n"
                               "  - family: mobilenetv1\n"
                               "    alpha: [0.25, x, y]\n"
                               "measure: {runs: 0, layers: 1}\n"
                               "deadlines: {boot: 5}\n"
                               "weights: *w\n";
    char *rendered = spec_mistakes(text, strlen(text), false);
    static const char *const places[] = {
        "t.yaml:1:1: unknown", "t.yaml:2:20: ram",          "t.yaml:2:30: rom",  "t.yaml:4:5: ",
        "t.yaml:5:19: alpha",  "t.yaml:5:22: alpha",        "t.yaml:6:17: runs", "t.yaml:6:28: layers",
        "t.yaml:7:19: boot",   "t.yaml:8:10: unknown alias"};
    const char *at = rendered;
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        at = strstr(at, places[i]); /* all present, in this order */
        assert_non_null(at);
    }
    free(rendered);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_mistake),
        cmocka_unit_test(test_model_rules_are_reported_in_place),
        cmocka_unit_test(test_all_mistakes_in_one_run),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
