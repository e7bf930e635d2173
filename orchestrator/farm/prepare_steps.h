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
 * @param out graph, image and inputs are there; layer_crc32, output_crc32 and those of further inferences are set
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
/**
 * Reads or generates the inputs of all inferences.
 * @param out graph is there, with the quantisation of inputs; inputs, states and the CRC-32 of inputs are set. The CRC-32
 *            of an input that continues a sequence is known only after the inference before: it is 0
 */
hf_status hf_prepare_inputs(const hf_prepare_request *request, hf_prepared *out, hf_error *err);
/** Frees the inputs. */
void hf_prepared_drop_inputs(hf_prepared *prepared);
/**
 * Writes the input tensor of a further inference.
 * @param step of out->further, from 0
 * @param before output tensor of the inference before; only read if the step continues a sequence
 * @param input receives input_bytes bytes
 */
void hf_prepared_further_input(const hf_prepared *prepared, uint32_t step, const int8_t *before,
                               int8_t *input);
/** Whether what is known of a model, its image or the forecast, cannot fit any of the request's chips. */
bool hf_prepare_fits_nowhere(const hf_prepare_request *request, const hf_prepared *out);

#endif
