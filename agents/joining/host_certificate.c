/* SPDX-License-Identifier: Apache-2.0 */
#include "joining/host_certificate.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "credentials/credentials.h"
#include "joining/token.h"

/* @return false: there is none that can be read */
static bool read_identity(const char *path, char out[HF_IDENTITY_SIZE])
{
    uint8_t *pem = NULL;
    size_t size = 0;
    hf_certificate *certificate = NULL;
    hf_certificate_info info;
    const bool ok = hf_file_read(path, HF_CREDENTIAL_LIMIT, &pem, &size, NULL) == HF_OK &&
                    hf_certificate_parse((char *)pem, size, &certificate, NULL) == HF_OK &&
                    hf_certificate_read(certificate, &info, NULL) == HF_OK;
    if (ok)
        memcpy(out, info.identity, HF_IDENTITY_SIZE);
    hf_certificate_free(certificate);
    free(pem);
    return ok;
}

hf_status hf_host_certificate_check(const char *host, const char *certificate_path, hf_error *err)
{
    char identity[HF_IDENTITY_SIZE], name[HF_JOIN_HOST_MAX + 1], id[HF_CREDENTIAL_ID_SIZE];
    if (!read_identity(certificate_path, identity))
        return HF_OK;
    if (hf_identity_read(identity, HF_IDENTITY_HOST, name, id))
        return strcmp(name, host) == 0
                   ? HF_OK
                   : HF_FAIL(err, HF_EINVALID,
                             "host: \"%s\", but the certificate %s is for the host \"%s\", expected the same "
                             "name in both: the server would let this agent in, but pass on nothing it says",
                             host, certificate_path, name);
    if (hf_identity_read(identity, HF_IDENTITY_FARM, name, id) ||
        hf_identity_read(identity, HF_IDENTITY_INVITATION, name, id))
        return HF_FAIL(err, HF_EINVALID,
                       "the certificate %s is not that of a host (its identity is %s), expected that of host "
                       "\"%s\"",
                       certificate_path, identity, host);
    return HF_OK;
}
