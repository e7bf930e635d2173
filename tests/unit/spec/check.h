/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_TEST_SPEC_CHECK_H
#define HF_TEST_SPEC_CHECK_H

#include "hf_test.h"

#include "spec/farm_file.h"
#include "spec/spec.h"

/**
 * @file check.h
 * Parse a text and compare the rendered diagnostics.
 */

/** Parses a valid text; prints the diagnostics if it is not. */
static inline hf_spec *parse_spec(const char *text)
{
    hf_diagnostics *diagnostics = hf_diagnostics_new();
    hf_spec *spec = NULL;
    hf_error err = {0};
    hf_status status = hf_spec_parse("t.yaml", text, strlen(text), false, &spec, diagnostics, &err);
    char *rendered = hf_diagnostics_render(diagnostics);
    if (status != HF_OK)
        print_error("%s\n%s", err.message, rendered);
    assert_int_equal(status, HF_OK);
    assert_string_equal(rendered, "");
    free(rendered);
    hf_diagnostics_free(diagnostics);
    return spec;
}

static inline hf_farm *parse_farm(const char *text)
{
    hf_diagnostics *diagnostics = hf_diagnostics_new();
    hf_farm *farm = NULL;
    hf_error err = {0};
    hf_status status = hf_farm_parse("f.yaml", text, strlen(text), &farm, diagnostics, &err);
    char *rendered = hf_diagnostics_render(diagnostics);
    if (status != HF_OK)
        print_error("%s\n%s", err.message, rendered);
    assert_int_equal(status, HF_OK);
    free(rendered);
    hf_diagnostics_free(diagnostics);
    return farm;
}

/** Parses an invalid text. @return all its diagnostics, rendered; the caller frees it */
static inline char *spec_mistakes(const char *text, size_t size, bool open_files)
{
    hf_diagnostics *diagnostics = hf_diagnostics_new();
    hf_spec *spec = NULL;
    hf_error err = {0};
    hf_status status = hf_spec_parse("t.yaml", text, size, open_files, &spec, diagnostics, &err);
    char *rendered = hf_diagnostics_render(diagnostics);
    if (status != HF_EINVALID)
        print_error("status %d for:\n%s\n%s", status, text, rendered);
    assert_int_equal(status, HF_EINVALID);
    assert_null(spec);
    assert_int_not_equal(hf_diagnostics_total(diagnostics), 0);
    hf_diagnostics_free(diagnostics);
    return rendered;
}

static inline char *farm_mistakes(const char *text)
{
    hf_diagnostics *diagnostics = hf_diagnostics_new();
    hf_farm *farm = NULL;
    hf_status status = hf_farm_parse("f.yaml", text, strlen(text), &farm, diagnostics, NULL);
    char *rendered = hf_diagnostics_render(diagnostics);
    if (status != HF_EINVALID)
        print_error("status %d for:\n%s\n%s", status, text, rendered);
    assert_int_equal(status, HF_EINVALID);
    assert_null(farm);
    hf_diagnostics_free(diagnostics);
    return rendered;
}

typedef struct mistake_case {
    const char *text;
    const char *expected; /**< the complete rendering */
} mistake_case;

#endif
