/* SPDX-License-Identifier: Apache-2.0 */
#include "farm/controller.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "run_state.h"

/* Boards of a chip that no board before them has. */
static uint32_t count_chips(const hf_farm *farm)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < farm->board_count; i++) {
        uint32_t first = 0;
        while (farm->boards[first].chip != farm->boards[i].chip)
            first++;
        count += first == i;
    }
    return count;
}

static hf_status list_chip(hf_controller *controller, const hf_chip *chip, hf_error *err)
{
    uint32_t at = 0;
    while (at < controller->chip_count && controller->chips[at] != chip)
        at++;
    if (at < controller->chip_count)
        return HF_OK;
    if (at == HF_SCHEDULE_MAX_CHIPS)
        return HF_FAIL_AS(err, HF_FAULT_FARM, HF_ELIMIT,
                          "the farm has %u kinds of chips, expected at most %d",
                          count_chips(controller->options.farm), HF_SCHEDULE_MAX_CHIPS);
    controller->chips[controller->chip_count++] = chip;
    return HF_OK;
}

static hf_status list_chips(hf_controller *controller, hf_error *err)
{
    const hf_farm *farm = controller->options.farm;
    hf_status status = HF_OK;
    for (uint32_t i = 0; i < farm->board_count && status == HF_OK; i++)
        status = list_chip(controller, farm->boards[i].chip, err);
    return status;
}

static uint32_t chip_index(const hf_controller *controller, const hf_chip *chip)
{
    uint32_t i = 0;
    while (controller->chips[i] != chip)
        i++;
    return i;
}

/* What is known of a board's health, for the scheduler and for views. */
static void tell_history(hf_controller_board *board, const hf_board_standing *standing,
                         hf_schedule_board *scheduled)
{
    scheduled->needs_attention = standing->needs_attention;
    scheduled->needs_check = standing->needs_attention || standing->quarantines;
    scheduled->quarantines = standing->quarantines;
    scheduled->cause = standing->cause;
    if (standing->quarantined_until_ms)
        scheduled->quarantined_until_ns = hf_controller_monotonic_ns(standing->quarantined_until_ms);
    if (!standing->quarantines)
        return;
    board->away = true; /* its next success is news */
    board->fault = standing->cause;
    snprintf(board->fault_message, sizeof board->fault_message, "%s", standing->failure);
}

static hf_status make_schedule(hf_controller *controller, hf_error *err)
{
    const hf_controller_options *options = &controller->options;
    hf_schedule_policy policy = options->policy;
    hf_schedule_board *boards = calloc(controller->board_count + 1u, sizeof *boards);
    if (!boards)
        return HF_FAIL_AS(err, HF_FAULT_FARM, HF_ENOMEM, "no memory for %u boards", controller->board_count);
    if (!policy.prepare_ahead)
        policy.prepare_ahead = controller->board_count;
    for (uint32_t i = 0; i < controller->board_count; i++) {
        boards[i].chip = chip_index(controller, options->farm->boards[i].chip);
        if (!options->boards)
            continue;
        boards[i].disabled = options->boards[i].disabled;
        tell_history(&controller->boards[i], &options->boards[i], &boards[i]);
    }
    hf_status status =
        hf_schedule_new(boards, controller->board_count, &policy, hf_now_ns(), &controller->schedule, err);
    free(boards);
    for (uint32_t i = 0; status == HF_OK && options->boards && i < controller->board_count; i++)
        if (options->boards[i].reserved)
            hf_controller_reserve_board(controller, i, options->boards[i].reserved_until_ms);
    return status;
}

hf_status hf_controller_add_board(hf_controller *controller, const hf_board_standing *standing, hf_error *err)
{
    const uint32_t index = controller->board_count;
    const hf_chip *chip = controller->options.farm->boards[index].chip;
    if (index >= controller->board_capacity)
        return HF_FAIL_AS(err, HF_FAULT_FARM, HF_ELIMIT, "no room for another board");
    hf_status status = list_chip(controller, chip, err);
    if (status != HF_OK)
        return status;
    hf_schedule_board scheduled = {.chip = chip_index(controller, chip), .disabled = standing->disabled};
    hf_controller_set_up_board(controller, index);
    tell_history(&controller->boards[index], standing, &scheduled);
    status = hf_schedule_add_board(controller->schedule, &scheduled, hf_now_ns(), err);
    if (status != HF_OK)
        return status;
    controller->board_count++;
    if (standing->reserved)
        hf_controller_reserve_board(controller, index, standing->reserved_until_ms);
    hf_controller_wake(controller);
    return HF_OK;
}

hf_status hf_controller_new(const hf_controller_options *options, hf_controller **out, hf_error *err)
{
    hf_controller *controller = calloc(1, sizeof *controller);
    if (!controller)
        return HF_FAIL_AS(err, HF_FAULT_FARM, HF_ENOMEM, "no memory for the farm");
    controller->options = *options;
    pthread_mutex_init(&controller->mutex, NULL);
    TAILQ_INIT(&controller->runs);
    STAILQ_INIT(&controller->ended);
    hf_status status = list_chips(controller, err);
    if (status == HF_OK && !hf_controller_reserve_numbers(controller, 1))
        status = HF_FAIL_AS(err, HF_FAULT_FARM, HF_ENOMEM, "no memory for the farm");
    if (status == HF_OK)
        status = hf_controller_open_handles(controller, hf_controller_take_turn, err);
    if (status == HF_OK)
        status = hf_controller_set_up_boards(controller, err);
    if (status == HF_OK)
        status = make_schedule(controller, err);
    if (status == HF_OK)
        status = hf_work_dir_make(&controller->work_dir, err);
    if (status == HF_OK && options->cache_dir)
        (void)hf_prepare_cache_open(options->cache_dir, options->cache_limit_bytes, &controller->cache,
                                    &controller->cache_error);
    controller->options.boards = NULL; /* the caller's again */
    if (status == HF_OK)
        *out = controller;
    else
        hf_controller_free(controller);
    return status;
}

void hf_controller_free(hf_controller *controller)
{
    if (!controller)
        return;
    hf_controller_free_boards(controller);
    hf_controller_close_handles(controller);
    hf_schedule_free(controller->schedule);
    hf_prepare_cache_close(controller->cache);
    pthread_mutex_destroy(&controller->mutex);
    free(controller->scheduled);
    hf_work_dir_remove(&controller->work_dir);
    free(controller);
}

const char *hf_controller_cache_problem(const hf_controller *controller)
{
    return controller->options.cache_dir && !controller->cache ? controller->cache_error.message : NULL;
}

hf_prepare_cache *hf_controller_cache(const hf_controller *controller)
{
    return controller->cache;
}

void hf_controller_drain(hf_controller *controller)
{
    controller->draining = true;
    hf_controller_wake(controller);
}

bool hf_controller_find_board(const hf_controller *controller, const char *id, uint32_t *board)
{
    const uint32_t found = hf_farm_find_board(controller->options.farm, id);
    if (found >= controller->board_count)
        return false;
    *board = found;
    return true;
}
