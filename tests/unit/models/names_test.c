/* SPDX-License-Identifier: Apache-2.0 */
#include "hf_test.h"

#include "families/families.h"
#include "random_variation.h"

static void models_names_parse_the_example_of_the_paper(void **state)
{
    (void)state;
    hf_variation v;
    assert_int_equal(hf_variation_parse("mobilenetv1_0.7_96_c3_o2_l5ll32pl64b0.3", &v, NULL), HF_OK);
    assert_string_equal(v.family, "mobilenetv1");
    assert_true(v.factors[HF_FACTOR_ALPHA] == 0.7);
    assert_true(v.factors[HF_FACTOR_RESOLUTION] == 96);
    assert_true(v.factors[HF_FACTOR_CHANNELS] == 3);
    assert_true(v.factors[HF_FACTOR_CLASSES] == 2);
    assert_true(v.factors[HF_FACTOR_L] == 5);
    assert_true(v.factors[HF_FACTOR_LL] == 32);
    assert_true(v.factors[HF_FACTOR_PL] == 64);
    assert_true(v.factors[HF_FACTOR_B] == 0.3);
    assert_int_equal(v.set, 0xff);
}

static void check_canonical(const char *name, const char *canonical)
{
    hf_variation v;
    char written[HF_VARIATION_NAME_SIZE];
    hf_error err;
    hf_error_clear(&err);
    if (hf_variation_parse(name, &v, &err) || hf_variation_name(&v, written, &err))
        fail_msg("%s", err.message);
    assert_string_equal(written, canonical);
}

static void models_names_are_canonical(void **state)
{
    (void)state;
    check_canonical("mobilenetv1_0.70_96_c3_o2", "mobilenetv1_0.7_96_c3_o2");
    check_canonical("mobilenetv1_0.25_96_c3_o2", "mobilenetv1_0.25_96_c3_o2");
    check_canonical("mobilenetv1_1.0_96_c3_o2", "mobilenetv1_1_96_c3_o2");
    check_canonical("mobilenetv1_0.25_96_c3_o2_b0.50pl7l3", "mobilenetv1_0.25_96_c3_o2_l3pl7b0.5");
    check_canonical("mobilenetv1_0.123456789_96_c3_o2", "mobilenetv1_0.123456789_96_c3_o2");
    check_canonical("mobilenetv1_0.25_96_c3_o2.MV1", "mobilenetv1_0.25_96_c3_o2"); /* the default head */
    check_canonical("mobilenetv1_0.25_96_c3_o2_l3.GAP", "mobilenetv1_0.25_96_c3_o2_l3.GAP");
    check_canonical("mobilenetv2_0.25_96_c3_o2_l256t5", "mobilenetv2_0.25_96_c3_o2_t5l256");
    check_canonical("mobilenetv3smallSQ_0.3_96_c3_o2_se2pl128l32.MV1",
                    "mobilenetv3smallSQ_0.3_96_c3_o2_l32pl128se2.MV1");
    check_canonical("mobilenetv3smallNSQ_0.3_96_c3_o2_l32pl128.MV3",
                    "mobilenetv3smallNSQ_0.3_96_c3_o2_l32pl128");
    check_canonical("shufflenetv1_0.25_96_c3_o2_g1", "shufflenetv1_0.25_96_c3_o2_g1");
    check_canonical("shufflenetv2_0.10_96_c3_o2_f24l128", "shufflenetv2_0.1_96_c3_o2_l128f24");
}

static void models_names_round_trip(void **state)
{
    (void)state;
    uint32_t random = 1;
    for (uint32_t f = 0; hf_family_at(f); f++)
        for (int i = 0; i < 10000; i++) {
            hf_variation v = random_variation(hf_family_at(f), &random);
            hf_variation parsed;
            char name[HF_VARIATION_NAME_SIZE], again[HF_VARIATION_NAME_SIZE];
            hf_error err;
            hf_error_clear(&err);
            if (hf_variation_name(&v, name, &err) || hf_variation_parse(name, &parsed, &err) ||
                hf_variation_name(&parsed, again, &err)) {
                fail_msg("%s", err.message);
                return;
            }
            assert_string_equal(name, again);
            assert_ptr_equal(parsed.family, v.family);
            assert_int_equal(parsed.set, v.set);
            assert_int_equal(parsed.head, v.head);
            for (int k = 0; k < HF_FACTOR_COUNT; k++)
                assert_true(parsed.factors[k] == v.factors[k]);
        }
}

static void must_reject(const char *name, const char *words)
{
    hf_variation v, before;
    hf_error err;
    hf_error_clear(&err);
    memset(&v, 0x5a, sizeof v);
    memset(&before, 0x5a, sizeof before);
    assert_int_equal(hf_variation_parse(name, &v, &err), HF_EINVALID);
    assert_memory_equal(&v, &before, sizeof v);
    if (!strstr(err.message, words))
        fail_msg("\"%s\" does not contain \"%s\"", err.message, words);
}

static void models_names_errors_name_the_wrong_part(void **state)
{
    (void)state;
    must_reject("", "expected a name that starts with a model family");
    must_reject("_0.25", "expected a name that starts with a model family");
    must_reject("mobilnetv1_0.25_96_c3_o2", "did you mean \"mobilenetv1\"?");
    must_reject("MobileNetV1_0.25_96_c3_o2", "did you mean \"mobilenetv1\"?");
    must_reject("resnet_0.25_96_c3_o2", "expected one of: mobilenetv1");
    must_reject("mobilenetv1", "expected \"_<alpha>\" (a plain decimal number) at the end of the name");
    must_reject("mobilenetv1_x_96_c3_o2", "expected \"_<alpha>\"");
    must_reject("mobilenetv1_0.25_c3_o2",
                "expected \"_<resolution>\" (a plain decimal number) at \"_c3_o2\"");
    must_reject("mobilenetv1_0.25_96_3_o2", "expected \"_c<channels>\"");
    must_reject("mobilenetv1_0.25_96_c3_2", "expected \"_o<classes>\"");
    must_reject("mobilenetv1_-0.25_96_c3_o2", "expected \"_<alpha>\"");
    must_reject("mobilenetv1_1e-1_96_c3_o2", "expected \"_<alpha>\"");
    must_reject("mobilenetv1_00.25_96_c3_o2", "expected \"_<alpha>\"");
    must_reject("mobilenetv1_.25_96_c3_o2", "expected \"_<alpha>\"");
    must_reject("mobilenetv1_0.1234567890123456_96_c3_o2", "expected \"_<alpha>\"");
    must_reject("mobilenetv1_0.1234567891_96_c3_o2", "at most 9 decimal places");
    must_reject("mobilenetv1_0.25_96_c3_o2_",
                "expected a variation code in lower case at the end of the name");
    must_reject("mobilenetv1_0.25_96_c3_o2_t6", "no variation code \"t\", expected one of: l, ll, pl, b");
    must_reject("mobilenetv1_0.25_96_c3_o2_l5l6", "\"l\" is given twice");
    must_reject("mobilenetv1_0.25_96_c3_o2_l", "after code \"l\" at the end of the name");
    must_reject("mobilenetv1_0.25_96_c3_o2_l5 ", "lower case at \" \"");
    must_reject("mobilenetv1_0.25_96_c3_o2.MV3",
                "mobilenetv1 has no classifier head \"MV3\", expected one of: GAP, MV1");
    must_reject("mobilenetv1_0.25_96_c3_o2_l5.GA", "expected the end of the name at \".GA\"");
    must_reject("mobilenetv1_0.25_96_c3_o2.GAP.MV1", "expected the end of the name at \".GAP.MV1\"");
    must_reject("mobilenetv3small_0.3_96_c3_o2", "did you mean \"mobilenetv3smallSQ\"?");
    must_reject("MOBILENETV3SMALLNSQ_0.3_96_c3_o2", "did you mean \"mobilenetv3smallNSQ\"?");
    must_reject("mobilenetv3smallNSQ_0.3_96_c3_o2_se4", "no variation code \"se\", expected one of: l, pl");
    must_reject("shufflenetv1_0.25_96_c3_o2_g5", "g is 5, expected one of: 1, 2, 3, 4, 8");
    must_reject("shufflenetv2_0.3_96_c3_o2",
                "alpha is 0.3, expected one of: 0.05, 0.1, 0.2, 0.25, 0.35, 0.5, 1, 1.5, 2");
    must_reject("mobilenetv1_0.25_96_c3_o2.tflite", "expected the end of the name at \".tflite\"");
    must_reject("mobilenetv1_9_96_c3_o2", "alpha is 9, expected a number from 0.01 to 2");
    must_reject("mobilenetv1_0.25_96_c2_o2", "channels is 2, expected 1 (grey) or 3 (colour)");
    must_reject("mobilenetv1_0.25_96_c3_o1", "classes is 1, expected a whole number from 2 to 1000");
    must_reject("mobilenetv1_0.25_96_c3_o2_l2.5", "l is 2.5, expected a whole number");
}

/* Mutated names are accepted or rejected with a message; accepted names survive a round trip. */
static int mutate(const char *seed, uint32_t random)
{
    static const char alphabet[] = "mobilentv10123456789._clopb-+eE \xffsfhuSQNAGMV";
    const size_t length = strlen(seed);
    int accepted = 0;
    for (int i = 0; i < 20000; i++) {
        char name[HF_VARIATION_NAME_SIZE];
        memcpy(name, seed, length + 1);
        for (uint32_t changes = 1 + random_bits(&random) % 3; changes > 0; changes--)
            name[random_bits(&random) % length] = alphabet[random_bits(&random) % sizeof alphabet];
        hf_variation v, again;
        hf_error err;
        hf_error_clear(&err);
        if (hf_variation_parse(name, &v, &err)) {
            assert_true(err.message[0] != '\0');
            continue;
        }
        accepted++;
        char written[HF_VARIATION_NAME_SIZE];
        assert_int_equal(hf_variation_name(&v, written, NULL), HF_OK);
        assert_int_equal(hf_variation_parse(written, &again, NULL), HF_OK);
        assert_memory_equal(v.factors, again.factors, sizeof v.factors);
        assert_int_equal(v.set, again.set);
        assert_int_equal(v.head, again.head);
    }
    return accepted;
}

static void models_names_survive_mutation(void **state)
{
    (void)state;
    static const char *const seeds[] = {"mobilenetv1_0.7_96_c3_o2_l5ll32pl64b0.3",
                                        "mobilenetv2_0.25_96_c3_o2_t5l256.GAP",
                                        "mobilenetv3smallSQ_0.3_96_c3_o2_l32pl128se4.MV1",
                                        "shufflenetv1_0.25_96_c3_o2_g1", "shufflenetv2_0.1_96_c3_o2_l128f24"};
    for (uint32_t i = 0; i < sizeof seeds / sizeof *seeds; i++)
        assert_in_range(mutate(seeds[i], 7 + i), 100, 19900);
}

static void models_names_of_factors_and_families(void **state)
{
    (void)state;
    assert_string_equal(hf_factor_name(HF_FACTOR_ALPHA), "alpha");
    assert_string_equal(hf_factor_name(HF_FACTOR_SE), "se");
    assert_string_equal(hf_factor_name(HF_FACTOR_F), "f");
    assert_string_equal(hf_factor_name(HF_FACTOR_COUNT), "unknown factor");
    assert_non_null(hf_family_find("mobilenetv1"));
    assert_null(hf_family_find("mobilenet"));
    assert_null(hf_family_find(NULL));
    uint32_t count = 0;
    while (hf_family_at(count))
        count++;
    assert_int_equal(count, 6);
    assert_string_equal(hf_head_name(HF_HEAD_GAP), "GAP");
    assert_string_equal(hf_head_name(HF_HEAD_DEFAULT), "");
    assert_null(hf_family_at(count + 100));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(models_names_parse_the_example_of_the_paper),
        cmocka_unit_test(models_names_are_canonical),
        cmocka_unit_test(models_names_round_trip),
        cmocka_unit_test(models_names_errors_name_the_wrong_part),
        cmocka_unit_test(models_names_survive_mutation),
        cmocka_unit_test(models_names_of_factors_and_families),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
