/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Names in the paper's convention: <family>_<alpha>_<resolution>_c<channels>_o<classes>[_<variation>], where
 * the variation is a sequence of letter codes with values ("l5ll32pl64b0.3").
 */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/buffer.h"
#include "base/did_you_mean.h"
#include "family.h"

/* ---- Suggestions ---- */

static hf_status unknown_family(const char *name, int length, hf_error *err)
{
    char word[HF_VARIATION_NAME_SIZE];
    snprintf(word, sizeof word, "%.*s", length, name);
    hf_suggestion suggestion = {.word = word};
    hf_buffer known = HF_BUFFER_INIT;
    for (uint32_t i = 0; hf_family_at(i); i++) {
        hf_suggest(&suggestion, hf_family_at(i)->name);
        hf_buffer_printf(&known, "%s%s", i ? ", " : "", hf_family_at(i)->name);
    }
    hf_status status = HF_EINVALID;
    if (suggestion.best)
        (void)HF_FAIL(err, status, "unknown model family \"%s\", did you mean \"%s\"?", word,
                      suggestion.best);
    else
        (void)HF_FAIL(err, status, "unknown model family \"%s\", expected one of: %s", word,
                      hf_buffer_text(&known));
    hf_buffer_free(&known);
    return status;
}

/* ---- Parsing ---- */

typedef struct name_parser {
    const char *whole; /* for messages */
    const char *at;
    const hf_family *family;
    hf_variation variation;
    hf_error *err;
} name_parser;

static void set_factor(name_parser *parser, hf_factor factor, double value)
{
    parser->variation.factors[factor] = value;
    parser->variation.set |= UINT32_C(1) << factor;
}

/* The text at the position of an error: up to 24 characters in quotes, or "the end of the name". */
#define REST_FORMAT   "%s%.24s%s"
#define REST_ARGS(at) *(at) ? "\"" : "", *(at) ? (at) : "the end of the name", *(at) ? "\"" : ""

/* Parses one of the four leading factors: prefix and number. */
static hf_status parse_leading(name_parser *parser, const char *prefix, hf_factor factor)
{
    const char *at = parser->at;
    size_t length = strlen(prefix);
    double value;
    if (strncmp(at, prefix, length) == 0) {
        at += length;
        if (hf_factor_read(&at, &value) && (*at == '_' || *at == '.' || *at == '\0')) {
            set_factor(parser, factor, value);
            parser->at = at;
            return HF_OK;
        }
    }
    return HF_FAIL(parser->err, HF_EINVALID,
                   "%.95s: expected \"%s<%s>\" (a plain decimal number) at " REST_FORMAT, parser->whole,
                   prefix, hf_factor_name(factor), REST_ARGS(parser->at));
}

static bool find_code(const name_parser *parser, const char *letters, size_t length, hf_factor *out)
{
    for (uint32_t i = 0; i < parser->family->range_count; i++) {
        hf_factor factor = parser->family->ranges[i].factor;
        const char *code = hf_factor_name(factor);
        if (parser->family->ranges[i].optional && strlen(code) == length &&
            memcmp(code, letters, length) == 0) {
            *out = factor;
            return true;
        }
    }
    return false;
}

static hf_status unknown_code(const name_parser *parser, const char *letters, int length)
{
    hf_buffer codes = HF_BUFFER_INIT;
    for (uint32_t i = 0; i < parser->family->range_count; i++)
        if (parser->family->ranges[i].optional)
            hf_buffer_printf(&codes, "%s%s", codes.size ? ", " : "",
                             hf_factor_name(parser->family->ranges[i].factor));
    hf_status status = HF_EINVALID;
    (void)HF_FAIL(parser->err, status, "%.95s: %s has no variation code \"%.*s\", expected one of: %s",
                  parser->whole, parser->family->name, length, letters, hf_buffer_text(&codes));
    hf_buffer_free(&codes);
    return status;
}

static hf_status parse_codes(name_parser *parser)
{
    do {
        const char *letters = parser->at;
        const char *end = letters;
        while (islower((unsigned char)*end))
            end++;
        int length = end - letters > 24 ? 24 : (int)(end - letters);
        if (length == 0)
            return HF_FAIL(parser->err, HF_EINVALID,
                           "%.95s: expected a variation code in lower case at " REST_FORMAT, parser->whole,
                           REST_ARGS(letters));
        hf_factor factor;
        if (!find_code(parser, letters, (size_t)(end - letters), &factor))
            return unknown_code(parser, letters, length);
        if (hf_factor_is_set(&parser->variation, factor))
            return HF_FAIL(parser->err, HF_EINVALID, "%.95s: variation code \"%.*s\" is given twice",
                           parser->whole, length, letters);
        double value;
        const char *number = end;
        if (!hf_factor_read(&end, &value))
            return HF_FAIL(parser->err, HF_EINVALID,
                           "%.95s: expected a plain decimal number after code \"%.*s\" at " REST_FORMAT,
                           parser->whole, length, letters, REST_ARGS(number));
        set_factor(parser, factor, value);
        parser->at = end;
    } while (*parser->at != '\0' && *parser->at != '.');
    return HF_OK;
}

/* Parses an optional head code. That of the default head is dropped, so that a variation has one name. */
static hf_status parse_end(name_parser *parser)
{
    const char *at = parser->at;
    if (*at == '\0')
        return HF_OK;
    for (hf_head head = HF_HEAD_GAP; head < HF_HEAD_COUNT && *at == '.'; head++)
        if (strcmp(at + 1, hf_head_name(head)) == 0) {
            if (head != parser->family->default_head)
                parser->variation.head = head;
            return HF_OK;
        }
    return HF_FAIL(parser->err, HF_EINVALID, "%.95s: expected the end of the name at " REST_FORMAT,
                   parser->whole, REST_ARGS(at));
}

hf_status hf_variation_parse(const char *name, hf_variation *out, hf_error *err)
{
    const char *underscore = strchr(name, '_');
    size_t length = underscore ? (size_t)(underscore - name) : strlen(name);
    if (length == 0 || length > 64)
        return HF_FAIL(err, HF_EINVALID, "\"%.24s\": expected a name that starts with a model family", name);
    char family[65];
    memcpy(family, name, length);
    family[length] = '\0';
    name_parser parser = {.whole = name, .at = name + length, .family = hf_family_find(family), .err = err};
    if (!parser.family)
        return unknown_family(name, (int)length, err);
    parser.variation.family = parser.family->name;
    hf_status status;
    if ((status = parse_leading(&parser, "_", HF_FACTOR_ALPHA)) ||
        (status = parse_leading(&parser, "_", HF_FACTOR_RESOLUTION)) ||
        (status = parse_leading(&parser, "_c", HF_FACTOR_CHANNELS)) ||
        (status = parse_leading(&parser, "_o", HF_FACTOR_CLASSES)))
        return status;
    if (*parser.at == '_') {
        parser.at++;
        if ((status = parse_codes(&parser)))
            return status;
    }
    if ((status = parse_end(&parser)))
        return status;
    hf_error cause;
    hf_error_clear(&cause);
    if ((status = hf_variation_check(&parser.variation, &cause))) {
        return hf_error_set(err, status, cause.fault, cause.file, cause.line, "%.95s: %.300s", name,
                            cause.message);
    }
    *out = parser.variation;
    return HF_OK;
}

/* ---- Writing ---- */

hf_status hf_variation_name(const hf_variation *variation, char *name, hf_error *err)
{
    hf_status status = hf_variation_check(variation, err);
    if (status)
        return status;
    const hf_family *family = hf_family_find(variation->family);
    static const char *const prefixes[] = {[HF_FACTOR_ALPHA] = "_",
                                           [HF_FACTOR_RESOLUTION] = "_",
                                           [HF_FACTOR_CHANNELS] = "_c",
                                           [HF_FACTOR_CLASSES] = "_o"};
    char number[HF_FACTOR_TEXT_SIZE];
    hf_buffer text = HF_BUFFER_INIT;
    hf_buffer_puts(&text, family->name);
    for (hf_factor factor = HF_FACTOR_ALPHA; factor <= HF_FACTOR_CLASSES; factor++) {
        hf_factor_format(variation->factors[factor], number);
        hf_buffer_printf(&text, "%s%s", prefixes[factor], number);
    }
    /* The order of codes is that of the family's table, which is the order in the paper. */
    bool first = true;
    for (uint32_t i = 0; i < family->range_count; i++) {
        hf_factor factor = family->ranges[i].factor;
        if (!family->ranges[i].optional || !hf_factor_is_set(variation, factor))
            continue;
        hf_factor_format(variation->factors[factor], number);
        hf_buffer_printf(&text, "%s%s%s", first ? "_" : "", hf_factor_name(factor), number);
        first = false;
    }
    if (hf_variation_head(variation, family) != family->default_head)
        hf_buffer_printf(&text, ".%s", hf_head_name(variation->head));
    if (text.failed)
        status = HF_FAIL(err, HF_ENOMEM, "no memory for a model name");
    else if (text.size >= HF_VARIATION_NAME_SIZE)
        status = HF_FAIL(err, HF_ELIMIT, "model name \"%.95s...\" has more than %d characters",
                         hf_buffer_text(&text), HF_VARIATION_NAME_SIZE - 1);
    else
        memcpy(name, text.data, text.size + 1);
    hf_buffer_free(&text);
    return status;
}
