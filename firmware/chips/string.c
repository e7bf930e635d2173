/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include <stdint.h>

/*
 * The functions of <string.h> that the firmware and compiler-generated code call. Those of the C library take
 * 1.4 KB, for speed that only long copies need. Compile this file with -fno-tree-loop-distribute-patterns, or
 * the compiler turns the loops into calls of the same functions.
 */

/* Accessed at any address: the processor supports that while CCR.UNALIGN_TRP is clear, as the firmware leaves
 * it. */
typedef uint32_t __attribute__((aligned(1), may_alias)) any_word;

#define WORDS_AT_ONCE 4U
#define BYTES_AT_ONCE (WORDS_AT_ONCE * sizeof(any_word))

void *memcpy(void *restrict to, const void *restrict from, size_t size)
{
    uint8_t *out = to;
    const uint8_t *in = from;
    for (; size >= BYTES_AT_ONCE; size -= BYTES_AT_ONCE, in += BYTES_AT_ONCE, out += BYTES_AT_ONCE) {
        const any_word *words = (const any_word *)in;
        any_word a = words[0], b = words[1], c = words[2], d = words[3];
        any_word *there = (any_word *)out;
        there[0] = a;
        there[1] = b;
        there[2] = c;
        there[3] = d;
    }
    while (size-- > 0)
        *out++ = *in++;
    return to;
}

void *memset(void *to, int value, size_t size)
{
    uint8_t *out = to;
    uint32_t word = (uint8_t)value * 0x01010101U;
    for (; size >= BYTES_AT_ONCE; size -= BYTES_AT_ONCE, out += BYTES_AT_ONCE)
        for (size_t i = 0; i < WORDS_AT_ONCE; i++)
            ((any_word *)out)[i] = word;
    while (size-- > 0)
        *out++ = (uint8_t)value;
    return to;
}

int strcmp(const char *a, const char *b)
{
    while (*a && *a == *b)
        a++, b++;
    return (uint8_t)*a - (uint8_t)*b;
}

size_t strlen(const char *text)
{
    const char *end = text;
    while (*end)
        end++;
    return (size_t)(end - text);
}
