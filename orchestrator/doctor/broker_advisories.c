/* SPDX-License-Identifier: Apache-2.0 */
#include "broker_advisories.h"

#include <limits.h>
#include <stdlib.h>

#define NO_WEBSOCKETS "websockets are off"

const hf_advisory hf_advisories[] = {
    {"CVE-2023-47090",
     {{2, 9, 23}, {2, 10, 2}},
     "all users are in one authorization block, without accounts"},
    {"CVE-2025-30215", {{2, 10, 27}, {2, 11, 1}}, "nobody may use the administration subjects of JetStream"},
    {"CVE-2026-27571", {{2, 11, 12}, {2, 12, 3}}, NO_WEBSOCKETS},
    {"CVE-2026-27889", {{2, 11, 14}, {2, 12, 5}}, NO_WEBSOCKETS},
    {"CVE-2026-33218", {{2, 11, 15}, {2, 12, 6}}, "leaf nodes are off"},
    {"CVE-2026-33219", {{2, 11, 15}, {2, 12, 6}}, NO_WEBSOCKETS},
    {"CVE-2026-33222", {{2, 11, 15}, {2, 12, 6}}, "nobody may restore streams"},
    {"CVE-2026-33248",
     {{2, 11, 15}, {2, 12, 6}},
     "users are found by a URI, not by the subject of a certificate"},
    {"NATS advisory 2026-18", {{2, 11, 16}, {2, 12, 7}, {2, 14, 0}}, "permissions only allow, none denies"},
};
const size_t hf_advisory_count = sizeof hf_advisories / sizeof hf_advisories[0];

/* @return behind the number; NULL if there is none */
static const char *read_number(const char *text, unsigned *out)
{
    char *end;
    if (*text < '0' || *text > '9')
        return NULL;
    const unsigned long value = strtoul(text, &end, 10);
    *out = value < UINT_MAX ? (unsigned)value : UINT_MAX;
    return end;
}

bool hf_version_parse(const char *text, hf_version *out)
{
    const char *at = read_number(text, &out->major);
    at = at && *at == '.' ? read_number(at + 1, &out->minor) : NULL;
    return at && *at == '.' && read_number(at + 1, &out->patch);
}

bool hf_advisory_concerns(const hf_advisory *advisory, hf_version version)
{
    hf_version newest = {0};
    for (size_t i = 0; i < HF_ADVISORY_FIXES && advisory->fixed[i].major; i++) {
        newest = advisory->fixed[i];
        if (version.major == newest.major && version.minor == newest.minor)
            return version.patch < newest.patch;
    }
    return version.major < newest.major || (version.major == newest.major && version.minor < newest.minor);
}
