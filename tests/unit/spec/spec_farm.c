/* SPDX-License-Identifier: Apache-2.0 */
/* Valid and invalid farm files, and the boards that a spec selects. */
#include "base/file.h"
#include "check.h"

static void test_default_farm(void **state)
{
    (void)state;
    hf_farm *farm = NULL;
    assert_int_equal(hf_farm_default(&farm, NULL), HF_OK);
    assert_int_equal(farm->board_count, 2);
    assert_string_equal(farm->boards[0].config.id, "virtual-1");
    assert_string_equal(farm->boards[1].config.id, "virtual-2");
    for (int i = 0; i < 2; i++) {
        assert_true(farm->boards[i].config.is_virtual);
        assert_string_equal(farm->boards[i].config.chip, "stm32l4r5zi");
        assert_string_equal(farm->boards[i].chip->core, "cortex-m4");
        assert_int_equal(farm->boards[i].config.baud, 921600);
    }
    assert_null(farm->path);
    hf_farm_free(farm);
    hf_farm_free(NULL);
}

static void test_every_key(void **state)
{
    (void)state;
    hf_farm *farm = parse_farm(
        "hooks: {before_run: a b, after_run: c, before_attempt: d, after_attempt: e, deadline: 5 s}\n"
        "boards:\n"
        "  - id: left\n"
        "    chip: stm32l4r5zi\n"
        "    tags: [lab, fast]\n"
        "    probe: {interface: interface/jlink.cfg, serial: 066C}\n"
        "    port: {usb: \"0483:374B\", serial: 066C}\n"
        "    baud: 2000000\n"
        "    power: {cycle: uhubctl -a cycle, off: \"off 1\", on: \"on 1\", status: \"st 1\", deadline: 7 "
        "s}\n"
        "    deadlines: {start: 1 s, flash: 90 s, boot: 2 s, reply: 3 s, sample: 4 s, attempt: 5 "
        "s, stop: 6 s}\n"
        "  - {id: right, chip: stm32f767zi, port: /dev/ttyACM1, probe: {serial: 066D}}\n"
        "  - {id: v, chip: stm32f767zi, virtual: true}\n"
        "  - {id: path, chip: stm32f767zi, virtual: false, port: {path: /dev/ttyACM2}, probe: "
        "{serial: '1'}}\n");
    assert_int_equal(farm->board_count, 4);
    const hf_board_config *left = &farm->boards[0].config, *right = &farm->boards[1].config;
    assert_string_equal(left->id, "left");
    assert_int_equal(left->tag_count, 2);
    assert_string_equal(left->tags[1], "fast");
    assert_string_equal(left->probe_interface, "interface/jlink.cfg");
    assert_string_equal(left->probe_serial, "066C");
    assert_string_equal(left->script_dir, ".");
    assert_null(left->port_path);
    assert_int_equal(left->usb_vendor_id, 0x0483);
    assert_int_equal(left->usb_product_id, 0x374b);
    assert_string_equal(left->usb_serial, "066C");
    assert_int_equal(left->baud, 2000000);
    assert_string_equal(left->power.cycle, "uhubctl -a cycle");
    assert_string_equal(left->power.off, "off 1");
    assert_string_equal(left->power.on, "on 1");
    assert_string_equal(left->power.status, "st 1");
    assert_int_equal(left->power.limit_ms, 7000);
    assert_null(right->power.cycle);
    assert_int_equal(right->power.limit_ms, 30000);
    assert_int_equal(farm->boards[0].deadlines.flash_ms, 90000);
    assert_int_equal(farm->boards[0].deadlines.stop_ms, 6000);
    assert_string_equal(farm->hooks.before_run, "a b");
    assert_string_equal(farm->hooks.after_run, "c");
    assert_string_equal(left->hooks->before_attempt, "d");
    assert_string_equal(right->hooks->after_attempt, "e");
    assert_int_equal(farm->hooks.limit_ms, 5000);
    assert_int_equal(farm->boards[0].line, 3);
    assert_int_equal(farm->boards[0].column, 5);
    assert_string_equal(right->probe_interface, "interface/stlink.cfg");
    assert_string_equal(right->port_path, "/dev/ttyACM1");
    assert_int_equal(right->usb_vendor_id, 0);
    assert_int_equal(right->baud, 115200);
    assert_true(farm->boards[2].config.is_virtual);
    assert_null(farm->boards[2].config.probe_interface);
    assert_string_equal(farm->boards[3].config.port_path, "/dev/ttyACM2");
    hf_farm_free(farm);
}

/* Scripts may be in the folder of the farm file. */
static void test_folder_of_scripts(void **state)
{
    (void)state;
    static const char text[] = "boards: [{id: v, chip: stm32f767zi, virtual: true}]\n";
    static const char *const paths[][2] = {
        {"lab/farm.yaml", "lab/"}, {"/farm.yaml", "/"}, {"farm.yaml", "."}};
    for (size_t i = 0; i < 3; i++) {
        hf_farm *farm = NULL;
        hf_diagnostics *diagnostics = hf_diagnostics_new();
        assert_int_equal(hf_farm_parse(paths[i][0], text, strlen(text), &farm, diagnostics, NULL), HF_OK);
        assert_string_equal(farm->boards[0].config.script_dir, paths[i][1]);
        hf_farm_free(farm);
        hf_diagnostics_free(diagnostics);
    }
}

#define L "boards:\n  - {id: a, chip: stm32l4r5zi, "
#define R "\n  - {id: b, chip: stm32l4r5zi, "

#define ADDRESS "expected HOST:PORT such as \"lab-pi:3001\", \"192.0.2.7:3001\" or \"[fe80::1]:3001\"\n"

static const mistake_case cases[] = {
    {"boards: []\n", "f.yaml:1:9: boards: an empty list, expected a list of 1 to 1024 boards\n"},
    {"bords: []\n", "f.yaml:1:1: unknown key \"bords\" in the farm, did you mean \"boards\"?\n"},
    {"host: lab2\nbroker: {url: nats://farm.lab}\nfarm: boards.yaml\n",
     "f.yaml:1:1: \"host\" and \"broker\": this is the file of an agent, expected a farm file, which may "
     "list "
     "\"hosts\"; whether this host is connected is in the log of its hilfarm-agent\n"},
    {"boards: [5]\n", "f.yaml:1:10: a board: \"5\", expected a mapping with keys such as \"id\"\n"},
    {"boards:\n  - {virtual: true}\n", "f.yaml:2:5: a board has no \"id\", which is required\n"
                                       "f.yaml:2:5: a board has no \"chip\", which is required\n"},
    {"boards:\n  - {id: a, chip: stm32l4r5z, virtual: true}\n",
     "f.yaml:2:19: chip: unknown chip \"stm32l4r5z\", expected one of: stm32l4r5zi, stm32f767zi; did you "
     "mean "
     "\"stm32l4r5zi\"?\n"},
    {"boards:\n  - {id: a, chip: avr, virtual: true}\n",
     "f.yaml:2:19: chip: unknown chip \"avr\", expected one of: stm32l4r5zi, stm32f767zi\n"},
    {L "virtual: true}" R "virtual: true}\n  - {id: a, chip: stm32l4r5zi, virtual: true}\n",
     "f.yaml:4:5: the board id \"a\" appears twice, first on line 2\n"},
    {L "virtual: true, port: /dev/x, probe: {serial: x}}\n",
     "f.yaml:2:47: \"port\" on a virtual board, expected none: it has its own\n"
     "f.yaml:2:61: \"probe\" on a virtual board, expected none: it has its own\n"},
    {L "baud: 115200}\n", "f.yaml:2:5: a board without \"port\", expected a port or \"virtual: true\"\n"},
    {L "port: {}}\n",
     "f.yaml:2:38: port: none of \"path\", \"pty\", \"tcp\", \"rfc2217\" and \"usb\", expected one of "
     "them\n"},
    {L "port: {pty: /dev/x, tcp: \"h:1\"}}\n",
     "f.yaml:2:52: port: both \"pty\" and \"tcp\", expected one of them\n"},
    {L "port: {tcp: \"h:1\", serial: y}}\n",
     "f.yaml:2:51: port: \"serial\" next to \"tcp\", expected it with \"usb\" only\n"},
    {L "port: {tcp: lab-pi}}\n", "f.yaml:2:44: tcp: \"lab-pi\", " ADDRESS},
    {L "port: \"rfc2217:lab-pi:65536\"}\n", "f.yaml:2:38: port: \"rfc2217:lab-pi:65536\", " ADDRESS},
    {L "port: {tcp: \"fe80::1:3001\"}}\n", "f.yaml:2:44: tcp: \"fe80::1:3001\", " ADDRESS},
    {L "port: {tcp: \":3001\"}}\n", "f.yaml:2:44: tcp: \":3001\", " ADDRESS},
    {L "port: \"pty:\"}\n", "f.yaml:2:38: port: \"pty:\", expected a string of 1 to 255 characters\n"},
    {L "port: \"tcp:lab-pi:3001\", baud: 921600}\n",
     "f.yaml:2:63: baud: \"921600\" with a raw TCP port, whose speed the server sets; expected 115200, "
     "no \"baud\", or \"rfc2217\" instead of \"tcp\"\n"},
    {L "virtual: true, power: {cycle: x}}\n",
     "f.yaml:2:47: \"power\" on a virtual board, expected none: hilfarm restarts it\n"},
    {L "port: /dev/x, power: {off: x}}\n",
     "f.yaml:2:53: power: \"off\" without \"on\", expected both, or \"cycle\"\n"},
    {L "port: /dev/x, power: {deadline: 1 s}}\n",
     "f.yaml:2:53: power: no command, expected \"cycle\", or \"off\" and \"on\"\n"},
    {L "port: /dev/x, power: {status: x}}\n",
     "f.yaml:2:53: power: no command, expected \"cycle\", or \"off\" and \"on\"\n"},
    {L "virtual: true, modelled: false}\n",
     "f.yaml:2:47: \"modelled\" on a virtual board, expected none: it always is\n"},
    {L "port: {path: /dev/x, usb: \"0483:374b\"}}\n",
     "f.yaml:2:53: port: both \"path\" and \"usb\", expected one of them\n"},
    {L "port: {path: /dev/x, serial: y}}\n",
     "f.yaml:2:53: port: \"serial\" next to \"path\", expected it with \"usb\" only\n"},
    {L "port: {usb: \"483:374b\"}}\n",
     "f.yaml:2:44: usb: \"483:374b\", expected vendor and product as 4 hexadecimal digits each, such as "
     "\"0483:374b\"\n"},
    {L "port: {usb: \"0000:374b\"}}\n",
     "f.yaml:2:44: usb: \"0000:374b\", expected vendor and product as 4 hexadecimal digits each, such as "
     "\"0483:374b\"\n"},
    {L "port: {usb: 0483-374g}}\n",
     "f.yaml:2:44: usb: \"0483-374g\", expected vendor and product as 4 hexadecimal digits each, such as "
     "\"0483:374b\"\n"},
    {L "virtual: true, baud: 9599}\n",
     "f.yaml:2:53: baud: \"9599\", expected a whole number from 9600 to 2000000\n"},
    {L "virtual: true, deadlines: {run: 1 s}}\n",
     "f.yaml:2:59: unknown key \"run\" in deadlines, expected one of: start, flash, boot, reply, sample, "
     "attempt, stop\n"},
    {L "port: /dev/x, probe: {serial: x}}" R "port: /dev/x, probe: {serial: y}}\n",
     "f.yaml:3:5: the port \"/dev/x\" is also used by the board on line 2, expected a different port\n"},
    {L "port: /dev/x, probe: {serial: x}}" R "port: /dev/y, probe: {serial: x}}\n",
     "f.yaml:3:5: the probe with serial number \"x\" is also used by the board on line 2, expected a "
     "different probe\n"},
    {L "port: /dev/x, probe: {serial: x}}" R "port: /dev/y}\n",
     "f.yaml:3:5: the probe cannot be distinguished from that of the board on line 2, expected \"probe: "
     "{serial: "
     "...}\" with both\n"},
    {L "port: {usb: \"0483:374b\"}, probe: {serial: x}}" R
       "port: {usb: \"0483:374b\", serial: y}, probe: {serial: y}}\n",
     "f.yaml:3:5: the USB port cannot be distinguished from that of the board on line 2, expected \"serial\" "
     "with "
     "both\n"},
    {L "port: {usb: \"0483:374b\", serial: y}, probe: {serial: x}}" R
       "port: {usb: \"0483:374b\", serial: y}, probe: {serial: y}}\n",
     "f.yaml:3:5: the USB port with serial number \"y\" is also used by the board on line 2, expected a "
     "different port\n"},
};

static void test_each_mistake(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char *rendered = farm_mistakes(cases[i].text);
        assert_string_equal(rendered, cases[i].expected);
        free(rendered);
    }
}

static void test_kinds_of_ports(void **state)
{
    (void)state;
    hf_farm *farm = parse_farm(
        "boards:\n"
        "  - {id: a, chip: stm32l4r5zi, port: pty:/dev/pts/7, probe: {serial: a}, modelled: true}\n"
        "  - {id: b, chip: stm32l4r5zi, port: {pty: /dev/pts/8}, probe: {serial: b}}\n"
        "  - {id: c, chip: stm32l4r5zi, port: tcp:Lab-Pi:3001, probe: {serial: c}, baud: 115200}\n"
        "  - {id: d, chip: stm32l4r5zi, port: {tcp: \"[fe80::1]:3002\"}, probe: {serial: d}}\n"
        "  - {id: e, chip: stm32l4r5zi, port: {rfc2217: \"lab-pi:3003\"}, probe: {serial: e}, baud: "
        "921600}\n"
        "  - {id: f, chip: stm32l4r5zi, virtual: true, modelled: true}\n"
        "  - {id: g, chip: stm32l4r5zi, port: /dev/ttyACM7, probe: {serial: g}}\n");
    const hf_farm_board *b = farm->boards;
    assert_int_equal(b[0].config.port_kind, HF_PORT_PTY);
    assert_string_equal(b[0].config.port_path, "/dev/pts/7");
    assert_true(b[0].config.modelled);
    assert_int_equal(b[1].config.port_kind, HF_PORT_PTY);
    assert_false(b[1].config.modelled);
    assert_int_equal(b[2].config.port_kind, HF_PORT_TCP);
    assert_null(b[2].config.port_path);
    assert_string_equal(b[2].config.port_host, "Lab-Pi");
    assert_int_equal(b[2].config.port_number, 3001);
    assert_string_equal(b[3].config.port_host, "fe80::1");
    assert_int_equal(b[3].config.port_number, 3002);
    assert_int_equal(b[4].config.port_kind, HF_PORT_RFC2217);
    assert_int_equal(b[4].config.baud, 921600);
    assert_int_equal(b[6].config.port_kind, HF_PORT_DEVICE);
    /* A modelled board is labelled and selected as such, even if hilfarm did not start it. */
    assert_true(hf_board_config_modelled(&b[0].config) && hf_farm_board_has_tag(&b[0], "virtual"));
    assert_false(hf_farm_board_has_tag(&b[0], "real"));
    assert_true(hf_board_config_modelled(&b[5].config));
    assert_true(hf_farm_board_has_tag(&b[6], "real") && !hf_farm_board_has_tag(&b[6], "virtual"));
    hf_farm_free(farm);
}

/* ---- Spellings ---- */

/* Two boards, on lines 2 and 3: expects this diagnostic, or none if NULL. */
static void expect_conflict(const char *first, const char *second, const char *expected)
{
    char text[1024];
    snprintf(text, sizeof text, L "%s}" R "%s}\n", first, second);
    if (!expected) {
        hf_farm_free(parse_farm(text));
        return;
    }
    char *rendered = farm_mistakes(text);
    assert_string_equal(rendered, expected);
    free(rendered);
}

static void test_spellings_of_a_port(void **state)
{
    (void)state;
    char dir[] = "/tmp/hf-spell-XXXXXX", link[64], first[128], expected[400];
    assert_non_null(mkdtemp(dir));
    snprintf(link, sizeof link, "%s/by-id", dir);
    assert_int_equal(symlink("/dev/null", link), 0);
#define A ", probe: {serial: a}"
#define B ", probe: {serial: b}"
    expect_conflict("port: /dev/../dev/ttyACM7" A, "port: /dev/ttyACM7" B, /* even if it is unplugged */
                    "f.yaml:3:5: the port \"/dev/ttyACM7\" is also used by the board on line 2 (spelled "
                    "\"/dev/../dev/ttyACM7\"), expected a different port\n");
    expect_conflict("port: /dev/ttyACM7" A, "port: //dev/./ttyACM7" B,
                    "f.yaml:3:5: the port \"//dev/./ttyACM7\" is also used by the board on line 2 (spelled "
                    "\"/dev/ttyACM7\"), expected a different port\n");
    snprintf(first, sizeof first, "port: %s" A, link);
    snprintf(expected, sizeof expected,
             "f.yaml:3:5: the port \"/dev/null\" is also used by the board on line 2 (spelled \"%s\"), "
             "expected a "
             "different port\n",
             link);
    expect_conflict(first, "port: /dev/null" B, expected);
    expect_conflict(first, "port: {pty: /dev/null}" B, expected);
    expect_conflict(first, "port: /dev/zero" B, NULL);
    expect_conflict("port: tcp:Lab-Pi:3001" A, "port: {rfc2217: \"lab-pi:3001\"}" B,
                    "f.yaml:3:5: the port \"lab-pi:3001\" is also used by the board on line 2 (spelled "
                    "\"Lab-Pi:3001\"), expected a different port\n");
    expect_conflict("port: tcp:lab-pi:3001" A, "port: tcp:lab-pi:3002" B, NULL);
    unlink(link);
    rmdir(dir);
}

static void test_spellings_of_a_probe(void **state)
{
    (void)state;
    char dir[] = "/tmp/hf-spell-XXXXXX", script[64], link[64], first[128], second[128], expected[400];
    assert_non_null(mkdtemp(dir));
    snprintf(script, sizeof script, "%s/vb.cfg", dir);
    snprintf(link, sizeof link, "%s/also.cfg", dir);
    fclose(fopen(script, "w"));
    assert_int_equal(symlink(script, link), 0);
    snprintf(first, sizeof first, "port: /dev/x, probe: {interface: %s}", script);
    snprintf(second, sizeof second, "port: /dev/y, probe: {interface: %s}", link);
    snprintf(expected, sizeof expected,
             "f.yaml:3:5: the probe cannot be distinguished from that of the board on line 2 (where its "
             "script is \"%s\"), "
             "expected \"probe: {serial: ...}\" with both\n",
             script);
    expect_conflict(first, second, expected);
    snprintf(second, sizeof second, "port: /dev/y, probe: {interface: %s/../%s/vb.cfg}", dir, dir + 5);
    expect_conflict(first, second, expected);
    snprintf(first, sizeof first, "port: /dev/x, probe: {interface: %s, serial: s}", script);
    snprintf(second, sizeof second, "port: /dev/y, probe: {interface: %s, serial: t}", link);
    expect_conflict(first, second, NULL);
    /* One serial number is one probe, regardless of its script. */
    snprintf(second, sizeof second, "port: /dev/y, probe: {interface: %s, serial: s}", link);
    expect_conflict(
        first, second,
        "f.yaml:3:5: the probe with serial number \"s\" is also used by the board on line 2, expected a "
        "different probe\n");
    unlink(link);
    unlink(script);
    rmdir(dir);
}

/* Paths of ports and scripts are relative to the farm file, and compared after resolving them. */
static void test_paths_beside_the_file(void **state)
{
    (void)state;
    char dir[] = "/tmp/hf-farm-XXXXXX", script[64], path[64], expected[160];
    assert_non_null(mkdtemp(dir));
    snprintf(script, sizeof script, "%s/vb.cfg", dir);
    fclose(fopen(script, "w"));
    snprintf(path, sizeof path, "%s/farm.yaml", dir);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fprintf(file,
            "boards:\n"
            "  - {id: a, chip: stm32l4r5zi, probe: {interface: vb.cfg}, port: pty:vb.tty}\n"
            "  - {id: b, chip: stm32l4r5zi, probe: {interface: %s}, port: %s/./vb.tty}\n",
            script, dir);
    fclose(file);
    hf_farm *farm = NULL;
    hf_diagnostics *diagnostics = hf_diagnostics_new();
    assert_int_equal(hf_farm_load(path, &farm, diagnostics, NULL), HF_EINVALID);
    char *rendered = hf_diagnostics_render(diagnostics);
    snprintf(expected, sizeof expected,
             "the port \"%s/./vb.tty\" is also used by the board on line 2 (spelled", dir);
    assert_non_null(strstr(rendered, expected));
    assert_non_null(strstr(rendered, "the probe cannot be distinguished from that of the board on line 2 "
                                     "(where its script is \"vb.cfg\")"));
    free(rendered);
    hf_diagnostics_free(diagnostics);
    (void)hf_remove_tree(dir, NULL); /* a leftover folder in /tmp is harmless */
}

static void test_too_many_boards(void **state)
{
    (void)state;
    char *text = malloc((size_t)64 * (HF_FARM_MAX_BOARDS + 2));
    size_t used = (size_t)sprintf(text, "boards:\n");
    for (int i = 0; i <= HF_FARM_MAX_BOARDS; i++)
        used += (size_t)sprintf(text + used, "- {id: v%d, chip: stm32l4r5zi, virtual: true}\n", i);
    char *rendered = farm_mistakes(text);
    assert_string_equal(rendered, "f.yaml:2:1: boards: a list of 1025 boards, expected 1 to 1024\n");
    free(rendered);
    free(text);
}

/* ---- Selection ---- */

static const char farm_text[] = "boards:\n"
                                "  - {id: l4-1, chip: stm32l4r5zi, virtual: true, tags: [lab]}\n"
                                "  - {id: f7-1, chip: stm32f767zi, virtual: true, tags: [lab, fast]}\n"
                                "  - {id: l4-2, chip: stm32l4r5zi, port: /dev/x}\n";

static void expect_selection(const char *tags, const char *expected_boards, uint32_t expected_chips)
{
    char text[256];
    snprintf(text, sizeof text, "models: [mobilenetv1_0.25_96_c3_o2]\n%s", tags);
    hf_farm *farm = parse_farm(farm_text);
    hf_spec *spec = parse_spec(text);
    hf_diagnostics *diagnostics = hf_diagnostics_new();
    hf_selection selection = {0};
    assert_int_equal(hf_farm_select(farm, spec, &selection, diagnostics, NULL), HF_OK);
    char boards[64] = "";
    for (uint32_t i = 0; i < selection.board_count; i++)
        sprintf(boards + strlen(boards), "%u", selection.boards[i]);
    assert_string_equal(boards, expected_boards);
    assert_int_equal(selection.chip_count, expected_chips);
    hf_selection_free(&selection);
    hf_diagnostics_free(diagnostics);
    hf_spec_free(spec);
    hf_farm_free(farm);
}

static void test_selection(void **state)
{
    (void)state;
    expect_selection("", "012", 2);
    expect_selection("boards: {}\n", "012", 2);
    expect_selection("boards: {tags: stm32l4r5zi}\n", "02", 1);
    expect_selection("boards: {tags: [cortex-m7]}\n", "1", 1);
    expect_selection("boards: {tags: [lab, virtual]}\n", "01", 2);
    expect_selection("boards: {tags: real}\n", "2", 1);
    expect_selection("boards: {tags: [l4-1]}\n", "0", 1);
    expect_selection("boards: {tags: [lab, fast]}\n", "1", 1);
}

/* @param farm freed here */
static void expect_mistakes_in(hf_farm *farm, const char *tags, const char *expected)
{
    char text[256];
    snprintf(text, sizeof text, "models: [mobilenetv1_0.25_96_c3_o2]\n%s", tags);
    hf_spec *spec = parse_spec(text);
    hf_diagnostics *diagnostics = hf_diagnostics_new();
    hf_selection selection = {0};
    hf_error err = {0};
    assert_int_equal(hf_farm_select(farm, spec, &selection, diagnostics, &err), HF_EINVALID);
    assert_null(selection.boards);
    char *rendered = hf_diagnostics_render(diagnostics);
    assert_string_equal(rendered, expected);
    free(rendered);
    hf_diagnostics_free(diagnostics);
    hf_spec_free(spec);
    hf_farm_free(farm);
}

static void expect_selection_mistakes(const char *tags, const char *expected)
{
    expect_mistakes_in(parse_farm(farm_text), tags, expected);
}

/* The most frequent mistake is a missing --farm. */
static void test_forgotten_farm(void **state)
{
    (void)state;
    hf_farm *farm = NULL;
    assert_int_equal(hf_farm_default(&farm, NULL), HF_OK);
    expect_mistakes_in(farm, "boards: {tags: lab}\n",
                       "t.yaml:2:16: no board of the default farm (two virtual boards) has the tag \"lab\", "
                       "expected one of: stm32l4r5zi, cortex-m4, virtual, virtual-1, virtual-2; use --farm "
                       "FILE to name your own farm file\n");
    assert_int_equal(hf_farm_default(&farm, NULL), HF_OK);
    expect_mistakes_in(
        farm, "boards: {tags: cortex-m7}\n",
        "t.yaml:2:16: no board of the default farm (two virtual boards) has the tag \"cortex-m7\", "
        "did you mean \"cortex-m4\"? Use --farm FILE to name your own farm file\n");
}

static void test_selection_mistakes(void **state)
{
    (void)state;
    expect_selection_mistakes("boards: {tags: [stm32l4r5zy, qqqq]}\n",
                              "t.yaml:2:17: no board of f.yaml has the tag \"stm32l4r5zy\", did you mean "
                              "\"stm32l4r5zi\"?\n"
                              "t.yaml:2:30: no board of f.yaml has the tag \"qqqq\", expected one of: lab, "
                              "stm32l4r5zi, cortex-m4, virtual, l4-1, fast, "
                              "stm32f767zi, cortex-m7, f7-1, real, l4-2\n");
    expect_selection_mistakes(
        "boards: {tags: [fast, real]}\n",
        "t.yaml:2:1: no board of f.yaml has all of these tags, expected at least one\n");
}

static void test_deadlines_of_a_board(void **state)
{
    (void)state;
    hf_spec *spec = parse_spec("models: [mobilenetv1_0.25_96_c3_o2]\ndeadlines: {flash: 20 s, boot: 3 s}\n");
    hf_farm *farm = parse_farm("boards: [{id: a, chip: stm32l4r5zi, virtual: true, "
                               "deadlines: {flash: 90 s, stop: 1 s}}]\n");
    hf_board_deadlines d = hf_farm_deadlines(spec, &farm->boards[0]);
    assert_int_equal(d.flash_ms, 90000); /* its own */
    assert_int_equal(d.boot_ms, 3000);   /* the spec's */
    assert_int_equal(d.stop_ms, 1000);
    assert_int_equal(d.sample_ms, 0); /* the agent's default */
    hf_farm_free(farm);
    hf_spec_free(spec);
}

static void test_shipped_farms(void **state)
{
    (void)state;
    static const char *const paths[] = {"configs/farm_virtual.yaml", "configs/farm_nucleo.yaml",
                                        "configs/farm_standing.yaml"};
    static const uint32_t boards[] = {3, 2, 1};
    for (size_t i = 0; i < 3; i++) {
        hf_diagnostics *diagnostics = hf_diagnostics_new();
        hf_farm *farm = NULL;
        assert_int_equal(hf_farm_load(paths[i], &farm, diagnostics, NULL), HF_OK);
        assert_int_equal(farm->board_count, boards[i]);
        assert_string_equal(farm->path, paths[i]);
        hf_farm_free(farm);
        hf_diagnostics_free(diagnostics);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_default_farm),         cmocka_unit_test(test_every_key),
        cmocka_unit_test(test_folder_of_scripts),    cmocka_unit_test(test_each_mistake),
        cmocka_unit_test(test_kinds_of_ports),       cmocka_unit_test(test_spellings_of_a_port),
        cmocka_unit_test(test_spellings_of_a_probe), cmocka_unit_test(test_paths_beside_the_file),
        cmocka_unit_test(test_too_many_boards),      cmocka_unit_test(test_selection),
        cmocka_unit_test(test_selection_mistakes),   cmocka_unit_test(test_forgotten_farm),
        cmocka_unit_test(test_deadlines_of_a_board), cmocka_unit_test(test_shipped_farms),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
