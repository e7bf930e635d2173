/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_BROKER_BROKER_H
#define HF_BROKER_BROKER_H

#include "base/buffer.h"
#include "config/broker_config.h"
#include "orders/board_owner.h"
#include "orders/envelope.h"

/**
 * @file broker.h
 * A connection to the NATS server that joins the hosts of a farm: messages, requests, and the leases of boards, which are
 * entries of a JetStream key-value store. libnats is loaded when the first connection is opened, so that programs of farms with one
 * host do not need it.
 *
 * The connection is restored by itself whenever it is lost; messages sent meanwhile are lost, and requests fail. libnats closes a
 * connection for good when the server has refused it twice. A broker with a watch then makes a new one, with the files of the
 * credentials as they are by then, and takes up its subscriptions and leases again; it tries until it is closed. Functions may
 * be called from any thread.
 */

#define HF_BROKER_MESSAGE_MAX (1U << 20)       /**< bytes; the default of nats-server */
#define HF_BROKER_LEASES      "hilfarm-leases" /**< name of the key-value store */

typedef struct hf_broker hf_broker;

/** For programs that outlive their server. */
typedef struct hf_broker_watch {
    bool at_once; /**< hf_broker_open() does not wait for the first connection; it may be made later */
    /** The connection has changed. Each problem is told once until all is well again. A thread of the broker; must not wait for
     * long, or call it. NULL allowed. @param problem NULL = connected, and the store of leases is there */
    void (*changed)(void *user, const char *problem);
    void *user;
} hf_broker_watch;

/** All strings borrowed during hf_broker_open(). NULL = not given. */
typedef struct hf_broker_options {
    const char *url; /**< "nats://host:4222", or "tls://host:4222" */
    const char
        *name; /**< of the host or owner, for the server's monitoring and for replies (HF_SUBJECT_INBOX) */
    const char *user, *password;
    const char *password_path; /**< instead of the password; only its owner may read the file */
    const char *ca_path; /**< certificates of the authorities that may sign the server's; requires TLS */
    const char *cert_path, *key_path; /**< of this host, together; only its owner may read the key's file */
    const char *ca_pem, *cert_pem, *key_pem; /**< the same as texts, instead of the files */
    uint32_t timeout_ms;                     /**< for connecting and for lease operations; not 0 */
    const hf_broker_watch *watch; /**< NULL = the connection is not made again once it is closed for good */
} hf_broker_options;

/** @param reply NULL if none is wanted; may be left empty: then none is sent. Called on a thread of the connection; must not
 * wait for long. */
typedef void (*hf_broker_handler)(void *user, const char *subject, const void *bytes, size_t size,
                                  hf_buffer *reply);

/**
 * Connects.
 * @param out written on HF_OK; hf_broker_close()
 * @return HF_OK; HF_EUNSUPPORTED (permanent) without libnats; HF_EINVALID (class farm, permanent): others can read the key's file;
 * HF_EMISMATCH: the server does not accept the credentials; HF_EIO or HF_ETIMEOUT. Class agent unless said otherwise. With
 * watch->at_once, only HF_EUNSUPPORTED, HF_EINVALID and HF_ENOMEM
 */
hf_status hf_broker_open(const hf_broker_options *options, hf_broker **out, hf_error *err);
/**
 * Connects as a file says.
 * @param name, watch as in hf_broker_options
 * @return as hf_broker_open(); HF_EINVALID if the file of the password cannot be used
 */
hf_status hf_broker_connect(const hf_broker_config *config, const char *name, const hf_broker_watch *watch,
                            hf_broker **out, hf_error *err);
#define HF_BROKER_PROBLEM_SIZE 320
/** Why there is no connection now, or no store of leases. @return false: all is well; out is "" */
bool hf_broker_problem(hf_broker *broker, char out[HF_BROKER_PROBLEM_SIZE]);
/** Makes a new connection soon, with the files of the credentials as they are by then. Needs a watch. */
void hf_broker_reconnect(hf_broker *broker);
/** Waits until no handler is running. NULL allowed. */
void hf_broker_close(hf_broker *broker);

/** Sends a message; nobody may be listening. @return HF_OK: it is on its way; HF_EIO, HF_ELIMIT: class agent */
hf_status hf_broker_publish(hf_broker *broker, const char *subject, const void *bytes, size_t size,
                            hf_error *err);
/** Sends a message of the orders (orders/envelope.h). A failure is not told: it is as if the message was lost on the way, and what matters is
 * repeated. */
void hf_broker_send(hf_broker *broker, const char *subject, const hf_envelope *envelope);
/** @param subject may end in ".>" or contain "*" */
hf_status hf_broker_subscribe(hf_broker *broker, const char *subject, hf_broker_handler handler, void *user,
                              hf_error *err);
/** Sends a request and waits for one reply. @param reply emptied first @return HF_ENOTFOUND: nobody listens; HF_ETIMEOUT, HF_EIO */
hf_status hf_broker_request(hf_broker *broker, const char *subject, const void *bytes, size_t size,
                            uint32_t timeout_ms, hf_buffer *reply, hf_error *err);

/* ---- Leases ---- */

#define HF_LEASE_KEY_SIZE 320 /**< of host and board */

/** A lease that is held. */
typedef struct hf_lease {
    char key[HF_LEASE_KEY_SIZE];
    char holder[HF_ENVELOPE_NAME_SIZE]; /**< unique to one holder */
    hf_order_token token;
    uint64_t revision; /**< of its last renewal */
} hf_lease;

/**
 * Opens the store of the leases, and makes it if there is none; again whenever a broker with a watch was connected again.
 * @param lease_ms time to live of the leases
 * @return HF_OK; HF_EMISMATCH (class farm, permanent): the store has another time to live; class agent: no JetStream, no answer.
 * With watch->at_once always HF_OK: what is wrong is told like a lost connection
 */
hf_status hf_broker_use_leases(hf_broker *broker, uint32_t lease_ms, hf_error *err);
/**
 * Takes the lease of `key` for `holder`. Blocks for up to the connection's timeout.
 * @param by who has it, with HF_LEASE_TAKEN; size HF_ENVELOPE_NAME_SIZE
 * @param out written with HF_LEASE_OK
 */
hf_lease_result hf_broker_acquire(hf_broker *broker, const char *key, const char *holder, hf_lease *out,
                                  char *by);
/** Renews a lease that is held. Blocks likewise. */
hf_lease_result hf_broker_renew(hf_broker *broker, hf_lease *lease);
/** Gives it back, if it is still held; if the server does not answer, it expires. */
void hf_broker_release(hf_broker *broker, hf_lease *lease);

#endif
