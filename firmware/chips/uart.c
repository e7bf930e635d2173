/* SPDX-License-Identifier: Apache-2.0 */
#include "chip.h"
#include "runtime.h"

/* CR1, ISR and ICR of the STM32 USART and LPUART; RM0432 and RM0410, USART_CR1, USART_ISR, USART_ICR. FIFO
 * mode is off. */
#define CR1_UE     (1U << 0)
#define CR1_RE     (1U << 2)
#define CR1_TE     (1U << 3)
#define ISR_FE     (1U << 1)
#define ISR_NE     (1U << 2)
#define ISR_ORE    (1U << 3)
#define ISR_RXNE   (1U << 5)
#define ISR_TC     (1U << 6)
#define ISR_TXE    (1U << 7)
#define ISR_ERRORS (ISR_FE | ISR_NE | ISR_ORE) /* the same bits clear them in ICR */

static uint32_t core_hz;
static uint32_t errors;

static uint32_t divider_for(uint32_t baud)
{
    uint32_t actual = 0;
    uint32_t divider = chip_baud_divider(core_hz, baud, &actual);
    if (divider == 0)
        return 0;
    uint32_t off = actual > baud ? actual - baud : baud - actual;
    return off <= baud / 50 ? divider : 0;
}

void uart_start(uint32_t clock_hz, uint32_t baud)
{
    core_hz = clock_hz;
    chip_connect_uart();
    chip_vcp->CR1 = 0; /* BRR may only change while the UART is off; 8 data bits, no parity */
    chip_vcp->CR2 = 0; /* 1 stop bit */
    chip_vcp->CR3 = 0;
    chip_vcp->BRR = divider_for(baud);
    chip_vcp->CR1 = CR1_UE | CR1_TE | CR1_RE;
}

bool uart_can(uint32_t baud)
{
    return divider_for(baud) != 0;
}

/* The waits for TXE and TC are not bounded: without flow control a clocked UART always makes progress, and
 * without a clock no error could be reported anyway. */
static void flush(void)
{
    while (!(chip_vcp->ISR & ISR_TC))
        ;
}

void uart_set_baud(uint32_t baud)
{
    flush();
    chip_vcp->CR1 = 0;
    chip_vcp->BRR = divider_for(baud);
    chip_vcp->CR1 = CR1_UE | CR1_TE | CR1_RE;
}

bool uart_started(void)
{
    return core_hz != 0;
}

void uart_send(const char *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        while (!(chip_vcp->ISR & ISR_TXE))
            ;
        chip_vcp->TDR = (uint8_t)bytes[i];
    }
}

char uart_receive(void)
{
    for (;;) {
        uint32_t status = chip_vcp->ISR;
        if (status & ISR_ERRORS) {
            chip_vcp->ICR = status & ISR_ERRORS;
            errors++;
        }
        if (status & ISR_RXNE) /* also a byte with an error: the frame's checksum detects it */
            return (char)chip_vcp->RDR;
    }
}

uint32_t uart_errors(void)
{
    return errors;
}
