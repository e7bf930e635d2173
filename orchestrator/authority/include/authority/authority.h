/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_AUTHORITY_AUTHORITY_H
#define HF_AUTHORITY_AUTHORITY_H

#include "base/clock.h"
#include "broker/broker.h"
#include "joining/token.h"

/**
 * @file authority.h
 * Who may take part in a farm of several hosts (docs/security.md). A folder, which only its owner can read, has the farm's certificate
 * authority, the certificates of the NATS server and of the farm's own programs, the list of all that was signed (registry.json), and the
 * server's configuration, which is written from it. Changes are made under a lock, so that several programs can make them.
 *
 * Times are seconds since 1970.
 */

/** Files of the folder. */
#define HF_AUTHORITY_CONFIG "nats-server.conf"
#define HF_AUTHORITY_CA     "ca.pem"
#define HF_AUTHORITY_FARM   "farm.pem"
#define HF_AUTHORITY_KEY    "farm.key"

typedef struct hf_authority hf_authority;

/** What a new folder is made with. NULL = as before, or the default. */
typedef struct hf_authority_setup {
    const char *listen; /**< "ADDRESS:PORT"; default 0.0.0.0:4222 */
    const char *const
        *names; /**< names and addresses by which hosts reach the server; the first one goes into tokens */
    uint32_t name_count;
} hf_authority_setup;

/**
 * Makes the folder, or renews the certificates of the server and of the farm in one that exists; its authority and its hosts stay.
 * @return HF_OK; HF_EINVALID: an address or a name; HF_EIO
 */
hf_status hf_authority_init(const char *folder, const hf_authority_setup *setup, int64_t now_s,
                            hf_error *err);

/** @param out hf_authority_close() @return HF_OK; HF_ENOTFOUND: there is none; HF_EINVALID: others can read its keys */
hf_status hf_authority_open(const char *folder, hf_authority **out, hf_error *err);
void hf_authority_close(hf_authority *authority);
/** "tls://NAME:PORT", by which hosts reach the server. @return HF_OK; HF_EFORMAT: the registry is damaged */
hf_status hf_authority_url(const hf_authority *authority, char *out, size_t size, hf_error *err);
/** Connects as the farm. @param name of this program @return as hf_broker_open() */
hf_status hf_authority_connect(const hf_authority *authority, const char *name, hf_broker **out,
                               hf_error *err);

/* ---- Hosts ---- */

/**
 * Makes a token with which `host` can join once.
 * @param url NULL = hf_authority_url()
 * @param out receives the token; clear it with hf_secret_free()
 * @return HF_OK; HF_EINVALID: the name of the host; HF_ELIMIT
 */
hf_status hf_authority_invite(hf_authority *authority, const char *host, const char *url, int64_t now_s,
                              int64_t until_s, hf_buffer *out, char id[HF_CREDENTIAL_ID_SIZE], hf_error *err);
/**
 * Carries out a request to join. The same request brings the same certificate again, as replies can be lost.
 * @param host that the invitation is for
 * @param id   of the invitation. The server accepts the request only from whoever holds that invitation
 * @param reply receives the reply (joining/messages.h), a refusal included
 * @return HF_OK: signed; HF_EMISMATCH: refused, the message is the reason; others: the farm's own failure, refused as well
 */
hf_status hf_authority_admit(hf_authority *authority, const char *host, const char *id, const void *request,
                             size_t size, int64_t now_s, hf_buffer *reply, hf_error *err);
/**
 * Renews the certificate of a host whose agent is connected; its key and identity stay, and it goes on working meanwhile.
 * @param broker  of hf_authority_connect()
 * @param until_s written on HF_OK
 * @return HF_OK; HF_ENOTFOUND: no such host; HF_ETIMEOUT: its agent does not answer; HF_EUNSUPPORTED: it cannot; HF_EMISMATCH, HF_EIO
 */
hf_status hf_authority_renew(hf_authority *authority, hf_broker *broker, const char *host, int64_t now_s,
                             int64_t *until_s, hf_error *err);
/**
 * Renews the certificates of the server and the farm, as hf_authority_init() does, if one of them ends within `before_s`. The server reads
 * them when it is told: hf_authority_reload().
 */
hf_status hf_authority_renew_own(const hf_authority *authority, int64_t now_s, int64_t before_s,
                                 bool *renewed, hf_error *err);
/** Takes all credentials of a host away. @return HF_OK; HF_ENOTFOUND: there is no such host */
hf_status hf_authority_revoke(hf_authority *authority, const char *host, int64_t now_s, hf_error *err);
/**
 * Has the server read its list of users again; who is not on it any more is cut off.
 * @return HF_OK; HF_ENOTFOUND: no server runs, so it will read the list when it starts; HF_EIO: it cannot be told
 */
hf_status hf_authority_reload(const hf_authority *authority, hf_error *err);

/**
 * Waits until the server has read the list of users that has a new token: it is told by a signal, which takes effect a little later.
 * @param text the token
 * @return HF_OK: the token can be used; what hf_broker_open() returns, once the deadline has passed
 */
hf_status hf_authority_await(const hf_authority *authority, const char *text, hf_deadline deadline,
                             hf_error *err);

typedef enum hf_member_state {
    HF_MEMBER_INVITED, /**< a token waits to be used */
    HF_MEMBER_JOINED,
    HF_MEMBER_EXPIRED,
    HF_MEMBER_REVOKED,
} hf_member_state;

/** A host, or a token for one that has not been used. */
typedef struct hf_member {
    char host[HF_JOIN_HOST_MAX + 1];
    hf_member_state state;
    int64_t since_s, until_s; /**< since: of the state, but of a member that has expired: when it joined */
} hf_member;
/** @param out malloc()ed @return HF_OK; HF_EFORMAT: the registry is damaged */
hf_status hf_authority_list(hf_authority *authority, int64_t now_s, hf_member **out, uint32_t *count,
                            hf_error *err);
/** Whether an invitation was used. @return HF_OK; HF_ENOTFOUND: not there any more */
hf_status hf_authority_is_used(hf_authority *authority, const char *id, bool *used, hf_error *err);

/* ---- Answering ---- */

/** Answers requests to join while it exists. */
typedef struct hf_responder hf_responder;

/**
 * @param authority, broker borrowed; the broker must be closed before hf_responder_free()
 * @param tell NULL, or is told what happened, in one line; called from a thread of the connection
 */
hf_status hf_responder_start(hf_authority *authority, hf_broker *broker,
                             void (*tell)(void *user, const char *line), void *user, hf_responder **out,
                             hf_error *err);
void hf_responder_free(hf_responder *responder);

#endif
