/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VB_UART_H
#define VB_UART_H

#include <stdbool.h>
#include <stdint.h>

#include "machine/machine.h"

/**
 * @file uart.h
 * The virtual COM port: a pty paced at the baud rate, nothing dropped. The slave side is kept open and raw
 * from the start.
 */
typedef struct vb_uart vb_uart;

/** @param link_path a symbolic link to the pty is made there (replaced if it is one); NULL for none */
vb_uart *vb_uart_new(const char *link_path);
void vb_uart_free(vb_uart *uart);
/** Path of the slave ("/dev/pts/5"). */
const char *vb_uart_path(const vb_uart *uart);
/** The interface the machine talks to. */
vb_uart_port vb_uart_as_port(vb_uart *uart);
/** Descriptor and events to wait for, and nanoseconds of monotonic time until pacing lets the next byte go (0
 * = no wait). */
int vb_uart_fd(const vb_uart *uart);
short vb_uart_events(const vb_uart *uart);
uint64_t vb_uart_next_tx_ns(const vb_uart *uart);
/** Moves bytes between the pty and the buffers; call when poll() says so or the time has come. */
void vb_uart_service(vb_uart *uart);

#endif
