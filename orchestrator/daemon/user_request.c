/* SPDX-License-Identifier: Apache-2.0 */
#include "user_request.h"

#include "answers.h"

bool hf_user_request_read(hf_http_request *request, const hf_api_type *type, void *out,
                          char user[HF_USER_NAME_SIZE])
{
    size_t size;
    hf_error err = {0};
    const char *body = hf_http_request_body(request, &size);
    if (size && hf_api_read(type, body, size, out, &err) != HF_OK) {
        hf_answer_failure(request, &err);
        return false;
    }
    hf_access_name(hf_http_request_peer(request), user);
    return true;
}
