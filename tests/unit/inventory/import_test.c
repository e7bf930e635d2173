/* SPDX-License-Identifier: Apache-2.0 */
/* Farm files from the inventories of twister and labgrid, and a hardware map from a farm file. */
#include "hf_test.h"

#include "inventory/import.h"
#include "spec/farm_file.h"

static hf_found_port ports[] = {
    {.path = "/dev/ttyACM0", .vendor_id = 0x0483, .product_id = 0x374b, .serial = "066C", .unique = true}};
static hf_found_probe probes[] = {
    {.kind = "ST-LINK/V2-1", .serial = "066C", .script = "interface/stlink.cfg"}};
static const hf_discovery connected = {.probes = probes, .probe_count = 1, .ports = ports, .port_count = 1};

typedef struct result {
    hf_status status;
    hf_buffer draft;
    hf_draft_summary summary;
    char *mistakes;
} result;

static result import_with(const char *text, hf_import_format format, const hf_discovery *found,
                          const char *chip)
{
    result r = {0};
    hf_error err = {0};
    hf_diagnostics *mistakes = hf_diagnostics_new();
    assert_non_null(mistakes);
    r.status = hf_draft_import("f.yaml", text, strlen(text), format, found, chip, &r.draft, &r.summary,
                               mistakes, &err);
    r.mistakes = hf_diagnostics_render(mistakes);
    hf_diagnostics_free(mistakes);
    return r;
}

static result import(const char *text)
{
    return import_with(text, HF_IMPORT_DETECT, NULL, NULL);
}

static void free_result(result *r)
{
    hf_buffer_free(&r->draft);
    free(r->mistakes);
}

static void assert_says(const result *r, const char *text)
{
    if (!strstr(hf_buffer_text(&r->draft), text))
        fail_msg("'%s' is not in:\n%s%s", text, hf_buffer_text(&r->draft), r->mistakes);
}

/* Reads the draft as a run would. */
static hf_farm *read_farm(const result *r)
{
    hf_farm *farm = NULL;
    hf_error err = {0};
    hf_diagnostics *mistakes = hf_diagnostics_new();
    if (hf_farm_parse("draft.yaml", hf_buffer_text(&r->draft), r->draft.size, &farm, mistakes, &err) !=
        HF_OK) {
        char *text = hf_diagnostics_render(mistakes);
        fail_msg("%s\n%s", text, hf_buffer_text(&r->draft));
    }
    hf_diagnostics_free(mistakes);
    return farm;
}

static void assert_refused(const char *text, hf_import_format format, const char *expected)
{
    result r = import_with(text, format, NULL, NULL);
    assert_int_equal(r.status, HF_EINVALID);
    if (!strstr(r.mistakes, expected))
        fail_msg("'%s' is not in:\n%s", expected, r.mistakes);
    free_result(&r);
}

/* ---- twister ---- */

static void a_hardware_map(void **state)
{
    (void)state;
    result r = import(
        "- {connected: true, id: 066CFF50, platform: nucleo_l4r5zi, product: STM32 STLink,\n"
        "   runner: openocd, serial: /dev/ttyACM0}\n"
        "- {connected: true, id: \"000683\", probe_id: \"000684\", platform: nucleo_f767zi/stm32f767xx,\n"
        "   product: J-Link, runner: jlink, serial: /dev/ttyACM1, baud: 921600, fixtures: [a, b],\n"
        "   pre_script: /opt/on.sh, flash_timeout: 60}\n");
    assert_int_equal(r.status, HF_OK);
    assert_int_equal(r.summary.ready, 2);
    assert_int_equal(r.summary.incomplete, 0);
    assert_says(
        &r,
        "  # platform nucleo_f767zi/stm32f767xx, J-Link, twister flashes it with jlink, hilfarm with "
        "OpenOCD, "
        "pre_script: see hooks.before_attempt, flash_timeout: see deadlines.flash, fixtures: not imported");
    hf_farm *farm = read_farm(&r);
    assert_int_equal(farm->board_count, 2);
    const hf_board_config *first = &farm->boards[0].config, *second = &farm->boards[1].config;
    assert_string_equal(first->id, "nucleo_l4r5zi");
    assert_string_equal(first->chip, "stm32l4r5zi");
    assert_string_equal(first->probe_interface, "interface/stlink.cfg");
    assert_string_equal(first->probe_serial, "066CFF50");
    assert_string_equal(first->port_path, "/dev/ttyACM0");
    assert_string_equal(second->chip, "stm32f767zi");
    assert_string_equal(second->probe_interface, "interface/jlink.cfg");
    assert_string_equal(second->probe_serial, "000684"); /* probe_id goes before id */
    assert_int_equal(second->baud, 921600);
    hf_farm_free(farm);
    free_result(&r);
}

static void what_a_hardware_map_does_not_say(void **state)
{
    (void)state;
    result r = import(
        "- {connected: false, id: A, platform: nucleo_l4r5zi, product: STLink, serial: null}\n"
        "- {connected: true, id: B, platform: nrf52840dk, product: magic probe, serial: /dev/ttyACM2}\n"
        "- {connected: true, id: C, platform: nucleo_l4r5zi, product: STLink, serial_pty: socat}\n"
        "- {connected: true, id: D, platform: nucleo_l4r5zi, product: STLink, serial: COM7}\n"
        "- {id: E, platform: frdm_k64f, product: DAPLink CMSIS-DAP, serial: /dev/ttyACM3, available: false}\n"
        "- {id: F, platform: frdm_k64f, product: DAPLink CMSIS-DAP, serial: /dev/ttyACM4}\n");
    assert_int_equal(r.status, HF_OK);
    assert_int_equal(r.summary.ready, 0);
    assert_int_equal(r.summary.incomplete, 6);
    assert_says(
        &r, "# Commented out: it was not connected when the map was written; its serial port is not known\n");
    assert_says(&r, "# Commented out: name OpenOCD's interface script for its probe as probe.interface\n");
    assert_says(&r, "# Commented out: serial_pty is a command; a farm file needs the path of a pty");
    assert_says(&r, "# Commented out: its serial port 'COM7' is not the path of a device");
    assert_says(&r, "# Commented out: the map calls it not available\n");
    assert_says(&r, "\n  - id: \"frdm_k64f\"\n    chip: unknown   # replace with ");
    assert_says(&r, "  # platform frdm_k64f, DAPLink CMSIS-DAP\n"); /* which says what the chip may be */
    free_result(&r);
    r = import_with("- {id: F, platform: custom, product: STLink, serial: /dev/x}\n", HF_IMPORT_TWISTER, NULL,
                    "stm32l4r5zi");
    assert_int_equal(r.summary.ready, 1);
    assert_says(&r, "chip: stm32l4r5zi\n");
    free_result(&r);
}

static void boards_that_conflict(void **state)
{
    (void)state;
    result r = import("- {id: A, platform: nucleo_l4r5zi, product: STLink, serial: /dev/ttyACM0}\n"
                      "- {id: B, platform: nucleo_l4r5zi, product: STLink, serial: /dev/ttyACM0}\n"
                      "- {id: A, platform: nucleo_l4r5zi, product: STLink, serial: /dev/ttyACM1}\n"
                      "- {platform: nucleo_l4r5zi, product: STLink, serial: /dev/ttyACM2}\n"
                      "- {id: C, platform: nucleo_l4r5zi, product: STLink, serial: /dev/ttyACM3}\n");
    assert_int_equal(r.summary.ready, 2);
    assert_int_equal(r.summary.incomplete, 3);
    assert_says(&r, "board nucleo_l4r5zi has the same port");
    assert_says(&r, "it cannot be told from board nucleo_l4r5zi by its probe");
    hf_farm *farm = read_farm(&r);
    assert_string_equal(farm->boards[1].config.id, "nucleo_l4r5zi-2"); /* ids are unique */
    hf_farm_free(farm);
    free_result(&r);
}

/* ---- labgrid ---- */

static void an_exporter_configuration(void **state)
{
    (void)state;
    result r = import("nucleo-l4r5zi-1:\n"
                      "  location: shelf-2\n"
                      "  USBSerialPort: {match: {ID_VENDOR_ID: '0483', ID_MODEL_ID: 374b, ID_SERIAL_SHORT: "
                      "066D}, speed: 921600}\n"
                      "  USBDebugger: {match: {ID_VENDOR_ID: '0483', '@ID_SERIAL_SHORT': 066D}}\n"
                      "  NetworkPowerPort: {model: gude, host: power.lab, index: 3}\n"
                      "nucleo_f767zi:\n"
                      "  NetworkSerialPort: {host: lab-pi, port: 3001}\n"
                      "  probe: {cls: USBDebugger, match: {ID_SERIAL_SHORT: \"0006\", ID_VENDOR_ID: 1366}}\n"
                      "stm32l4r5zi.3:\n"
                      "  RawSerialPort: {port: /dev/ttyS1, speed: 115200}\n"
                      "  USBDebugger: {match: {ID_SERIAL_SHORT: 066E, ID_VENDOR_ID: '0483'}}\n");
    assert_int_equal(r.status, HF_OK);
    assert_int_equal(r.summary.ready, 3);
    assert_says(&r, "# group nucleo-l4r5zi-1, location shelf-2, NetworkPowerPort gude at power.lab, index 3: "
                    "give a command "
                    "for it as power.cycle\n");
    hf_farm *farm = read_farm(&r);
    const hf_board_config *first = &farm->boards[0].config, *second = &farm->boards[1].config;
    assert_int_equal(first->usb_vendor_id, 0x0483);
    assert_int_equal(first->usb_product_id, 0x374b);
    assert_string_equal(first->usb_serial, "066D");
    assert_string_equal(first->probe_serial, "066D");
    assert_int_equal(first->baud, 921600);
    assert_string_equal(second->chip, "stm32f767zi");
    assert_int_equal(second->port_kind, HF_PORT_RFC2217);
    assert_string_equal(second->port_host, "lab-pi");
    assert_int_equal(second->port_number, 3001);
    assert_string_equal(second->probe_interface, "interface/jlink.cfg");
    assert_string_equal(farm->boards[2].config.port_path, "/dev/ttyS1");
    hf_farm_free(farm);
    free_result(&r);
}

static void what_an_exporter_does_not_say(void **state)
{
    (void)state;
    static const char text[] =
        "a:\n"
        "  USBSerialPort: {match: {ID_SERIAL_SHORT: 066C}}\n"
        "  USBDebugger: {match: {ID_SERIAL_SHORT: 066C}}\n"
        "b:\n"
        "  USBSerialPort: {match: {ID_PATH: 'pci-0000:00:14.0-usb-0:2:1.0'}}\n"
        "  USBDebugger: {match: {'@ID_PATH': 'pci-0000:00:14.0-usb-0:2', ID_VENDOR_ID: 1366}}\n"
        "c:\n"
        "  USBSerialPort: {match: {'@ID_PATH': 'pci-0000:00:14.0-usb-0:4'}}\n"
        "d:\n"
        "  USBVideo: {match: {ID_PATH: x}}\n";
    result r = import(text);
    assert_int_equal(r.summary.ready + r.summary.incomplete, 4);
    assert_says(&r,
                "of its port only the serial number 066C is known: connect it and import again, or name it");
    assert_says(&r, "port: \"/dev/serial/by-path/pci-0000:00:14.0-usb-0:2:1.0\"\n");
    assert_says(&r, "its port is below pci-0000:00:14.0-usb-0:4: name it, from /dev/serial/by-path");
    assert_says(&r, "the group has neither a serial port nor a debugger");
    free_result(&r);
    /* The connected devices fill in the first one. */
    r = import_with(text, HF_IMPORT_DETECT, &connected, "stm32l4r5zi");
    assert_int_equal(r.summary.ready, 2);
    assert_says(&r, "probe: {interface: \"interface/stlink.cfg\", serial: \"066C\"}\n    port: {usb: "
                    "\"0483:374b\", serial: \"066C\"}");
    free_result(&r);
}

/* ---- Input that is not what it should be ---- */

static void mistakes_have_a_place(void **state)
{
    (void)state;
    assert_refused("just text", HF_IMPORT_DETECT,
                   "f.yaml:1:1: a single value, expected a list of boards (twister's hardware map) or a "
                   "mapping of groups");
    assert_refused("a: {}\n", HF_IMPORT_TWISTER, "f.yaml:1:1: a mapping, expected a list of boards");
    assert_refused("- {}\n", HF_IMPORT_LABGRID, "f.yaml:1:1: a list, expected a mapping of groups");
    assert_refused("- {platform: x}\n- 5\n", HF_IMPORT_DETECT,
                   "f.yaml:2:3: a single value, expected a board");
    assert_refused("- {platform: [x]}\n", HF_IMPORT_DETECT,
                   "f.yaml:1:14: platform: a list, expected a single value");
    assert_refused("- {baud: 12}\n", HF_IMPORT_DETECT,
                   "f.yaml:1:10: baud: \"12\", expected a number from 9600 to");
    assert_refused("- {baud: 99999999999999999999}\n", HF_IMPORT_DETECT, "expected a number from 9600 to");
    assert_refused("a: 7\n", HF_IMPORT_DETECT, "f.yaml:1:4: a: a single value, expected a group");
    assert_refused("a: {NetworkSerialPort: {host: x, port: 65536}}\n", HF_IMPORT_DETECT,
                   "port: \"65536\", expected");
    assert_refused("- {a: b", HF_IMPORT_DETECT, "f.yaml:");
}

static void hostile_texts_stay_comments_and_strings(void **state)
{
    (void)state;
    result r = import(
        "- {id: \"a\\\"b\\\\\", platform: \"x\\nboards: [evil]\\e[31m\", product: \"STLink\\r\\nfoo: bar\",\n"
        "   serial: \"/dev/tty\\nA\"}\n"
        "- {id: \"c\\\"d\\\\\", platform: \"../../etc\", product: STLink, serial: \"/dev/tty\\\"x\\\\\"}\n");
    assert_int_equal(r.status, HF_OK);
    assert_null(strstr(hf_buffer_text(&r.draft), "\nboards: [evil]"));
    assert_null(strchr(hf_buffer_text(&r.draft), '\x1b'));
    assert_says(&r, "a name of its probe or port is not plain text");
    assert_says(&r, "\n  - id: \"etc\"\n");
    assert_says(&r, "serial: \"c\\\"d\\\\\"}\n    port: \"/dev/tty\\\"x\\\\\"\n");
    free_result(&r);
    r = import("{}\n");
    assert_int_equal(r.summary.ready + r.summary.incomplete, 0);
    free_result(&r);
}

static void too_many_entries(void **state)
{
    (void)state;
    hf_buffer text = HF_BUFFER_INIT;
    for (uint32_t i = 0; i <= HF_FARM_MAX_BOARDS; i++)
        hf_buffer_puts(&text, "- 1\n");
    assert_refused(hf_buffer_text(&text), HF_IMPORT_DETECT, "f.yaml:1:1: ");
    hf_buffer_free(&text);
}

/* ---- The way back ---- */

static void a_hardware_map_of_a_farm(void **state)
{
    (void)state;
    static const char text[] =
        "boards:\n"
        "  - {id: a, chip: stm32l4r5zi, probe: {serial: 066C}, port: {usb: \"0483:374b\", serial: 066C}, "
        "baud: 921600}\n"
        "  - {id: b, chip: stm32f767zi, probe: {serial: 066D}, port: {usb: \"0483:374b\", serial: 066D}}\n"
        "  - {id: c, chip: stm32f767zi, probe: {serial: 066E}, port: \"tcp:lab-pi:3001\"}\n"
        "  - {id: d, chip: stm32l4r5zi, virtual: true}\n";
    hf_farm *farm = NULL;
    hf_error err = {0};
    hf_diagnostics *mistakes = hf_diagnostics_new();
    assert_int_equal(hf_farm_parse("farm.yaml", text, strlen(text), &farm, mistakes, &err), HF_OK);
    hf_buffer map = HF_BUFFER_INIT;
    assert_int_equal(hf_export_twister(farm, &connected, &map), 2);
    assert_string_equal(
        hf_buffer_text(&map),
        "# Hardware map for Zephyr's twister, written by `hilfarm boards export`.\n"
        "- connected: true\n  id: \"066C\"\n  platform: nucleo_l4r5zi\n  product: \"interface/stlink.cfg\"\n"
        "  runner: openocd\n  serial: \"/dev/ttyACM0\"\n  baud: 921600\n"
        "- connected: false\n  id: \"066D\"\n  platform: nucleo_f767zi\n  product: \"interface/stlink.cfg\"\n"
        "  runner: openocd\n  serial: null\n  baud: 115200\n"
        "# c is left out: its port is on a terminal server\n"
        "# d is left out: a virtual board\n");
    result r = import(hf_buffer_text(&map)); /* and back again */
    assert_int_equal(r.summary.ready, 1);
    assert_int_equal(r.summary.incomplete, 1);
    free_result(&r);
    hf_buffer_free(&map);
    hf_farm_free(farm);
    hf_diagnostics_free(mistakes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_hardware_map),
        cmocka_unit_test(what_a_hardware_map_does_not_say),
        cmocka_unit_test(boards_that_conflict),
        cmocka_unit_test(an_exporter_configuration),
        cmocka_unit_test(what_an_exporter_does_not_say),
        cmocka_unit_test(mistakes_have_a_place),
        cmocka_unit_test(hostile_texts_stay_comments_and_strings),
        cmocka_unit_test(too_many_entries),
        cmocka_unit_test(a_hardware_map_of_a_farm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
