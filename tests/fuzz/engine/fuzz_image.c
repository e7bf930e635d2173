/* SPDX-License-Identifier: Apache-2.0 */
#include "check_image.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    check_image(data, size);
    return 0;
}
