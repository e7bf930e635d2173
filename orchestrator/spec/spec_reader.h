/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_SPEC_SPEC_READER_H
#define HF_SPEC_SPEC_READER_H

#include "spec/spec.h"
#include "yaml_fields.h"

/**
 * @file spec_reader.h
 * Shared by the parts of the spec's reader: spec_models.c reads the list of models, spec.c the rest.
 */

typedef struct hf_spec_owner {
    hf_spec spec; /* first member: callers see only this */
    hf_pool pool; /* everything the spec points to */
    uint32_t variation_capacity;
    const hf_yaml_node *excess_item; /* where the first variation above the limit is; NULL = within it */
    uint64_t excess;                 /* variations above the limit */
    bool open_files;
    const char *tree; /* the files are read from this copy; NULL = from where the spec names them */
} hf_spec_owner;

/* The path of a file that the spec names, relative to the spec's folder, or its place in the tree.
 * @return in the reader's pool; NULL = out of memory, or too long, which is reported */
const char *hf_spec_file_path(hf_reader *r, const char *field, const hf_yaml_node *value, const char *name);

/* Like hf_spec_load(), but also returns a spec with mistakes, as far as it could be read, in *faulty unless
 * that is NULL. */
hf_status hf_spec_load_keep(const char *path, hf_spec **out, hf_spec **faulty, hf_diagnostics *diagnostics,
                            hf_error *err);

/* Reads the `models` list into spec.variations; r->user is the hf_spec_owner. */
hf_field_read hf_read_models;

/* (const char *) a path relative to the spec's folder; the file or folder need not be there */
hf_field_read hf_read_path;
/* (double) "85.4 %"; the percent sign is optional above 1 % */
hf_field_read hf_read_percent;
/* Reads the `optimize` section into spec.optimization; the target is the hf_spec. */
hf_field_read hf_read_optimization;
/* Checks what depends on several sections, once all are read. @param root of the spec, a mapping */
void hf_spec_check_optimization(hf_reader *r, const hf_yaml_node *root);

/* Reads the `train` section into an hf_spec_training. */
hf_field_read hf_read_training;
/* Gives variations of families the files that the training makes, and its test set, unless they have others.
 * @param models the list of models, whose items may have a `train` of their own */
void hf_spec_bind_trained(hf_reader *r, const hf_yaml_node *models);
/* Finds the files that recipes learn from. */
void hf_spec_bind_teachers(hf_reader *r);
/* Reads `input` into spec.measure; the target is the hf_spec. */
hf_field_read hf_read_inputs;

/* Reads a string or a list of strings, and reports duplicates. */
typedef struct hf_texts {
    const char **texts; /* in the reader's pool */
    uint32_t *lines, *columns;
    uint32_t count;
} hf_texts;
void hf_read_texts(hf_reader *r, const char *name, const hf_yaml_node *value, uint32_t max_length,
                   hf_texts *out);

/* A board's deadlines as fields of a structure with a member `deadlines`. */
#define HF_MAX_DEADLINE_MS 86400000
#define HF_DEADLINE_FIELD(type, key, member)                                                                 \
    {                                                                                                        \
        .name = (key), .read = hf_read_duration_32, .offset = offsetof(type, deadlines.member), .min = 1,    \
        .max = HF_MAX_DEADLINE_MS                                                                            \
    }
#define HF_DEADLINE_FIELDS(type)                                                                             \
    HF_DEADLINE_FIELD(type, "start", start_ms), HF_DEADLINE_FIELD(type, "flash", flash_ms),                  \
        HF_DEADLINE_FIELD(type, "boot", boot_ms), HF_DEADLINE_FIELD(type, "reply", reply_ms),                \
        HF_DEADLINE_FIELD(type, "sample", sample_ms), HF_DEADLINE_FIELD(type, "attempt", attempt_ms),        \
        HF_DEADLINE_FIELD(type, "stop", stop_ms)

#endif
