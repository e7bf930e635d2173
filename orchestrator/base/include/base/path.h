/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_BASE_PATH_H
#define HF_BASE_PATH_H

#include <stddef.h>

#include "base/error.h"

/**
 * @file path.h
 * One name for each file, however it was spelled.
 */

/**
 * Makes a path absolute and follows every symbolic link in it, as realpath(3) does, but also for a file that
 * is not there (an unplugged port): then the folders that exist are followed, and "." and ".." in the rest
 * are taken off by their spelling.
 * @param path relative ones are relative to the working folder; not empty
 * @param out written on HF_OK: absolute, without ".", ".." or double slashes
 * @return HF_ELIMIT when it does not fit, HF_EIO when the working folder cannot be told or links go round in
 * a circle
 */
hf_status hf_path_resolve(const char *path, char *out, size_t size, hf_error *err);

#define HF_DEVICE_KEY_SIZE 4200
/**
 * A text that is the same for two paths if and only if they lead to the same device or file as far as this
 * host can tell: a character device's number ("device 166:0"), so that a second node of it is found out too,
 * or the resolved path.
 */
hf_status hf_path_device_key(const char *path, char out[HF_DEVICE_KEY_SIZE], hf_error *err);

#endif
