/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_OPENOCD_WRITE_FILE_H
#define HF_OPENOCD_WRITE_FILE_H

#include <stddef.h>

#include "base/error.h"

/** Writes a file that passes bytes to OpenOCD. Readable by this user only; does not follow a link. */
hf_status hf_openocd_write_file(const char *path, const void *bytes, size_t size, hf_error *err);

#endif
