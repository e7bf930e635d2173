/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_BROKER_SUBJECTS_H
#define HF_BROKER_SUBJECTS_H

/**
 * @file subjects.h
 * Subjects of a farm of several hosts. Names of hosts and owners conform to hf_envelope_name_ok(). A host needs to publish on
 * HF_SUBJECT_OWNER with its own name at the end and on HF_SUBJECT_BLOB, and to subscribe to the others with its own name only.
 */

#define HF_SUBJECT_SIZE  192
#define HF_SUBJECT_HELLO "hf.v1.hello.%s" /**< host; a request: what boards are there? The reply is a hello */
#define HF_SUBJECT_HOST  "hf.v1.host.%s"  /**< host: messages of owners to its boards */
#define HF_SUBJECT_OWNER "hf.v1.owner.%s.%s" /**< owner, host: messages of that host's agent */
#define HF_SUBJECT_BLOB  "hf.v1.blob.%s"     /**< host or owner; a request for a chunk (blobs.h) */

#endif
