/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VB_UART_PTY_PORT_H
#define VB_UART_PTY_PORT_H

#include <stdbool.h>
#include <stdint.h>

#include "interface/machine.h"

/**
 * @file pty_port.h
 * The virtual COM port: a pty paced at the baud rate; nothing is dropped. The slave side is kept open and raw
 * from the start, so that output waits for the first reader and no echo comes back as input.
 *
 * Both directions are paced by monotonic time, at 10 bits a byte, exact on average: the line may run at most
 * 1 ms ahead, so that one wake-up moves many bytes. Output that is not read is kept (64 KiB here, more in the
 * kernel); after that the transmitter stays busy. Input stays in the pty until the line would have delivered
 * it and the chip has read the bytes before it: unlike a wire, it cannot overrun.
 */
typedef struct vb_uart vb_uart;

/** Faults to inject; 0 = never. The seed and the bytes sent determine which bytes are hit. */
typedef struct vb_uart_faults {
    bool mute;             /**< everything sent is lost */
    uint32_t garble_every; /**< one bit is flipped in about every n-th byte sent */
    uint32_t drop_every;   /**< about every n-th byte sent is lost */
    uint64_t seed;
} vb_uart_faults;

/**
 * @param link_path where to create a symbolic link to the pty, replacing an existing link; NULL for none
 * @return NULL with a message on stderr
 */
vb_uart *vb_uart_new(const char *link_path);
/** Closes the pty; removes the link unless another board has replaced it. NULL allowed. */
void vb_uart_free(vb_uart *uart);
void vb_uart_set_faults(vb_uart *uart, const vb_uart_faults *faults);
/** Path of the slave ("/dev/pts/5"). */
const char *vb_uart_path(const vb_uart *uart);
/** The interface for the machine. */
vb_uart_port vb_uart_as_port(vb_uart *uart);

/** Descriptor to wait for, and the poll() events to wait for now (0 = none: wait by time only). */
int vb_uart_fd(const vb_uart *uart);
short vb_uart_events(const vb_uart *uart);
/** Nanoseconds of monotonic time after which vb_uart_service() has work even without a poll() event;
 * UINT64_MAX = never. */
uint64_t vb_uart_wait_ns(const vb_uart *uart);
/** Ends exclusive use of the pty (TIOCEXCL) that a killed user has left behind. On a real port the last close
 * ends it, but this board keeps the slave open. */
void vb_uart_end_exclusive(vb_uart *uart);
/** Moves bytes between the pty and the buffers; cheap if there is nothing to move. */
void vb_uart_service(vb_uart *uart);
/** True once after an event that idle code may be waiting for: a byte has arrived, or the transmitter has
 * become free. */
bool vb_uart_consume_event(vb_uart *uart);

#endif
