/* SPDX-License-Identifier: Apache-2.0 */
/* Sets up what a run needs: firmware sizes, jobs, the write queue; and frees it. */
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "record.h"
#include "run_state.h"

/* ---- On a thread of its own ---- */

/* The write queue's thread. */
static void on_stored(void *user)
{
    hf_controller_wake(user);
}

/* The results from before the run was resumed, by their positions. @return owned; NULL = no memory */
static const hf_result_row **earlier_results(const hf_report *earlier, uint32_t positions)
{
    const hf_result_row **rows = calloc(positions + 1u, sizeof(hf_result_row *));
    for (size_t i = 0; rows && earlier && i < earlier->result_count; i++)
        if ((uint32_t)earlier->results[i].position < positions)
            rows[earlier->results[i].position] = &earlier->results[i];
    return rows;
}

/* The selected jobs in the order of the spec, except those that a resumed run has results for. */
static void list_jobs(const hf_controller_request *request, const hf_result_row *const *earlier,
                      hf_run_plan *plan)
{
    const uint32_t chips = request->selection->chip_count;
    const uint32_t positions = request->spec->variation_count * chips;
    for (uint32_t i = 0; i < positions; i++) {
        if (request->selected && !request->selected[i])
            continue;
        plan->all_count++;
        const hf_result_row *row = earlier[i];
        const bool measured = row && row->outcome == HF_RESULT_MEASURED;
        const bool pruned = row && row->outcome == HF_RESULT_PRUNED;
        plan->measured += measured;
        plan->pruned += pruned;
        if (measured || pruned)
            continue;
        hf_run_variation *variation = &plan->variations[i / chips];
        if (!variation->job_count++)
            variation->first_job = plan->job_count;
        plan->jobs[plan->job_count++] =
            (hf_run_job){.variation = i / chips,
                         .chip = i % chips,
                         .position = (int32_t)i,
                         .recorded = row != NULL,
                         .attempts_before = row ? (uint32_t)row->attempt_count : 0};
    }
}

static hf_status make_jobs(const hf_controller_request *request, hf_run_plan *plan, hf_error *err)
{
    const uint32_t positions = request->spec->variation_count * request->selection->chip_count;
    const hf_result_row **earlier = earlier_results(request->earlier, positions);
    plan->jobs = calloc(positions + 1u, sizeof *plan->jobs);
    plan->variations = calloc(request->spec->variation_count + 1u, sizeof *plan->variations);
    hf_status status = HF_OK;
    if (earlier && plan->jobs && plan->variations)
        list_jobs(request, earlier, plan);
    else
        status = HF_FAIL_AS(err, HF_FAULT_FARM, HF_ENOMEM, "no memory for %u jobs", positions);
    free(earlier);
    return status;
}

/* So that the store knows all jobs of the run, whatever happens to it. */
static hf_status record_jobs(const hf_controller_request *request, hf_run_plan *plan, hf_error *err)
{
    hf_planned_job *planned = calloc(plan->job_count + 1u, sizeof *planned);
    if (!planned)
        return HF_FAIL_AS(err, HF_FAULT_FARM, HF_ENOMEM, "no memory to record %u jobs", plan->job_count);
    for (uint32_t i = 0; i < plan->job_count; i++) {
        hf_run_job *job = &plan->jobs[i];
        planned[i] = (hf_planned_job){.variation = job->variation,
                                      .position = job->position,
                                      .chip = request->selection->chips[job->chip]};
        job->recorded = true;
    }
    hf_status status = hf_record_plan(plan->write_queue, request->spec, planned, plan->job_count, err);
    free(planned);
    return status;
}

/* A firmware that is missing ends this run only, and only if something is left to measure with it. */
static void check_firmwares(const hf_controller_run *run, hf_run_plan *plan)
{
    const hf_selection *selection = run->request.selection;
    for (uint32_t i = 0; i < selection->chip_count; i++) {
        hf_firmware_footprint unused;
        hf_error err = {0};
        if (hf_firmware_measure(run->controller->options.firmware_dir, selection->chips[i], &unused, &err) ==
            HF_OK)
            continue;
        plan->lacks_firmware |= UINT64_C(1) << i;
        if (plan->firmware_error.status == HF_OK)
            plan->firmware_error = err;
    }
}

hf_status hf_run_set_up(const hf_controller_run *run, hf_run_plan *plan, hf_error *err)
{
    const hf_controller_request *request = &run->request;
    const hf_write_queue_options keeping = {.changed = on_stored, .user = run->controller};
    hf_status status = hf_prepare_measure_firmwares(request->selection, run->controller->options.firmware_dir,
                                                    &plan->firmwares, err);
    check_firmwares(run, plan);
    if (status == HF_OK)
        status = make_jobs(request, plan, err);
    /* From here on the write queue owns the store's handle. */
    if (status == HF_OK)
        status = hf_write_queue_start(request->store, request->run_id, &keeping, &plan->write_queue, err);
    if (status == HF_OK)
        status = record_jobs(request, plan, err);
    return status;
}

/* ---- On the loop's thread ---- */

/* The farm's chip that is a chip of the selection. */
static uint32_t chip_index(const hf_controller_run *run, uint32_t chip)
{
    uint32_t i = 0;
    while (run->controller->chips[i] != run->request.selection->chips[chip])
        i++;
    return i;
}

bool hf_controller_reserve_numbers(hf_controller *controller, uint32_t count)
{
    if (count <= controller->scheduled_capacity)
        return true;
    const uint32_t capacity = 2 * count + 6;
    hf_controller_run **more =
        realloc(controller->scheduled,
                capacity * sizeof(hf_controller_run *)); /* NOLINT(bugprone-sizeof-expression) */
    if (!more)
        return false;
    for (uint32_t i = controller->scheduled_capacity; i < capacity; i++)
        more[i] = NULL;
    controller->scheduled = more;
    controller->scheduled_capacity = capacity;
    return true;
}

hf_status hf_run_schedule(hf_controller_run *run, hf_error *err)
{
    const hf_spec *spec = run->request.spec;
    hf_controller *controller = run->controller;
    const uint64_t now_ns = hf_now_ns(), elapsed_ns = now_ns - run->started_ns;
    const uint64_t deadline_ns = spec->run_deadline_ms * HF_NS_PER_MS;
    const hf_selection *selection = run->request.selection;
    hf_schedule_job *jobs = calloc(run->job_count + 1u, sizeof *jobs);
    if (!jobs)
        return HF_FAIL_AS(err, HF_FAULT_FARM, HF_ENOMEM, "no memory for %u jobs", run->job_count);
    for (uint32_t i = 0; i < run->job_count; i++)
        jobs[i] = (hf_schedule_job){.chips = UINT64_C(1) << chip_index(run, run->jobs[i].chip),
                                    .preparation = run->jobs[i].variation};
    const hf_schedule_run request = {
        .owner = run->request.owner,
        .priority = run->request.priority,
        .jobs = jobs,
        .job_count = run->job_count,
        .boards = selection->boards,
        .board_count = selection->board_count,
        .max_attempts = spec->retries.attempts,
        .retry_delay_ns = spec->retries.delay_ms * HF_NS_PER_MS,
        .deadline_ns = !deadline_ns               ? 0
                       : elapsed_ns < deadline_ns ? deadline_ns - elapsed_ns
                                                  : 1,
    };
    hf_status status = hf_schedule_add_run(controller->schedule, &request, now_ns, &run->schedule_run, err);
    free(jobs);
    if (status != HF_OK)
        return status;
    controller->scheduled[run->schedule_run] = run;
    bool lacks_firmware = false;
    for (uint32_t i = 0; i < run->job_count; i++) {
        if (run->jobs[i].pruned)
            hf_controller_check_event(
                controller, hf_schedule_exclude(controller->schedule, run->schedule_run, i, now_ns, NULL));
        else
            lacks_firmware |= (run->plan.lacks_firmware >> run->jobs[i].chip) & 1;
    }
    if (lacks_firmware)
        hf_run_abort(run, &run->plan.firmware_error);
    return HF_OK;
}

void hf_run_free(hf_controller_run *run)
{
    for (uint32_t i = 0; run->variations && i < run->request.spec->variation_count; i++)
        hf_run_release(run, i);
    for (uint32_t i = 0; i < run->job_count; i++)
        free(run->jobs[i].fault_message);
    if (run->cancel_fd >= 0)
        close(run->cancel_fd);
    free(run->uses_board);
    free(run->firmwares);
    free(run->jobs);
    free(run->variations);
    free(run->views);
    free(run);
}
