/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_FIGURES_FIGURES_H
#define HF_FIGURES_FIGURES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * @file figures.h
 * The figures of a result and of its layers, one row each. These tables define the members of the structures that
 * carry a figure from graph analysis or the wire to the report, its column in the store, its part of the journal, and
 * its column or key in CSV and JSON. A test compares FORMATS.md with them.
 *
 * A row: X(origin, name, type, absent, unit, most, since, place, heading, meaning)
 *   origin   who provides it: one of hf_figure_origin, without HF_FROM_
 *   name     of the member, the SQL column, the CSV column and the JSON key
 *   type     INTEGER (int64_t) or REAL (double)
 *   absent   NEVER: 0 is a value. ZERO: 0 means that it is unknown; NULL in the store and in JSON, empty in CSV
 *   unit     "" for a plain count
 *   most     the largest plausible value when a store is read; HF_FIGURE_MOST by default
 *   since    first version of the store's schema with the column. The store adds the columns of versions after the
 *            last entry in schema_migration.c itself
 *   place    of the CSV column, from 1; never reused. The rows of a table are in the order of the JSON keys
 *   heading  in the list of a variation's figures on the page; "" if the page shows it elsewhere
 *   meaning  for FORMATS.md
 */

/** The largest plausible number of bytes, cycles, instructions or MACs. A sum of 65536 of them does not overflow. */
#define HF_FIGURE_MOST ((double)(INT64_C(1) << 45))

/* clang-format off */
#define HF_RESULT_FIGURES(X) \
    X(GRAPH,    macs,                 INTEGER, ZERO,  "",      HF_FIGURE_MOST, 1,  8, "MACs", \
      "multiply-accumulates of an inference") \
    X(GRAPH,    params,               INTEGER, ZERO,  "",      HF_FIGURE_MOST, 1,  9, "params", \
      "parameters") \
    X(GRAPH,    params_non_trainable, INTEGER, ZERO,  "",      HF_FIGURE_MOST, 1, 10, "not trainable", \
      "part of params: statistics of batch normalisation") \
    X(GRAPH,    params_deployed,      INTEGER, ZERO,  "",      HF_FIGURE_MOST, 1, 11, "deployed", \
      "part of params: left after batch normalisation is folded") \
    X(IMAGE,    image_bytes,          INTEGER, ZERO,  "bytes", HF_FIGURE_MOST, 1, 12, "model size", \
      "size of the model image; empty if none was compiled, as for most pruned variations (see " \
      "`image_bytes_min`)") \
    X(IMAGE,    image_bytes_min,      INTEGER, ZERO,  "bytes", HF_FIGURE_MOST, 5, 48, "model size, at least", \
      "lower bound of the image size if no image was compiled because it cannot fit") \
    X(GRAPH,    peak_memory_bytes,    INTEGER, ZERO,  "bytes", HF_FIGURE_MOST, 1, 13, "peak memory", \
      "the largest sum of live activations, by analysis") \
    X(IMAGE,    planned_arena_bytes,  INTEGER, ZERO,  "bytes", HF_FIGURE_MOST, 1, 14, "planned arena", \
      "arena that the compiler planned") \
    X(CLOCK,    clock_hz,             INTEGER, NEVER, "Hz",    1e12,           1, 16, "", \
      "core clock, as the firmware reported it") \
    X(CLOCK,    clock_ratio,          REAL,    ZERO,  "",      1000,           5, 49, "", \
      "core clock as the host timed it, divided by `clock_hz`; empty if it was not timed, as on virtual " \
      "boards, whose cycles are modelled. Latencies are computed with `clock_hz`; the table and the " \
      "page report a deviation of more than 0.5 %") \
    X(MEMORY,   arena_bytes,          INTEGER, NEVER, "bytes", HF_FIGURE_MOST, 1, 24, "", \
      "arena that the inference used") \
    X(MEMORY,   static_bytes,         INTEGER, NEVER, "bytes", HF_FIGURE_MOST, 1, 25, "", \
      "static data of the bench firmware, without arena and input") \
    X(MEMORY,   stack_bytes,          INTEGER, NEVER, "bytes", HF_FIGURE_MOST, 1, 26, "", \
      "greatest depth of the stack") \
    X(FIRMWARE, firmware_bytes,       INTEGER, NEVER, "bytes", HF_FIGURE_MOST, 1, 39, "", \
      "flash used by the bench firmware") \
    X(CHECK,    inferences,           INTEGER, ZERO,  "",      1e6,            9, 55, "inferences compared", \
      "inferences on different inputs, or of a sequence, whose outputs were compared with the reference's; empty " \
      "for runs of earlier versions, which compared one")

#define HF_LAYER_FIGURES(X) \
    X(LAYER,   macs,            INTEGER, NEVER, "",       HF_FIGURE_MOST, 1, 12, "", \
      "by analysis") \
    X(LAYER,   parameter_bytes, INTEGER, NEVER, "bytes",  HF_FIGURE_MOST, 1, 13, "", \
      "of weights and biases") \
    X(LAYER,   live_bytes,     INTEGER, NEVER, "bytes",  HF_FIGURE_MOST, 1, 14, "", \
      "live bytes of activations while the layer runs") \
    X(LAYER,   estimated_cycles, INTEGER, ZERO, "cycles", HF_FIGURE_MOST, 9, 19, "", \
      "estimated before measuring (scorecard/LATENCY.md); empty if the chip has no coefficients") \
    X(CYCLES,  cycles,          INTEGER, ZERO,  "cycles", HF_FIGURE_MOST, 1, 15, "", \
      "in the inference that was timed layer by layer") \
    X(COUNTER, instructions,    INTEGER, ZERO,  "",       HF_FIGURE_MOST, 1, 18, "", \
      "executed; empty if the chip has no such counter")
/* clang-format on */

/** Who provides a figure. */
typedef enum hf_figure_origin {
    HF_FROM_GRAPH,    /**< graph analysis: member of hf_analysis */
    HF_FROM_IMAGE,    /**< the compiler */
    HF_FROM_CLOCK,    /**< the firmware and the host's clock */
    HF_FROM_MEMORY,   /**< the firmware: field of its record `memory` (firmware/proto/SPEC.md) */
    HF_FROM_FIRMWARE, /**< the firmware's file */
    HF_FROM_CHECK,    /**< the comparison of outputs with the host's reference */
    HF_FROM_LAYER,    /**< graph analysis, of one layer */
    HF_FROM_CYCLES,   /**< the firmware: timed layer by layer */
    HF_FROM_COUNTER,  /**< the firmware: another counter of the same inference */
} hf_figure_origin;

/** Sets of origins: figures that are stored and shown together. */
#define HF_ORIGIN(origin)   (1u << (HF_FROM_##origin))
#define HF_ORIGINS_ANALYSED (HF_ORIGIN(GRAPH) | HF_ORIGIN(IMAGE))
#define HF_ORIGINS_MEASURED (HF_ORIGIN(CLOCK) | HF_ORIGIN(MEMORY) | HF_ORIGIN(FIRMWARE) | HF_ORIGIN(CHECK))
#define HF_ORIGINS_TIMED    (HF_ORIGIN(CYCLES) | HF_ORIGIN(COUNTER))

typedef enum hf_figure_type {
    HF_FIGURE_INTEGER, /**< int64_t */
    HF_FIGURE_REAL,    /**< double */
} hf_figure_type;

/** A row of a table. */
typedef struct hf_figure {
    const char *name;
    const char *unit;
    const char *heading;
    const char *meaning;
    hf_figure_origin origin;
    hf_figure_type type;
    bool zero_is_unknown;
    double most;   /**< values are 0 .. most */
    int since;     /**< version of the store's schema */
    int place;     /**< of the CSV column, from 1 */
    size_t offset; /**< of the member, in bytes, in the structure that holds all figures of the table */
} hf_figure;

/** HF_FIGURE_ROW initialises a row for the structure that the macro `HF_FIGURE_STRUCTURE` names at that place. */
#define HF_FIGURE_ROW(origin_, name_, type_, absent_, unit_, most_, since_, place_, heading_, meaning_)      \
    {.name = #name_,                                                                                         \
     .unit = (unit_),                                                                                        \
     .heading = (heading_),                                                                                  \
     .meaning = (meaning_),                                                                                  \
     .origin = HF_FROM_##origin_,                                                                            \
     .type = HF_FIGURE_##type_,                                                                              \
     .zero_is_unknown = HF_ABSENT_##absent_,                                                                 \
     .most = (most_),                                                                                        \
     .since = (since_),                                                                                      \
     .place = (place_),                                                                                      \
     .offset = offsetof(HF_FIGURE_STRUCTURE, name_)},
#define HF_ABSENT_NEVER false
#define HF_ABSENT_ZERO  true

typedef struct hf_figure_table {
    const hf_figure *rows;
    size_t count;
} hf_figure_table;

/* Members: HF_RESULT_FIGURES(HF_FIGURE_MEMBER) declares all figures of a table, HF_RESULT_FIGURES(HF_GRAPH_MEMBER)
 * those of graph analysis, and so on. HF_..._COPY(to, from) copies the same ones from another structure. */
#define HF_FIGURE_C_INTEGER                       int64_t
#define HF_FIGURE_C_REAL                          double
#define HF_FIGURE_MEMBER(origin, name, type, ...) HF_FIGURE_C_##type name;

#define HF_GRAPH_MEMBER(origin, name, type, ...)  HF_IF_GRAPH_##origin(HF_FIGURE_C_##type name;)
#define HF_MEMORY_MEMBER(origin, name, type, ...) HF_IF_MEMORY_##origin(HF_FIGURE_C_##type name;)

/* An origin's own text, and nothing for the others. */
#define HF_IF_GRAPH_GRAPH(text) text
#define HF_IF_GRAPH_IMAGE(text)
#define HF_IF_GRAPH_CLOCK(text)
#define HF_IF_GRAPH_MEMORY(text)
#define HF_IF_GRAPH_FIRMWARE(text)
#define HF_IF_GRAPH_CHECK(text)
#define HF_IF_MEMORY_GRAPH(text)
#define HF_IF_MEMORY_IMAGE(text)
#define HF_IF_MEMORY_CLOCK(text)
#define HF_IF_MEMORY_MEMORY(text) text
#define HF_IF_MEMORY_FIRMWARE(text)
#define HF_IF_MEMORY_CHECK(text)

/** A timed inference. */
typedef struct hf_sample {
    int64_t cycles;
    int64_t instructions; /**< 0 = the chip has no such counter */
} hf_sample;

#define HF_LAYER_TEXT_SIZE 48 /**< of a layer's name and operator, the final NUL included */

/**
 * A layer, from graph analysis and from the wire to the store and the report. It owns nothing. Members that the
 * origin of a layer does not know are 0 or "".
 */
typedef struct hf_layer {
    char name[HF_LAYER_TEXT_SIZE];     /**< "block3/pointwise" */
    char op[HF_LAYER_TEXT_SIZE];       /**< "conv2d" */
    int32_t height, width, channels;   /**< output shape */
    HF_LAYER_FIGURES(HF_FIGURE_MEMBER) /* cycles: 0 = not measured, or done within another layer */
    int64_t params;                    /**< training graph, Keras convention; not stored */
    int64_t params_deployed;           /**< int8 weights and int32 biases, counted as values; not stored */
    uint32_t crc32;                    /**< of its output, as the board reported it; not stored */
} hf_layer;

/** HF_LAYER_FIGURES, of hf_layer. */
extern const hf_figure_table hf_layer_figures;

/** Limits of the spec; 0 = not limited. */
typedef struct hf_limits {
    int64_t ram_bytes;
    int64_t rom_bytes;
    int64_t macs;
} hf_limits;

/** The value as a number. @param figures the structure that the figure's table describes */
double hf_figure_value(const hf_figure *figure, const void *figures);
/** Exact value of an INTEGER figure. */
int64_t hf_figure_integer(const hf_figure *figure, const void *figures);
/** Whether the figure is known: false for a 0 that means unknown. */
bool hf_figure_known(const hf_figure *figure, const void *figures);
/** The member itself, for writing: an int64_t or a double, according to its type. */
void *hf_figure_member(const hf_figure *figure, void *figures);

/** Whether its origin is in a set of HF_ORIGIN(). */
bool hf_figure_is_from(const hf_figure *figure, unsigned origins);

#endif
