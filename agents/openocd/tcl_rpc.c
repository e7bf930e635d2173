/* SPDX-License-Identifier: Apache-2.0 */
#include "openocd/tcl_rpc.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define END_OF_MESSAGE '\x1a'
#define REPLY_LIMIT    ((size_t)1 << 20)

struct hf_rpc {
    int fd;
    bool broken;
    hf_transcript *transcript;
    const hf_watch *watch;
    hf_buffer request;
    hf_buffer reply;
};

void hf_tcl_quote(hf_buffer *out, const char *text)
{
    hf_buffer_putc(out, '"');
    for (; *text; text++) {
        if (strchr("\"\\$[]{}", *text))
            hf_buffer_putc(out, '\\');
        hf_buffer_putc(out, *text);
    }
    hf_buffer_putc(out, '"');
}

static hf_status await(const hf_rpc *rpc, short events, hf_deadline deadline, const char *doing,
                       hf_error *err)
{
    hf_status status = hf_watch_wait(rpc->watch, rpc->fd, events, deadline, err);
    if (status == HF_ETIMEOUT)
        return HF_FAIL_AS(err, HF_FAULT_PROBE, HF_ETIMEOUT, "OpenOCD: deadline passed while %s", doing);
    return status;
}

static hf_status connect_to(hf_rpc *rpc, uint16_t port, hf_deadline deadline, hf_error *err)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (connect(rpc->fd, (struct sockaddr *)&address, sizeof address) == 0)
        return HF_OK;
    int cause = errno;
    if (cause == EINPROGRESS) {
        hf_status status = await(rpc, POLLOUT, deadline, "connecting to its Tcl port", err);
        if (status != HF_OK)
            return status;
        socklen_t size = sizeof cause;
        if (getsockopt(rpc->fd, SOL_SOCKET, SO_ERROR, &cause, &size) != 0)
            cause = errno;
    }
    if (cause != 0)
        return HF_FAIL_AS(err, HF_FAULT_PROBE, HF_EIO, "cannot connect to OpenOCD's Tcl port %u: %s",
                          (unsigned)port, strerror(cause));
    return HF_OK;
}

hf_status hf_rpc_connect(uint16_t port, hf_transcript *transcript, const hf_watch *watch,
                         hf_deadline deadline, hf_rpc **out, hf_error *err)
{
    hf_rpc *rpc = calloc(1, sizeof *rpc);
    if (!rpc)
        return HF_FAIL_AS(err, HF_FAULT_FARM, HF_ENOMEM, "out of memory");
    rpc->transcript = transcript;
    rpc->watch = watch;
    rpc->reply.limit = REPLY_LIMIT;
    rpc->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    hf_status status = rpc->fd < 0 ? HF_FAIL_AS(err, HF_FAULT_FARM, HF_EIO, "socket: %s", strerror(errno))
                                   : connect_to(rpc, port, deadline, err);
    if (status != HF_OK) {
        hf_rpc_close(rpc);
        return status;
    }
    /* Requests are small, and each waits for its reply: no reason to delay them. */
    setsockopt(rpc->fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
    *out = rpc;
    return HF_OK;
}

void hf_rpc_close(hf_rpc *rpc)
{
    if (!rpc)
        return;
    if (rpc->fd >= 0)
        close(rpc->fd);
    hf_buffer_free(&rpc->request);
    hf_buffer_free(&rpc->reply);
    free(rpc);
}

static hf_status send_request(hf_rpc *rpc, hf_deadline deadline, hf_error *err)
{
    size_t sent = 0;
    while (sent < rpc->request.size) {
        ssize_t some = send(rpc->fd, rpc->request.data + sent, rpc->request.size - sent, MSG_NOSIGNAL);
        if (some > 0) {
            sent += (size_t)some;
        } else if (some < 0 && errno == EAGAIN) {
            hf_status status = await(rpc, POLLOUT, deadline, "sending a command", err);
            if (status != HF_OK)
                return status;
        } else if (some == 0 || errno != EINTR) {
            return HF_FAIL_AS(err, HF_FAULT_PROBE, HF_EIO, "OpenOCD closed its Tcl connection (%s)",
                              strerror(errno));
        }
    }
    return HF_OK;
}

static hf_status receive_reply(hf_rpc *rpc, hf_deadline deadline, hf_error *err)
{
    for (;;) {
        char bytes[4096];
        ssize_t got = recv(rpc->fd, bytes, sizeof bytes, 0);
        if (got > 0) {
            hf_buffer_append(&rpc->reply, bytes, (size_t)got);
            if (rpc->reply.failed)
                return HF_FAIL_AS(err, HF_FAULT_PROBE, HF_ELIMIT, "OpenOCD: reply too long");
            if (rpc->reply.data[rpc->reply.size - 1] == END_OF_MESSAGE) {
                rpc->reply.data[rpc->reply.size - 1] = '\0';
                return HF_OK;
            }
        } else if (got < 0 && errno == EAGAIN) {
            hf_status status = await(rpc, POLLIN, deadline, "waiting for a reply", err);
            if (status != HF_OK)
                return status;
        } else if (got == 0 || errno != EINTR) {
            return HF_FAIL_AS(err, HF_FAULT_PROBE, HF_EIO, "OpenOCD closed its Tcl connection (%s)",
                              got == 0 ? "end of stream" : strerror(errno));
        }
    }
}

hf_status hf_rpc_eval(hf_rpc *rpc, const char *script, hf_deadline deadline, const char **reply,
                      hf_error *err)
{
    if (rpc->broken)
        return HF_FAIL_AS(err, HF_FAULT_PROBE, HF_EIO, "OpenOCD's Tcl connection failed earlier");
    if (strchr(script, END_OF_MESSAGE))
        return HF_FAIL(err, HF_EINVALID, "a Tcl script cannot contain the byte 0x1a");
    hf_transcript_stream(rpc->transcript, HF_SPEAKER_TCL_OUT, script, strlen(script));
    hf_transcript_stream(rpc->transcript, HF_SPEAKER_TCL_OUT, "\n", 1);

    /* The reply alone does not distinguish an error from a result: prefix it with the code of `catch`. */
    hf_buffer_clear(&rpc->request);
    hf_buffer_clear(&rpc->reply);
    hf_buffer_puts(&rpc->request, "set hf_code [catch {eval ");
    hf_tcl_quote(&rpc->request, script);
    hf_buffer_puts(&rpc->request, "} hf_result]; format \"%d %s\" $hf_code $hf_result");
    hf_buffer_putc(&rpc->request, END_OF_MESSAGE);
    if (rpc->request.failed)
        return HF_FAIL_AS(err, HF_FAULT_FARM, HF_ENOMEM, "out of memory");

    rpc->broken = true; /* until the reply is complete */
    hf_status status = send_request(rpc, deadline, err);
    if (status == HF_OK)
        status = receive_reply(rpc, deadline, err);
    if (status != HF_OK)
        return status;
    const char *text = hf_buffer_text(&rpc->reply);
    hf_transcript_stream(rpc->transcript, HF_SPEAKER_TCL_IN, text, strlen(text));
    hf_transcript_stream(rpc->transcript, HF_SPEAKER_TCL_IN, "\n", 1);
    char *rest = NULL;
    long code = strtol(text, &rest, 10);
    if (rest == text || *rest != ' ')
        return HF_FAIL_AS(err, HF_FAULT_PROBE, HF_EPROTOCOL, "OpenOCD: unexpected reply '%.80s'", text);
    rpc->broken = false;
    rest++;
    if (code != 0)
        return HF_FAIL(err, HF_ETARGET, "%s", *rest ? rest : "command failed without a message");
    if (reply)
        *reply = rest;
    return HF_OK;
}
