/* SPDX-License-Identifier: Apache-2.0 */
/* Lines behind terminal servers: raw TCP and RFC 2217, against a server in this process
 * and against ser2net. */
#include "hf_test.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <termios.h>

#include "base/clock.h"
#include "checksum/crc.h"
#include "peer.h"
#include "process.h"
#include "proto/frame.h"
#include "serial/serial.h"
#include "session/session.h"
#include "terminal_server.h"

#define RESET_BAUD 115200

static hf_status open_address(hf_port_kind kind, const char *host, uint16_t port, uint32_t wait_ms,
                              const hf_watch *watch, hf_serial **out, hf_error *err)
{
    const hf_board_config config = {.id = "b", .port_kind = kind, .port_host = host, .port_number = port};
    hf_serial_address address;
    hf_deadline deadline = hf_deadline_in_ms(wait_ms);
    hf_status status = hf_serial_find(&config, deadline, watch, &address, err);
    return status == HF_OK ? hf_serial_open(&address, RESET_BAUD, NULL, deadline, watch, out, err) : status;
}

static hf_serial *open_line(hf_port_kind kind, uint16_t port, const hf_watch *watch)
{
    hf_error err = {0};
    hf_serial *line = NULL;
    if (open_address(kind, "localhost", port, 10000, watch, &line, &err) != HF_OK)
        fail_msg("%s", err.message);
    return line;
}

static void expect_refusal(hf_port_kind kind, uint16_t port, hf_status status, const char *says)
{
    hf_error err = {0};
    hf_serial *line = NULL;
    hf_watch watch = HF_WATCH_INIT;
    hf_status got = open_address(kind, "127.0.0.1", port, 10000, &watch, &line, &err);
    if (got != status || err.fault != HF_FAULT_SERIAL || !strstr(err.message, says))
        fail_msg("expected %s saying '%s', got %s (%s): %s", hf_status_name(status), says,
                 hf_status_name(got), hf_fault_name(err.fault), err.message);
    assert_null(line);
}

/* ---- Sessions ---- */

static hf_session *new_session(hf_serial *line, const hf_watch *watch)
{
    const hf_session_options options = {
        .serial = line,
        .watch = watch,
        .reply_ms = 5000,
        .sample_ms = 5000,
        .deadline = hf_deadline_in_ms(60000),
        .nonce = PEER_NONCE,
    };
    hf_session *session = NULL;
    hf_error err = {0};
    assert_int_equal(hf_session_new(&options, &session, &err), HF_OK);
    return session;
}

static void measure(hf_session *session)
{
    uint8_t input[1024];
    hf_sample samples[4];
    hf_layer layers[2];
    hf_session_measured measured = {.samples = samples, .layers = layers};
    const hf_session_run run = {.runs = 4, .layers = true, .layer_count = 2};
    hf_error err = {0};
    for (size_t i = 0; i < sizeof input; i++)
        input[i] = (uint8_t)(i * 7);
    hf_status status =
        hf_session_input_data(session, input, sizeof input, hf_crc32(0, input, sizeof input), &err);
    if (status == HF_OK)
        status = hf_session_measure(session, &run, &measured, &err);
    if (status != HF_OK)
        fail_msg("%s", err.message);
    assert_int_equal(samples[3].cycles, 1003);
    assert_int_equal(layers[1].crc32, 0xc0de0001);
    assert_int_equal(hf_session_retries(session), 0);
}

static void a_session_over(hf_port_kind kind, uint32_t faster)
{
    const char *path;
    uint16_t port;
    hf_error err = {0};
    hf_watch watch = HF_WATCH_INIT;
    peer *board = peer_start(&(peer_script){.boots = false, .layers = 2}, &path);
    terminal_server *server =
        terminal_server_start(&(terminal_server_script){.rfc2217 = kind == HF_PORT_RFC2217}, path, &port);
    hf_serial *line = open_line(kind, port, &watch);
    hf_session *session = new_session(line, &watch);
    if (faster) {
        uint32_t baud = faster;
        assert_int_equal(hf_session_set_baud(session, RESET_BAUD, &baud, &err), HF_OK);
        assert_int_equal(baud, faster);
        assert_int_equal(terminal_server_baud(server), faster);
    }
    measure(session);

    terminal_server_cut(server);
    hf_session_id id;
    hf_session_model model;
    assert_int_equal(hf_session_hello(session, &id, &model, &err), HF_EIO);
    assert_int_equal(err.fault, HF_FAULT_SERIAL);
    if (!strstr(err.message, "is gone: the other side closed the connection") &&
        !strstr(err.message, "Connection reset") && !strstr(err.message, "Broken pipe"))
        fail_msg("%s", err.message);
    hf_session_free(session);
    hf_serial_close(line);

    line = open_line(kind, port, &watch); /* it is there for the next */
    session = new_session(line, &watch);
    measure(session);
    hf_session_free(session);
    hf_serial_close(line);
    terminal_server_stop(server);
    peer_stop(board);
}

static void a_session_over_raw_tcp(void **state)
{
    (void)state;
    a_session_over(HF_PORT_TCP, 0);
}

static void a_session_over_rfc2217(void **state)
{
    (void)state;
    a_session_over(HF_PORT_RFC2217, 921600);
}

/* ---- Bytes ---- */

typedef struct wire {
    int master;
    char path[64];
    uint16_t port;
    terminal_server *server;
    hf_watch watch;
} wire;

static void wire_open(wire *self, const terminal_server_script *script)
{
    *self = (wire){.watch = HF_WATCH_INIT};
    self->master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    assert_true(self->master >= 0 && grantpt(self->master) == 0 && unlockpt(self->master) == 0);
    assert_int_equal(ptsname_r(self->master, self->path, sizeof self->path), 0);
    self->server = terminal_server_start(script, self->path, &self->port);
}

static void wire_close(wire *self)
{
    terminal_server_stop(self->server);
    close(self->master);
}

static void read_line(hf_serial *line, const wire *w, uint8_t *bytes, size_t size)
{
    hf_error err = {0};
    for (size_t done = 0, got = 0; done < size; done += got)
        if (hf_serial_read(line, bytes + done, size - done, hf_deadline_in_ms(10000), &w->watch, &got,
                           &err) != HF_OK)
            fail_msg("after %zu bytes: %s", done, err.message);
}

/* Every byte value, including those that Telnet escapes, in pieces that split the escapes. */
static void every_byte_passes(hf_port_kind kind)
{
    wire w;
    uint8_t all[1024], back[sizeof all];
    for (size_t i = 0; i < sizeof all; i++)
        all[i] = (uint8_t)(i % 3 == 0 ? 255 : i / 3);
    wire_open(&w, &(terminal_server_script){.rfc2217 = kind == HF_PORT_RFC2217});
    hf_serial *line = open_line(kind, w.port, &w.watch);
    hf_error err = {0};
    assert_int_equal(hf_serial_write(line, all, sizeof all, hf_deadline_in_ms(10000), &w.watch, &err), HF_OK);
    for (size_t done = 0; done < sizeof back;) {
        ssize_t got = read(w.master, back + done, sizeof back - done);
        assert_true(got > 0);
        done += (size_t)got;
    }
    assert_memory_equal(all, back, sizeof all);

    memset(back, 0, sizeof back);
    for (size_t done = 0; done < sizeof all; done += 61) {
        size_t size = sizeof all - done < 61 ? sizeof all - done : 61;
        assert_int_equal(write(w.master, all + done, size), size);
    }
    for (size_t done = 0; done < sizeof back; done += 7)
        read_line(line, &w, back + done, sizeof back - done < 7 ? sizeof back - done : 7);
    assert_memory_equal(all, back, sizeof all);
    hf_serial_close(line);
    wire_close(&w);
}

static void every_byte_passes_raw(void **state)
{
    (void)state;
    every_byte_passes(HF_PORT_TCP);
}

static void every_byte_passes_telnet(void **state)
{
    (void)state;
    every_byte_passes(HF_PORT_RFC2217);
}

static void a_flush_leaves_what_comes_after(hf_port_kind kind)
{
    wire w;
    uint8_t bytes[4];
    hf_error err = {0};
    wire_open(&w, &(terminal_server_script){.rfc2217 = kind == HF_PORT_RFC2217});
    hf_serial *line = open_line(kind, w.port, &w.watch);
    /* The first byte has been read: so the rest, written at once, is here too or will be on its
     * way in order. */
    assert_int_equal(write(w.master, "stale", 5), 5);
    read_line(line, &w, bytes, 1);
    assert_int_equal(bytes[0], 's');
    assert_int_equal(hf_serial_flush(line, &err), HF_OK);
    assert_int_equal(write(w.master, "new!", 4), 4);
    uint8_t last = 0;
    while (last != '!')
        read_line(line, &w, &last, 1);
    hf_serial_close(line);
    wire_close(&w);
}

static void a_flush_keeps_later_bytes_raw(void **state)
{
    (void)state;
    a_flush_leaves_what_comes_after(HF_PORT_TCP);
}

static void a_flush_keeps_later_bytes_telnet(void **state)
{
    (void)state;
    a_flush_leaves_what_comes_after(HF_PORT_RFC2217);
}

/* ---- Speeds ---- */

static void raw_tcp_stays_at_its_speed(void **state)
{
    (void)state;
    wire w;
    hf_error err = {0};
    wire_open(&w, &(terminal_server_script){0});
    hf_serial *line = open_line(HF_PORT_TCP, w.port, &w.watch);
    assert_int_equal(hf_serial_set_baud(line, RESET_BAUD, &err), HF_OK);
    assert_int_equal(hf_serial_set_baud(line, 921600, &err), HF_EUNSUPPORTED);
    assert_int_equal(err.fault, HF_FAULT_SERIAL);
    assert_non_null(strstr(err.message, "cannot be changed to 921600 baud, it stays at 115200"));
    hf_serial_close(line);
    wire_close(&w);
}

static void rfc2217_sets_format_and_speed(void **state)
{
    (void)state;
    wire w;
    hf_error err = {0};
    wire_open(&w, &(terminal_server_script){.rfc2217 = true});
    hf_serial *line = open_line(HF_PORT_RFC2217, w.port, &w.watch);
    assert_int_equal(terminal_server_baud(w.server), RESET_BAUD);
    /* RFC 2217: 8 data bits, no parity, 1 stop bit, no flow control */
    assert_string_equal(terminal_server_settings(w.server), "2=8 3=1 4=1 5=1");
    assert_int_equal(hf_serial_set_baud(line, 16711935, &err),
                     HF_OK); /* 0x00ff00ff: its bytes need escapes */
    assert_int_equal(terminal_server_baud(w.server), 16711935);
    hf_serial_close(line);
    wire_close(&w);
}

static void a_server_that_sets_another_speed_is_an_error(void **state)
{
    (void)state;
    wire w;
    wire_open(&w, &(terminal_server_script){.rfc2217 = true, .rounds_to = 9600});
    expect_refusal(HF_PORT_RFC2217, w.port, HF_EUNSUPPORTED,
                   "the terminal server set 9600 baud instead of 115200");
    wire_close(&w);
}

/* ---- Servers that refuse ---- */

static void servers_without_rfc2217_are_detected(void **state)
{
    (void)state;
    wire w;
    wire_open(&w, &(terminal_server_script){.rfc2217 = true, .refuses_control = true});
    expect_refusal(HF_PORT_RFC2217, w.port, HF_EUNSUPPORTED,
                   "refuses RFC 2217; is it a raw port (\"tcp:\")?");
    wire_close(&w);
    wire_open(&w, &(terminal_server_script){.rfc2217 = true, .mute = true});
    expect_refusal(HF_PORT_RFC2217, w.port, HF_ETIMEOUT, "no RFC 2217 answer; is it a raw port (\"tcp:\")?");
    wire_close(&w);
}

/* The text that a server sends before it closes is the best explanation. */
static void the_message_of_a_refusing_server_is_quoted(void **state)
{
    (void)state;
    wire w;
    wire_open(&w, &(terminal_server_script){.turn_away = "Port already in use\r\n"});
    expect_refusal(HF_PORT_RFC2217, w.port, HF_EIO, "after sending \"Port already in use\"");
    hf_serial *line = open_line(HF_PORT_TCP, w.port, &w.watch);
    uint8_t bytes[64];
    size_t got;
    hf_error err = {0};
    while (hf_serial_read(line, bytes, sizeof bytes, hf_deadline_in_ms(10000), &w.watch, &got, &err) == HF_OK)
        ;
    assert_int_equal(err.status, HF_EIO);
    assert_non_null(
        strstr(err.message, "the other side closed the connection after sending \"Port already in use\""));
    hf_serial_close(line);
    wire_close(&w);
}

static void a_missing_server(void **state)
{
    (void)state;
    /* A port that was just free. */
    wire w;
    wire_open(&w, &(terminal_server_script){0});
    uint16_t port = w.port;
    wire_close(&w);
    expect_refusal(HF_PORT_TCP, port, HF_EIO, "cannot connect: Connection refused");

    hf_error err = {0};
    hf_serial *line = NULL;
    hf_status status =
        open_address(HF_PORT_TCP, "no-such-host.invalid", 1, 300, NULL, &line, &err); /* RFC 6761 */
    assert_true(status == HF_ENOTFOUND || status == HF_ETIMEOUT);
    assert_int_equal(err.fault, HF_FAULT_SERIAL);
    assert_non_null(strstr(err.message, "serial line no-such-host.invalid:1: "));
}

/* A listener with a full queue does not answer the next connection. */
typedef struct deaf_server {
    int listener, waiting[2];
    uint16_t port;
} deaf_server;

static void deaf_start(deaf_server *self)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    self->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(self->listener, (struct sockaddr *)&address, size), 0);
    assert_int_equal(listen(self->listener, 0), 0);
    assert_int_equal(getsockname(self->listener, (struct sockaddr *)&address, &size), 0);
    self->port = ntohs(address.sin_port);
    for (int i = 0; i < 2; i++) {
        self->waiting[i] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        int connected = connect(self->waiting[i], (struct sockaddr *)&address, sizeof address);
        assert_true(connected == 0 || errno == EINPROGRESS);
    }
}

static void deaf_stop(const deaf_server *self)
{
    close(self->waiting[0]);
    close(self->waiting[1]);
    close(self->listener);
}

static void connecting_ends_on_deadline_or_cancellation(void **state)
{
    (void)state;
    deaf_server deaf;
    deaf_start(&deaf);
    hf_error err = {0};
    hf_serial *line = NULL;
    assert_int_equal(open_address(HF_PORT_TCP, "127.0.0.1", deaf.port, 100, NULL, &line, &err), HF_ETIMEOUT);
    assert_int_equal(err.fault, HF_FAULT_SERIAL);
    assert_non_null(strstr(err.message, "the connection timed out"));
    hf_error_clear(&err);
    hf_watch watch = HF_WATCH_INIT;
    watch.cancel_fd = eventfd(1, EFD_CLOEXEC);
    assert_int_equal(open_address(HF_PORT_TCP, "127.0.0.1", deaf.port, 60000, &watch, &line, &err),
                     HF_ECANCELLED);
    hf_error_clear(&err);
    assert_int_equal(open_address(HF_PORT_TCP, "localhost", deaf.port, 60000, &watch, &line, &err),
                     HF_ECANCELLED);
    close(watch.cancel_fd);
    deaf_stop(&deaf);
    assert_null(line);
}

/* ---- A real server ---- */

/* Debian's ser2net, if it is installed: agreement with our own server proves little. */
static void ser2net_does_as_asked(void **state)
{
    (void)state;
    static const char program[] = "/usr/sbin/ser2net";
    if (access(program, X_OK) != 0) {
        printf("SKIPPED: %s is not installed\n", program);
        skip();
    }
    char dir[] = "/tmp/hf-ser2net-XXXXXX", config[64];
    assert_non_null(mkdtemp(dir));
    snprintf(config, sizeof config, "%s/ser2net.yaml", dir);
    const char *path;
    peer *board = peer_start(&(peer_script){.boots = false, .layers = 2}, &path);
    /* Two ports that were just free. */
    uint16_t ports[2];
    for (int i = 0; i < 2; i++) {
        wire w;
        wire_open(&w, &(terminal_server_script){0});
        ports[i] = w.port;
        wire_close(&w);
    }
    FILE *file = fopen(config, "w");
    assert_non_null(file);
    fprintf(file,
            "%%YAML 1.1\n---\n"
            "connection: &raw\n  accepter: tcp,127.0.0.1,%u\n  connector: serialdev,%s,115200n81,local\n"
            "connection: &steered\n  accepter: telnet(rfc2217),tcp,127.0.0.1,%u\n"
            "  connector: serialdev,%s,115200n81,local\n",
            ports[0], path, ports[1], path);
    fclose(file);
    static process ser2net;
    const char *const argv[] = {program, "-n", "-c", config, NULL};
    assert_true(process_start(&ser2net, argv));
    for (int i = 0; i < 2; i++) {
        hf_port_kind kind = i ? HF_PORT_RFC2217 : HF_PORT_TCP;
        hf_watch watch = HF_WATCH_INIT;
        hf_serial *line = NULL;
        hf_error err = {0};
        hf_deadline deadline = hf_deadline_in_ms(20000);
        hf_status status;
        do { /* it does not report when it is ready */
            hf_error_clear(&err);
            status = open_address(kind, "127.0.0.1", ports[i], 10000, &watch, &line, &err);
        } while (status != HF_OK && !hf_deadline_passed(deadline));
        if (status != HF_OK)
            fail_msg("%s\n%s", err.message, ser2net.output);
        hf_session *session = new_session(line, &watch);
        uint32_t baud = 921600;
        if (i && (hf_session_set_baud(session, RESET_BAUD, &baud, &err) != HF_OK || baud != 921600))
            fail_msg("%s", err.message);
        measure(session);
        hf_session_free(session);
        hf_serial_close(line);
    }
    process_stop(&ser2net, 5000);
    peer_stop(board);
    unlink(config);
    rmdir(dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_session_over_raw_tcp),
        cmocka_unit_test(a_session_over_rfc2217),
        cmocka_unit_test(every_byte_passes_raw),
        cmocka_unit_test(every_byte_passes_telnet),
        cmocka_unit_test(a_flush_keeps_later_bytes_raw),
        cmocka_unit_test(a_flush_keeps_later_bytes_telnet),
        cmocka_unit_test(raw_tcp_stays_at_its_speed),
        cmocka_unit_test(rfc2217_sets_format_and_speed),
        cmocka_unit_test(a_server_that_sets_another_speed_is_an_error),
        cmocka_unit_test(servers_without_rfc2217_are_detected),
        cmocka_unit_test(the_message_of_a_refusing_server_is_quoted),
        cmocka_unit_test(a_missing_server),
        cmocka_unit_test(connecting_ends_on_deadline_or_cancellation),
        cmocka_unit_test(ser2net_does_as_asked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
