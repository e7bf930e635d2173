/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_OPENOCD_TCL_RPC_H
#define HF_OPENOCD_TCL_RPC_H

#include <stdint.h>

#include "base/buffer.h"
#include "process/transcript.h"
#include "process/watch.h"

/**
 * @file tcl_rpc.h
 * OpenOCD's Tcl RPC: scripts and replies over TCP, each terminated by the byte 0x1A (OpenOCD user's guide,
 * "Tcl RPC server"). One request at a time.
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
 * @param reply set to the result, valid until the next call; NULL = not needed
 * @return HF_OK; HF_ETARGET if the script raised a Tcl error (its message in *err; the connection stays
 *         usable). After any other failure every later call fails, because a late reply could be mistaken for
 *         that of the next script
 */
hf_status hf_rpc_eval(hf_rpc *rpc, const char *script, hf_deadline deadline, const char **reply,
                      hf_error *err);

/** Appends `text`, quoted as one Tcl word. */
void hf_tcl_quote(hf_buffer *out, const char *text);

#endif
