/* SPDX-License-Identifier: Apache-2.0 */
/* Commands of the farm file: power switches, which files stand for, and hooks. */
#include "hf_test.h"

#include <fcntl.h>
#include <sys/eventfd.h>
#include <sys/stat.h>

#include "base/file.h"
#include "board_internal.h"
#include "fake_flasher.h"

typedef struct fixture {
    char dir[64], log[96], powered[96];
    char commands[3][256];
    fake_flasher fake;
    hf_error refusal; /* of a board without power */
    int pty;
    hf_board_config config;
    hf_board board;
    hf_error err;
} fixture;

static void append(const char *path, const char *text)
{
    FILE *file = fopen(path, "ae");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static hf_status open_if_powered(void *user, const hf_chip *chip, hf_flasher **out, hf_error *err)
{
    fixture *f = user;
    append(f->log, "open ");
    if (access(f->powered, F_OK) == 0)
        return fake_flasher_open(&f->fake, chip, out, err);
    return hf_error_pass(err, &f->refusal);
}

static void set_up(fixture *f)
{
    *f = (fixture){0};
    strcpy(f->dir, "/tmp/hf-power-XXXXXX");
    assert_non_null(mkdtemp(f->dir));
    snprintf(f->log, sizeof f->log, "%s/log", f->dir);
    snprintf(f->powered, sizeof f->powered, "%s/powered", f->dir);
    snprintf(f->commands[0], sizeof f->commands[0], "printf 'cycle ' >>%s; touch %s", f->log, f->powered);
    snprintf(f->commands[1], sizeof f->commands[1], "printf 'off ' >>%s; rm -f %s", f->log, f->powered);
    snprintf(f->commands[2], sizeof f->commands[2], "printf 'on ' >>%s; touch %s", f->log, f->powered);
    f->pty = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    assert_true(f->pty >= 0 && grantpt(f->pty) == 0 && unlockpt(f->pty) == 0);
    f->config = (hf_board_config){.id = "b",
                                  .chip = "stm32l4r5zi",
                                  .modelled = true,
                                  .probe_interface = "interface/x.cfg",
                                  .port_kind = HF_PORT_PTY,
                                  .port_path = ptsname(f->pty),
                                  .power = {.limit_ms = 20000}};
    f->board = (hf_board){.config = &f->config,
                          .chip = hf_chip_find("stm32l4r5zi"),
                          .transcript = hf_transcript_new(65536),
                          .watch = HF_WATCH_INIT};
    f->board.options.deadlines.start_ms = 400;
    f->board.options.deadlines.attempt_ms = 20000;
    f->board.hooks =
        (hf_board_hooks){.open_flasher = open_if_powered, .open_flasher_user = f, .lock_dir = f->dir};
    (void)HF_FAIL_AS(&f->refusal, HF_FAULT_PROBE, HF_ENOTFOUND, "no debug probe is plugged in");
    f->refusal.lasting = HF_ABSENT;
}

static void tear_down(fixture *f)
{
    hf_board_stop(&f->board);
    hf_board_unlock(&f->board);
    hf_transcript_free(f->board.transcript);
    fake_flasher_free(&f->fake);
    close(f->pty);
    char command[128];
    snprintf(command, sizeof command, "rm -r %s", f->dir);
    assert_int_equal(system(command), 0);
}

static void assert_log(const fixture *f, const char *expected)
{
    uint8_t *text = NULL;
    size_t size = 0;
    hf_error err = {0};
    assert_int_equal(hf_file_read(f->log, 4096, &text, &size, &err), HF_OK);
    if (size != strlen(expected) || memcmp(text, expected, size) != 0)
        fail_msg("expected '%s', got '%.*s'", expected, (int)size, (char *)text);
    free(text);
    assert_int_equal(truncate(f->log, 0), 0);
}

static void a_board_left_off_is_switched_on(void **state)
{
    (void)state;
    fixture f;
    set_up(&f);
    f.config.power.cycle = f.commands[0];
    assert_int_equal(hf_board_start_powered(&f.board, &f.err), HF_OK);
    assert_log(&f, "open cycle open ");
    hf_board_stop(&f.board);
    assert_int_equal(hf_board_start_powered(&f.board, &f.err), HF_OK); /* a healthy board keeps its power */
    assert_log(&f, "open ");
    hf_board_stop(&f.board);

    unlink(f.powered);
    f.config.power = (hf_board_power){.off = f.commands[1], .on = f.commands[2], .limit_ms = 20000};
    assert_int_equal(hf_board_start_powered(&f.board, &f.err), HF_OK);
    assert_log(&f, "open off on open ");
    tear_down(&f);
}

/* The command knows what a failed start only suggests: the board is switched on before it is tried. */
static void a_switch_that_is_off_is_found(void **state)
{
    (void)state;
    fixture f;
    char status[256];
    set_up(&f);
    snprintf(status, sizeof status, "printf 'status ' >>%s; test -e %s", f.log, f.powered);
    f.config.power =
        (hf_board_power){.off = f.commands[1], .on = f.commands[2], .status = status, .limit_ms = 20000};
    assert_int_equal(hf_board_start_powered(&f.board, &f.err), HF_OK);
    assert_log(&f, "status on open ");
    hf_board_stop(&f.board);
    assert_int_equal(hf_board_start_powered(&f.board, &f.err), HF_OK);
    assert_log(&f, "status open ");
    hf_board_stop(&f.board);

    unlink(f.powered);
    f.config.power = (hf_board_power){.cycle = f.commands[0], .status = status, .limit_ms = 20000};
    assert_int_equal(hf_board_start_powered(&f.board, &f.err), HF_OK);
    assert_log(&f, "status cycle open ");
    hf_board_stop(&f.board);

    f.config.power.status = "exit 2"; /* it cannot tell: as without it */
    assert_int_equal(hf_board_start_powered(&f.board, &f.err), HF_OK);
    assert_log(&f, "open ");
    assert_non_null(strstr(hf_transcript_text(f.board.transcript), "starting the board all the same"));
    hf_board_stop(&f.board);

    f.config.power.status = "/nonexistent/hub";
    assert_int_equal(hf_board_start_powered(&f.board, &f.err), HF_ECHILD);
    assert_int_equal(f.err.lasting, HF_PERMANENT);
    assert_log(&f, "");
    tear_down(&f);
}

/* A command that cannot be executed fails every attempt in the same way, which the attempt's error says. */
static void a_missing_power_command_fails_an_attempt_for_good(void **state)
{
    (void)state;
    fixture f;
    set_up(&f);
    f.config.power.cycle = "/nonexistent/uhubctl -a cycle";
    f.board.needs_power_cycle = true;
    const uint8_t image[16] = {0};
    const hf_attempt_request request = {
        .name = "net", .image = image, .image_bytes = sizeof image, .runs = 1};
    hf_attempt_result result;
    assert_int_equal(hf_board_attempt(&f.board, &request, &result, &f.err), HF_ECHILD);
    assert_int_equal(f.err.fault, HF_FAULT_BOARD);
    assert_int_equal(f.err.lasting, HF_PERMANENT);
    tear_down(&f);
}

static void only_failures_of_the_board_switch_its_power(void **state)
{
    (void)state;
    fixture f;
    set_up(&f);
    assert_int_equal(hf_board_start_powered(&f.board, &f.err), HF_ENOTFOUND); /* no commands */
    assert_log(&f, "open ");
    f.config.power.cycle = f.commands[0];
    static const struct {
        hf_status status;
        hf_fault fault;
        hf_lasting lasting;
        bool helps;
    } cases[] = {
        {HF_ETARGET, HF_FAULT_BOARD, HF_TRANSIENT, true},
        {HF_ENOTFOUND, HF_FAULT_PROBE, HF_ABSENT, true},
        {HF_EPROTOCOL, HF_FAULT_SERIAL, HF_TRANSIENT, true},
        {HF_ENOTFOUND, HF_FAULT_PROBE, HF_PERMANENT, false},
        {HF_EBUSY, HF_FAULT_BOARD, HF_TRANSIENT, false},
        {HF_ECANCELLED, HF_FAULT_NONE, HF_TRANSIENT, false},
        {HF_EMISMATCH, HF_FAULT_JOB, HF_TRANSIENT, false},
        {HF_EIO, HF_FAULT_FARM, HF_TRANSIENT, false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const hf_error cause = {
            .status = cases[i].status, .fault = cases[i].fault, .lasting = cases[i].lasting};
        assert_int_equal(hf_board_power_can_help(&f.board, &cause), cases[i].helps);
    }
    f.refusal.lasting = HF_PERMANENT; /* a misspelt script, say */
    assert_int_equal(hf_board_start_powered(&f.board, &f.err), HF_ENOTFOUND);
    assert_log(&f, "open ");
    tear_down(&f);
}

static void the_attempt_after_a_failure_starts_with_a_cycle(void **state)
{
    (void)state;
    fixture f;
    set_up(&f);
    snprintf(f.commands[0], sizeof f.commands[0], "printf 'cycle ' >>%s", f.log); /* does not help */
    f.config.power.cycle = f.commands[0];
    f.board.options.deadlines.start_ms = 1;
    const uint8_t image[16] = {0};
    const hf_attempt_request request = {
        .name = "a model", .image = image, .image_bytes = sizeof image, .runs = 1};
    hf_attempt_result result;
    assert_int_equal(hf_board_attempt(&f.board, &request, &result, &f.err), HF_ENOTFOUND);
    assert_int_equal(truncate(f.log, 0), 0);
    hf_error_clear(&f.err);
    append(f.powered, "");
    f.fake.fails = HF_ETIMEOUT;
    assert_int_equal(hf_board_attempt(&f.board, &request, &result, &f.err), HF_ETIMEOUT);
    assert_log(&f, "cycle open ");
    tear_down(&f);
}

static void failed_commands_are_reported(void **state)
{
    (void)state;
    fixture f;
    set_up(&f);
    f.config.power.cycle = "echo no such hub; exit 3";
    assert_int_equal(hf_board_start_powered(&f.board, &f.err), HF_ECHILD);
    assert_int_equal(f.err.fault, HF_FAULT_BOARD);
    assert_string_equal(f.err.message,
                        "power.cycle: 'echo no such hub; exit 3' exited with status 3: no such hub");
    assert_non_null(strstr(hf_transcript_text(f.board.transcript), "command: no such hub"));

    hf_error_clear(&f.err);
    f.config.power = (hf_board_power){.cycle = "sleep 1000", .limit_ms = 50};
    assert_int_equal(hf_board_start_powered(&f.board, &f.err), HF_ETIMEOUT);
    assert_string_equal(f.err.message, "power.cycle: 'sleep 1000' did not exit within 50 ms");
    assert_int_equal(truncate(f.log, 0), 0);

    hf_error_clear(&f.err);
    f.config.power = (hf_board_power){.off = "exit 1", .on = f.commands[2], .limit_ms = 20000};
    assert_int_equal(hf_board_start_powered(&f.board, &f.err), HF_ECHILD);
    assert_log(&f, "open on "); /* the power is on all the same */
    tear_down(&f);
}

static void a_cancelled_cycle_leaves_the_power_on(void **state)
{
    (void)state;
    fixture f;
    set_up(&f);
    f.config.power = (hf_board_power){.off = f.commands[1], .on = f.commands[2], .limit_ms = 20000};
    f.board.needs_power_cycle = true;
    f.board.watch.cancel_fd = eventfd(1, EFD_CLOEXEC);
    assert_int_equal(hf_board_start_powered(&f.board, &f.err), HF_ECANCELLED);
    assert_int_equal(access(f.powered, F_OK), 0);
    close(f.board.watch.cancel_fd);
    f.board.watch.cancel_fd = -1;
    tear_down(&f);
}

static void hooks_surround_an_attempt(void **state)
{
    (void)state;
    fixture f;
    set_up(&f);
    char before[256], after[256];
    snprintf(before, sizeof before, "printf \"before $HILFARM_BOARD $HILFARM_MODEL$HILFARM_RESULT \" >>%s",
             f.log);
    snprintf(after, sizeof after, "printf \"after $HILFARM_RESULT \" >>%s", f.log);
    hf_hooks hooks = {.before_attempt = before, .after_attempt = after, .limit_ms = 20000};
    f.config.hooks = &hooks;
    const uint8_t image[16] = {0};
    const hf_attempt_request request = {
        .name = "net", .image = image, .image_bytes = sizeof image, .runs = 1};
    hf_attempt_result result;
    assert_int_equal(hf_board_attempt(&f.board, &request, &result, &f.err), HF_ENOTFOUND);
    assert_log(&f, "before b net open after probe ");

    hf_error_clear(&f.err);
    f.board.needs_power_cycle = false;
    f.config.power.cycle = f.commands[0];
    hooks.before_attempt = "exit 2";
    hooks.after_attempt = "echo sorry; exit 5";
    assert_int_equal(hf_board_attempt(&f.board, &request, &result, &f.err), HF_ECHILD);
    assert_int_equal(f.err.fault, HF_FAULT_BOARD);
    assert_non_null(strstr(f.err.message, "hooks.before_attempt: 'exit 2' exited with status 2"));
    assert_non_null(strstr(hf_transcript_text(f.board.transcript), "exited with status 5: sorry"));
    assert_log(&f, ""); /* the board was not used */
    assert_false(f.board.needs_power_cycle);
    tear_down(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_board_left_off_is_switched_on),
        cmocka_unit_test(a_switch_that_is_off_is_found),
        cmocka_unit_test(a_missing_power_command_fails_an_attempt_for_good),
        cmocka_unit_test(only_failures_of_the_board_switch_its_power),
        cmocka_unit_test(the_attempt_after_a_failure_starts_with_a_cycle),
        cmocka_unit_test(failed_commands_are_reported),
        cmocka_unit_test(a_cancelled_cycle_leaves_the_power_on),
        cmocka_unit_test(hooks_surround_an_attempt),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
