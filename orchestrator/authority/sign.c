/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "authority_state.h"

static hf_status make_id(char id[HF_CREDENTIAL_ID_SIZE], hf_error *err)
{
    uint8_t bytes[8];
    hf_status status = hf_random_bytes(bytes, sizeof bytes, err);
    for (size_t i = 0; i < sizeof bytes; i++)
        snprintf(id + 2 * i, 3, "%02x", bytes[i]);
    return status;
}

hf_status hf_authority_issue(const hf_authority *authority, hf_entry_kind kind, const char *name,
                             const char *id, const hf_key *subject, int64_t now_s, int64_t until_s,
                             hf_certificate **out, hf_error *err)
{
    static const char *const kinds[] = {HF_IDENTITY_FARM, HF_IDENTITY_HOST, HF_IDENTITY_INVITATION};
    char identity[HF_IDENTITY_SIZE];
    hf_certificate *ca;
    hf_key *ca_key;
    hf_status status = hf_authority_load_ca(authority, &ca, &ca_key, err);
    if (status != HF_OK)
        return status;
    hf_identity_make(identity, kinds[kind], name, id);
    const hf_certificate_order order = {.use = HF_CERTIFICATE_CLIENT,
                                        .name = name,
                                        .identity = identity,
                                        .from_s = now_s - HF_BACKDATE_S,
                                        .until_s = until_s};
    status = hf_certificate_issue(&order, subject, ca, ca_key, out, err);
    hf_certificate_free(ca);
    hf_key_free(ca_key);
    return status;
}

hf_status hf_authority_sign(const hf_authority *authority, hf_registry *registry, hf_entry_kind kind,
                            const char *name, const hf_key *subject, int64_t now_s, int64_t until_s,
                            hf_certificate **out, hf_entry **entry, hf_error *err)
{
    char id[HF_CREDENTIAL_ID_SIZE];
    hf_status status = make_id(id, err);
    if (status == HF_OK)
        status = hf_authority_issue(authority, kind, name, id, subject, now_s, until_s, out, err);
    if (status != HF_OK)
        return status;
    *entry = hf_registry_add(registry, kind, name, id);
    if (!*entry) {
        hf_certificate_free(*out);
        return HF_FAIL(err, HF_ENOMEM, "no memory for an entry of the registry");
    }
    (*entry)->signed_s = now_s;
    (*entry)->until_s = until_s;
    return HF_OK;
}
