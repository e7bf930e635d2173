/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_DOCTOR_BROKER_ADVISORIES_H
#define HF_DOCTOR_BROKER_ADVISORIES_H

#include <stdbool.h>
#include <stddef.h>

/**
 * @file broker_advisories.h
 * Known weaknesses of nats-server that concern a farm of several hosts (docs/security.md has the sources).
 */

typedef struct hf_version {
    unsigned major, minor, patch;
} hf_version;

#define HF_ADVISORY_FIXES 3

typedef struct hf_advisory {
    const char *id;
    hf_version fixed
        [HF_ADVISORY_FIXES]; /**< the first version of each branch without it, ascending; zero = no more */
    const char *closed_by;   /**< what keeps it out with the configuration of `hilfarm agent init` */
} hf_advisory;

/** All of them, and their number. */
extern const hf_advisory hf_advisories[];
extern const size_t hf_advisory_count;

/** Parses "2.9.10", also with more behind it. */
bool hf_version_parse(const char *text, hf_version *out);
/** Whether a version has the weakness: older branches than those that were mended have it, newer ones do not. */
bool hf_advisory_concerns(const hf_advisory *advisory, hf_version version);

#endif
