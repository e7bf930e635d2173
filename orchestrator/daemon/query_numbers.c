/* SPDX-License-Identifier: Apache-2.0 */
#include "query_numbers.h"

#include <errno.h>
#include <stdlib.h>

bool hf_query_number(hf_http_request *request, const char *name, int64_t most, int64_t *value)
{
    const char *text = hf_http_request_query(request, name);
    char *end;
    if (!text)
        return true;
    errno = 0;
    const long long number = strtoll(text, &end, 10);
    if (*text && !*end && !errno && number >= 1 && number <= most) {
        *value = number;
        return true;
    }
    hf_http_respond_error(request, 400, "%s is '%.40s', expected a number from 1 to %lld", name, text,
                          (long long)most);
    return false;
}

const char *hf_query_needed(hf_http_request *request, const char *name)
{
    const char *text = hf_http_request_query(request, name);
    if (!text || !*text) {
        hf_http_respond_error(request, 400, "the parameter '%s' is missing", name);
        return NULL;
    }
    return text;
}
