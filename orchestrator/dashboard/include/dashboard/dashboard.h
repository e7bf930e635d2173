/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_DASHBOARD_DASHBOARD_H
#define HF_DASHBOARD_DASHBOARD_H

#include <stdbool.h>
#include <stddef.h>

/**
 * @file dashboard.h
 * The files of the dashboard: a page, its program (web/dashboard/, bundled when hilfarm is built) and its style sheet. They
 * are the same for everyone; the program gets all data from the daemon's API.
 */

typedef struct hf_dashboard_file {
    const char *type; /**< of its content */
    const char *content;
    size_t size_bytes;
} hf_dashboard_file;

/** Finds a file. @param path "/", "/dashboard.js" or "/dashboard.css". @param out written if there is one; what it points to is static. @return whether there is one */
bool hf_dashboard_find(const char *path, hf_dashboard_file *out);

/**
 * The security policy of the page: program and style sheet from the daemon, requests to the daemon, nothing else. Static
 * string, for the header Content-Security-Policy.
 */
const char *hf_dashboard_policy(void);

#endif
