/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CHECK_FRAME_H
#define CHECK_FRAME_H

#include <stddef.h>
#include <stdint.h>

/**
 * Puts any bytes through the codec and aborts if an invariant breaks: received as a stream, and parsed as one
 * line with its checksum put right, so that a fuzzer gets behind the checksum. Whatever parses must come out
 * the same after being written and parsed again.
 */
void check_frame(const uint8_t *bytes, size_t size);

#endif
