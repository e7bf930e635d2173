/* SPDX-License-Identifier: Apache-2.0 */
#include "farm/resume.h"

#include <stdlib.h>
#include <string.h>
#include <uv.h>

#include "board/board.h"
#include "farm/partial_run.h"
#include "farm/prepare.h"
#include "pool_work.h"

#define REFUSED "run %lld cannot be resumed: "

static long long number_of(const hf_report *earlier)
{
    return (long long)earlier->run.id;
}

/* @return the number of the first line that differs, from 1; 0 = no difference */
static unsigned first_difference(const char *a, const char *b)
{
    unsigned line = 1;
    for (; *a && *a == *b; a++, b++)
        line += *a == '\n';
    return *a == *b ? 0 : line;
}

static hf_status check_spec(const hf_report *earlier, const hf_spec *spec, hf_error *err)
{
    char *boards, *jobs;
    hf_status status = hf_partial_run_recorded(earlier->run.spec_text, spec, &boards, &jobs, err);
    const bool partial = jobs != NULL;
    free(boards);
    free(jobs);
    unsigned line = first_difference(earlier->run.spec_text, spec->text);
    if (status != HF_OK || partial || !line)
        return status;
    return HF_FAIL(err, HF_EINVALID, REFUSED "the spec %s has changed since then, first in line %u",
                   number_of(earlier), spec->path, line);
}

static hf_status check_places(const hf_report *earlier, const hf_spec *spec, const hf_selection *selection,
                              hf_error *err)
{
    for (size_t i = 0; i < earlier->result_count; i++) {
        const hf_result_row *row = &earlier->results[i];
        const uint32_t variation = (uint32_t)row->position / selection->chip_count;
        const char *chip = selection->chips[(uint32_t)row->position % selection->chip_count]->name;
        if (variation >= spec->variation_count || strcmp(row->name, spec->variations[variation].name) != 0 ||
            strcmp(row->chip, chip) != 0)
            return HF_FAIL(
                err, HF_EINVALID,
                REFUSED
                "its variation %d is %s on %s, which spec and farm do not have at that place any more: "
                "the farm must have the same chips in the same order",
                number_of(earlier), row->position + 1, row->name, row->chip);
    }
    return HF_OK;
}

static hf_status check_firmware(const hf_report *earlier, const hf_selection *selection,
                                const char *firmware_dir, hf_error *err)
{
    for (uint32_t c = 0; c < selection->chip_count; c++) {
        const hf_chip *chip = selection->chips[c];
        char id[HF_FIRMWARE_ID_SIZE] = "";
        for (size_t i = 0; i < earlier->result_count; i++) {
            const hf_result_row *row = &earlier->results[i];
            if (row->outcome != HF_RESULT_MEASURED || strcmp(row->chip, chip->name) != 0)
                continue;
            hf_status status = strcmp(row->firmware_id, id) == 0
                                   ? HF_OK
                                   : hf_firmware_id(firmware_dir, chip, row->firmware_id, id, err);
            if (status != HF_OK)
                return status;
            if (strcmp(row->firmware_id, id) != 0)
                return HF_FAIL(err, HF_EINVALID,
                               REFUSED
                               "the firmware for %s has changed: %s measured with %.12s, now it is %.12s",
                               number_of(earlier), chip->name, row->name, row->firmware_id, id);
        }
    }
    return HF_OK;
}

typedef struct image_check {
    uv_work_t work;
    const hf_result_row *row;
    hf_prepare_request request;
    hf_status status;
    hf_error error;
    char sha256[65];
} image_check;

static void make_image(uv_work_t *work)
{
    image_check *check = work->data;
    check->status = hf_prepare_digest(&check->request, check->sha256, &check->error);
}

static void on_image_made(uv_work_t *work, int status)
{
    (void)work;   /* the results are compared when all are made */
    (void)status; /* uv_cancel() is never called */
}

/* One for each variation whose image the store knows. @return how many */
static size_t list_images(const hf_report *earlier, const hf_spec *spec, const hf_selection *selection,
                          const hf_firmware_footprint *firmwares, hf_prepare_cache *cache,
                          image_check *checks)
{
    size_t count = 0;
    for (size_t i = 0; i < earlier->result_count; i++) {
        const hf_result_row *row = &earlier->results[i];
        if (row->outcome != HF_RESULT_MEASURED || !row->image_sha256)
            continue;
        const hf_spec_variation *variation =
            &spec->variations[(uint32_t)row->position / selection->chip_count];
        /* One image serves every chip. */
        if (count && strcmp(checks[count - 1].row->name, row->name) == 0)
            continue;
        checks[count] = (image_check){
            .row = row, .request = hf_prepare_request_make(spec, variation, selection, firmwares)};
        checks[count].request.cache = cache;
        checks[count].work.data = &checks[count];
        count++;
    }
    return count;
}

/* Compiles the images again, on the threads of libuv's pool. */
static hf_status make_images(image_check *checks, size_t count, hf_error *err)
{
    uv_loop_t loop;
    if (uv_loop_init(&loop) != 0)
        return HF_FAIL_AS(err, HF_FAULT_FARM, HF_EIO, "no event loop to compare images");
    for (size_t i = 0; i < count; i++)
        hf_pool_queue(&loop, &checks[i].work, make_image, on_image_made);
    uv_run(&loop, UV_RUN_DEFAULT);
    uv_loop_close(&loop);
    return HF_OK;
}

static hf_status compare_image(const hf_report *earlier, const image_check *check, hf_error *err)
{
    if (check->status != HF_OK) {
        if (err)
            *err = check->error;
        return check->status;
    }
    if (strcmp(check->sha256, check->row->image_sha256) == 0)
        return HF_OK;
    return HF_FAIL(err, HF_EINVALID,
                   REFUSED "the image of %s has changed: it was measured with SHA-256 %.12s..., now it is "
                           "%.12s... (another hilfarm, or another model file)",
                   number_of(earlier), check->row->name, check->row->image_sha256, check->sha256);
}

static hf_status check_images(const hf_report *earlier, const hf_spec *spec, const hf_selection *selection,
                              const char *firmware_dir, hf_prepare_cache *cache, hf_error *err)
{
    hf_firmware_footprint *firmwares = NULL;
    hf_status status = hf_prepare_measure_firmwares(selection, firmware_dir, &firmwares, err);
    image_check *checks = calloc(earlier->result_count + 1, sizeof *checks);
    if (status == HF_OK && !checks)
        status = HF_FAIL_AS(err, HF_FAULT_FARM, HF_ENOMEM, "no memory to compare %zu images",
                            earlier->result_count);
    if (status == HF_OK) {
        const size_t count = list_images(earlier, spec, selection, firmwares, cache, checks);
        status = make_images(checks, count, err);
        for (size_t i = 0; status == HF_OK && i < count; i++)
            status = compare_image(earlier, &checks[i], err);
    }
    free(checks);
    free(firmwares);
    return status;
}

hf_status hf_resume_check(const hf_report *earlier, const hf_spec *spec, const hf_selection *selection,
                          const char *firmware_dir, hf_prepare_cache *cache, hf_error *err)
{
    hf_status status = check_spec(earlier, spec, err);
    if (status == HF_OK)
        status = check_places(earlier, spec, selection, err);
    if (status == HF_OK)
        status = check_firmware(earlier, selection, firmware_dir, err);
    if (status == HF_OK)
        status = check_images(earlier, spec, selection, firmware_dir, cache, err);
    return status;
}
