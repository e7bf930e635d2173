/* SPDX-License-Identifier: Apache-2.0 */
#include "journal_record.h"

#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "journal_codec.h"
#include "sql_figures.h"

#define MAGIC      UINT32_C(0x63726668) /* "hfrc" */
#define HEAD_WORDS 5 /* magic, version, stored bytes, plain bytes, CRC-32 of all but itself */
#define HEAD_BYTES ((size_t)HEAD_WORDS * 4)
#define MOST_BYTES (256u * 1024 * 1024) /* of one change; 10000 samples of 1000 layers are far below */

/* Records of version 1 have what the store's schema 5 has of a result, and each later one what the next schema has: a
 * record says by its version what it holds. */
#define SCHEMA_BEFORE 4
/* Since then a result has ports and outputs. */
#define SCHEMA_WITH_PORTS 9

/* Since then a result has a training. */
#define SCHEMA_WITH_TRAINING 10
/* Since then a training has a warning. */
#define SCHEMA_WITH_WARNING 11

/* Of what is written. */
static int newest_schema(void)
{
    const int figures = hf_sql_figures_version();
    return figures > SCHEMA_WITH_WARNING ? figures : SCHEMA_WITH_WARNING;
}

static uint32_t newest_version(void)
{
    return (uint32_t)(newest_schema() - SCHEMA_BEFORE);
}

static void code_figures(hf_codec *codec, const hf_figure_table *table, hf_figure_type type, void *row)
{
    for (size_t i = 0; i < table->count; i++) {
        const hf_figure *figure = &table->rows[i];
        if (figure->type != type || figure->since > codec->schema)
            continue;
        if (type == HF_FIGURE_INTEGER)
            hf_codec_int(codec, hf_figure_member(figure, row));
        else
            hf_codec_real(codec, hf_figure_member(figure, row));
    }
}

static void code_identity(hf_codec *codec, hf_result_row *row)
{
    hf_codec_text(codec, &row->name);
    hf_codec_text(codec, &row->family);
    hf_codec_text(codec, &row->source);
    hf_codec_text(codec, &row->chip);
    hf_codec_array(codec, (void **)&row->factors, &row->factor_count, sizeof *row->factors);
    for (size_t i = 0; i < row->factor_count; i++) {
        hf_codec_text(codec, &row->factors[i].name);
        hf_codec_real(codec, &row->factors[i].value);
    }
}

static void code_ports(hf_codec *codec, hf_result_row *row)
{
    hf_codec_array(codec, (void **)&row->ports, &row->port_count, sizeof *row->ports);
    for (size_t i = 0; i < row->port_count; i++) {
        hf_port_row *port = &row->ports[i];
        hf_codec_text(codec, &port->kind);
        hf_codec_text(codec, &port->type);
        hf_codec_small(codec, &port->height);
        hf_codec_small(codec, &port->width);
        hf_codec_small(codec, &port->channels);
        hf_codec_real(codec, &port->scale);
        hf_codec_small(codec, &port->zero_point);
        hf_codec_text(codec, &port->float_tail);
    }
    hf_codec_array(codec, (void **)&row->outputs, &row->output_count, sizeof *row->outputs);
    for (size_t i = 0; i < row->output_count; i++) {
        hf_output_row *output = &row->outputs[i];
        hf_codec_small(codec, &output->inference);
        hf_codec_small(codec, &output->input);
        hf_codec_small(codec, &output->step);
        hf_codec_small(codec, &output->port);
        hf_codec_bytes(codec, &output->values, &output->value_bytes);
    }
}

static void code_training(hf_codec *codec, hf_training_row *training)
{
    hf_codec_text(codec, &training->key);
    hf_codec_flag(codec, &training->complete);
    hf_codec_small(codec, &training->epochs);
    hf_codec_real(codec, &training->seconds);
    if (codec->schema >= SCHEMA_WITH_WARNING)
        hf_codec_text(codec, &training->warning);
    hf_codec_array(codec, (void **)&training->curve, &training->curve_count, sizeof *training->curve);
    for (size_t i = 0; i < training->curve_count; i++) {
        hf_epoch_row *epoch = &training->curve[i];
        hf_codec_small(codec, &epoch->epoch);
        hf_codec_real(codec, &epoch->loss);
        hf_codec_real(codec, &epoch->training_percent);
        hf_codec_real(codec, &epoch->validation_percent);
        hf_codec_real(codec, &epoch->seconds);
    }
}

static void code_result(hf_codec *codec, hf_result_row *row)
{
    code_identity(codec, row);
    code_figures(codec, &hf_result_figures, HF_FIGURE_INTEGER, row);
    hf_codec_text(codec, &row->image_sha256);
    hf_codec_word(codec, &row->image_crc32);
    hf_codec_flag(codec, &row->has_accuracy);
    hf_codec_real(codec, &row->accuracy_percent);
    hf_codec_real(codec, &row->accuracy_low_percent);
    hf_codec_real(codec, &row->accuracy_high_percent);
    hf_codec_text(codec, &row->accuracy_source);
    if (codec->schema >= 9)
        hf_codec_text(codec, &row->arena_map);
    hf_codec_text(codec, &row->board_id);
    hf_codec_flag(codec, &row->modelled);
    code_figures(codec, &hf_result_figures, HF_FIGURE_REAL, row);
    hf_codec_text(codec, &row->clock_source);
    hf_codec_text(codec, &row->firmware_id);
    hf_codec_word(codec, &row->output_crc32);
    hf_codec_array(codec, (void **)&row->samples, &row->sample_count, sizeof *row->samples);
    for (size_t i = 0; i < row->sample_count; i++) {
        hf_codec_int(codec, &row->samples[i].cycles);
        hf_codec_int(codec, &row->samples[i].instructions);
    }
    hf_codec_array(codec, (void **)&row->layers, &row->layer_count, sizeof *row->layers);
    for (size_t i = 0; i < row->layer_count; i++) {
        hf_layer *layer = &row->layers[i];
        hf_codec_short_text(codec, layer->name, sizeof layer->name);
        hf_codec_short_text(codec, layer->op, sizeof layer->op);
        hf_codec_small(codec, &layer->height);
        hf_codec_small(codec, &layer->width);
        hf_codec_small(codec, &layer->channels);
        code_figures(codec, &hf_layer_figures, HF_FIGURE_INTEGER, layer);
        code_figures(codec, &hf_layer_figures, HF_FIGURE_REAL, layer);
    }
    if (codec->schema >= SCHEMA_WITH_PORTS)
        code_ports(codec, row);
    if (codec->schema >= SCHEMA_WITH_TRAINING)
        code_training(codec, &row->training);
}

static void code_attempt(hf_codec *codec, hf_attempt_row *row)
{
    hf_codec_small(codec, &row->number);
    hf_codec_text(codec, &row->board_id);
    hf_codec_int(codec, &row->started_ms);
    hf_codec_int(codec, &row->duration_ns);
    hf_codec_int(codec, &row->flash_ns);
    hf_codec_int(codec, &row->reset_ns);
    hf_codec_int(codec, &row->run_ns);
    hf_codec_flag(codec, &row->succeeded);
    hf_codec_text(codec, &row->fault);
    hf_codec_text(codec, &row->message);
    hf_codec_text(codec, &row->transcript);
}

static void code_failure(hf_codec *codec, hf_failure_row *row)
{
    hf_codec_text(codec, &row->board_id);
    hf_codec_int(codec, &row->at_ms);
    hf_codec_text(codec, &row->fault);
    hf_codec_text(codec, &row->message);
    hf_codec_text(codec, &row->transcript);
    hf_codec_flag(codec, &row->dead);
}

static void code_plan(hf_codec *codec, hf_journal_record *record)
{
    hf_codec_array(codec, (void **)&record->planned, &record->planned_count, sizeof *record->planned);
    for (size_t i = 0; i < record->planned_count; i++) {
        hf_codec_small(codec, &record->planned[i].position);
        code_identity(codec, &record->planned[i]);
    }
}

static bool plan_is_complete(const hf_journal_record *record)
{
    for (size_t i = 0; i < record->planned_count; i++)
        if (!record->planned[i].name || !record->planned[i].family || !record->planned[i].chip)
            return false;
    return true;
}

static void code_record(hf_codec *codec, hf_journal_record *record)
{
    hf_codec_small(codec, &record->kind);
    hf_codec_text(codec, &record->run_key);
    hf_codec_small(codec, &record->position);
    hf_codec_flag(codec, &record->has_result);
    if (record->has_result)
        code_result(codec, &record->result);
    if (record->kind == HF_JOURNAL_ATTEMPT)
        code_attempt(codec, &record->attempt);
    if (record->kind == HF_JOURNAL_FAILURE)
        code_failure(codec, &record->failure);
    if (record->kind == HF_JOURNAL_PLAN)
        code_plan(codec, record);
    hf_codec_small(codec, &record->outcome);
    hf_codec_text(codec, &record->fault);
    hf_codec_text(codec, &record->message);
    hf_codec_int(codec, &record->finished_ms);
    hf_codec_int(codec, &record->duration_ns);
}

static void put_word(uint8_t *at, uint32_t word)
{
    for (int i = 0; i < 4; i++)
        at[i] = (uint8_t)(word >> (8 * i));
}

static uint32_t get_word(const uint8_t *at)
{
    return (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

static uint32_t checksum(const uint8_t *head, const uint8_t *stored, size_t stored_bytes)
{
    uLong crc = crc32(0, head, HEAD_BYTES - 4);
    return (uint32_t)crc32_z(crc, stored, stored_bytes);
}

void hf_journal_encode(hf_journal_record *record, hf_buffer *out)
{
    hf_buffer plain = HF_BUFFER_INIT;
    hf_codec codec = {.out = &plain, .schema = newest_schema()};
    code_record(&codec, record);
    uLongf stored_bytes = compressBound(plain.size);
    uint8_t *stored = plain.failed ? NULL : malloc(stored_bytes);
    if (!stored ||
        compress2(stored, &stored_bytes, (const Bytef *)plain.data, plain.size, Z_BEST_SPEED) != Z_OK) {
        out->failed = true;
    } else {
        uint8_t head[HEAD_BYTES];
        put_word(head, MAGIC);
        put_word(head + 4, newest_version());
        put_word(head + 8, (uint32_t)stored_bytes);
        put_word(head + 12, (uint32_t)plain.size);
        put_word(head + 16, checksum(head, stored, stored_bytes));
        hf_buffer_append(out, head, sizeof head);
        hf_buffer_append(out, stored, stored_bytes);
    }
    free(stored);
    hf_buffer_free(&plain);
}

static bool is_complete(const hf_journal_record *record)
{
    if (!record->run_key)
        return false;
    switch (record->kind) {
    case HF_JOURNAL_RESULT:
        return record->has_result;
    case HF_JOURNAL_ATTEMPT:
        return record->attempt.board_id && record->attempt.succeeded == record->has_result;
    case HF_JOURNAL_OUTCOME:
        return record->outcome >= HF_RESULT_MEASURED && record->outcome <= HF_RESULT_PRUNED;
    case HF_JOURNAL_FAILURE:
        return record->failure.board_id != NULL;
    case HF_JOURNAL_FINISH:
        return record->outcome >= HF_RUN_RUNNING && record->outcome <= HF_RUN_ABORTED;
    case HF_JOURNAL_PLAN:
        return plan_is_complete(record);
    default:
        return false;
    }
}

hf_status hf_journal_decode(const uint8_t *bytes, size_t size_bytes, hf_journal_record *record,
                            size_t *used_bytes)
{
    *record = (hf_journal_record){0};
    *used_bytes = 0;
    if (size_bytes < HEAD_BYTES)
        return HF_ELIMIT;
    if (get_word(bytes) != MAGIC)
        return HF_EFORMAT;
    const uint32_t stored_bytes = get_word(bytes + 8), plain_bytes = get_word(bytes + 12);
    if (stored_bytes > size_bytes - HEAD_BYTES)
        return HF_ELIMIT;
    *used_bytes = HEAD_BYTES + (size_t)stored_bytes;
    if (get_word(bytes + 16) != checksum(bytes, bytes + HEAD_BYTES, stored_bytes) || plain_bytes > MOST_BYTES)
        return HF_EFORMAT;
    const uint32_t version = get_word(bytes + 4);
    if (version < 1 || version > newest_version())
        return HF_EUNSUPPORTED;
    uLongf length = plain_bytes;
    uint8_t *plain = malloc((size_t)plain_bytes + 1);
    if (!plain)
        return HF_ENOMEM;
    hf_status status = HF_EFORMAT;
    if (uncompress(plain, &length, bytes + HEAD_BYTES, stored_bytes) == Z_OK && length == plain_bytes) {
        hf_codec codec = {.in = plain, .end = plain + length, .schema = (int)version + SCHEMA_BEFORE};
        code_record(&codec, record);
        if (!codec.failed && codec.in == codec.end && is_complete(record))
            status = HF_OK;
    }
    free(plain);
    if (status != HF_OK)
        hf_journal_free(record);
    return status;
}

void hf_journal_free(hf_journal_record *record)
{
    hf_row_clear(&hf_result_row_type, &record->result);
    hf_rows_free(&hf_result_row_type, record->planned, record->planned_count);
    hf_row_clear(&hf_attempt_row_type, &record->attempt);
    hf_row_clear(&hf_failure_row_type, &record->failure);
    free(record->run_key);
    free(record->fault);
    free(record->message);
    *record = (hf_journal_record){0};
}

static hf_status find_run(hf_store *store, const char *key, int64_t *run_id, hf_error *err)
{
    *run_id = 0;
    hf_status status = hf_store_find_key(store, key, run_id, err);
    if (status != HF_OK || *run_id)
        return status;
    store->failure = SQLITE_NOTFOUND;
    return HF_FAIL_AS(err, HF_FAULT_FARM, HF_ESTORE, "store %s: run %s does not exist", store->path, key);
}

hf_status hf_journal_apply(hf_store *store, const hf_journal_record *record, hf_error *err)
{
    int64_t run_id = 0;
    hf_status status = find_run(store, record->run_key, &run_id, err);
    if (status != HF_OK)
        return status;
    switch ((hf_journal_kind)record->kind) {
    case HF_JOURNAL_RESULT:
        return hf_store_add_result(store, run_id, record->position, &record->result, err);
    case HF_JOURNAL_ATTEMPT:
        return hf_store_add_attempt(store, run_id, record->position, &record->attempt,
                                    record->has_result ? &record->result : NULL, err);
    case HF_JOURNAL_OUTCOME:
        return hf_store_close_result(store, run_id, record->position, (hf_result_outcome)record->outcome,
                                     record->fault, record->message, err);
    case HF_JOURNAL_FAILURE:
        return hf_store_add_failure(store, run_id, &record->failure, err);
    case HF_JOURNAL_FINISH:
        return hf_store_finish_run(store, run_id, (hf_run_state)record->outcome, record->finished_ms,
                                   record->duration_ns, record->message, err);
    case HF_JOURNAL_PLAN:
        return hf_store_add_plan(store, run_id, record->planned, record->planned_count, err);
    }
    return HF_EINVALID;
}
