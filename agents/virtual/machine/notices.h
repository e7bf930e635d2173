/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VB_NOTICES_H
#define VB_NOTICES_H

#include "interface/machine.h"

/**
 * @file notices.h
 * Messages about what software did that a real chip would not have tolerated.
 */

enum { VB_MAX_NOTICES = 64 };

/** Says `text` (static) on stderr, the first time, and counts it. */
void vb_notice(vb_machine *m, const char *text);
/** Nothing is modelled at this address: names it, each 1 KB block of addresses once. */
void vb_notice_nothing_there(vb_machine *m, uint32_t address, bool write);
/** The same for one register of a modelled device. */
void vb_notice_register(vb_machine *m, const char *device, uint32_t offset);

#endif
