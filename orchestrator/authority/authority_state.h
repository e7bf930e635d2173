/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_AUTHORITY_STATE_H
#define HF_AUTHORITY_STATE_H

#include <limits.h>

#include "authority/authority.h"

/** @file authority_state.h
 * What the files of this module share:
 *
 *   folder.c        paths, the lock, the authority's own key
 *   registry.c      what was signed; on disk: registry_file.c, registry_json.c
 *   sign.c          signing for a client
 *   farm_connection.c  reaching the server, as the farm
 *   server_files.c  configuration and users of the NATS server, from the registry
 *   reload.c        telling the server
 *   setup.c         making a folder, renewing its own certificates
 *   hosts.c         inviting, revoking, listing; admit.c: signing
 *   renew.c         renewing the certificate of a host
 *   responder.c     requests that come over the server
 */

#define HF_DAY_S         INT64_C(86400)
#define HF_CA_VALID_S    (INT64_C(20) * 365 * HF_DAY_S)
#define HF_HOST_VALID_S  (INT64_C(2) * 365 * HF_DAY_S) /* of all other certificates */
#define HF_BACKDATE_S    HF_DAY_S                      /* clocks of hosts may be wrong by that much */
#define HF_REGISTRY_FILE "registry.json"
#define HF_REGISTRY_MAX  ((size_t)16 << 20)
#define HF_NAMES_MAX     64
#define HF_NAME_SIZE     254
#define HF_DEFAULT_PORT  "4222"

struct hf_authority {
    char folder[PATH_MAX - 64];
};

/* ---- The registry ---- */

typedef enum hf_entry_kind { HF_ENTRY_FARM, HF_ENTRY_HOST, HF_ENTRY_INVITATION } hf_entry_kind;

/** A certificate that was signed. */
typedef struct hf_entry {
    hf_entry_kind kind;
    char name[HF_JOIN_HOST_MAX + 1];
    char id[HF_CREDENTIAL_ID_SIZE];
    int64_t signed_s, until_s;
    int64_t revoked_s;   /**< 0 = it may be used */
    int64_t used_s;      /**< of an invitation; 0 = not yet */
    char key_sha256[65]; /**< of an invitation: the request that used it */
    char *reply;         /**< of an invitation: the certificate that was signed for it, PEM; or NULL */
} hf_entry;

typedef struct hf_registry {
    char listen[HF_NAME_SIZE + 8];
    char (*names)[HF_NAME_SIZE];
    uint32_t name_count;
    hf_entry *entries;
    uint32_t entry_count;
} hf_registry;

hf_status hf_registry_load(const hf_authority *authority, hf_registry *out, hf_error *err);
hf_status hf_registry_save(const hf_authority *authority, const hf_registry *registry, hf_error *err);
void hf_registry_free(hf_registry *registry);
hf_status hf_registry_parse(const char *text, size_t size, hf_registry *out, hf_error *err);
void hf_registry_render(const hf_registry *registry, hf_buffer *out);
/** @return a new entry, zero but for its kind, name and id; NULL when out of memory */
hf_entry *hf_registry_add(hf_registry *registry, hf_entry_kind kind, const char *name, const char *id);
hf_entry *hf_registry_find(hf_registry *registry, hf_entry_kind kind, const char *id);
/** Removes what nobody can use any more and nobody need know of. */
void hf_registry_tidy(hf_registry *registry, int64_t now_s);

/* ---- The folder ---- */

hf_status hf_authority_path(const hf_authority *authority, const char *file, char path[PATH_MAX],
                            hf_error *err);
/** @return a descriptor to be closed, or -1 */
int hf_authority_lock(const hf_authority *authority, hf_error *err);
hf_status hf_authority_save(const hf_authority *authority, const char *file, const hf_buffer *bytes,
                            hf_error *err);
/** The authority's certificate and key. Free both. */
hf_status hf_authority_load_ca(const hf_authority *authority, hf_certificate **certificate, hf_key **key,
                               hf_error *err);
/** Signs a certificate for a client of that id. @param out written on HF_OK */
hf_status hf_authority_issue(const hf_authority *authority, hf_entry_kind kind, const char *name,
                             const char *id, const hf_key *subject, int64_t now_s, int64_t until_s,
                             hf_certificate **out, hf_error *err);
/** Signs a certificate for a client and adds it to the registry. @param out, entry written on HF_OK */
hf_status hf_authority_sign(const hf_authority *authority, hf_registry *registry, hf_entry_kind kind,
                            const char *name, const hf_key *subject, int64_t now_s, int64_t until_s,
                            hf_certificate **out, hf_entry **entry, hf_error *err);

/* ---- The server ---- */

void hf_server_config_render(const hf_authority *authority, const hf_registry *registry, hf_buffer *out);
void hf_server_users_render(const hf_registry *registry, hf_buffer *out);
/** Saves the registry and the list of users that follows from it. */
hf_status hf_authority_commit(const hf_authority *authority, const hf_registry *registry, hf_error *err);

#endif
