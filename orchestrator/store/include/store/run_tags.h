/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_STORE_RUN_TAGS_H
#define HF_STORE_RUN_TAGS_H

#include "store/store.h"

/**
 * @file run_tags.h
 * Tags: names that users give to runs, so that a run can be named as a baseline and is never trimmed. A tag belongs to
 * one run of the store; a run may have several.
 */

/** Longest name of a tag. */
#define HF_TAG_MOST 64

/**
 * Checks the name of a tag: 1 to 64 letters, digits and . _ + -, not beginning with . or -. It must not be taken for
 * something else that identifies a run: a number, a key, "latest" or "last-green".
 * @return HF_OK, or HF_EINVALID with an explanation
 */
hf_status hf_store_tag_check(const char *name, hf_error *err);
/**
 * Tags a run.
 * @param move the tag may belong to another run, which loses it
 * @return HF_OK; HF_EINVALID: the name is invalid; HF_EBUSY: another run has the tag; HF_ENOTFOUND: no such run
 */
hf_status hf_store_tag_run(hf_store *store, const char *name, int64_t run_id, bool move, hf_error *err);
/** Deletes a tag. @return HF_OK or HF_ENOTFOUND */
hf_status hf_store_untag(hf_store *store, const char *name, hf_error *err);
/** @param run_id set to 0 if there is no such tag, which is not an error */
hf_status hf_store_find_tag(hf_store *store, const char *name, int64_t *run_id, hf_error *err);
/** All tags by name. @param rows freed with hf_rows_free(), hf_tag_row_type */
hf_status hf_store_list_tags(hf_store *store, hf_tag_row **rows, size_t *count, hf_error *err);

#endif
