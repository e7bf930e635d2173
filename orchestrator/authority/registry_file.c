/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "authority_state.h"
#include "base/file.h"

hf_status hf_registry_load(const hf_authority *authority, hf_registry *out, hf_error *err)
{
    char path[PATH_MAX];
    uint8_t *text = NULL;
    size_t size = 0;
    hf_error cause = {0};
    hf_status status = hf_authority_path(authority, HF_REGISTRY_FILE, path, err);
    if (status == HF_OK)
        status = hf_file_read(path, HF_REGISTRY_MAX, &text, &size, err);
    if (status != HF_OK)
        return status;
    status = hf_registry_parse((char *)text, size, out, &cause);
    free(text);
    hf_error_context(&cause, HF_FAULT_NONE, "%s", path);
    return status == HF_OK ? HF_OK : hf_error_pass(err, &cause);
}

hf_status hf_registry_save(const hf_authority *authority, const hf_registry *registry, hf_error *err)
{
    hf_buffer text = HF_BUFFER_INIT;
    hf_registry_render(registry, &text);
    hf_status status = hf_authority_save(authority, HF_REGISTRY_FILE, &text, err);
    hf_buffer_free(&text);
    return status;
}
