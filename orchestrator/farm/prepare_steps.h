/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_FARM_PREPARE_STEPS_H
#define HF_FARM_PREPARE_STEPS_H

#include "farm/prepare.h"

/**
 * @file prepare_steps.h
 * Steps of hf_prepare().
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

/** Analyses the graph. Parameters of a trained variation, which has no batch norm any more, are counted as in the family's
 * graph. @param out graph is there; the analysis is set */
hf_status hf_prepare_analyze(const hf_prepare_request *request, hf_prepared *out, hf_error *err);
/** What the request's image is compiled for. */
hf_compile_options hf_prepare_compile_options(const hf_prepare_request *request, const hf_graph *graph);
/** Reads or generates the input. @param out graph is there; the input and its CRC-32 are set */
hf_status hf_prepare_input(const hf_prepare_request *request, hf_prepared *out, hf_error *err);
/** Whether what is known of a model, its image or the forecast, cannot fit any of the request's chips. */
bool hf_prepare_fits_nowhere(const hf_prepare_request *request, const hf_prepared *out);

#endif
