/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_COMPILE_FORECAST_H
#define HF_COMPILE_FORECAST_H

#include "plan.h"

/**
 * @file forecast.h
 * Sizes of an image before it is written.
 */

/** The sizes of a planned image. */
hf_image_forecast hf_forecast_planned(const hf_lowered *lowered, const hf_plan *plan);

#endif
