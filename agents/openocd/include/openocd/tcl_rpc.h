/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_OPENOCD_TCL_RPC_H
#define HF_OPENOCD_TCL_RPC_H

#include <stdint.h>

#include "base/buffer.h"
#include "process/transcript.h"
#include "process/watch.h"

/**
 * @file tcl_rpc.h
 * OpenOCD's Tcl RPC: scripts and replies over TCP, each ended by the byte 0x1A (OpenOCD user's guide, "Tcl
 * RPC server"). One request at a time.
 */

typedef struct hf_rpc hf_rpc;

/**
 * Connects to 127.0.0.1:`port`.
 * @param transcript, watch borrowed until hf_rpc_close(); NULL allowed
 */
hf_status hf_rpc_connect(uint16_t port, hf_transcript *transcript, const hf_watch *watch,
                         hf_deadline deadline, hf_rpc **out, hf_error *err);
/** NULL allowed. */
void hf_rpc_close(hf_rpc *rpc);

/**
 * Evaluates a Tcl script.
 * @param reply set to its result, valid until the next call; NULL = not wanted
 * @return HF_OK; HF_ETARGET when the script raised a Tcl error (its message in *err; the connection stays
 *         usable); anything else means the connection is of no more use, because a late reply could be taken
 *         for the next one's, and every later call fails
 */
hf_status hf_rpc_eval(hf_rpc *rpc, const char *script, hf_deadline deadline, const char **reply,
                      hf_error *err);

/** Appends `text` as one Tcl word that evaluates to exactly that text. */
void hf_tcl_quote(hf_buffer *out, const char *text);

#endif
