/* SPDX-License-Identifier: Apache-2.0 */
/* Telling a command and a server that a run has ended. */
#include "hf_test.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sys/socket.h>

#include "base/buffer.h"
#include "base/file.h"
#include "notify/notify.h"

#define JSON "{\"green\": true}"

static const char *const variables[] = {"HILFARM_SUBJECT=all is well", "HILFARM_RUN=7", NULL};
static const hf_notice notice = {JSON, sizeof JSON - 1, variables};

/* ---- A command ---- */

static void commands_get_summary_and_variables(void **state)
{
    (void)state;
    char folder[] = "/tmp/hilfarm-notify-XXXXXX", command[200], path[64];
    hf_error err = {0};
    uint8_t *bytes = NULL;
    size_t size = 0;
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/out", folder);
    snprintf(command, sizeof command, "cat >%s; echo \"$HILFARM_SUBJECT|$HILFARM_RUN\" >>%s # a comment",
             path, path);
    assert_int_equal(hf_notify_command(command, &notice, 10000, &err), HF_OK);
    assert_int_equal(hf_file_read(path, 1000, &bytes, &size, &err), HF_OK);
    assert_int_equal(size, sizeof JSON - 1 + sizeof "all is well|7\n" - 1);
    assert_memory_equal(bytes, JSON "all is well|7\n", size);
    free(bytes);
    /* The file is there while the command runs, and gone afterwards. */
    snprintf(command, sizeof command, "cmp \"$HILFARM_SUMMARY\" - && echo \"$HILFARM_SUMMARY\" >%s", path);
    assert_int_equal(hf_notify_command(command, &notice, 10000, &err), HF_OK);
    assert_int_equal(hf_file_read(path, 1000, &bytes, &size, &err), HF_OK);
    bytes[size - 1] = '\0';
    assert_int_not_equal(access((const char *)bytes, F_OK), 0);
    free(bytes);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(rmdir(folder), 0);
}

static void failures_of_commands_are_reported(void **state)
{
    (void)state;
    hf_error err = {0};
    assert_int_equal(hf_notify_command("echo no such user >&2; exit 3", &notice, 10000, &err), HF_ECHILD);
    /* The command as the user wrote it, without what hilfarm puts around it. */
    assert_string_equal(err.message,
                        "--notify: 'echo no such user >&2; exit 3' exited with status 3: no such user");
    hf_error_clear(&err);
    assert_int_equal(hf_notify_command("sleep 100", &notice, 50, &err), HF_ETIMEOUT);
    assert_string_equal(err.message, "--notify: 'sleep 100' did not exit within 50 ms");
    hf_error_clear(&err);
    assert_int_equal(setenv("TMPDIR", "/nonexistent", 1), 0);
    assert_int_equal(hf_notify_command("true", &notice, 1000, &err), HF_EIO);
    assert_int_equal(unsetenv("TMPDIR"), 0);
}

/* ---- A server ---- */

typedef struct server {
    int fd;
    const char *answer; /* NULL = never */
    hf_buffer request;
    char url[64];
    pthread_t thread;
} server;

static void *serve(void *argument)
{
    server *self = argument;
    char bytes[1000];
    int connection = accept(self->fd, NULL, NULL);
    ssize_t got = 0;
    while (!strstr(hf_buffer_text(&self->request), JSON) && (got = read(connection, bytes, sizeof bytes)) > 0)
        hf_buffer_append(&self->request, bytes, (size_t)got);
    if (self->answer) {
        assert_int_equal(write(connection, self->answer, strlen(self->answer)), strlen(self->answer));
        shutdown(connection, SHUT_WR);
    }
    while (read(connection, bytes, sizeof bytes) > 0) { /* until the client has gone */
    }
    close(connection);
    return NULL;
}

static void server_start(server *self, const char *answer)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    *self = (server){.fd = socket(AF_INET, SOCK_STREAM, 0), .answer = answer};
    assert_true(self->fd >= 0);
    assert_int_equal(bind(self->fd, (struct sockaddr *)&address, length), 0);
    assert_int_equal(listen(self->fd, 1), 0);
    assert_int_equal(getsockname(self->fd, (struct sockaddr *)&address, &length), 0);
    snprintf(self->url, sizeof self->url, "http://127.0.0.1:%d/hook?a=b", ntohs(address.sin_port));
    assert_int_equal(pthread_create(&self->thread, NULL, serve, self), 0);
}

static void server_end(server *self)
{
    assert_int_equal(pthread_join(self->thread, NULL), 0);
    close(self->fd);
    hf_buffer_free(&self->request);
}

static void servers_get_the_summary(void **state)
{
    (void)state;
    server self;
    hf_error err = {0};
    server_start(&self, "HTTP/1.1 204 No Content\r\n\r\n");
    assert_int_equal(hf_notify_webhook(self.url, &notice, 10000, &err), HF_OK);
    const char *request = hf_buffer_text(&self.request);
    assert_memory_equal(request, "POST /hook?a=b HTTP/1.1\r\n", 25);
    assert_non_null(strstr(request, "Content-Type: application/json\r\n"));
    assert_non_null(strstr(request, "\r\n\r\n" JSON));
    server_end(&self);
}

static void failures_of_servers_are_reported(void **state)
{
    (void)state;
    server self;
    hf_error err = {0};
    server_start(&self, "HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n");
    assert_int_equal(hf_notify_webhook(self.url, &notice, 10000, &err), HF_EIO);
    assert_non_null(strstr(err.message, "status 500"));
    server_end(&self);
    hf_error_clear(&err);
    server_start(&self,
                 "HTTP/1.1 302 Elsewhere\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n");
    assert_int_equal(hf_notify_webhook(self.url, &notice, 10000, &err), HF_EIO);
    assert_non_null(strstr(err.message, "status 302"));
    server_end(&self);
    hf_error_clear(&err);
    server_start(&self, NULL);
    assert_int_equal(hf_notify_webhook(self.url, &notice, 100, &err), HF_ETIMEOUT);
    server_end(&self);
    hf_error_clear(&err);
    /* Nobody listens any more. */
    assert_int_equal(hf_notify_webhook(self.url, &notice, 10000, &err), HF_EIO);
    hf_error_clear(&err);
    assert_int_equal(hf_notify_webhook("file:///etc/passwd", &notice, 1000, &err), HF_EINVALID);
    assert_non_null(strstr(err.message, "expected http://"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(commands_get_summary_and_variables),
        cmocka_unit_test(failures_of_commands_are_reported),
        cmocka_unit_test(servers_get_the_summary),
        cmocka_unit_test(failures_of_servers_are_reported),
    };
    return cmocka_run_group_tests_name("notify", tests, NULL, NULL);
}
