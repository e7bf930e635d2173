/* SPDX-License-Identifier: Apache-2.0 */
#include "library.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define NAME "libnats.so.3.4" /* the ABI of the headers; Debian: libnats3.4 */

static pthread_once_t once = PTHREAD_ONCE_INIT;
static hf_nats_library library;
static bool loaded;
static char problem[256];

static bool find(void *handle, const char *name, void *pointer, size_t size)
{
    void *address = dlsym(handle, name);
    if (!address) {
        snprintf(problem, sizeof problem, "%s has no function %s", NAME, name);
        return false;
    }
    memcpy(pointer, &address, size); /* POSIX allows it; C has no such cast */
    return true;
}

static void load(void)
{
    void *handle = dlopen(NAME, RTLD_NOW | RTLD_LOCAL);
    if (!handle) {
        const char *why = dlerror();
        snprintf(problem, sizeof problem, "%s", why ? why : NAME);
        return;
    }
    loaded = true;
#define HF_NATS_FIND(name) loaded = loaded && find(handle, #name, &library.name, sizeof library.name);
    HF_NATS_FUNCTIONS(HF_NATS_FIND)
#undef HF_NATS_FIND
}

hf_status hf_nats_load(const hf_nats_library **out, hf_error *err)
{
    pthread_once(&once, load);
    if (!loaded) {
        hf_status status =
            HF_FAIL_AS(err, HF_FAULT_FARM, HF_EUNSUPPORTED,
                       "farms of several hosts need libnats (Debian: libnats3.4): %s", problem);
        if (err)
            err->lasting = HF_PERMANENT;
        return status;
    }
    *out = &library;
    return HF_OK;
}
