/* SPDX-License-Identifier: Apache-2.0 */
#include "loader/loader.h"

const uint32_t hf_loader_code[] = {
#include "loader_code.inc"
};
const uint32_t hf_loader_code_words = sizeof hf_loader_code / sizeof hf_loader_code[0];
