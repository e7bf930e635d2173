/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_DATASETS_DATASET_H
#define HF_DATASETS_DATASET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/file.h"
#include "datasets/picture.h"
#include "graph/graph.h"

/**
 * @file dataset.h
 * A labelled data set (FORMATS.md). Opening it lists the samples; a sample's file is read when it is needed,
 * as input tensors.
 */

#define HF_DATASET_MAX_SAMPLES   2000000u
#define HF_DATASET_MAX_CLASSES   10000u
#define HF_DATASET_MAX_CSV_BYTES (256u << 20)
#define HF_DATASET_MAX_WINDOWS   100000u /* inferences for one sample */

typedef enum hf_dataset_kind {
    HF_DATASET_IMAGES,  /**< an image file per sample */
    HF_DATASET_TENSORS, /**< y_labels.csv and .bin files */
    HF_DATASET_ARRAY,   /**< all samples in one array, of an IDX or NumPy file */
} hf_dataset_kind;

/** The type of the values in a .bin file. */
typedef enum hf_bin_type {
    HF_BIN_DEFAULT, /**< by the rule in FORMATS.md */
    HF_BIN_U8,      /**< bytes p of an image: q = p - 128 */
    HF_BIN_I8,      /**< the tensor itself */
    HF_BIN_F32, /**< little-endian IEEE 754 numbers, quantised with the model's input scale and zero point */
} hf_bin_type;

/** "u8", "i8", "f32"; "default". Static string. */
const char *hf_bin_type_name(hf_bin_type type);

typedef struct hf_dataset_sample {
    char *path; /**< owned; NULL for HF_DATASET_ARRAY */
    uint32_t label;
    uint32_t window_bytes, stride_bytes; /**< of a sliding window over the file; 0 = the file is one input */
} hf_dataset_sample;

/** The samples of a HF_DATASET_ARRAY, all of one shape. */
typedef struct hf_dataset_array {
    uint8_t *values; /**< owned; [count][height][width][channels]: bytes, or floats of this host */
    uint32_t height, width, channels;
    bool is_float;  /**< the real numbers that the model takes, instead of pixels 0 .. 255 */
    char *files[2]; /**< owned; the samples and the labels */
} hf_dataset_array;

typedef struct hf_dataset {
    hf_dataset_kind kind;
    char **classes; /**< owned, class_count names; numbers if the data set does not name its classes */
    uint32_t class_count;
    hf_dataset_sample *samples; /**< owned; by class and name, or in the order of the CSV */
    uint32_t sample_count;      /**< at least 1 */
    uint32_t ignored_files;     /**< in class folders, of an unknown type */
    hf_dataset_array array;     /**< HF_DATASET_ARRAY: sample i is its element i; else zeroed */
} hf_dataset;

/**
 * @param path a folder of class folders, a folder with y_labels.csv, a .csv file, or an IDX or NumPy file of images whose
 * labels are in a file beside it (hf_dataset_labels_file())
 * @param out  written on HF_OK only; hf_dataset_free()
 */
hf_status hf_dataset_open(const char *path, hf_dataset *out, hf_error *err);
/** The same without the values of an array, whose file is not read: classes and labels are there within milliseconds. */
hf_status hf_dataset_open_labels(const char *path, hf_dataset *out, hf_error *err);
void hf_dataset_free(hf_dataset *dataset);

/**
 * The file with the labels of an array of images, by its name: "images" becomes "labels", "idx3" or "idx4" becomes "idx1";
 * of names that begin with x or X, that letter becomes y.
 * @return owned by the caller; NULL if the name has nothing to replace, or without memory
 */
char *hf_dataset_labels_file(const char *images);
/** Whether a path names an array by its ending: .npy, -ubyte or -ubyte.gz. */
bool hf_dataset_is_array(const char *path);

/**
 * A digest of a data set's classes, labels and files. Reads all files the first time, and again in this process if the
 * size or the times of one have changed. A sample whose file cannot be read is part of it as such.
 * Errors: those of hf_dataset_open() and of reading.
 */
hf_status hf_dataset_digest(const char *path, char digest[HF_SHA256_HEX_SIZE], hf_error *err);

/**
 * What a person recognises a sample by: its file, or for an array "FILE#INDEX".
 * @param text receives it, truncated to `size` bytes @return text
 */
const char *hf_dataset_sample_name(const hf_dataset *dataset, uint32_t sample, char *text, size_t size);

/** Index of the i-th of `wanted` samples spread evenly over `count`. Deterministic. */
uint32_t hf_dataset_spread(uint32_t i, uint32_t wanted, uint32_t count);

typedef struct hf_sample_reading {
    const hf_tensor *input; /**< of the model */
    hf_pixel_range pixels;  /**< for images, and for arrays of bytes */
    hf_bin_type bin;        /**< for .bin files */
} hf_sample_reading;

/** The type that HF_BIN_DEFAULT selects for this model and sample. */
hf_bin_type hf_dataset_bin_type(const hf_sample_reading *how, const hf_dataset_sample *sample);

/** The input tensors of one sample: one, or one per window. */
typedef struct hf_sample_inputs {
    int8_t *values; /**< owned; count tensors */
    uint32_t count; /**< at least 1 */
} hf_sample_inputs;

/** Reads a sample. Messages start with its path. @param out the caller frees its values */
hf_status hf_dataset_read(const hf_dataset *dataset, const hf_dataset_sample *sample,
                          const hf_sample_reading *how, hf_sample_inputs *out, hf_error *err);

/** Indices of the samples, stably sorted by class, owned by the caller: samples spread evenly over this order are spread
 * over the classes too. NULL without memory. */
uint32_t *hf_dataset_by_class(const hf_dataset *dataset);

#endif
