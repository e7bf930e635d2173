/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_INVENTORY_INVENTORY_H
#define HF_INVENTORY_INVENTORY_H

#include <stdint.h>

#include "base/buffer.h"
#include "discovery/discovery.h"

/**
 * @file inventory.h
 * Drafts of farm files (configs/FORMAT.md) from what is connected to this host.
 */

typedef struct hf_draft_summary {
    uint32_t ready; /**< boards that can be used as they are */
    uint32_t
        incomplete; /**< boards that lack something, which a comment names: they are commented out, or only
                              their chip is missing */
} hf_draft_summary;

/**
 * Writes a farm file with a board for each probe. A probe does not reveal the chip that it is connected to, so
 * that the chip is either given or left for the user. A board that cannot be described completely is commented
 * out, with the reason. Ids depend on the serial number only, so that another scan gives the same ones.
 * @param chip name of the chip of every board; NULL = write "unknown", which hilfarm rejects
 * @param out  receives the text; check `failed`
 */
hf_draft_summary hf_draft_from_probes(const hf_discovery *found, const char *chip, hf_buffer *out);

#endif
