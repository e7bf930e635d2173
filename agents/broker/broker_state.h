/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_BROKER_STATE_H
#define HF_BROKER_STATE_H

#include <pthread.h>
#include <sys/queue.h>

#include "broker/broker.h"
#include "library.h"

/** @file broker_state.h
 * What the files of this module share where there is a libnats:
 *
 *   broker.c      opening and closing, messages
 *   settings.c    a copy of hf_broker_options, and the options of libnats made from it
 *   link.c        one connection of libnats with its subscriptions
 *   watch.c       makes a new link when libnats has closed one
 *   leases.c      leases as entries of a key-value store
 *   failure.c     failures of libnats
 *   library.c     libnats, loaded at run time
 */

/** What somebody wants to hear, as long as the broker exists. */
typedef struct hf_subscription {
    hf_broker_handler handler;
    void *user;
    SLIST_ENTRY(hf_subscription) link;
    char subject[];
} hf_subscription;

/** A subscription on one link. */
typedef struct hf_listener {
    hf_broker *broker;
    const hf_subscription *subscription;
    natsSubscription *nats;
    bool ended; /**< no handler is running, and none will; under broker->mutex */
    SLIST_ENTRY(hf_listener) link;
} hf_listener;

/** A connection of libnats. Taken with hf_link_take(). */
typedef struct hf_link {
    natsConnection *connection;
    SLIST_HEAD(, hf_listener) listeners; /**< under broker->subscribing */
    jsCtx *jetstream;                    /**< NULL = not opened yet; written once, under broker->mutex */
    kvStore *leases;                     /**< likewise */
    unsigned users;                      /**< under broker->mutex */
} hf_link;

typedef struct hf_settings {
    char *url, *name, *user, *password, *password_path;
    char *ca_path, *cert_path, *key_path, *ca_pem, *cert_pem, *key_pem;
} hf_settings;

#define HF_TOLD_MAX 4 /* problems that are not told twice */

struct hf_broker {
    const hf_nats_library *nats;
    hf_settings settings;
    uint32_t timeout_ms;
    hf_broker_watch watch;
    bool has_watch;
    pthread_mutex_t subscribing; /**< taken before `mutex`; guards the list and the links' listeners */
    SLIST_HEAD(, hf_subscription) subscriptions;
    pthread_mutex_t mutex;  /**< guards what follows */
    pthread_cond_t changed; /**< a handler has ended, a link is not used any more */
    pthread_cond_t wake;    /**< for the watch; monotonic */
    hf_link *link;          /**< NULL = not connected yet */
    uint32_t lease_ms;      /**< 0 = leases are not used */
    bool quit, renew;
    char problem[HF_BROKER_PROBLEM_SIZE];
    /* watch.c; its thread's */
    pthread_t watcher;
    bool has_watcher;
    uint64_t reconnects; /**< of the link, when its leases were last looked at */
    uint64_t next_try_ns, wait_ms;
    uint64_t lost_ns; /**< since when libnats tries in vain; 0 = it does not */
    char told[HF_TOLD_MAX][HF_BROKER_PROBLEM_SIZE];
    unsigned told_count;
    bool told_well;
};

/* settings.c */
hf_status hf_settings_copy(const hf_broker_options *options, hf_settings *out, hf_error *err);
void hf_settings_free(hf_settings *settings);
/** Whether the files of keys and passwords may be used. */
hf_status hf_settings_check(const hf_settings *settings, hf_error *err);
/** @param out natsOptions_Destroy() */
hf_status hf_settings_options(const hf_broker *broker, natsOptions **out, hf_error *err);

/* link.c */
/** Connects and subscribes. Blocks for up to the timeout. @param out hf_link_close() */
hf_status hf_link_open(hf_broker *broker, hf_link **out, hf_error *err);
/** Under broker->subscribing. */
hf_status hf_link_listen(hf_broker *broker, hf_link *link, const hf_subscription *subscription,
                         hf_error *err);
/** Waits for handlers and for those who have taken it. NULL allowed. */
void hf_link_close(hf_broker *broker, hf_link *link);
/** The link of now; hf_link_put(). @return NULL: there is none; err says why */
hf_link *hf_link_take(hf_broker *broker, hf_error *err);
void hf_link_put(hf_broker *broker, hf_link *link);

/* watch.c */
hf_status hf_watch_start(hf_broker *broker, hf_error *err);
void hf_watch_stop(hf_broker *broker);

/* leases.c */
/** Opens the store on a link, or looks whether it is still there. */
hf_status hf_link_use_leases(hf_broker *broker, hf_link *link, uint32_t lease_ms, hf_error *err);

/* failure.c */
/** Records a failure of libnats. */
hf_status hf_broker_fail(const hf_broker *broker, natsStatus cause, const char *doing, hf_error *err);

#endif
