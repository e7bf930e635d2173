/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VB_NOTICES_H
#define VB_NOTICES_H

#include "interface/machine.h"

/**
 * @file notices.h
 * Messages about what software must not do on the real chip, and about what is not modelled.
 */

enum { VB_MAX_NOTICES = 64 };

/** Prints `text` (static) on stderr the first time and counts it. */
void vb_notice(vb_machine *m, const char *text);
/** Reports an access to an address where nothing is modelled, once for each 1 KB block. */
void vb_notice_nothing_there(vb_machine *m, uint32_t address, bool write);
/** Reports an access to a register of a modelled device that is not modelled, once. */
void vb_notice_register(vb_machine *m, const char *device, uint32_t offset);

#endif
