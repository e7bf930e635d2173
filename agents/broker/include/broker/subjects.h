/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_BROKER_SUBJECTS_H
#define HF_BROKER_SUBJECTS_H

/**
 * @file subjects.h
 * Subjects of a farm of several hosts. Names of hosts and owners conform to hf_envelope_name_ok(). What a
 * host must be allowed, and no more, is in agents/orders/MESSAGES.md.
 */

#define HF_SUBJECT_SIZE     192
#define HF_SUBJECT_HELLO    "hf.v1.hello.%s" /**< host; a request: what boards are there? The reply is a hello */
#define HF_SUBJECT_ANNOUNCE "hf.v1.announce.%s" /**< host: its hello, every few seconds */
#define HF_SUBJECT_WHO      "hf.v1.who"     /**< owners: which hosts are there? They announce themselves */
#define HF_SUBJECT_HOST     "hf.v1.host.%s" /**< host: messages of owners to its boards */
#define HF_SUBJECT_OWNER    "hf.v1.owner.%s.%s" /**< owner, host: messages of that host's agent */
#define HF_SUBJECT_INBOX                                                                                     \
    "hf.v1.inbox.%s" /**< host or owner: replies to its requests; only it may read them */
/** owner, host: what boards of that host say in consoles; apart from the messages that matter, which it cannot hold up */
#define HF_SUBJECT_CONSOLE "hf.v1.console.%s.%s"
/** owner, host: the host's request for a chunk of a file that the owner offers to it (blobs.h) */
#define HF_SUBJECT_BLOB "hf.v1.blob.%s.%s"
#define HF_SUBJECT_ANSWER                                                                                    \
    "hf.v1.answer.%s" /**< host: an owner's request for a chunk of an answer of that host (blobs.h) */
#define HF_SUBJECT_JOIN                                                                                      \
    "hf.v1.join.%s.%s" /**< host, number of an invitation: a request for a certificate (joining/messages.h) */

#endif
