/* SPDX-License-Identifier: Apache-2.0 */
#include "text_file.h"

#include "base/file.h"
#include "spec/spec.h"

hf_status hf_text_file_read(const char *path, const char *expected, char **text, size_t *bytes,
                            hf_diagnostics *diagnostics, hf_error *err)
{
    uint8_t *read = NULL;
    hf_error error = {0};
    hf_status status = hf_file_read(path, HF_SPEC_MAX_BYTES, &read, bytes, &error);
    if (status == HF_ENOMEM)
        return HF_FAIL(err, HF_ENOMEM, "%s", error.message);
    if (status != HF_OK) {
        hf_diagnostics_add_unreadable(diagnostics, path, &error, expected);
        return HF_FAIL(err, HF_EINVALID, "%s", error.message);
    }
    *text = (char *)read;
    return HF_OK;
}

hf_status hf_text_file_verdict(const char *path, bool no_memory, uint32_t mistakes, hf_error *err)
{
    if (no_memory)
        return HF_FAIL(err, HF_ENOMEM, "no memory to read %s", path);
    if (mistakes)
        return HF_FAIL(err, HF_EINVALID, "%s has %u mistake%s", path, mistakes, mistakes == 1 ? "" : "s");
    return HF_OK;
}
