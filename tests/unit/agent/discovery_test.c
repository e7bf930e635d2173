/* SPDX-License-Identifier: Apache-2.0 */
/* From the kernel's list of USB devices, a tree of our own, to a farm file that hilfarm accepts. */
#include "hf_test.h"

#include <sys/stat.h>

#include "inventory/inventory.h"
#include "pair_ports.h"
#include "spec/farm_file.h"
#include "usb_folders.h"

#define PORTS_MAX 8

typedef struct fixture {
    char folder[64];
    hf_usb_port ports[PORTS_MAX];
    size_t port_count;
    hf_buffer text;
} fixture;

static int set_up(void **state)
{
    static fixture f;
    f = (fixture){.folder = "/tmp/hf-scan-XXXXXX"};
    *state = &f;
    return mkdtemp(f.folder) ? 0 : -1;
}

static int tear_down(void **state)
{
    fixture *f = *state;
    char command[96];
    hf_buffer_free(&f->text);
    snprintf(command, sizeof command, "rm -rf '%s'", f->folder);
    return system(command); /* NOLINT(cert-env33-c): a folder of our own */
}

static void write_attribute(const char *folder, const char *name, const char *text)
{
    char path[256];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fprintf(file, "%s\n", text);
    assert_int_equal(fclose(file), 0);
}

/* A USB device on bus 1. @param ids "0483:374b" @param serial NULL = none */
static void plug_in(fixture *f, unsigned device, const char *ids, const char *product, const char *serial)
{
    char devices[96], folder[128], number[16], path[160];
    snprintf(devices, sizeof devices, "%s/devices", f->folder);
    snprintf(folder, sizeof folder, "%s/1-%u", devices, device);
    mkdir(devices, 0755);
    assert_int_equal(mkdir(folder, 0755), 0);
    snprintf(number, sizeof number, "%.4s", ids);
    write_attribute(folder, "idVendor", number);
    write_attribute(folder, "idProduct", ids + 5);
    write_attribute(folder, "product", product);
    if (serial)
        write_attribute(folder, "serial", serial);
    snprintf(number, sizeof number, "%u", device);
    write_attribute(folder, "busnum", "1");
    write_attribute(folder, "devnum", number);
    snprintf(path, sizeof path, "%s/nodes", f->folder);
    mkdir(path, 0755);
    snprintf(path, sizeof path, "%s/nodes/001", f->folder);
    mkdir(path, 0755);
    snprintf(number, sizeof number, "%03u", device);
    write_attribute(path, number, "");
}

/* A serial port. @param device of the USB device that has it; 0 = libserialport does not know it */
static void add_port(fixture *f, const char *path, const char *ids, const char *serial, unsigned device)
{
    hf_usb_port *port = &f->ports[f->port_count++];
    *port = (hf_usb_port){.vendor_id = (uint16_t)strtoul(ids, NULL, 16),
                          .product_id = (uint16_t)strtoul(ids + 5, NULL, 16),
                          .bus = device ? 1 : 0,
                          .device = device,
                          .usable = true};
    snprintf(port->path, sizeof port->path, "%s", path);
    snprintf(port->serial, sizeof port->serial, "%s", serial);
}

static hf_draft_summary scan(fixture *f, const char *chip)
{
    static hf_probe probes[HF_PROBES_MAX];
    char devices[96], nodes[96];
    snprintf(devices, sizeof devices, "%s/devices", f->folder);
    snprintf(nodes, sizeof nodes, "%s/nodes", f->folder);
    const hf_usb_folders folders = {devices, nodes};
    size_t count = hf_probes_find_in(&folders, probes);
    hf_discovery found;
    hf_error err = {0};
    assert_int_equal(hf_pair_ports(probes, count, f->ports, f->port_count, &found, &err), HF_OK);
    hf_buffer_clear(&f->text);
    hf_draft_summary summary = hf_draft_from_probes(&found, chip, &f->text);
    hf_discovery_free(&found);
    assert_false(f->text.failed);
    return summary;
}

static void assert_says(const fixture *f, const char *text)
{
    if (!strstr(hf_buffer_text(&f->text), text))
        fail_msg("'%s' is not in:\n%s", text, hf_buffer_text(&f->text));
}

/* Reads the draft as a farm file. @return NULL with the mistakes in `mistakes` */
static hf_farm *read_draft(const fixture *f, char *mistakes, size_t size)
{
    hf_farm *farm = NULL;
    hf_error err = {0};
    hf_diagnostics *diagnostics = hf_diagnostics_new();
    hf_status status =
        hf_farm_parse("draft.yaml", hf_buffer_text(&f->text), f->text.size, &farm, diagnostics, &err);
    char *text = hf_diagnostics_render(diagnostics);
    snprintf(mistakes, size, "%s", text ? text : "");
    free(text);
    hf_diagnostics_free(diagnostics);
    assert_true(status == HF_OK || status == HF_EINVALID);
    return farm;
}

static hf_farm *read_good_draft(const fixture *f)
{
    char mistakes[1024];
    hf_farm *farm = read_draft(f, mistakes, sizeof mistakes);
    if (!farm)
        fail_msg("%s\n%s", mistakes, hf_buffer_text(&f->text));
    return farm;
}

static void a_probe_gets_its_own_port(void **state)
{
    fixture *f = *state;
    plug_in(f, 5, "0483:374b", "STM32 STLink", "066CFF505254837567123456");
    plug_in(f, 6, "0483:374e", "STLINK-V3", "0031001F3137510D33333639");
    plug_in(f, 2, "1d6b:0002", "xHCI Host Controller", "0000:00:14.0");
    add_port(f, "/dev/ttyACM0", "0483:374e", "0031001F3137510D33333639", 6);
    add_port(f, "/dev/ttyACM1", "0483:374b", "066CFF505254837567123456", 0);
    add_port(f, "/dev/ttyUSB0", "10c4:ea60", "0001", 7);
    hf_draft_summary summary = scan(f, "stm32l4r5zi");
    assert_int_equal(summary.ready, 2);
    assert_int_equal(summary.incomplete, 0);

    hf_farm *farm = read_good_draft(f);
    assert_int_equal(farm->board_count, 2);
    const hf_board_config *first = &farm->boards[0].config, *second = &farm->boards[1].config;
    assert_string_equal(first->id, "stlink-123456");
    assert_string_equal(first->chip, "stm32l4r5zi");
    assert_string_equal(first->probe_interface, "interface/stlink.cfg");
    assert_string_equal(first->probe_serial, "066CFF505254837567123456");
    assert_int_equal(first->usb_vendor_id, 0x0483);
    assert_int_equal(first->usb_product_id, 0x374b);
    assert_string_equal(first->usb_serial, "066CFF505254837567123456");
    assert_int_equal(first->baud, 921600);
    assert_string_equal(second->id, "stlink-333639");
    assert_string_equal(second->usb_serial, "0031001F3137510D33333639");
    hf_farm_free(farm);
}

/* Two probes with the same serial number, as some clones have: only the place on the bus tells their ports apart. */
static void clones_are_not_mixed_up(void **state)
{
    fixture *f = *state;
    plug_in(f, 5, "0483:374b", "STM32 STLink", "000000000001");
    plug_in(f, 6, "0483:374b", "STM32 STLink", "000000000001");
    add_port(f, "/dev/ttyACM0", "0483:374b", "000000000001", 6);
    add_port(f, "/dev/ttyACM1", "0483:374b", "000000000001", 5);
    hf_draft_summary summary = scan(f, "stm32l4r5zi");
    assert_int_equal(summary.ready, 0);
    assert_int_equal(summary.incomplete, 2);
    assert_says(f, "Commented out: another probe has the same serial number, so that OpenOCD cannot tell");
    assert_says(f, "port /dev/ttyACM0");
    assert_says(f, "port /dev/ttyACM1");
}

static void equal_endings_give_different_ids(void **state)
{
    fixture *f = *state;
    plug_in(f, 5, "0483:374b", "STM32 STLink", "AAAA123456");
    plug_in(f, 6, "0483:374b", "STM32 STLink", "BBBB123456");
    add_port(f, "/dev/ttyACM0", "0483:374b", "AAAA123456", 5);
    add_port(f, "/dev/ttyACM1", "0483:374b", "BBBB123456", 6);
    assert_int_equal(scan(f, "stm32f767zi").ready, 2);
    hf_farm *farm = read_good_draft(f);
    assert_string_equal(farm->boards[0].config.id, "stlink-AAAA123456");
    assert_string_equal(farm->boards[1].config.id, "stlink-BBBB123456");
    hf_farm_free(farm);
}

static void the_user_fills_in_the_chip(void **state)
{
    fixture *f = *state;
    char mistakes[1024];
    plug_in(f, 5, "0483:374b", "STM32 STLink", "066C");
    add_port(f, "/dev/ttyACM0", "0483:374b", "066C", 5);
    hf_draft_summary summary = scan(f, NULL);
    assert_int_equal(summary.ready, 0);
    assert_int_equal(summary.incomplete, 1);
    assert_says(f, "chip: unknown   # replace with ");
    assert_says(f, "stm32l4r5zi (NUCLEO-L4R5ZI)");
    assert_null(read_draft(f, mistakes, sizeof mistakes));
    assert_non_null(strstr(mistakes, "draft.yaml:5:"));
    assert_non_null(strstr(mistakes, "unknown"));
}

static void incomplete_boards_are_commented_out(void **state)
{
    fixture *f = *state;
    plug_in(f, 5, "0483:374b", "STM32 STLink", "066C");
    plug_in(f, 6, "0403:6010", "Dual RS232-HS", "FT01");            /* script depends on the model */
    plug_in(f, 7, "1366:0101", "J-Link", "000123");                 /* no port of its own */
    plug_in(f, 8, "0451:bef3", "XDS110 (03.00.00.13)", "M4321");    /* two ports */
    plug_in(f, 9, "0483:3748", "STM32 STLink", "S\xc3\xbfj\x06");   /* binary serial number */
    plug_in(f, 10, "2e8a:000c", "Debug\tProbe: (CMSIS-DAP)", NULL); /* no port either */
    add_port(f, "/dev/ttyACM0", "0483:374b", "066C", 5);
    add_port(f, "/dev/ttyACM1", "0451:bef3", "M4321", 8);
    add_port(f, "/dev/ttyACM2", "0451:bef3", "M4321", 8);
    add_port(f, "/dev/ttyUSB0", "10c4:ea60", "0001", 11);
    hf_draft_summary summary = scan(f, "stm32l4r5zi");
    assert_int_equal(summary.ready, 1);
    assert_int_equal(summary.incomplete, 5);
    assert_says(f, "Commented out: OpenOCD has an interface script for each model");
    assert_says(
        f,
        "the probe has no serial port of its own; connect the board's serial line and name its port. Ports "
        "of no probe: /dev/ttyUSB0");
    assert_says(
        f, "the probe has several serial ports; name the one with the board's serial line: /dev/ttyACM1, "
           "/dev/ttyACM2");
    assert_says(f, "its serial number has characters that cannot be written here");
    assert_says(f, "#    probe: {interface: \"interface/jlink.cfg\", serial: \"000123\"}");
    hf_farm *farm = read_good_draft(f);
    assert_int_equal(farm->board_count, 1);
    assert_string_equal(farm->boards[0].config.probe_serial, "066C");
    hf_farm_free(farm);
}

static void a_probe_without_serial_number_is_the_only_one(void **state)
{
    fixture *f = *state;
    plug_in(f, 10, "2e8a:000c", "Debug Probe (CMSIS-DAP)", NULL);
    add_port(f, "/dev/ttyACM0", "2e8a:000c", "", 10);
    assert_int_equal(scan(f, "stm32l4r5zi").ready, 1);
    hf_farm *farm = read_good_draft(f);
    assert_string_equal(farm->boards[0].config.id, "cmsis-dap");
    assert_null(farm->boards[0].config.probe_serial);
    assert_null(farm->boards[0].config.usb_serial);
    assert_int_equal(farm->boards[0].config.baud, HF_FARM_BAUD_DEFAULT);
    hf_farm_free(farm);

    plug_in(f, 11, "2e8a:000c", "Debug Probe (CMSIS-DAP)", NULL);
    assert_int_equal(scan(f, "stm32l4r5zi").ready, 0);
    assert_says(f, "another probe of this kind has no serial number either");
}

static void permissions_are_mentioned(void **state)
{
    fixture *f = *state;
    char node[128];
    plug_in(f, 5, "0483:374b", "STM32 STLink", "066C");
    add_port(f, "/dev/ttyACM0", "0483:374b", "066C", 5);
    f->ports[0].usable = false;
    snprintf(node, sizeof node, "%s/nodes/001/005", f->folder);
    assert_int_equal(unlink(node), 0); /* not accessible, even for root */
    assert_int_equal(scan(f, "stm32l4r5zi").ready, 1);
    assert_says(f, "no permission to use the probe");
    assert_says(f, "no permission to use the port");
}

static void quotes_in_a_serial_number(void **state)
{
    fixture *f = *state;
    plug_in(f, 5, "0483:374b", "STM32 STLink", "a\"b\\c # {}");
    add_port(f, "/dev/ttyACM0", "0483:374b", "a\"b\\c # {}", 5);
    assert_int_equal(scan(f, "stm32l4r5zi").ready, 1);
    hf_farm *farm = read_good_draft(f);
    assert_string_equal(farm->boards[0].config.id, "stlink-c-----");
    assert_string_equal(farm->boards[0].config.probe_serial, "a\"b\\c # {}");
    assert_string_equal(farm->boards[0].config.usb_serial, "a\"b\\c # {}");
    hf_farm_free(farm);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_probe_gets_its_own_port, set_up, tear_down),
        cmocka_unit_test_setup_teardown(clones_are_not_mixed_up, set_up, tear_down),
        cmocka_unit_test_setup_teardown(equal_endings_give_different_ids, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_user_fills_in_the_chip, set_up, tear_down),
        cmocka_unit_test_setup_teardown(incomplete_boards_are_commented_out, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_probe_without_serial_number_is_the_only_one, set_up, tear_down),
        cmocka_unit_test_setup_teardown(permissions_are_mentioned, set_up, tear_down),
        cmocka_unit_test_setup_teardown(quotes_in_a_serial_number, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
