/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_SPEC_LIST_FILES_H
#define HF_SPEC_LIST_FILES_H

#include "spec/spec.h"

/**
 * @file list_files.h
 * The files that a spec needs, to send them to where it is run.
 */

#define HF_SPEC_MAX_FILES 2000000 /* as many as a data set may have samples */

typedef struct hf_spec_file_list {
    char **paths; /**< relative to the working directory, or absolute; owned */
    uint32_t count;
} hf_spec_file_list;

/**
 * Lists the files that a spec names, each once, sorted; of a data set all files in its folder, except
 * those that a data set skips (names that begin with a dot), or the file that names it with those that belong to it. hf_spec_parse_in_tree() finds what is named here.
 * @param spec from hf_spec_load()
 * @param out written on HF_OK; hf_spec_file_list_free()
 * @return HF_OK; HF_EIO for a folder that cannot be read; HF_ELIMIT; HF_ENOMEM
 */
hf_status hf_spec_list_files(const hf_spec *spec, hf_spec_file_list *out, hf_error *err);
void hf_spec_file_list_free(hf_spec_file_list *list);

#endif
