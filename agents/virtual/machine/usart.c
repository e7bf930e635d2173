/* SPDX-License-Identifier: Apache-2.0 */
/* The USART wired to the probe's virtual COM port: 8N1, polled (RM0432 rev 9, chapters 51 and 52; RM0410 rev
 * 4, chapter 34: the same registers). The port reports when it accepts or has a byte; by the wall clock, the
 * line is at most as fast as its baud rate. A byte also takes its time in modelled time, and the next one
 * comes no sooner: code that has not read it by then gets an overrun. */
#include <string.h>

#include "machine_state.h"

enum {
    CR1 = 0x00,
    CR2 = 0x04,
    CR3 = 0x08,
    BRR = 0x0C,
    GTPR = 0x10,
    RTOR = 0x14,
    RQR = 0x18,
    ISR = 0x1C,
    ICR = 0x20,
    RDR = 0x24,
    TDR = 0x28,
    PRESC = 0x2C,
};

#define CR1_UE      (1u << 0)
#define CR1_RE      (1u << 2)
#define CR1_TE      (1u << 3)
#define CR1_NOT_8N1 (1u << 12 | 1u << 28 | 1u << 10) /* M0, M1, PCE */
#define CR1_MORE    0x200001F0u                      /* FIFOEN and the interrupts */
#define CR3_DMA     0x000000C0u
#define ISR_ORE     (1u << 3)
#define ISR_RXNE    (1u << 5)
#define ISR_TC      (1u << 6)
#define ISR_TXE     (1u << 7)
#define ISR_TEACK   (1u << 21)
#define ISR_REACK   (1u << 22)
#define ISR_CLEARED 0x0000001Fu
#define RQR_RXFRQ   (1u << 3)
#define BITS_A_BYTE 10u /* start, 8 data, stop */

static bool sends(const vb_machine *m)
{
    return (m->usart.cr1 & (CR1_UE | CR1_TE)) == (CR1_UE | CR1_TE);
}

static bool receives(const vb_machine *m)
{
    return (m->usart.cr1 & (CR1_UE | CR1_RE)) == (CR1_UE | CR1_RE);
}

/* Whether the other end of the line can receive what the USART sends, and vice versa. */
static bool wired(const vb_machine *m, bool transmit)
{
    bool tx, rx;
    if ((m->usart.cr1 & CR1_NOT_8N1) || !m->chip->usart_baud(m, m->usart.brr) ||
        !m->chip->usart_pins(m, &tx, &rx))
        return false;
    return transmit ? tx : rx;
}

static void receive(vb_machine *m)
{
    vb_usart *u = &m->usart;
    uint32_t baud = m->chip->usart_baud(m, u->brr);
    uint64_t now = vb_time_ns(m);
    if (now < u->next_receive_ns) {
        m->watch.progress = true; /* it is on the line: code that polls for it does not wait for I/O */
        return;
    }
    uint8_t byte = m->uart.rx(m->uart.user);
    if (!receives(m) || !wired(m, false))
        return; /* the receiver is off: lost, as on silicon */
    u->next_receive_ns = now + UINT64_C(1000000000) * BITS_A_BYTE / baud;
    if (u->receive_full) { /* 51.5.8, 34.5.3: the received byte stays, the new one is lost */
        u->flags |= ISR_ORE;
        vb_notice(
            m, "a received byte is lost because the one before it was not read in time (overrun, ISR.ORE)");
        return;
    }
    u->receive_data = byte;
    u->receive_full = true;
}

void vb_usart_poll(vb_machine *m)
{
    vb_usart *u = &m->usart;
    if (u->transmit_full) {
        if (!sends(m) || !wired(m, true)) {
            u->transmit_full = false; /* shifted out to an unconnected pin */
        } else if (m->uart.tx_ready(m->uart.user)) {
            u->transmit_full = false;
            m->uart.tx(m->uart.user, u->transmit_data);
        }
    }
    if (m->uart.rx_ready(m->uart.user))
        receive(m);
}

void vb_usart_update(vb_machine *m)
{
    if (!(m->usart.cr1 & CR1_UE))
        return;
    uint32_t baud = m->chip->usart_baud(m, m->usart.brr);
    if (baud == 0 || baud == m->usart.baud_reported)
        return;
    m->usart.baud_reported = baud;
    m->uart.set_baud(m->uart.user, baud);
}

static uint32_t status(vb_machine *m)
{
    const vb_usart *u = &m->usart;
    vb_usart_poll(m);
    uint32_t isr = u->flags;
    isr |= u->receive_full ? ISR_RXNE : 0;
    isr |= sends(m) ? ISR_TEACK : 0;
    isr |= receives(m) ? ISR_REACK : 0;
    if (!u->transmit_full) {
        isr |= ISR_TXE;
        isr |= !sends(m) || !wired(m, true) || m->uart.tx_ready(m->uart.user) ? ISR_TC : 0;
    }
    return isr;
}

static bool clocked(vb_machine *m, const vb_request *r)
{
    bool on = m->chip->usart_clocked(m);
    if (!on && r->from_code)
        vb_notice(m, "the serial port is accessed without its clock: reads 0, ignores writes");
    return on;
}

static uint32_t usart_read(vb_machine *m, const vb_request *r)
{
    vb_usart *u = &m->usart;
    if (!clocked(m, r))
        return 0;
    switch (r->offset) {
    case CR1:
        return u->cr1;
    case CR2:
        return u->cr2;
    case CR3:
        return u->cr3;
    case BRR:
        return u->brr;
    case GTPR:
        return u->gtpr;
    case RTOR:
        return u->rtor;
    case ISR:
        return status(m);
    case RDR:
        m->watch.progress |= u->receive_full;
        u->receive_full = false;
        return u->receive_data;
    case TDR:
        return u->transmit_data;
    case PRESC:
        return u->presc;
    default:
        if (r->from_code)
            vb_notice_register(m, "the serial port", r->offset);
        return 0;
    }
}

static void usart_write(vb_machine *m, const vb_request *r)
{
    vb_usart *u = &m->usart;
    if (!clocked(m, r))
        return;
    switch (r->offset) {
    case CR1:
        u->cr1 = vb_merge(u->cr1, r);
        if (u->cr1 & CR1_MORE)
            vb_notice(m, "the serial port's interrupts and FIFO mode are not modelled");
        if (!(u->cr1 & CR1_UE)) {
            u->flags = 0; /* 51.5.4: UE = 0 resets the status */
            u->receive_full = u->transmit_full = false;
        }
        vb_usart_update(m);
        break;
    case CR2:
        u->cr2 = vb_merge(u->cr2, r);
        break;
    case CR3:
        u->cr3 = vb_merge(u->cr3, r);
        if (u->cr3 & CR3_DMA)
            vb_notice(m, "DMA of the serial port is not modelled");
        break;
    case BRR:
        if (u->cr1 & CR1_UE)
            vb_notice(m, "the baud rate is written while the serial port is enabled: ignored");
        else
            u->brr = vb_merge(u->brr, r) & 0xFFFFF;
        vb_usart_update(m);
        break;
    case GTPR:
        u->gtpr = vb_merge(u->gtpr, r);
        break;
    case RTOR:
        u->rtor = vb_merge(u->rtor, r);
        break;
    case RQR:
        if (r->value & RQR_RXFRQ)
            u->receive_full = false;
        break;
    case ICR:
        u->flags &= ~(r->value & ISR_CLEARED);
        break;
    case TDR:
        vb_usart_poll(m);
        if (!sends(m))
            break;
        u->transmit_data = (uint8_t)r->value; /* a full register is overwritten: that byte is lost */
        u->transmit_full = true;
        vb_usart_poll(m);
        break;
    case PRESC:
        u->presc = vb_merge(u->presc, r) & 15;
        break;
    default:
        vb_notice_register(m, "the serial port", r->offset);
        break;
    }
}

bool vb_usart_add(vb_machine *m, uint32_t base)
{
    return vb_bus_add_device(m, &(vb_device){base, 0x400, 0, usart_read, usart_write});
}

void vb_usart_reset(vb_machine *m)
{
    memset(&m->usart, 0, sizeof m->usart);
}
