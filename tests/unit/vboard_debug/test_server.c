/* SPDX-License-Identifier: Apache-2.0 */
#include "debug_rig.h"

#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>

#include "debug/server.h"

struct fixture {
    struct rig rig;
    char folder[32], path[64];
    vb_server *server;
};

static int connect_to(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    assert_true(fd >= 0);
    struct timeval deadline = {.tv_sec = 5};
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &deadline, sizeof deadline);
    assert_int_equal(connect(fd, (const struct sockaddr *)&address, sizeof address), 0);
    return fd;
}

static void open_fixture(struct fixture *fixture)
{
    rig_open(&fixture->rig, false);
    snprintf(fixture->folder, sizeof fixture->folder, "/tmp/vboard_server_XXXXXX");
    assert_non_null(mkdtemp(fixture->folder));
    snprintf(fixture->path, sizeof fixture->path, "%s/jtag", fixture->folder);
    fixture->server = vb_server_new(fixture->path, &fixture->rig.bitbang);
    assert_non_null(fixture->server);
}

static void close_fixture(struct fixture *fixture)
{
    vb_server_free(fixture->server);
    assert_int_equal(access(fixture->path, F_OK), -1);
    assert_int_equal(rmdir(fixture->folder), 0);
    rig_close(&fixture->rig);
}

static void exchange(struct fixture *fixture, int fd, const char *sent, const char *expected)
{
    assert_int_equal(write(fd, sent, strlen(sent)), strlen(sent));
    assert_true(vb_server_serve(fixture->server, 0));
    char reply[64] = {0};
    assert_int_equal(recv(fd, reply, strlen(expected), MSG_WAITALL), strlen(expected));
    assert_string_equal(reply, expected);
}

static void vboard_server_takes_one_client_after_another(void **state)
{
    (void)state;
    struct fixture fixture;
    open_fixture(&fixture);
    for (int i = 0; i < 3; i++) {
        int fd = connect_to(fixture.path);
        vb_server_accept(fixture.server);
        assert_false(vb_server_serve(fixture.server, 0));
        exchange(&fixture, fd,
                 "262626262604260404"
                 "0R40R40R40R4",
                 "1110");
        if (i == 1)
            assert_int_equal(write(fd, "Q", 1), 1);
        close(fd);
        assert_true(vb_server_serve(fixture.server, 0));
        assert_int_equal(vb_server_client_fd(fixture.server), -1);
    }
    close_fixture(&fixture);
}

static void vboard_server_refuses_a_second_client(void **state)
{
    (void)state;
    struct fixture fixture;
    open_fixture(&fixture);
    int first = connect_to(fixture.path);
    vb_server_accept(fixture.server);
    int second = connect_to(fixture.path);
    vb_server_accept(fixture.server);
    char byte;
    assert_int_equal(recv(second, &byte, 1, 0), 0); /* closed, not left waiting */
    exchange(&fixture, first, "R", "1");
    close(second);
    close(first);
    close_fixture(&fixture);
}

static void vboard_server_releases_reset_when_the_client_goes(void **state)
{
    (void)state;
    struct fixture fixture;
    open_fixture(&fixture);
    int fd = connect_to(fixture.path);
    vb_server_accept(fixture.server);
    exchange(&fixture, fd, "sR", "1");
    assert_false(vb_core_debug_may_run(fixture.rig.core));
    close(fd);
    assert_true(vb_server_serve(fixture.server, 0));
    assert_true(vb_core_debug_may_run(fixture.rig.core));
    close_fixture(&fixture);
}

static void vboard_server_drops_a_client_with_another_protocol(void **state)
{
    (void)state;
    struct fixture fixture;
    open_fixture(&fixture);
    int fd = connect_to(fixture.path);
    vb_server_accept(fixture.server);
    assert_int_equal(write(fd, "GET /", 5), 5);
    assert_true(vb_server_serve(fixture.server, 0));
    assert_int_equal(vb_server_client_fd(fixture.server), -1);
    close(fd);
    close_fixture(&fixture);
}

static void vboard_server_replaces_a_dead_socket_only(void **state)
{
    (void)state;
    struct fixture fixture;
    open_fixture(&fixture);
    assert_null(vb_server_new(fixture.path, &fixture.rig.bitbang)); /* in use */

    char dead[80];
    snprintf(dead, sizeof dead, "%s2", fixture.path);
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(address.sun_path, sizeof address.sun_path, "%s", dead);
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    assert_int_equal(bind(fd, (const struct sockaddr *)&address, sizeof address), 0);
    close(fd); /* leaves its socket, as a killed process does */
    vb_server *server = vb_server_new(dead, &fixture.rig.bitbang);
    assert_non_null(server);
    vb_server_free(server);

    FILE *file = fopen(dead, "w");
    assert_non_null(file);
    fclose(file);
    assert_null(vb_server_new(dead, &fixture.rig.bitbang)); /* a file must stay */
    assert_int_equal(access(dead, F_OK), 0);
    unlink(dead);
    close_fixture(&fixture);
}

static void vboard_server_limits_the_path(void **state)
{
    (void)state;
    struct rig rig;
    rig_open(&rig, false);
    char path[109];
    memset(path, 'x', sizeof path);
    path[108] = '\0';
    assert_null(vb_server_new(path, &rig.bitbang));
    rig_close(&rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(vboard_server_takes_one_client_after_another),
        cmocka_unit_test(vboard_server_refuses_a_second_client),
        cmocka_unit_test(vboard_server_releases_reset_when_the_client_goes),
        cmocka_unit_test(vboard_server_drops_a_client_with_another_protocol),
        cmocka_unit_test(vboard_server_replaces_a_dead_socket_only),
        cmocka_unit_test(vboard_server_limits_the_path),
    };
    return cmocka_run_group_tests_name("vboard_server", tests, NULL, NULL);
}
