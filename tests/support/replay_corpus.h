/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_TEST_REPLAY_CORPUS_H
#define HF_TEST_REPLAY_CORPUS_H

#include <stddef.h>
#include <stdint.h>

/** libFuzzer's entry point; aborts if an invariant is violated. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

#endif
