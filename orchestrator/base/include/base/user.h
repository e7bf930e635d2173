/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_BASE_USER_H
#define HF_BASE_USER_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/**
 * Looks up the name of a user of this host.
 * @param name cut to `size` bytes; "" if the name is unknown
 * @return whether it is known
 */
bool hf_user_name(uid_t uid, char *name, size_t size);

#endif
