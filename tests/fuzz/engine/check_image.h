/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CHECK_IMAGE_H
#define CHECK_IMAGE_H

#include <stddef.h>
#include <stdint.h>

#include "engine/engine.h"

/**
 * Gives the bytes a valid magic, version, length and CRC-32, so that later checks are reached, opens them as an
 * image and, if the engine accepts it, runs it. Sanitisers detect accesses outside image and arena.
 * @return the result of opening
 */
hf_engine_status check_image(const uint8_t *bytes, size_t size);

#endif
