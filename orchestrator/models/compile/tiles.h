/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_COMPILE_TILES_H
#define HF_COMPILE_TILES_H

#include "plan.h"

/**
 * Gives scratch spaces what the arena has free while their operators run, and convolutions the largest tiles
 * that this is enough for (firmware/engine/FORMAT.md, Tiles). Neither the arena nor what others occupy
 * changes.
 */
void hf_tiles_choose(hf_lowered *lowered, hf_plan *plan);

#endif
