/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_BASE_PATH_H
#define HF_BASE_PATH_H

#include <stddef.h>

#include "base/error.h"

/**
 * @file path.h
 * Canonical names: one for each file or device, however its path is spelled.
 */

/**
 * Makes a path absolute and resolves its symbolic links, like realpath(3), but accepts a file that does not
 * exist (an unplugged port). Links are resolved in the part that exists; "." and ".." in the rest are removed
 * lexically.
 * @param path not empty; relative to the working folder unless absolute
 * @param out written on HF_OK: absolute, without ".", ".." or double slashes
 * @return HF_ELIMIT if the result does not fit; HF_EIO if the working folder is unknown or links form a loop
 */
hf_status hf_path_resolve(const char *path, char *out, size_t size, hf_error *err);

/**
 * The place of a file in a copy of somebody's files: the path below `tree` that stands for `path`. Two spellings
 * that differ in more than "." and repeated slashes have different places. ".." and a leading "/" are encoded, so
 * that no path leads out of the tree.
 * @param path relative or absolute; not empty
 * @param out "<tree>/rel/..." or "<tree>/abs/...", written on HF_OK
 * @return HF_ELIMIT if the result does not fit
 */
hf_status hf_path_in_tree(const char *tree, const char *path, char *out, size_t size, hf_error *err);

#define HF_DEVICE_KEY_SIZE 4200
/**
 * A key that two paths share if and only if they name the same device or file, as far as this host can tell:
 * the number of a character device ("device 166:0"), which also covers a second node of it, or the resolved
 * path.
 */
hf_status hf_path_device_key(const char *path, char out[HF_DEVICE_KEY_SIZE], hf_error *err);

#endif
