/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The libserialport back end from end to end. Run with ttyshim preloaded, which makes a pty pass for a port.
 * First a session with a scripted peer, then whole attempts by the path of a real board: an interface script,
 * a port given by its path, only that the probe is a virtual board's.
 */
#include "hf_test.h"

#include "checksum/crc.h"
#include "job.h"
#include "peer.h"
#include "proto/frame.h"
#include "session/session.h"
#include "weights/weights.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/wait.h>

/* Programs that know nothing of our lock, such as a terminal program, are kept out by the kernel; root may
 * open the port all the same and can ask. */
static void assert_exclusive(const char *path)
{
    int exclusive = 0;
    int other = open(path, O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (other < 0) {
        assert_int_equal(errno, EBUSY);
        return;
    }
    assert_int_equal(ioctl(other, TIOCGEXCL, &exclusive), 0);
    assert_int_equal(exclusive, 1);
    close(other);
}

static void a_session_over_a_port(void **state)
{
    (void)state;
    int descriptors = open_descriptors();
    hf_error err = {0};
    const char *path;
    peer *board = peer_start(&(peer_script){.boots = true, .layers = 2}, &path);
    hf_transcript *transcript = hf_transcript_new(65536);
    hf_serial *serial = NULL, *second = NULL;
    hf_status status = hf_serial_open_port(path, HF_SESSION_RESET_BAUD, transcript, &serial, &err);
    if (status != HF_OK)
        fail_msg("%s", err.message);
    assert_int_equal(hf_serial_open_port(path, HF_SESSION_RESET_BAUD, transcript, &second, &err), HF_EBUSY);
    assert_int_equal(err.fault, HF_FAULT_SERIAL);
    hf_error_clear(&err);
    assert_exclusive(path);

    hf_watch watch = HF_WATCH_INIT;
    const hf_session_options options = {
        .serial = serial,
        .transcript = transcript,
        .watch = &watch,
        .reply_ms = 2000,
        .sample_ms = 2000,
        .deadline = hf_deadline_in_ms(60000),
        .nonce = PEER_NONCE,
    };
    hf_session *session = NULL;
    assert_int_equal(hf_session_new(&options, &session, &err), HF_OK);
    assert_int_equal(hf_session_await_boot(session, 5000, &err), HF_OK);
    uint32_t baud = 921600;
    assert_int_equal(hf_session_set_baud(session, HF_SESSION_RESET_BAUD, &baud, &err), HF_OK);
    assert_int_equal(baud, 921600);
    uint8_t input[1024];
    hf_input_generate(3, (int8_t *)input, sizeof input);
    assert_int_equal(
        hf_session_input_data(session, input, sizeof input, hf_crc32(0, input, sizeof input), &err), HF_OK);
    hf_sample samples[4];
    hf_layer layers[2];
    hf_session_measured measured = {.samples = samples, .layers = layers};
    const hf_session_run run = {.runs = 4, .layers = true, .layer_count = 2};
    assert_int_equal(hf_session_measure(session, &run, &measured, &err), HF_OK);
    assert_int_equal(samples[3].cycles, 1003);
    assert_int_equal(layers[1].crc32, 0xc0de0001);
    assert_int_equal(hf_session_retries(session), 0);

    peer_stop(board); /* unplugged */
    hf_session_id id;
    hf_session_model model;
    assert_int_equal(hf_session_hello(session, &id, &model, &err), HF_EIO);
    assert_int_equal(err.fault, HF_FAULT_SERIAL);
    hf_session_free(session);
    hf_serial_close(serial);
    hf_transcript_free(transcript);
    assert_int_equal(open_descriptors(), descriptors);
}

static void attempts_over_the_path_of_a_real_board(void **state)
{
    (void)state;
    job work;
    job_make(&work, "mobilenetv1_0.2_32_c1_o2", 1);
    bench probe, b;
    bench_make(&probe, "stm32l4r5zi");
    char socket[80], link[80], script[80], port[80] = "";
    snprintf(socket, sizeof socket, "%s/jtag", probe.dir);
    snprintf(link, sizeof link, "%s/port", probe.dir);
    snprintf(script, sizeof script, "%s/probe.cfg", probe.dir);
    pid_t vboard = fork();
    if (vboard == 0) {
        execl(probe.options.vboard_path, "hilfarm-vboard", "--chip", "stm32l4r5zi", "--socket", socket,
              "--pty-link", link, "--die-with-parent", "--flash-time", "0", NULL);
        _exit(127);
    }
    for (int i = 0; i < 500 && access(socket, F_OK) != 0; i++)
        usleep(20000);
    ssize_t length = readlink(link, port, sizeof port - 1);
    assert_true(length > 0);
    port[length] = '\0';
    FILE *file = fopen(script, "w");
    assert_non_null(file);
    fprintf(file,
            "adapter driver remote_bitbang\nremote_bitbang port 0\nremote_bitbang host %s\ntransport select "
            "jtag\n",
            socket);
    fclose(file);

    bench_make(&b, "stm32l4r5zi");
    b.config.is_virtual = false;
    b.config.probe_interface = script;
    b.config.port_path = port;
    /* A farm file that declares it as silicon is rejected, or its figures would not be labelled. */
    assert_attempt(&b, bench_open(&b), HF_EMISMATCH);
    assert_failure(&b, HF_FAULT_BOARD,
                   "this is a virtual board (it has an instruction counter at 0xe0043000");
    assert_failure(&b, HF_FAULT_BOARD, "expected \"modelled: true\"");
    b.config.modelled = true;
    assert_attempt(&b, bench_open(&b), HF_OK);
    for (int i = 0; i < 2; i++) {
        hf_attempt_result result;
        assert_attempt(&b, bench_attempt(&b, &work, &result), HF_OK);
        assert_int_equal(result.output_crc32, work.request.output_crc32);
        assert_true(result.modelled);
        assert_true(i == 0 ? result.bytes_written > 0 : result.bytes_written == 0);
        hf_attempt_result_free(&result);
    }
    hf_board_close(b.board);
    b.board = NULL;
    kill(vboard, SIGTERM);
    assert_int_equal(waitpid(vboard, NULL, 0), vboard);
    unlink(script);
    unlink(socket);
    unlink(link);
    bench_free(&b);
    bench_free(&probe);
    job_free(&work);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_session_over_a_port),
        cmocka_unit_test(attempts_over_the_path_of_a_real_board),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
