/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_CLI_EXPORT_MODEL_H
#define HF_CLI_EXPORT_MODEL_H

#include "exit_status.h"

/**
 * @file export_model.h
 * Models as files for other tools. Failures are printed.
 */

/** Writes a model as an int8 .tflite file. @param model a variation's name, or a .tflite file */
hf_exit hf_cli_export_tflite(const char *model, const char *path);

/** Writes a model as the image that boards get (firmware/engine/FORMAT.md), as compiled without limits. */
hf_exit hf_cli_export_image(const char *model, const char *path);

#endif
