/* SPDX-License-Identifier: Apache-2.0 */
/* Each check of `hilfarm doctor`, on hosts that we describe, with programs and files of our own. */
#include "hf_test.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "base/clock.h"
#include "board/board_claim.h"
#include "checks.h"
#include "serial/serial.h"
#include "store/store.h"

typedef struct fixture {
    char folder[64];
    char store[96], openocd[96], firmware[96];
    hf_buffer lines; /* "fail OpenOCD: text\n  remedy\n" */
    hf_found_probe probe;
    hf_discovery found;
    hf_farm *farm;
} fixture;

static void keep(void *user, hf_doctor_verdict verdict, const char *subject, const char *text,
                 const char *remedy)
{
    static const char *const words[] = {"ok", "warn", "fail"};
    fixture *f = user;
    hf_buffer_printf(&f->lines, "%s %s: %s\n", words[verdict], subject, text);
    assert_true((verdict == HF_DOCTOR_OK) == (remedy == NULL)); /* every problem has a remedy */
    if (remedy)
        hf_buffer_printf(&f->lines, "  %s\n", remedy);
}

static void write_program(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(chmod(path, 0755), 0);
}

static int set_up(void **state)
{
    static fixture f;
    f = (fixture){.folder = "/tmp/hf-doctor-XXXXXX"};
    *state = &f;
    if (!mkdtemp(f.folder))
        return -1;
    snprintf(f.store, sizeof f.store, "%s/results/hilfarm.db", f.folder);
    snprintf(f.openocd, sizeof f.openocd, "%s/openocd", f.folder);
    snprintf(f.firmware, sizeof f.firmware, "%s", f.folder);
    write_program(f.openocd, "#!/bin/sh\necho 'Open On-Chip Debugger 0.12.0' >&2\n");
    f.probe = (hf_found_probe){.kind = "ST-LINK/V2-1",
                               .serial = "066C",
                               .node = "/dev/bus/usb/001/005",
                               .usable = true,
                               .script = "interface/stlink.cfg"};
    f.found = (hf_discovery){.probes = &f.probe, .probe_count = 1};
    return 0;
}

static int tear_down(void **state)
{
    fixture *f = *state;
    char command[96];
    hf_buffer_free(&f->lines);
    hf_farm_free(f->farm);
    snprintf(command, sizeof command, "rm -rf '%s'", f->folder);
    return system(command); /* NOLINT(cert-env33-c): a folder of our own */
}

static hf_doctor_options options_of(fixture *f)
{
    return (hf_doctor_options){.farm = f->farm,
                               .found = &f->found,
                               .openocd_path = f->openocd,
                               .firmware_dir = f->firmware,
                               .store_path = f->store,
                               .lock_dir = f->folder,
                               .report = keep,
                               .user = f};
}

/* @param boards items of the list `boards`; NULL = virtual boards */
static void use_farm(fixture *f, const char *boards)
{
    char text[1024];
    hf_error err = {0};
    hf_diagnostics *diagnostics = hf_diagnostics_new();
    hf_farm_free(f->farm);
    f->farm = NULL;
    snprintf(text, sizeof text, "boards:\n%s", boards ? boards : "");
    if (boards)
        assert_int_equal(hf_farm_parse("farm.yaml", text, strlen(text), &f->farm, diagnostics, &err), HF_OK);
    else
        assert_int_equal(hf_farm_default(&f->farm, &err), HF_OK);
    hf_diagnostics_free(diagnostics);
}

static void examine(fixture *f, void (*check)(const hf_doctor_options *))
{
    const hf_doctor_options options = options_of(f);
    hf_buffer_clear(&f->lines);
    check(&options);
}

static void assert_says(const fixture *f, const char *text)
{
    if (!strstr(hf_buffer_text(&f->lines), text))
        fail_msg("'%s' is not in:\n%s", text, hf_buffer_text(&f->lines));
}

static void assert_silent(const fixture *f, const char *text)
{
    if (strstr(hf_buffer_text(&f->lines), text))
        fail_msg("'%s' is in:\n%s", text, hf_buffer_text(&f->lines));
}

static void openocd_is_missing_or_too_old(void **state)
{
    fixture *f = *state;
    use_farm(f, NULL);
    examine(f, hf_check_openocd);
    assert_says(f, "ok OpenOCD: Open On-Chip Debugger 0.12.0\n");
    write_program(f->openocd, "#!/bin/sh\necho 'Open On-Chip Debugger 0.11.0'\n");
    examine(f, hf_check_openocd);
    assert_says(
        f, "fail OpenOCD: Open On-Chip Debugger 0.11.0; hilfarm needs 0.12 or later\n  install the Debian");
    write_program(f->openocd, "#!/bin/sh\necho hello\n");
    examine(f, hf_check_openocd);
    assert_says(f, "fail OpenOCD: '/tmp/hf-doctor-");
    assert_says(f, "is not OpenOCD: it prints no version");
    assert_int_equal(unlink(f->openocd), 0);
    examine(f, hf_check_openocd);
    assert_says(f, "fail OpenOCD: ");
    assert_says(f, "No such file or directory");
}

static void scripts_are_looked_up(void **state)
{
    fixture *f = *state;
    char folder[96], path[128];
    snprintf(folder, sizeof folder, "%s/target", f->folder);
    assert_int_equal(mkdir(folder, 0755), 0);
    snprintf(path, sizeof path, "%s/stm32l4x.cfg", folder);
    write_program(path, "");
    setenv("OPENOCD_SCRIPTS", f->folder, 1);
    use_farm(
        f, "  - {id: a, chip: stm32l4r5zi, probe: {interface: interface/nonesuch.cfg}, port: /dev/ttyACM9}\n"
           "  - {id: b, chip: stm32l4r5zi, virtual: true}\n");
    examine(f, hf_check_openocd);
    unsetenv("OPENOCD_SCRIPTS");
    assert_says(f, "ok script: /tmp/hf-doctor-");
    assert_says(f, "target/stm32l4x.cfg\n");
    assert_says(f, "fail script: probe.interface: OpenOCD has no script 'interface/nonesuch.cfg'\n  correct "
                   "probe.interface");
    assert_silent(f, "stm32f7x"); /* no board has this chip */
}

static void probes_of_boards(void **state)
{
    fixture *f = *state;
    use_farm(
        f, "  - {id: a, chip: stm32l4r5zi, probe: {serial: \"066C\"}, port: /dev/hf-none}\n"
           "  - {id: b, chip: stm32l4r5zi, probe: {serial: \"066D\"}, port: /dev/hf-none2}\n"
           "  - {id: c, chip: stm32l4r5zi, probe: {interface: interface/jlink.cfg}, port: /dev/hf-none3}\n");
    examine(f, hf_check_boards);
    assert_says(f, "ok board a: probe ST-LINK/V2-1 066C\n");
    assert_says(f, "fail board b: no probe with serial number 066D is plugged in\n  plug it in");
    assert_says(f, "warn board c: no USB probe for interface/jlink.cfg is recognised\n");
    assert_says(f, "fail board a: serial port /dev/hf-none: cannot find it");
    assert_silent(f, "not in the farm");
    use_farm(f, "  - {id: a, chip: stm32l4r5zi, port: {usb: \"ffff:fffe\"}}\n");
    examine(f, hf_check_boards);
    assert_says(f, "ok board a: probe ST-LINK/V2-1 066C\n"); /* found by its script */
    assert_says(f, "fail board a: no USB serial port ffff:fffe with serial number (any)");

    f->probe.usable = false;
    examine(f, hf_check_boards);
    assert_says(f,
                "fail board a: no permission to use the probe ST-LINK/V2-1 (/dev/bus/usb/001/005)\n  install "
                "hilfarm's udev rules (60-hilfarm.rules)");
    use_farm(f, NULL);
    examine(f, hf_check_boards);
    assert_says(
        f, "warn probe: ST-LINK/V2-1 066C is plugged in without permission to use it, but not in the farm");
}

static void ports_of_boards(void **state)
{
    fixture *f = *state;
    char boards[256];
    int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    assert_true(master >= 0 && grantpt(master) == 0 && unlockpt(master) == 0);
    snprintf(boards, sizeof boards,
             "  - {id: a, chip: stm32l4r5zi, probe: {serial: \"066C\"}, port: {pty: %s}}\n", ptsname(master));
    use_farm(f, boards);
    examine(f, hf_check_boards);
    assert_says(f, "ok board a: port /dev/pts/");

    hf_serial_address address;
    hf_serial *user = NULL;
    hf_error err = {0};
    const hf_deadline deadline = hf_deadline_in_ms(3000);
    assert_int_equal(hf_serial_find(&f->farm->boards[0].config, deadline, NULL, &address, &err), HF_OK);
    assert_int_equal(hf_serial_open(&address, 115200, NULL, deadline, NULL, &user, &err), HF_OK);
    examine(f, hf_check_boards);
    hf_serial_close(user);
    assert_says(f, "warn board a: ");
    assert_says(f, "close the terminal program that uses it");
    close(master);
    examine(f, hf_check_boards);
    assert_says(f, "fail board a: ");
}

/* Holds the locks of board 0 in another process until the pipe's other end is closed. */
static pid_t use_board_elsewhere(const fixture *f, int *release_fd)
{
    int ready[2], release[2];
    char byte = 0;
    assert_int_equal(pipe(ready), 0);
    assert_int_equal(pipe(release), 0);
    const pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        hf_board_claim *claim = NULL;
        close(release[1]);
        const bool held = hf_board_claim_try(&f->farm->boards[0].config, hf_deadline_in_ms(3000), f->folder,
                                             &claim, NULL) == HF_OK;
        if (write(ready[1], held ? "+" : "-", 1) == 1)
            (void)!read(release[0], &byte, 1);
        _exit(0);
    }
    close(release[0]);
    close(ready[1]);
    assert_int_equal(read(ready[0], &byte, 1), 1);
    close(ready[0]);
    assert_int_equal(byte, '+');
    *release_fd = release[1];
    return child;
}

/* The port does not exist: a check that tried to open it would say so. */
static void a_board_in_use_is_left_alone(void **state)
{
    fixture *f = *state;
    char expected[80];
    int release_fd = -1;
    use_farm(f, "  - {id: a, chip: stm32l4r5zi, probe: {serial: \"066C\"}, port: /dev/hf-none}\n");
    const pid_t child = use_board_elsewhere(f, &release_fd);
    examine(f, hf_check_boards);
    snprintf(expected, sizeof expected, "ok board a: port not checked: in use by process %ld", (long)child);
    assert_says(f, expected);
    assert_silent(f, "cannot find it");
    close(release_fd);
    assert_int_equal(waitpid(child, NULL, 0), child);
    examine(f, hf_check_boards);
    assert_says(f, "fail board a: serial port /dev/hf-none: cannot find it");
    assert_silent(f, "not checked");
}

static void limits_of_the_user(void **state)
{
    fixture *f = *state;
    use_farm(f, NULL);
    const hf_doctor_options options = options_of(f);
    hf_check_limit(&options, "open files", 100, 100, "raise it");
    hf_check_limit(&options, "open files", 101, 100, "raise it");
    hf_check_limit(&options, "threads", 101, UINT64_MAX, "raise it");
    assert_says(f, "ok limits: 100 open files are allowed, 2 boards need about 100\n"
                   "fail limits: 100 open files are allowed, 2 boards need about 101\n  raise it\n"
                   "ok limits: no limit on threads\n");
}

static void clocks_and_disk(void **state)
{
    fixture *f = *state;
    use_farm(f, NULL);
    examine(f, hf_check_host);
    assert_says(f, "ok clock: monotonic, source ");
    assert_says(f, " MiB free in /tmp/hf-doctor-"); /* the store's nearest folder */

    const hf_doctor_options options = options_of(f);
    hf_buffer_clear(&f->lines);
    hf_check_free_space(&options, "/a", UINT64_C(2000) << 20);
    hf_check_free_space(&options, "/b", UINT64_C(500) << 20);
    hf_check_free_space(&options, "/c", UINT64_C(63) << 20);
    assert_says(f, "ok disk: 2000 MiB free in /a\nwarn disk: 500 MiB free in /b\n  delete files");
    assert_says(f, "fail disk: 63 MiB free in /c\n  delete files");
}

static void store_and_firmware(void **state)
{
    fixture *f = *state;
    hf_error err = {0};
    hf_store *store = NULL;
    use_farm(f, NULL);
    examine(f, hf_check_files);
    assert_says(f, "ok store: ");
    assert_says(f, "results/hilfarm.db, which the first run creates\n");
    assert_int_not_equal(access(f->store, F_OK), 0);
    assert_says(f, "fail firmware: reading the firmware for stm32l4r5zi: ");
    assert_silent(f, "stm32f767zi");

    assert_int_equal(hf_store_open(f->store, &store, &err), HF_OK);
    hf_store_close(store);
    examine(f, hf_check_files);
    assert_says(f, "results/hilfarm.db is sound\n");
    assert_silent(f, "warn store");

    write_program(f->store, "This is not a database, but a text that is long enough to be taken for one.\n");
    examine(f, hf_check_files);
    assert_says(f, "fail store: ");

    snprintf(f->store, sizeof f->store, "%s/openocd/hilfarm.db", f->folder); /* not a folder */
    examine(f, hf_check_files);
    assert_says(f, "openocd/hilfarm.db cannot be written\n  change its permissions");
}

static void write_beside_store(const fixture *f, const char *suffix)
{
    char path[160];
    snprintf(path, sizeof path, "%s%s", f->store, suffix);
    write_program(path, "hilfarm run 1 L\n");
}

static void what_dead_runs_left(void **state)
{
    fixture *f = *state;
    hf_error err = {0};
    hf_store *store = NULL;
    use_farm(f, NULL);
    assert_int_equal(hf_store_open(f->store, &store, &err), HF_OK);
    hf_store_close(store);
    write_beside_store(f, ".run-20261130-9f0c21ab");
    write_beside_store(f, ".run-20261130-9f0c21ac.damaged");
    write_beside_store(f, ".damaged");
    examine(f, hf_check_files);
    assert_says(f, "ok store: ");
    assert_says(f, "warn store: results of 1 run that died are not in the store yet\n");
    assert_says(f, "warn store: 1 journal with damaged records next to ");

    char path[160];
    snprintf(path, sizeof path, "%s.run-20261130-9f0c21ab", f->store);
    assert_int_equal(access(path, F_OK), 0); /* examined, not recovered */
}

/* @param at where the damage begins in the file */
static void expect_damage(fixture *f, long at)
{
    hf_error err = {0};
    hf_store *store = NULL;
    use_farm(f, NULL);
    assert_int_equal(hf_store_open(f->store, &store, &err), HF_OK);
    hf_store_close(store);
    FILE *file = fopen(f->store, "r+");
    assert_non_null(file);
    assert_int_equal(fseek(file, at, SEEK_SET), 0);
    for (int i = 0; i < 4096; i++)
        fputc(0x5a, file);
    assert_int_equal(fclose(file), 0);
    examine(f, hf_check_files);
    assert_says(f, "fail store: ");
    assert_says(f, "save what can be read with `sqlite3 FILE .recover`");
    assert_silent(f, "is sound");
    assert_silent(f, "a newer hilfarm");
    assert_int_equal(unlink(f->store), 0);
}

/* A page behind the first one, and the schema itself, without which the file cannot be opened. */
static void a_damaged_store(void **state)
{
    expect_damage(*state, 5 * 4096L);
    expect_damage(*state, 100);
}

static void results_as_json(void **state)
{
    (void)state;
    hf_doctor_json *json = hf_doctor_json_new();
    hf_buffer text = HF_BUFFER_INIT;
    assert_non_null(json);
    hf_doctor_json_add(json, HF_DOCTOR_OK, "disk", "lots", NULL);
    hf_doctor_json_add(json, HF_DOCTOR_FAIL, "board \"a\"", "bad byte \xff", "mend it");
    hf_doctor_json_render(json, &text);
    assert_false(text.failed);
    assert_string_equal(
        hf_buffer_text(&text),
        "{\n  \"checks\": [\n    {\n      \"verdict\": \"ok\",\n      \"subject\": "
        "\"disk\",\n      \"text\": \"lots\",\n"
        "      \"remedy\": null\n    },\n    {\n      \"verdict\": \"fail\",\n      "
        "\"subject\": \"board \\\"a\\\"\",\n"
        "      \"text\": \"bad byte \xEF\xBF\xBD\",\n      \"remedy\": \"mend it\"\n    }\n  ],\n  "
        "\"ok\": 1,\n  \"warn\": 0,\n  \"fail\": 1\n}\n");
    hf_buffer_free(&text);
    hf_doctor_json_free(json);
}

static void daemon_that_does_not_answer(void **state)
{
    fixture *f = *state;
    char socket[96];
    use_farm(f, NULL);
    setenv("HILFARM_SOCKET", "", 1);
    examine(f, hf_check_daemon);
    assert_says(f, "ok daemon: none on this host");
    snprintf(socket, sizeof socket, "%s/hilfarmd.sock", f->folder);
    setenv("HILFARM_SOCKET", socket, 1);
    examine(f, hf_check_daemon);
    assert_says(f, "warn daemon: nobody listens at /tmp/hf-doctor-");
    setenv("HILFARM_SOCKET", "no address", 1);
    examine(f, hf_check_daemon);
    unsetenv("HILFARM_SOCKET");
    assert_says(f, "daemon: ");
    assert_silent(f, "ok daemon");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(daemon_that_does_not_answer, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_board_in_use_is_left_alone, set_up, tear_down),
        cmocka_unit_test_setup_teardown(limits_of_the_user, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_dead_runs_left, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_damaged_store, set_up, tear_down),
        cmocka_unit_test(results_as_json),
        cmocka_unit_test_setup_teardown(openocd_is_missing_or_too_old, set_up, tear_down),
        cmocka_unit_test_setup_teardown(scripts_are_looked_up, set_up, tear_down),
        cmocka_unit_test_setup_teardown(probes_of_boards, set_up, tear_down),
        cmocka_unit_test_setup_teardown(ports_of_boards, set_up, tear_down),
        cmocka_unit_test_setup_teardown(clocks_and_disk, set_up, tear_down),
        cmocka_unit_test_setup_teardown(store_and_firmware, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
