/* SPDX-License-Identifier: Apache-2.0 */
/* Explanations of OpenOCD's start failures, with a fake that prints what OpenOCD prints. */
#include "hf_test.h"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/stat.h>

#include "classify_error.h"
#include "openocd_internal.h"
#include "parse_output.h"
#include "start_failure.h"

static char folder[64];
static hf_error err;

static int make_folder(void **state)
{
    (void)state;
    strcpy(folder, "/tmp/hf-cause-XXXXXX");
    hf_error_clear(&err);
    return mkdtemp(folder) && chmod(folder, 0755) == 0 ? 0 : -1;
}

static int remove_folder(void **state)
{
    (void)state;
    char command[96];
    snprintf(command, sizeof command, "rm -rf '%s'", folder);
    return system(command); /* NOLINT(cert-env33-c): a folder of our own */
}

static const char *fake_openocd(void)
{
    static char program[512];
    snprintf(program, sizeof program, "%s/agent_fake_openocd", getenv("HILFARM_BIN_DIR"));
    return program;
}

/* A real board's OpenOCD; $FAKE_MISCHIEF and $FAKE_TEXT say what it does. */
static void fail_to_start(const char *program, const char *mischief, const char *text, const char *serial,
                          hf_status status)
{
    char devices[96], nodes[96];
    snprintf(devices, sizeof devices, "%s/devices", folder);
    snprintf(nodes, sizeof nodes, "%s/nodes", folder);
    setenv("FAKE_MISCHIEF", mischief, 1);
    setenv("FAKE_TEXT", text, 1);
    const hf_usb_folders usb = {devices, nodes};
    hf_watch watch = HF_WATCH_INIT;
    hf_openocd *openocd = NULL;
    const hf_openocd_options options = {
        .program = program,
        .chip = hf_chip_find("stm32l4r5zi"),
        .interface_script = "interface/stlnk.cfg",
        .adapter_serial = serial,
        .script_dir = folder,
        .cpu = -1,
        .stop_ms = 300,
        .watch = &watch,
    };
    hf_error_clear(&err);
    assert_int_equal(hf_openocd_start_on(&options, &usb, hf_deadline_in_ms(5000), &openocd, &err), status);
    assert_int_equal(watch.item_count, 0);
}

static void assert_says(const char *text)
{
    if (!strstr(err.message, text))
        fail_msg("'%s' is not in '%s'", text, err.message);
}

static void assert_is(hf_fault fault, hf_lasting lasting)
{
    if (err.fault != fault || err.lasting != lasting)
        fail_msg("class %s, lasting %d: '%s'", hf_fault_name(err.fault), err.lasting, err.message);
}

static void write_file(const char *name, const char *text)
{
    char path[192];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    for (char *slash = path + strlen(folder) + 1; (slash = strchr(slash, '/')); slash++) {
        *slash = '\0';
        assert_true(mkdir(path, 0755) == 0 || access(path, X_OK) == 0);
        *slash = '/';
    }
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    assert_int_equal(fclose(file), 0);
}

/* The kernel's entries for a connected device. */
static void plug_in(const char *port, const char *vendor, const char *product, const char *name,
                    const char *serial, int device)
{
    const struct {
        const char *attribute, *value;
    } attributes[] = {
        {"idVendor", vendor}, {"idProduct", product}, {"product", name}, {"serial", serial}, {"busnum", "1"}};
    char path[96], text[96];
    for (size_t i = 0; i < sizeof attributes / sizeof attributes[0]; i++) {
        if (!attributes[i].value)
            continue;
        snprintf(path, sizeof path, "devices/%s/%s", port, attributes[i].attribute);
        snprintf(text, sizeof text, "%s\n", attributes[i].value);
        write_file(path, text);
    }
    snprintf(path, sizeof path, "devices/%s/devnum", port);
    snprintf(text, sizeof text, "%d\n", device);
    write_file(path, text);
    snprintf(path, sizeof path, "devices/%s:1.0/bInterfaceClass", port);
    write_file(path, "ff\n");
    snprintf(path, sizeof path, "nodes/001/%03d", device);
    write_file(path, "");
}

static void programs_other_than_openocd(void **state)
{
    (void)state;
    fail_to_start("/nonexistent/openocd", "", "", NULL, HF_ECHILD);
    assert_is(HF_FAULT_FARM, HF_PERMANENT);
    assert_says("'/nonexistent/openocd': No such file");

    fail_to_start(fake_openocd(), "not-openocd", "usage: frob [-x]\nfrob: -c: what is that?\n", NULL,
                  HF_ECHILD);
    assert_is(HF_FAULT_FARM, HF_PERMANENT);
    assert_says("is not a working OpenOCD");
    assert_says("it printed 'frob: -c: what is that?'");
    assert_says("exited with status 3");

    fail_to_start(fake_openocd(), "not-openocd", "", NULL, HF_ECHILD);
    assert_is(HF_FAULT_FARM, HF_PERMANENT);
    assert_says("it printed nothing");

    fail_to_start("/bin/echo", "", "", NULL, HF_ECHILD);
    assert_is(HF_FAULT_FARM, HF_PERMANENT);
    assert_says("exited with status 0");
}

static void errors_in_scripts_are_permanent(void **state)
{
    (void)state;
    static const struct {
        const char *said, *says;
    } cases[] = {
        {"/lab/my.cfg:6: Error: invalid command name \"foo\"\nat file \"/lab/my.cfg\", line 6\n",
         "OpenOCD rejects its scripts: '/lab/my.cfg:6: Error: invalid command name \"foo\"'"},
        {"Error: The specified debug interface was not found (nosuch)\nThe following debug adapters are "
         "available:\n"
         "1: parport\n",
         "'The specified debug interface was not found (nosuch)'"},
        {"Runtime Error: lab.cfg:3: wrong # args\nin procedure 'script'\nat file \"embedded:startup.tcl\", "
         "line 60\n",
         "'Runtime Error: lab.cfg:3: wrong # args'"},
        {"DEPRECATED! use 'adapter driver' not 'interface'\ninvalid command name \"bindto\"\n\n",
         "'invalid command name \"bindto\"'"},
        {"", "exited with status 1 without a message"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        fail_to_start(fake_openocd(), "say", cases[i].said, NULL, HF_EINVALID);
        assert_is(HF_FAULT_PROBE, HF_PERMANENT);
        assert_says(cases[i].says);
    }
}

static void a_missing_script_gets_a_suggestion(void **state)
{
    (void)state;
    write_file("stlnnk.cfg", ""); /* beside the farm file */
    static const char *const said[] = {"Can't find interface/stlnk.cfg\n",
                                       "embedded:startup.tcl:28: Error: Can't find interface/stlnk.cfg\n"
                                       "in procedure 'script'\nat file \"embedded:startup.tcl\", line 28\n"};
    for (size_t i = 0; i < 2; i++) {
        fail_to_start(fake_openocd(), "say", said[i], NULL, HF_ENOTFOUND);
        assert_is(HF_FAULT_PROBE, HF_PERMANENT);
        assert_says(
            "probe.interface: OpenOCD has no script 'interface/stlnk.cfg', did you mean 'stlnnk.cfg'?");
    }
    /* OpenOCD's own scripts; $OPENOCD_SCRIPTS is one of its folders. */
    setenv("OPENOCD_SCRIPTS", folder, 1);
    write_file("interface/ftdi/digilent-hs9.cfg", "");
    write_file("target/stm32l4zz.cfg", "");
    fail_to_start(fake_openocd(), "say", "Can't find digilent_hs9.cfg\n", NULL, HF_ENOTFOUND);
    assert_says("OpenOCD cannot find its script 'digilent_hs9.cfg'");
    assert_says("did you mean 'interface/ftdi/digilent-hs9.cfg'?");
    fail_to_start(fake_openocd(), "say", "Can't find target/stm32l4zy.cfg\n", NULL, HF_ENOTFOUND);
    assert_says("did you mean 'target/stm32l4zz.cfg'?");
    fail_to_start(fake_openocd(), "say", "Can't find interface/nothing-like-it-at-all.cfg\n", NULL,
                  HF_ENOTFOUND);
    assert_null(strstr(err.message, "did you mean"));
    unsetenv("OPENOCD_SCRIPTS");
}

static void no_probe_is_plugged_in(void **state)
{
    (void)state;
    fail_to_start(fake_openocd(), "open-failed", "", "066B", HF_ENOTFOUND);
    assert_is(HF_FAULT_PROBE, HF_ABSENT);
    assert_says("no debug probe with serial number 066B is plugged in, nor any other probe");

    plug_in("1-1", "1d6b", "0002", "root hub", NULL, 1);
    plug_in("1-2", "0483", "374b", "STM32 STLink", "066C", 5);
    plug_in("1-3", "2e8a", "000c", "Debug Probe (CMSIS-DAP)", NULL, 6);
    fail_to_start(fake_openocd(), "open-failed", "", "066B", HF_ENOTFOUND);
    assert_is(HF_FAULT_PROBE, HF_ABSENT);
    assert_says("no debug probe with serial number 066B is plugged in; plugged in: ");
    assert_says("ST-LINK/V2-1 0483:374b with serial number 066C");
    assert_says("Debug Probe (CMSIS-DAP) 2e8a:000c");
    assert_null(strstr(err.message, "1d6b"));

    /* Without a serial number any probe of the vendor matches; there is none from SEGGER. */
    fail_to_start(fake_openocd(), "say-configured", "Error: No J-Link device found\n", NULL, HF_ENOTFOUND);
    assert_is(HF_FAULT_PROBE, HF_ABSENT);
    assert_says("no debug probe for interface/stlnk.cfg is plugged in; plugged in: ");
}

/* Explains an end of OpenOCD without starting it, with the permissions of another user. */
static hf_status explain_open_failed(const char *serial)
{
    char devices[96], nodes[96];
    snprintf(devices, sizeof devices, "%s/devices", folder);
    snprintf(nodes, sizeof nodes, "%s/nodes", folder);
    const hf_usb_folders usb = {devices, nodes};
    const hf_openocd_options options = {.interface_script = "interface/stlink.cfg", .adapter_serial = serial};
    const hf_openocd_output said = {
        .version = "Open On-Chip Debugger 0.12.0", .error = "open failed", .configured = true};
    hf_error how = {0};
    (void)HF_FAIL_AS(&how, HF_FAULT_PROBE, HF_ECHILD, "OpenOCD exited with status 1");
    hf_error_clear(&err);
    return hf_openocd_explain_end(&said, &options, &usb, 1, &how, &err);
}

static void a_probe_without_permission(void **state)
{
    (void)state;
    char node[128];
    plug_in("1-2", "0483", "374b", "STM32 STLink", "066B", 5);
    snprintf(node, sizeof node, "%s/nodes/001/005", folder);
    uid_t user = geteuid();
    assert_int_equal(chmod(node, user == 0 ? 0600 : 0), 0);
    if (user == 0)
        assert_int_equal(seteuid(65534), 0);
    hf_status status = explain_open_failed("066B");
    assert_int_equal(seteuid(user), 0);
    prctl(PR_SET_DUMPABLE, 1); /* changing the user clears it; sanitizers need it */
    assert_int_equal(status, HF_EIO);
    assert_is(HF_FAULT_PROBE, HF_ABSENT);
    assert_says("ST-LINK/V2-1 0483:374b with serial number 066B");
    assert_says("60-openocd.rules");
    assert_says("plugdev");
    assert_says("nodes/001/005");

    chmod(node, 0666); /* now only another program can be the cause */
    assert_int_equal(explain_open_failed("066B"), HF_EBUSY);
    assert_is(HF_FAULT_PROBE, HF_TRANSIENT);
    assert_says("is another program using it?");
}

static void errors_of_a_running_openocd_are_classified(void **state)
{
    (void)state;
    static const struct {
        const char *error, *result;
        hf_fault fault;
    } cases[] = {
        {"libusb_bulk_write error: LIBUSB_ERROR_NO_DEVICE", "", HF_FAULT_PROBE},
        {"remote_bitbang: connection closed", "", HF_FAULT_PROBE},
        {"CMSIS-DAP command mismatch. Sent 0x5 received 0x0", "", HF_FAULT_PROBE},
        {"", "Unable to set adapter speed", HF_FAULT_PROBE},
        {"timed out while waiting for target halted", "", HF_FAULT_BOARD},
        {"init mode failed (unable to connect to the target)", "", HF_FAULT_BOARD},
        {"stm32x device protected", "failed erasing sectors 0 to 3", HF_FAULT_BOARD},
        {"", "", HF_FAULT_BOARD},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_int_equal(hf_openocd_fault(cases[i].error, cases[i].result), cases[i].fault);
}

static void the_first_error_is_the_cause(void **state)
{
    (void)state;
    hf_openocd_output said = {0};
    static const char *const lines[] = {"Open On-Chip Debugger 0.12.0",
                                        "Licensed under GNU GPL v2",
                                        "Info : a rule: Error: is not one of ours",
                                        "Warn : careful",
                                        "Error: the first",
                                        "a.cfg:7: Error: the second",
                                        "last words",
                                        "   ",
                                        "in procedure 'init'"};
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++)
        hf_openocd_output_line(&said, lines[i]);
    assert_string_equal(said.version, "Open On-Chip Debugger 0.12.0");
    assert_string_equal(said.error, "the first");
    assert_string_equal(said.last, "last words");
    hf_openocd_output_forget(&said);
    assert_string_equal(hf_openocd_output_words(&said), "");
    hf_openocd_output_line(&said, "a.cfg:7: Error: the second");
    assert_string_equal(hf_openocd_output_words(&said), "a.cfg:7: Error: the second");
    assert_false(said.configured);
    hf_openocd_output_line(&said, HF_OPENOCD_CONFIGURED);
    assert_true(said.configured);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(programs_other_than_openocd, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(errors_in_scripts_are_permanent, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(a_missing_script_gets_a_suggestion, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(no_probe_is_plugged_in, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(a_probe_without_permission, make_folder, remove_folder),
        cmocka_unit_test(errors_of_a_running_openocd_are_classified),
        cmocka_unit_test(the_first_error_is_the_cause),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
