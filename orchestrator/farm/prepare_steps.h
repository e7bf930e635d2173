/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_FARM_PREPARE_STEPS_H
#define HF_FARM_PREPARE_STEPS_H

#include "farm/prepare.h"

/**
 * @file prepare_steps.h
 * The steps of hf_prepare() that have files of their own.
 */

/**
 * Computes what a board must output, in total and for each operator of the image (CRC-32), with the reference
 * interpreter, which is independent of images and memory plans.
 * @param out graph, image and input are there; layer_crc32 and output_crc32 are set
 */
hf_status hf_prepare_expected_output(hf_prepared *out, hf_error *err);

/**
 * Scores the request's data set with the engine that runs on the boards, compiled for the host.
 * @param graph with weights; the function takes it over and frees it
 * @param out receives the accuracy
 */
hf_status hf_prepare_accuracy(const hf_prepare_request *request, hf_graph *graph, hf_prepared *out,
                              hf_error *err);

#endif
