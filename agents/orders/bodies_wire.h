/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_ORDERS_BODIES_WIRE_H
#define HF_ORDERS_BODIES_WIRE_H

#include "orders/bodies.h"
#include "wire.h"

/** @file bodies_wire.h
 * Parts of more than one body. */

void hf_wire_blob_ref(hf_wire *w, hf_blob_ref *ref);
void hf_wire_deadlines(hf_wire *w, hf_board_deadlines *deadlines);
void hf_wire_open(hf_wire *w, hf_open_body *body);
/* The end of reading a body. @return HF_OK, HF_EFORMAT or HF_ENOMEM */
hf_status hf_wire_end(const hf_wire *w, const char *what, hf_error *err);

#endif
