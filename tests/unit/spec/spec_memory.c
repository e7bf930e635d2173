/* SPDX-License-Identifier: Apache-2.0 */
/* Fails every allocation in turn: each time HF_ENOMEM, no leak (under AddressSanitizer) and no partial
 * result. */
#include "check.h"

/* The linker redirects every allocation of hilfarm's code here (--wrap). */
static long countdown; /* allocations that still succeed; negative = all */
static bool failed;

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *memory, size_t size);
char *__real_strdup(const char *text);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *memory, size_t size);
char *__wrap_strdup(const char *text);

static bool out_of_memory(void)
{
    if (countdown < 0)
        return false;
    if (countdown-- > 0)
        return false;
    countdown = -1; /* once: later code must cope with the failure */
    failed = true;
    return true;
}

void *__wrap_malloc(size_t size)
{
    return out_of_memory() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
    return out_of_memory() ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *memory, size_t size)
{
    return out_of_memory() ? NULL : __real_realloc(memory, size);
}

char *__wrap_strdup(const char *text)
{
    return out_of_memory() ? NULL : __real_strdup(text);
}

static const char good_spec[] = "models:\n"
                                "  - {family: mobilenetv1, alpha: [0.2, 0.25], resolution: 32, channels: 1, "
                                "classes: 2}\n"
                                "  - {tflite: x.tflite}\n"
                                "boards: {tags: [lab]}\n"
                                "measure: {input: {file: x.bin}}\n";
static const char bad_spec[] = "models:\n"
                               "  - {family: mobilenetv1, alpha: [0.2, x], chanels: 1}\n"
                               "  - {family: mobilenet}\n"
                               "constraints: {ram: 250, macs: 60 Q}\n"
                               "deadlines: {boot: 5}\n"
                               "retries: {x: 1}\n"
                               "nmae: y\n";
static const char good_farm[] = "boards:\n"
                                "  - {id: a, chip: stm32l4r5zi, virtual: true, tags: [lab]}\n"
                                "  - {id: b, chip: stm32l4r5zi, port: {usb: '0483:374b', serial: x}}\n";

/* Runs everything with the n-th allocation failing. @return false if there were fewer allocations */
static bool run_with_failure(long n)
{
    countdown = n;
    failed = false;
    bool reported = false;
    hf_diagnostics *diagnostics = hf_diagnostics_new();
    reported |= !diagnostics;
    hf_spec *spec = NULL, *none = NULL;
    hf_farm *farm = NULL, *standard = NULL;
    hf_selection selection = {0};
    if (diagnostics) {
        hf_status status =
            hf_spec_parse("t.yaml", good_spec, strlen(good_spec), false, &spec, diagnostics, NULL);
        assert_true(status == HF_OK || status == HF_ENOMEM);
        reported |= status == HF_ENOMEM;
        status = hf_farm_parse("f.yaml", good_farm, strlen(good_farm), &farm, diagnostics, NULL);
        assert_true(status == HF_OK || status == HF_ENOMEM);
        reported |= status == HF_ENOMEM;
        status = hf_farm_default(&standard, NULL);
        assert_true(status == HF_OK || status == HF_ENOMEM);
        reported |= status == HF_ENOMEM;
        if (farm && spec) {
            status = hf_farm_select(farm, spec, &selection, diagnostics, NULL);
            assert_true(status == HF_OK || status == HF_ENOMEM);
            reported |= status == HF_ENOMEM;
        }
        status = hf_spec_parse("t.yaml", bad_spec, strlen(bad_spec), false, &none, diagnostics, NULL);
        assert_true(status == HF_EINVALID || status == HF_ENOMEM);
        assert_null(none);
        reported |= status == HF_ENOMEM;
        char *rendered = hf_diagnostics_render(diagnostics);
        reported |= !rendered;
        free(rendered);
    }
    countdown = -1;
    hf_selection_free(&selection);
    hf_spec_free(spec);
    hf_farm_free(farm);
    hf_farm_free(standard);
    hf_diagnostics_free(diagnostics);
    assert_true(reported == failed); /* no failure goes unnoticed, and none is invented */
    return failed;
}

static void test_every_allocation_may_fail(void **state)
{
    (void)state;
    long count = 0;
    while (run_with_failure(count))
        count++;
    assert_true(count > 50); /* --wrap works */
    print_message("%ld allocations\n", count);
}

int main(void)
{
    countdown = -1;
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_every_allocation_may_fail)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
