/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VB_UART_PTY_PORT_H
#define VB_UART_PTY_PORT_H

#include <stdbool.h>
#include <stdint.h>

#include "interface/machine.h"

/**
 * @file pty_port.h
 * The virtual COM port: a pty paced at the baud rate, nothing dropped. The slave side is kept open and raw
 * from the start, so whatever the chip sends waits for the first reader and no echo comes back as input.
 *
 * Pacing is by monotonic time in both directions, 10 bits a byte, exact on average: the line may run at most
 * 1 ms ahead, so that one wake-up moves many bytes. Output that nobody reads is kept (64 KiB here, some more
 * in the kernel); after that the transmitter stays busy. Input stays in the pty until the line would have
 * brought it and the chip has read what came before: unlike a wire, it cannot overrun.
 */
typedef struct vb_uart vb_uart;

/** Faults a test can ask for; 0 = never. Deterministic from the seed and the bytes sent. */
typedef struct vb_uart_faults {
    bool mute;             /**< everything sent is lost */
    uint32_t garble_every; /**< one bit is flipped in about every n-th byte sent */
    uint32_t drop_every;   /**< about every n-th byte sent is lost */
    uint64_t seed;
} vb_uart_faults;

/**
 * @param link_path a symbolic link to the pty is made there (replaced if it is one); NULL for none
 * @return NULL with a message on stderr
 */
vb_uart *vb_uart_new(const char *link_path);
/** Closes the pty and removes the link if it still is the one made. NULL allowed. */
void vb_uart_free(vb_uart *uart);
void vb_uart_set_faults(vb_uart *uart, const vb_uart_faults *faults);
/** Path of the slave ("/dev/pts/5"). */
const char *vb_uart_path(const vb_uart *uart);
/** The interface the machine talks to. */
vb_uart_port vb_uart_as_port(vb_uart *uart);

/** Descriptor to wait for, and the poll() events that matter now (0 = none: wait by time only). */
int vb_uart_fd(const vb_uart *uart);
short vb_uart_events(const vb_uart *uart);
/** Nanoseconds of monotonic time until vb_uart_service() is worth calling whatever poll() says; UINT64_MAX =
 * it is not. */
uint64_t vb_uart_wait_ns(const vb_uart *uart);
/** Ends an exclusive use of the pty (TIOCEXCL) that its user, killed perhaps, has left behind. On a port of
 * its own the last close does that, but this board keeps the slave open. */
void vb_uart_end_exclusive(vb_uart *uart);
/** Moves bytes between the pty and the buffers; cheap when there is nothing to move. */
void vb_uart_service(vb_uart *uart);
/** True once after something came that idle code may be waiting for: a byte, or room to send after there was
 * none. */
bool vb_uart_take_event(vb_uart *uart);

#endif
