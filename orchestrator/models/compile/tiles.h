/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_COMPILE_TILES_H
#define HF_COMPILE_TILES_H

#include "plan.h"

/**
 * @file tiles.h
 * Sizes of convolution tiles, and the scratch space they get.
 */

/**
 * Gives scratch spaces what the arena has free while their operators run, and convolutions the largest tiles
 * that fit (firmware/engine/FORMAT.md, Tiles). Where that is too little to be fast, the arena
 * grows, up to its limit_bytes. What others occupy does not change.
 */
void hf_tiles_choose(hf_lowered *lowered, hf_plan *plan);

/**
 * Gives convolutions the tiles that are large enough to be fast, as far as their steps have room below
 * `limit` by this plan, or so many eighths of it; a plan that is made then has scratch spaces for them.
 */
void hf_tiles_wish(hf_lowered *lowered, const hf_plan *plan, int64_t limit, int32_t eighths);
/** No tiles. */
void hf_tiles_forget(hf_lowered *lowered);

/** How far an arena may grow for speed by default: small ones by half up to 20 KB, others by 1 %. */
int64_t hf_tiles_limit(uint32_t arena_bytes);

#endif
