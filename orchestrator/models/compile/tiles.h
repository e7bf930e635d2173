/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_COMPILE_TILES_H
#define HF_COMPILE_TILES_H

#include "plan.h"

/**
 * @file tiles.h
 * Chooses the tiles of convolutions, and the bands of depthwise ones (firmware/engine/FORMAT.md, Tiles) and their scratch space.
 */

/**
 * Extends scratch spaces into what the arena has free while their operators run, and gives convolutions the largest tiles,
 * and depthwise ones the largest bands, that fit. Where tiles get too little for speed, the arena grows, up to the plan's
 * limit_bytes.
 * Tensors keep their places.
 */
void hf_tiles_choose(hf_lowered *lowered, hf_plan *plan);

/**
 * Requests tiles that are large enough for speed, so that the next plan reserves scratch space for them.
 * @param plan tells how much each step has free below `limit` bytes
 * @param eighths of the free space that tiles may use, 1 .. 8
 */
void hf_tiles_request(hf_lowered *lowered, const hf_plan *plan, int64_t limit, int32_t eighths);
/** Resets all tiles to the smallest. */
void hf_tiles_clear(hf_lowered *lowered);

/** The size in bytes up to which an arena may grow for speed by default: small ones by half, up to 20 KiB;
 * others by 1 %. */
int64_t hf_tiles_arena_limit(uint32_t arena_bytes);

#endif
