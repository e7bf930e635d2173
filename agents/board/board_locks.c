/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a board is locked by. A real board exists once on this host, whatever its id in a farm file and
 * whoever uses it: both its probe and its port are locked, so that a conflict over either is found. A virtual
 * board that hilfarm starts belongs to its work folder.
 */
#include <stdio.h>
#include <string.h>

#include "base/path.h"
#include "board_internal.h"
#include "config/openocd_scripts.h"

#define LOCK_PATH_BYTES 512u

static hf_status acquire(const hf_board *board, const char *what, const char *key, hf_lock **out,
                         hf_error *err)
{
    char name[FILE_NAME_BYTES], path[LOCK_PATH_BYTES];
    const char *dir = board->hooks.lock_dir ? board->hooks.lock_dir : hf_lock_shared_dir();
    hf_file_name(key, name, sizeof name);
    int length = snprintf(path, sizeof path, "%s/hilfarm-%s.lock", dir, name);
    if (length < 0 || (size_t)length >= sizeof path)
        return HF_FAIL_AS(err, HF_FAULT_FARM, HF_ELIMIT, "lock folder '%s': path too long", dir);
    return hf_lock_acquire(path, board->config->id, what, out, err);
}

hf_status hf_board_lock(hf_board *board, hf_error *err)
{
    const hf_board_config *config = board->config;
    if (config->is_virtual) {
        char path[FILE_PATH_BYTES + 8];
        snprintf(path, sizeof path, "%s.lock", board->file_stem);
        return hf_lock_acquire(path, config->id, "its place in the work folder", &board->lock, err);
    }
    if (config->probe_serial)
        return acquire(board, "its probe", config->probe_serial, &board->lock, err);
    /* The only probe of its kind: by its script, whose key does not depend on how it is spelled. */
    char script[HF_DEVICE_KEY_SIZE];
    hf_script_key(config->probe_interface, config->script_dir, script);
    return acquire(board, "its probe", script, &board->lock, err);
}

static void unlock_port(hf_board *board)
{
    for (uint32_t i = 0; i < HF_SERIAL_MAX_ADDRESSES; i++) {
        hf_lock_release(board->port_locks[i]);
        board->port_locks[i] = NULL;
        board->port_keys[i][0] = '\0';
    }
}

hf_status hf_board_lock_port(hf_board *board, const hf_serial_address *address, hf_error *err)
{
    char keys[HF_SERIAL_MAX_ADDRESSES][HF_SERIAL_KEY_SIZE] = {{0}};
    uint32_t count = hf_serial_key_count(address);
    for (uint32_t i = 0; i < count; i++)
        hf_serial_key(address, i, keys[i]);
    if (memcmp(keys, board->port_keys, sizeof keys) == 0)
        return HF_OK;
    unlock_port(board); /* after being reconnected it may be another device */
    for (uint32_t i = 0; i < count; i++) {
        hf_status status = acquire(board, "its port", keys[i], &board->port_locks[i], err);
        if (status != HF_OK) {
            unlock_port(board);
            return status;
        }
    }
    memcpy(board->port_keys, keys, sizeof keys);
    return HF_OK;
}

void hf_board_unlock(hf_board *board)
{
    unlock_port(board);
    hf_lock_release(board->lock);
    board->lock = NULL;
}
