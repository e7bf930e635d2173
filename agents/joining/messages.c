/* SPDX-License-Identifier: Apache-2.0 */
#include "joining/messages.h"

#include <string.h>

#define FIRST   "hilfarm-join 1"
#define OK      FIRST " ok\n"
#define REFUSED FIRST " refused\n"

void hf_join_request_write(const char *pem, hf_buffer *out)
{
    hf_buffer_printf(out, FIRST "\n%s", pem);
}

void hf_join_reply_write(const char *certificate, hf_buffer *out)
{
    hf_buffer_printf(out, OK "%s", certificate);
}

void hf_join_refusal_write(const char *reason, hf_buffer *out)
{
    hf_buffer_printf(out, REFUSED "%s", reason);
}

static bool begins(const char *text, size_t size, const char *start)
{
    return size > strlen(start) && memcmp(text, start, strlen(start)) == 0;
}

/* Text without NUL: what follows treats it as a string. */
static bool is_text(const void *bytes, size_t size)
{
    return size <= HF_JOIN_MESSAGE_MAX && !memchr(bytes, '\0', size);
}

bool hf_join_is_message(const void *bytes, size_t size)
{
    return begins(bytes, size, FIRST);
}

hf_status hf_join_request_read(const void *bytes, size_t size, const char **pem, size_t *pem_size,
                               hf_error *err)
{
    if (size == 0 || !is_text(bytes, size) || !begins(bytes, size, FIRST "\n"))
        return HF_FAIL(err, HF_EFORMAT, "not a request to join, or of another version of hilfarm");
    *pem = (const char *)bytes + strlen(FIRST "\n");
    *pem_size = size - strlen(FIRST "\n");
    return HF_OK;
}

/* What the other side says is shown to people: printable ASCII only. */
static hf_status refused(const char *reason, size_t size, hf_error *err)
{
    char text[256];
    size_t at = 0;
    for (; at < size && at + 1 < sizeof text; at++)
        text[at] = (char)(reason[at] >= ' ' && reason[at] < 0x7f ? reason[at] : '?');
    text[at] = '\0';
    return HF_FAIL(err, HF_EMISMATCH, "%s", text);
}

hf_status hf_join_reply_read(const void *bytes, size_t size, const char **pem, size_t *pem_size,
                             hf_error *err)
{
    if (size > 0 && is_text(bytes, size) && begins(bytes, size, REFUSED))
        return refused((const char *)bytes + strlen(REFUSED), size - strlen(REFUSED), err);
    if (size == 0 || !is_text(bytes, size) || !begins(bytes, size, OK))
        return HF_FAIL(err, HF_EFORMAT, "the farm's answer is malformed, or of another version of hilfarm");
    *pem = (const char *)bytes + strlen(OK);
    *pem_size = size - strlen(OK);
    return HF_OK;
}
