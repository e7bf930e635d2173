/* SPDX-License-Identifier: Apache-2.0 */
#include <sys/socket.h>

#include "base/clock.h"
#include "server_state.h"

/* Closes connections whose request does not arrive. The library then sees the end of the connection. */
static void end_slow_connections(hf_http_server *server, uint64_t now_ns)
{
    for (hf_http_connection *connection = server->connections; connection; connection = connection->next)
        if (connection->receiving && now_ns > connection->receive_by_ns)
            shutdown(connection->fd, SHUT_RDWR);
}

/* @return a request that is overdue, with one user more; NULL = none */
static hf_http_request *find_overdue(hf_http_server *server, uint64_t now_ns)
{
    for (hf_http_request *request = server->requests; request; request = request->next)
        if (!request->answered && (now_ns > request->answer_by_ns || server->closing)) {
            request->users++;
            return request;
        }
    return NULL;
}

void hf_http_server_tick(hf_http_server *server)
{
    const uint64_t now_ns = hf_now_ns();
    hf_http_request *overdue;
    pthread_mutex_lock(&server->mutex);
    end_slow_connections(server, now_ns);
    const bool closing = server->closing;
    while ((overdue = find_overdue(server, now_ns))) {
        pthread_mutex_unlock(&server->mutex);
        const unsigned status = closing ? MHD_HTTP_SERVICE_UNAVAILABLE : MHD_HTTP_GATEWAY_TIMEOUT;
        hf_http_answer(overdue, status,
                       hf_http_error_response(server, status,
                                              closing ? HF_HTTP_CLOSING
                                                      : "the answer was not ready in time; what was asked "
                                                        "for may still be done"));
        hf_http_request_drop(overdue);
        pthread_mutex_lock(&server->mutex);
    }
    pthread_mutex_unlock(&server->mutex);
}
