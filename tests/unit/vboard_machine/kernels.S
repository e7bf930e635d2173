/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Small kernels of the kinds that firmware is made of, for test_kernels.c: lists, matrices, a state machine, a
 * checksum, division, int8 and float dot products. In assembly, so that no other version of a compiler changes
 * their cycles. Linked to the start of the flash behind the vector table.
 */
    .syntax unified
    .thumb
    .text

/* r4(r0, r1, r2, r3), with r5 = the cycles that this takes; r6 = address of DWT_CYCCNT. Ends at a BKPT. */
measure:
    ldr     r7, [r6]
    blx     r4
    ldr     r5, [r6]
    subs    r5, r5, r7
    bkpt    #0

    .balign 4
    .org    0x20
    /* the order of enum kernel in test_kernels.c */
    .word   list_reverse + 1, list_find + 1, matrix_multiply + 1, count_numbers + 1
    .word   crc16 + 1, gcd + 1, dot_int8 + 1, dot_float + 1, axpy_float + 1

/* node {next, value *} *list_reverse(node *head) */
    .balign 8
list_reverse:
    movs    r1, #0
1:  ldr     r2, [r0]
    str     r1, [r0]
    mov     r1, r0
    mov     r0, r2
    cmp     r2, #0
    bne     1b
    mov     r0, r1
    bx      lr

/* node *list_find(node *head, int16_t value) */
    .balign 8
list_find:
1:  ldr     r2, [r0, #4]
    ldrsh   r2, [r2, #2]
    cmp     r2, r1
    beq     2f
    ldr     r0, [r0]
    cmp     r0, #0
    bne     1b
2:  bx      lr

/* void matrix_multiply(int32_t c[n][n], const int16_t a[n][n], const int16_t b[n][n], n) */
    .balign 8
matrix_multiply:
    push    {r4-r11, lr}
    lsl     r10, r3, #1         /* bytes of a row */
    mov     r11, r3             /* rows left */
1:  mov     r4, r3              /* columns left */
    mov     r5, r2              /* column of b */
2:  mov     r6, r1
    mov     r7, r5
    movs    r8, #0
    mov     r9, r3
3:  ldrsh   r12, [r6], #2
    ldrsh   lr, [r7]
    add     r7, r7, r10
    mla     r8, r12, lr, r8
    subs    r9, r9, #1
    bne     3b
    str     r8, [r0], #4
    adds    r5, #2
    subs    r4, #1
    bne     2b
    add     r1, r1, r10
    subs    r11, r11, #1
    bne     1b
    pop     {r4-r11, pc}

/* uint32_t count_numbers(const char *text): runs of digits, each with a sign before it or without */
    .balign 8
count_numbers:
    movs    r2, #0              /* state: 0 between, 1 behind a sign, 2 in a number */
    movs    r3, #0
1:  ldrb    r1, [r0], #1
    cbz     r1, 5f
    tbb     [pc, r2]
2:  .byte   (3f - 2b) / 2, (4f - 2b) / 2, (6f - 2b) / 2, 0
3:  cmp     r1, #'-'
    itt     eq
    moveq   r2, #1
    beq     1b
4:  subs    r1, #'0'
    cmp     r1, #9
    bhi     7f
    adds    r3, #1
    movs    r2, #2
    b       1b
6:  subs    r1, #'0'
    cmp     r1, #9
    bls     1b
7:  movs    r2, #0
    b       1b
5:  mov     r0, r3
    bx      lr

/* uint32_t crc16(const uint8_t *bytes, uint32_t count): bit by bit, polynomial 0xA001, from 0 */
    .balign 8
crc16:
    mov     r2, r0
    movs    r0, #0
    movw    r3, #0xA001
1:  ldrb    r12, [r2], #1
    eor     r0, r0, r12
    movs    r4, #8
2:  lsrs    r0, r0, #1
    it      cs
    eorcs   r0, r0, r3
    subs    r4, #1
    bne     2b
    subs    r1, #1
    bne     1b
    bx      lr

/* uint32_t gcd(uint32_t a, uint32_t b) */
    .balign 8
gcd:
1:  cbz     r1, 2f
    udiv    r2, r0, r1
    mls     r2, r2, r1, r0
    mov     r0, r1
    mov     r1, r2
    b       1b
2:  bx      lr

/* int32_t dot_int8(const int8_t *a, const int8_t *b, uint32_t words): sum of products, 4 a word */
    .balign 8
dot_int8:
    push    {r4-r7}
    movs    r3, #0
1:  ldr     r4, [r0], #4
    ldr     r5, [r1], #4
    sxtb16  r6, r4
    sxtb16  r4, r4, ror #8
    sxtb16  r7, r5
    sxtb16  r5, r5, ror #8
    smlad   r3, r6, r7, r3
    smlad   r3, r4, r5, r3
    subs    r2, #1
    bne     1b
    mov     r0, r3
    pop     {r4-r7}
    bx      lr

/* uint32_t dot_float(const float *a, const float *b, uint32_t pairs): the bits of the sum of products, 2 a pair */
    .balign 8
dot_float:
    .fpu    fpv4-sp-d16
    vmov    s0, r3              /* r3 = 0 */
1:  vldr    s1, [r0]
    vldr    s2, [r1]
    vldr    s3, [r0, #4]
    vldr    s4, [r1, #4]
    adds    r0, #8
    adds    r1, #8
    vfma.f32 s0, s1, s2
    vfma.f32 s0, s3, s4
    subs    r2, #1
    bne     1b
    vmov    r0, s0
    bx      lr

/* void axpy_float(float *y, const float *x, uint32_t count, float factor): y += factor * x, rounding twice */
    .balign 8
axpy_float:
    vmov    s3, r3
1:  vldmia  r1!, {s1}
    vldr    s0, [r0]
    vmul.f32 s1, s1, s3
    vadd.f32 s0, s0, s1
    vstmia  r0!, {s0}
    subs    r2, #1
    bne     1b
    bx      lr
