/* SPDX-License-Identifier: Apache-2.0 */
/* Files of agents, and the sections of a farm file about other hosts. */
#include "base/file.h"
#include "check.h"
#include "spec/agent_file.h"

/* ---- Farm files ---- */

static void test_a_farm_of_hosts(void **state)
{
    (void)state;
    hf_farm *farm =
        parse_farm("broker: {url: \"tls://farm:4222\", ca: ca.pem, certificate: /etc/d.pem, key: d.key, "
                   "user: d, password_file: pw, patience: 5 s}\n"
                   "hosts:\n"
                   "  - lab2\n"
                   "  - {name: lab-3, tags: [slow, north]}\n");
    assert_int_equal(farm->board_count, 0);
    assert_string_equal(farm->broker.url, "tls://farm:4222");
    assert_string_equal(farm->broker.ca_path, "ca.pem");
    assert_string_equal(farm->broker.certificate_path, "/etc/d.pem");
    assert_string_equal(farm->broker.key_path, "d.key");
    assert_string_equal(farm->broker.user, "d");
    assert_string_equal(farm->broker.password_path, "pw");
    assert_int_equal(farm->broker.patience_ms, 5000);
    assert_int_equal(farm->host_count, 2);
    assert_string_equal(farm->hosts[0].name, "lab2");
    assert_int_equal(farm->hosts[0].tags.count, 0);
    assert_string_equal(farm->hosts[1].name, "lab-3");
    assert_string_equal(farm->hosts[1].tags.tags[1], "north");
    hf_farm_free(farm);
}

static void test_boards_of_both_kinds(void **state)
{
    (void)state;
    hf_farm *farm = parse_farm("broker: {url: \"nats://10.0.0.1:4222\"}\n"
                               "boards: [{id: v, chip: stm32f767zi, virtual: true}]\n");
    assert_int_equal(farm->board_count, 1);
    assert_int_equal(farm->host_count, 0);
    assert_null(farm->broker.ca_path);
    hf_farm_free(farm);
}

static void test_mistakes_in_farms(void **state)
{
    (void)state;
    static const mistake_case cases[] = {
        {"hooks: {}\n", "f.yaml:1:1: the farm has no \"boards\", which is required\n"},
        {"hosts: [a]\nboards: [{id: v, chip: stm32f767zi, virtual: true}]\n",
         "f.yaml:1:1: \"hosts\" without \"broker\", expected both\n"},
        {"broker: {url: \"http://farm\"}\n", "f.yaml:1:15: url: \"http://farm\", expected "
                                             "\"tls://HOST:PORT\" or \"nats://HOST:PORT\", without user "
                                             "and password\n"},
        {"broker: {url: \"nats://me:secret@farm\"}\n",
         "f.yaml:1:15: url: \"nats://me:secret@farm\", expected \"tls://HOST:PORT\" or \"nats://HOST:PORT\", "
         "without user and password\n"},
        {"broker: {ca: x}\n", "f.yaml:1:9: broker has no \"url\", which is required\n"},
        {"broker: {url: \"tls://f\", key: x}\n",
         "f.yaml:1:26: broker: \"key\" without \"certificate\", expected both\n"},
        {"broker: {url: \"tls://f\", user: x}\n",
         "f.yaml:1:26: broker: \"user\" without \"password_file\", expected both\n"},
        {"broker: {url: \"tls://f\"}\nhosts: [a, b, a]\n",
         "f.yaml:2:15: the host \"a\" appears twice, first on line 2\n"},
        {"broker: {url: \"tls://f\"}\nhosts: [a.b]\n",
         "f.yaml:2:9: name: \"a.b\", expected at most 40 of: letters, digits, '_' and '-', beginning with a "
         "letter or digit\n"},
        {"broker: {url: \"tls://f\"}\nhosts: [{tags: x}]\n",
         "f.yaml:2:9: a host has no \"name\", which is required\n"},
        {"broker: {url: \"tls://f\"}\nhosts: lab2\n",
         "f.yaml:2:8: hosts: \"lab2\", expected a list of at most 256 hosts\n"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char *rendered = farm_mistakes(cases[i].text);
        assert_string_equal(rendered, cases[i].expected);
        free(rendered);
    }
}

/* ---- Files of agents ---- */

#define HEAD "host: lab2\nbroker: {url: \"nats://farm:4222\"}\n"

static void test_an_agent_with_boards_of_its_own(void **state)
{
    (void)state;
    const char *text = HEAD "hooks: {before_attempt: a}\n"
                            "boards: [{id: v1, chip: stm32l4r5zi, virtual: true}]\n";
    hf_diagnostics *diagnostics = hf_diagnostics_new();
    hf_agent_file *file = NULL;
    assert_int_equal(hf_agent_file_parse("a.yaml", text, strlen(text), &file, diagnostics, NULL), HF_OK);
    assert_string_equal(file->host, "lab2");
    assert_string_equal(file->broker.url, "nats://farm:4222");
    assert_int_equal(file->farm->board_count, 1);
    assert_string_equal(file->farm->boards[0].config.hooks->before_attempt, "a");
    hf_agent_file_free(file);
    hf_agent_file_free(NULL);
    hf_diagnostics_free(diagnostics);
}

static void write_file(const char *path, const char *text)
{
    assert_int_equal(hf_file_write(path, text, strlen(text), NULL), HF_OK);
}

static void test_an_agent_with_a_farm_file(void **state)
{
    (void)state;
    char dir[] = "/tmp/hf-agent-file-XXXXXX", path[64], farm[64];
    hf_diagnostics *diagnostics = hf_diagnostics_new();
    hf_agent_file *file = NULL;
    assert_non_null(mkdtemp(dir));
    snprintf(path, sizeof path, "%s/agent.yaml", dir);
    snprintf(farm, sizeof farm, "%s/farm.yaml", dir);
    write_file(path, HEAD "farm: farm.yaml\n");
    write_file(farm, "boards: [{id: v1, chip: stm32l4r5zi, virtual: true}]\n");
    assert_int_equal(hf_agent_file_load(path, &file, diagnostics, NULL), HF_OK);
    assert_string_equal(file->farm->path, farm);
    assert_string_equal(file->farm->boards[0].config.id, "v1");
    hf_agent_file_free(file);
    write_file(farm, "broker: {url: \"nats://f\"}\n"); /* a farm of hosts is nobody's own */
    assert_int_equal(hf_agent_file_load(path, &file, diagnostics, NULL), HF_EINVALID);
    assert_int_equal(hf_diagnostics_total(diagnostics), 1);
    assert_int_equal(unlink(farm), 0);
    assert_int_equal(hf_agent_file_load(path, &file, diagnostics, NULL), HF_EINVALID);
    assert_int_equal(hf_diagnostics_total(diagnostics), 2);
    hf_diagnostics_free(diagnostics);
    assert_int_equal(hf_remove_tree(dir, NULL), HF_OK);
}

static void test_mistakes_in_files_of_agents(void **state)
{
    (void)state;
    static const mistake_case cases[] = {
        {HEAD, "a.yaml:1:1: neither \"farm\" nor \"boards\", expected one of them\n"},
        {HEAD "farm: none/f.yaml\nboards: [{id: v, chip: stm32f767zi, virtual: true}]\n",
         "a.yaml:4:1: both \"farm\" and \"boards\", expected one of them\n"
         "none/f.yaml: cannot open: No such file or directory, expected a readable farm file\n"},
        {HEAD "boards: [{id: v.1, chip: stm32f767zi, virtual: true}]\n",
         "a.yaml:3:10: id: \"v.1\", expected no '.' in the id of a board that other hosts use\n"},
        {"boards: [{id: v, chip: stm32f767zi, virtual: true}]\n",
         "a.yaml:1:1: the agent's file has no \"host\", which is required\n"
         "a.yaml:1:1: the agent's file has no \"broker\", which is required\n"},
        {"host: a/b\nbroker: {url: \"nats://f\"}\nboards: [{id: v, chip: stm32f767zi, virtual: true}]\n",
         "a.yaml:1:7: host: \"a/b\", expected at most 40 of: letters, digits, '_' and '-', beginning with a "
         "letter or digit\n"},
        {HEAD "boards: [{id: v, chip: stm32f767zi, virtual: true}]\npatience: 5 s\n",
         "a.yaml:4:1: unknown key \"patience\" in the agent's file, expected one of: host, broker, farm, "
         "boards, "
         "hooks\n"},
        {"7\n", "a.yaml:1:1: the agent's file: \"7\", expected a mapping with keys such as \"host\"\n"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        hf_diagnostics *diagnostics = hf_diagnostics_new();
        hf_agent_file *file = NULL;
        const char *text = cases[i].text;
        assert_int_equal(hf_agent_file_parse("a.yaml", text, strlen(text), &file, diagnostics, NULL),
                         HF_EINVALID);
        char *rendered = hf_diagnostics_render(diagnostics);
        assert_string_equal(rendered, cases[i].expected);
        free(rendered);
        hf_diagnostics_free(diagnostics);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_farm_of_hosts),
        cmocka_unit_test(test_boards_of_both_kinds),
        cmocka_unit_test(test_mistakes_in_farms),
        cmocka_unit_test(test_an_agent_with_boards_of_its_own),
        cmocka_unit_test(test_an_agent_with_a_farm_file),
        cmocka_unit_test(test_mistakes_in_files_of_agents),
    };
    return cmocka_run_group_tests_name("spec_hosts", tests, NULL, NULL);
}
