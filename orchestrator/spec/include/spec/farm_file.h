/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_SPEC_FARM_FILE_H
#define HF_SPEC_FARM_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/error.h"
#include "chips/chips.h"
#include "config/board_config.h"
#include "config/broker_config.h"
#include "spec/diagnostics.h"
#include "spec/spec.h"

/**
 * @file farm_file.h
 * The farm file: the boards of a farm (configs/FORMAT.md), and which of them a spec selects.
 */

#define HF_FARM_MAX_BOARDS   1024 /* each has a thread, an OpenOCD and about ten descriptors */
#define HF_FARM_MAX_HOSTS    256
#define HF_FARM_BAUD_DEFAULT 115200
#define HF_FARM_BAUD_MIN     9600
#define HF_FARM_BAUD_MAX     2000000

typedef struct hf_farm_board {
    hf_board_config config;       /**< strings owned by the farm */
    const hf_chip *chip;          /**< config.chip looked up; static storage, never NULL */
    hf_board_deadlines deadlines; /**< this board's own; 0 = the spec's */
    uint32_t line, column;        /**< position of the board in the file; 0 without a file */
    /* NULL for a virtual board; owned by the farm. */
    const char *port_key;   /**< equal for every spelling of a path or address; NULL = a USB device */
    const char *port_shown; /**< the path or address as spelled in the file; NULL = a USB device */
    const char *probe_key;  /**< equal for every spelling of the interface script */
    /* NULL for a board of this host; owned by the farm. A board of another host is used through its agent: `config` has neither
     * probe nor port. */
    const char *host;
    const char *remote_id; /**< on that host; config.id is "HOST/BOARD" */
} hf_farm_board;

/** Tags, owned by the farm. */
typedef struct hf_tag_list {
    const char *const *tags;
    uint32_t count;
} hf_tag_list;

/** A host that is expected to be there (`hosts`). */
typedef struct hf_farm_host {
    const char *name;
    hf_tag_list tags; /**< which all its boards have, besides those that its agent says */
    uint32_t line, column;
} hf_farm_host;

typedef struct hf_farm {
    const char *path; /**< the file as the caller named it; NULL without a file */
    const char *text; /**< its content, stored with the results; NULL without a file */
    size_t text_bytes;
    hf_hooks hooks;
    hf_farm_board *boards;   /**< in the order of the file */
    uint32_t board_count;    /**< at least 1, unless there is a broker */
    hf_broker_config broker; /**< url NULL: all boards are of this host */
    hf_farm_host *hosts;     /**< in the order of the file */
    uint32_t host_count;
} hf_farm;

/**
 * Reads a farm file.
 * @param out set on HF_OK; hf_farm_free(); boards' strings live as long as the farm
 * @return HF_OK; HF_EINVALID if there were mistakes (all in diagnostics); HF_ENOMEM
 */
hf_status hf_farm_load(const char *path, hf_farm **out, hf_diagnostics *diagnostics, hf_error *err);

/** The same from memory; `path` is the text's name in messages. */
hf_status hf_farm_parse(const char *path, const char *text, size_t text_bytes, hf_farm **out,
                        hf_diagnostics *diagnostics, hf_error *err);

/** The farm used without a file: virtual boards "virtual-1" and "virtual-2", stm32l4r5zi at 921600 baud. */
hf_status hf_farm_default(hf_farm **out, hf_error *err);

void hf_farm_free(hf_farm *farm);

/** A board that the agent of another host has announced. Everything is borrowed for the call. */
typedef struct hf_farm_remote_board {
    const char *host, *id;
    const char *chip;
    bool modelled;
    hf_board_deadlines deadlines; /**< 0 = the spec's */
    hf_tag_list tags, host_tags;  /**< the name of the host is one more */
} hf_farm_remote_board;

/**
 * Makes room for boards that are added while other threads read the farm: the farm's boards then stay where they are. Before other
 * threads use it.
 * @param capacity at most HF_FARM_MAX_BOARDS @return HF_OK, or HF_ENOMEM
 */
hf_status hf_farm_reserve(hf_farm *farm, uint32_t capacity, hf_error *err);

/**
 * Adds a board of another host to a farm. Without room for it, pointers to the farm's boards, not to their strings, become
 * invalid. With room, other threads may read the farm meanwhile: `board_count` grows when the board is complete, so they must
 * read it once and use that value.
 * @return HF_OK; HF_ENOTFOUND for an unknown chip; HF_ELIMIT above HF_FARM_MAX_BOARDS; HF_ENOMEM. On failure nothing has changed.
 */
hf_status hf_farm_add_board(hf_farm *farm, const hf_farm_remote_board *remote, hf_error *err);

/** Whether a board has a tag: one listed in the file, its id, the name of its chip or core, "virtual" or
 * "real". */
bool hf_farm_board_has_tag(const hf_farm_board *board, const char *tag);

#define HF_FARM_NO_BOARD UINT32_MAX
/**
 * Finds a board by its id, "HOST/BOARD" for one of another host, or by BOARD alone if no other board is called so.
 * @return its index, or HF_FARM_NO_BOARD
 */
uint32_t hf_farm_find_board(const hf_farm *farm, const char *name);

/** Whether a board has a debug probe that is attached to this host. */
static inline bool hf_farm_board_has_probe(const hf_farm_board *board)
{
    return !board->config.is_virtual && !board->host;
}

/** Whether no real board before this one has its interface script. @param board index of a real board */
bool hf_farm_first_with_script(const hf_farm *farm, uint32_t board);

/** Appends every tag of the farm's boards once, separated by ", ". */
void hf_farm_list_tags(const hf_farm *farm, hf_buffer *out);

/** The deadlines to use on a board: its own where given, else the spec's, else 0 (the agent's default). */
hf_board_deadlines hf_farm_deadlines(const hf_spec *spec, const hf_farm_board *board);

/** The boards a spec wants, and the chips among them: every variation is measured once on each chip. */
typedef struct hf_selection {
    uint32_t *boards; /**< owned; indices into farm->boards, ascending */
    uint32_t board_count;
    const hf_chip **chips; /**< owned array of static chips, in order of first appearance */
    uint32_t chip_count;
} hf_selection;

/**
 * Selects boards by the spec's tags. Mistakes: a tag that no board has (with a suggestion), tags that no
 * single board has all of.
 * @param out filled on HF_OK only; hf_selection_free()
 * @return HF_OK, HF_EINVALID (see diagnostics) or HF_ENOMEM
 */
hf_status hf_farm_select(const hf_farm *farm, const hf_spec *spec, hf_selection *out,
                         hf_diagnostics *diagnostics, hf_error *err);
void hf_selection_free(hf_selection *selection);

#endif
