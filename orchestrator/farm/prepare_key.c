/* SPDX-License-Identifier: Apache-2.0 */
#include "prepare_key.h"

#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "datasets/dataset.h"
#include "input_files.h"
#include "prepare_code_digest.h"

#define MODEL_MAX_BYTES ((size_t)1 << 30)

static hf_status digest_file(const char *path, size_t limit_bytes, char digest[HF_SHA256_HEX_SIZE],
                             hf_error *err)
{
    uint8_t *bytes = NULL;
    size_t size = 0;
    hf_status status = hf_file_read(path, limit_bytes, &bytes, &size, err);
    if (status == HF_OK)
        hf_sha256_hex(bytes, size, digest);
    free(bytes);
    return status;
}

/* Digest of a text, which is freed. */
static hf_status digest_text(hf_buffer *text, char digest[HF_SHA256_HEX_SIZE], hf_error *err)
{
    const bool failed = text->failed;
    if (!failed)
        hf_sha256_hex(text->data, text->size, digest);
    hf_buffer_free(text);
    return failed ? HF_FAIL_AS(err, HF_FAULT_FARM, HF_ENOMEM, "no memory for a key") : HF_OK;
}

static hf_status digest_inputs(const hf_prepare_request *request, char digest[HF_SHA256_HEX_SIZE],
                               hf_error *err)
{
    hf_buffer text = HF_BUFFER_INIT;
    hf_status status = HF_OK;
    for (uint32_t i = 0; status == HF_OK && i < request->input_count; i++) {
        hf_buffer_puts(&text, "\ninput");
        for (uint32_t k = 0; status == HF_OK && k < request->inputs[i].path_count; k++) {
            const char *path = request->inputs[i].paths[k];
            char file[HF_SHA256_HEX_SIZE] = "";
            status = digest_file(path, HF_SPEC_INPUT_MAX_BYTES, file, err);
            hf_buffer_printf(&text, " %s %s", hf_input_file_is_npy(path) ? "npy" : "raw", file);
        }
    }
    if (status == HF_OK)
        return digest_text(&text, digest, err);
    hf_buffer_free(&text);
    return status;
}

hf_status hf_prepare_contents(const hf_prepare_request *request, char digest[HF_SHA256_HEX_SIZE],
                              hf_error *err)
{
    char model[HF_SHA256_HEX_SIZE] = "", input[HF_SHA256_HEX_SIZE] = "", data[HF_SHA256_HEX_SIZE] = "";
    hf_status status = HF_OK;
    if (hf_source_file(&request->source))
        status = digest_file(hf_source_file(&request->source), MODEL_MAX_BYTES, model, err);
    if (status == HF_OK && request->input_count)
        status = digest_inputs(request, input, err);
    if (status == HF_OK && request->data_path)
        status = hf_dataset_digest(request->data_path, data, err);
    if (status != HF_OK)
        return status;
    hf_buffer text = HF_BUFFER_INIT;
    hf_buffer_printf(&text, "model %s input %s data %s", model, input, data);
    return digest_text(&text, digest, err);
}

static void put_source(hf_buffer *text, const hf_source *source)
{
    if (source->tflite_path) {
        hf_buffer_puts(text, "tflite\n");
        return;
    }
    const hf_variation *v = &source->variation;
    hf_buffer_printf(text, "family %s head %d weights %u", v->family, (int)v->head, source->weights_seed);
    for (int f = 0; f < HF_FACTOR_COUNT; f++)
        if (v->set & (1U << f)) /* %a: exact */
            hf_buffer_printf(text, " %s %a", hf_factor_name((hf_factor)f), v->factors[f]);
    hf_buffer_putc(text, '\n');
}

hf_status hf_prepare_key(const hf_prepare_request *request, const hf_compile_options *options,
                         const char contents[HF_SHA256_HEX_SIZE], char key[HF_SHA256_HEX_SIZE], hf_error *err)
{
    hf_buffer text = HF_BUFFER_INIT;
    hf_buffer_printf(&text, "code %s\ncontents %s\n", HF_PREPARE_CODE_DIGEST, contents);
    put_source(&text, &request->source);
    if (!request->input_count) {
        hf_buffer_printf(&text, "steps %u input seeds", request->steps);
        for (uint32_t i = 0; i < request->seed_count; i++)
            hf_buffer_printf(&text, " %u", request->seeds[i]);
        if (!request->seed_count)
            hf_buffer_printf(&text, " %u", request->input_seed);
        hf_buffer_putc(&text, '\n');
    }
    if (request->data_path && request->pixels)
        hf_buffer_printf(&text, "pixels %s\n", request->pixels);
    hf_buffer_printf(&text, "objective %d arena limit %u\n", (int)options->objective,
                     options->arena_limit_bytes);
    return digest_text(&text, key, err);
}
