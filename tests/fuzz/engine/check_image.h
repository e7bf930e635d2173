/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CHECK_IMAGE_H
#define CHECK_IMAGE_H

#include <stddef.h>
#include <stdint.h>

#include "engine/engine.h"

/**
 * Gives the bytes a right magic, version, length and CRC-32, so that what lies behind is reached, opens them
 * as an image and, if the engine accepts it, runs it. Sanitisers say whether image or arena was left.
 * @return what opening said
 */
hf_engine_status check_image(const uint8_t *bytes, size_t size);

#endif
