/* SPDX-License-Identifier: Apache-2.0 */

#include "base/did_you_mean.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>
#include <strings.h>

#define WORD_MAX 63

static bool same(char a, char b)
{
    return tolower((unsigned char)a) == tolower((unsigned char)b);
}

static uint32_t smallest(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

uint32_t hf_word_distance(const char *a, const char *b)
{
    size_t rows = strlen(a), columns = strlen(b);
    if (rows > WORD_MAX || columns > WORD_MAX)
        return UINT32_MAX;
    /* Row i holds the distances from the first i letters of a; a swap needs row i - 2 too. */
    uint32_t table[3][WORD_MAX + 1];
    for (uint32_t j = 0; j <= columns; j++)
        table[0][j] = j;
    for (uint32_t i = 1; i <= rows; i++) {
        uint32_t *row = table[i % 3];
        const uint32_t *above = table[(i + 2) % 3];
        const uint32_t *above2 = table[(i + 1) % 3];
        row[0] = i;
        for (uint32_t j = 1; j <= columns; j++) {
            row[j] = smallest(above[j], row[j - 1]) + 1;
            row[j] = smallest(row[j], above[j - 1] + !same(a[i - 1], b[j - 1]));
            if (i > 1 && j > 1 && same(a[i - 1], b[j - 2]) && same(a[i - 2], b[j - 1]))
                row[j] = smallest(row[j], above2[j - 2] + 1);
        }
    }
    return table[rows % 3][columns];
}

void hf_suggest(hf_suggestion *suggestion, const char *candidate)
{
    uint32_t distance = hf_word_distance(suggestion->word, candidate);
    size_t length = strlen(suggestion->word);
    uint32_t tolerance = length < 2 ? 0 : length < 6 ? 1 : (uint32_t)(length / 3);
    /* "alfa" for "alpha": the first letter is rarely the wrong one. */
    if (length >= 4 && length < 6 && same(suggestion->word[0], candidate[0]))
        tolerance = 2;
    /* People abbreviate from memory: accept a prefix. */
    if (length >= 3 && strncasecmp(suggestion->word, candidate, length) == 0)
        distance = smallest(distance, tolerance);
    if (distance > tolerance || (suggestion->best && distance >= suggestion->best_distance))
        return;
    suggestion->best = candidate;
    suggestion->best_distance = distance;
}
