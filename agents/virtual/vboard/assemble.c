/* SPDX-License-Identifier: Apache-2.0 */
/* Creates a board from machine, debug port and serial port, and frees it. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "board_state.h"
#include "flash_file.h"

#define AP_IDR_M4 0x24770011u /* Cortex-M4 TRM DDI0439, AHB-AP identification register */
#define AP_IDR_M7 0x74770001u /* Cortex-M7 TRM DDI0489, likewise */
#define TAP_M7    0x5BA00477u

/* The injected fault is a crash: nothing is cleaned up. */
static void die(void *user)
{
    const vb_board *board = user;
    fprintf(stderr, "hilfarm-vboard: fault injection: dying after %llu accesses\n",
            (unsigned long long)board->die_after);
    _exit(3);
}

static bool no_memory(void)
{
    fprintf(stderr, "hilfarm-vboard: out of memory\n");
    return false;
}

/* Creates the machine with its serial port. */
static bool add_machine(vb_board *board, const vb_board_options *options)
{
    board->uart = vb_uart_new(options->pty_link);
    if (!board->uart)
        return false;
    vb_uart_set_faults(board->uart, &options->serial);
    board->core = vb_core_debug_new();
    if (!board->core)
        return no_memory();
    vb_uart_port uart = vb_uart_as_port(board->uart);
    vb_debug_port debug = vb_core_debug_as_port(board->core);
    board->machine = vb_machine_new(options->chip, &uart, &debug);
    if (!board->machine)
        return false;
    if (options->oscillators)
        vb_machine_set_oscillators(board->machine, options->hse_hz, options->lse);
    if (options->dead_part && !vb_machine_set_dead(board->machine, options->dead_part)) {
        fprintf(stderr,
                "hilfarm-vboard: --fault: dead=%s: expected msi, hsi, pll, regulator, over-drive or "
                "over-drive-switch\n",
                options->dead_part);
        return false;
    }
    board->chip = options->chip;
    board->flash_path = options->flash_path;
    if (board->flash_path && !vb_flash_file_load(board->machine, board->chip, board->flash_path))
        return false;
    vb_machine_set_flash_time(board->machine, options->flash_percent); /* loading the file took none */
    vb_core_debug_attach(board->core, board->machine);
    return true;
}

/* Creates what OpenOCD sees: AP, DP, TAP, socket. */
static bool add_debug_port(vb_board *board, const vb_board_options *options)
{
    uint32_t idcode = vb_machine_tap_idcode(board->machine);
    board->ap = vb_mem_ap_new(board->core, vb_machine_tar_wrap_bytes(board->machine),
                              idcode == TAP_M7 ? AP_IDR_M7 : AP_IDR_M4);
    if (!board->ap)
        return no_memory();
    board->dp = vb_dp_new(board->ap);
    if (!board->dp)
        return no_memory();
    board->die_after = options->die_after;
    vb_dp_set_faults(board->dp, &(vb_dp_faults){.wait_every = options->jtag_wait,
                                                .wait_at = options->jtag_wait_at,
                                                .die_after = options->die_after,
                                                .died = die,
                                                .user = board});
    board->tap = vb_tap_new(board->dp, idcode, vb_machine_boundary_idcode(board->machine));
    if (!board->tap)
        return no_memory();
    board->bitbang = (vb_bitbang){.tap = board->tap, .core = board->core};
    board->server = vb_server_new(options->socket_path, &board->bitbang);
    return board->server;
}

vb_board *vb_board_new(const vb_board_options *options)
{
    vb_board *board = calloc(1, sizeof *board);
    if (!board) {
        no_memory();
        return NULL;
    }
    if (!add_machine(board, options) || !add_debug_port(board, options)) {
        vb_board_free(board);
        return NULL;
    }
    return board;
}

void vb_board_free(vb_board *board)
{
    if (!board)
        return;
    vb_server_free(board->server);
    vb_tap_free(board->tap);
    vb_dp_free(board->dp);
    vb_mem_ap_free(board->ap);
    vb_machine_free(board->machine);
    vb_core_debug_free(board->core);
    vb_uart_free(board->uart);
    free(board);
}

bool vb_board_save_flash(vb_board *board)
{
    return !board->flash_path || vb_flash_file_save(board->machine, board->chip, board->flash_path);
}

const char *vb_board_pty(const vb_board *board)
{
    return vb_uart_path(board->uart);
}
