/* SPDX-License-Identifier: Apache-2.0 */
/* What a model costs before a board runs it, for the analyzer of the dashboard. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/families_json.h"
#include "analyzer/score_source.h"
#include "answers.h"
#include "board/board.h"
#include "dispatch.h"
#include "query_numbers.h"
#include "routes.h"
#include "scorecard/render.h"

#define MOST_LIMIT INT64_C(1000000000000) /* bytes or MACs, as in a spec */

/* The chips of the farm, each once, in the farm's order. */
static uint32_t farm_chips(const hf_farm *farm, const hf_chip *chips[HF_SCORECARD_MAX_CHIPS])
{
    uint32_t count = 0;
    for (uint32_t board = 0; board < farm->board_count && count < HF_SCORECARD_MAX_CHIPS; board++) {
        uint32_t i = 0;
        while (i < count && chips[i] != farm->boards[board].chip)
            i++;
        if (i == count)
            chips[count++] = farm->boards[board].chip;
    }
    return count;
}

static void list_families(const hf_dispatched *task)
{
    const hf_chip *chips[HF_SCORECARD_MAX_CHIPS];
    const uint32_t count = farm_chips(task->daemon->farm, chips);
    json_t *list = json_array();
    for (uint32_t i = 0; i < count; i++)
        json_array_append_new(list, json_string(chips[i]->name));
    hf_answer_json(task->request, 200,
                   json_pack("{s:o, s:o}", "families", hf_families_json(), "chips", list));
}

void hf_get_families(void *user, hf_http_request *request)
{
    hf_daemon *daemon = user;
    hf_dispatch_to_pool(daemon, request, daemon->quick, list_families);
}

/* @return false: the request is answered */
static bool choose_chips(const hf_dispatched *task, const hf_chip *chips[HF_SCORECARD_MAX_CHIPS],
                         uint32_t *count)
{
    const char *name = hf_http_request_query(task->request, "chip");
    *count = farm_chips(task->daemon->farm, chips);
    if (!name)
        return true;
    for (uint32_t i = 0; i < *count; i++)
        if (strcmp(chips[i]->name, name) == 0) {
            chips[0] = chips[i];
            *count = 1;
            return true;
        }
    hf_http_respond_error(task->request, 400, "chip is '%.40s', expected one of the farm's", name);
    return false;
}

/* The sizes of the firmware; they count only if they are known for every chip. */
static hf_firmware_bounds measure_firmware(const hf_daemon *daemon, const hf_chip *const *chips,
                                           uint32_t count, hf_firmware_footprint *footprints)
{
    hf_firmware_bounds bounds = {0};
    bool known = true;
    for (uint32_t i = 0; i < count; i++) {
        known = hf_firmware_measure(daemon->options->firmware_dir, chips[i], &footprints[i], NULL) == HF_OK &&
                known;
        hf_firmware_bounds_add(&bounds, &footprints[i]);
    }
    return known ? bounds : (hf_firmware_bounds){0};
}

static void answer_scorecard(hf_http_request *request, const hf_candidate *model)
{
    const hf_candidates one = {.models = model, .count = 1};
    hf_buffer text = HF_BUFFER_INIT;
    hf_candidates_render_json(&one, &text);
    hf_http_respond(request, 200, HF_HTTP_JSON, &text);
    hf_buffer_free(&text);
}

static void score(const hf_dispatched *task)
{
    hf_http_request *request = task->request;
    /* First what need not be there: a request without a model is answered, and gone. */
    const char *exact = hf_http_request_query(request, "exact"), *name = hf_query_needed(request, "model");
    const hf_chip *chips[HF_SCORECARD_MAX_CHIPS];
    hf_firmware_footprint footprints[HF_SCORECARD_MAX_CHIPS] = {0};
    hf_limits limits = {0};
    hf_source source = {.weights_seed = HF_WEIGHTS_SEED_DEFAULT};
    uint32_t count = 0;
    hf_error err = {0};
    if (!name || !choose_chips(task, chips, &count) ||
        !hf_query_number(request, "ram_bytes", MOST_LIMIT, &limits.ram_bytes) ||
        !hf_query_number(request, "rom_bytes", MOST_LIMIT, &limits.rom_bytes) ||
        !hf_query_number(request, "macs", MOST_LIMIT, &limits.macs))
        return;
    const hf_score_settings settings = {
        .chips = chips,
        .chip_count = count,
        .firmware = measure_firmware(task->daemon, chips, count, footprints),
        .firmwares = footprints,
        .exact = exact && strcmp(exact, "1") == 0,
        .keep_layers = true,
    };
    hf_candidate model = {0};
    /* A variation only: a name that ends in .tflite would be a file of the daemon's host. */
    hf_status status = hf_variation_parse(name, &source.variation, &err);
    if (status == HF_OK)
        status = hf_variation_name(&source.variation, source.name, &err);
    if (status == HF_OK)
        status = hf_score_source(&settings, &source, &limits, HF_OBJECTIVE_TIME, &model, &err);
    if (status == HF_OK)
        answer_scorecard(request, &model);
    else
        hf_answer_failure_as(request, status == HF_EINVALID ? 422 : hf_http_status_of(status), &err);
    hf_scorecard_free(&model.card);
}

void hf_get_scorecard(void *user, hf_http_request *request)
{
    hf_daemon *daemon = user;
    hf_dispatch_to_pool(daemon, request, daemon->slow, score);
}
