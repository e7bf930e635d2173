/* SPDX-License-Identifier: Apache-2.0 */
#include "hf_test.h"

#include "broker_advisories.h"

static bool concerns(const char *id, const char *text)
{
    hf_version version;
    assert_true(hf_version_parse(text, &version));
    for (size_t i = 0; i < hf_advisory_count; i++)
        if (strcmp(hf_advisories[i].id, id) == 0)
            return hf_advisory_concerns(&hf_advisories[i], version);
    fail_msg("no advisory %s", id);
    return false;
}

static void test_which_versions_have_a_weakness(void **state)
{
    (void)state;
    assert_true(concerns("CVE-2023-47090", "2.9.10"));
    assert_true(concerns("CVE-2023-47090", "2.9.22"));
    assert_false(concerns("CVE-2023-47090", "2.9.23"));
    assert_true(concerns("CVE-2023-47090", "2.10.1"));
    assert_false(concerns("CVE-2023-47090", "2.10.2"));
    assert_false(concerns("CVE-2023-47090", "2.11.0"));
    assert_true(concerns("CVE-2025-30215", "2.9.29"));
    assert_true(concerns("CVE-2025-30215", "2.10.26-RC.1"));
    assert_false(concerns("CVE-2025-30215", "2.10.27"));
    assert_true(concerns("CVE-2025-30215", "2.11.0"));
    assert_false(concerns("CVE-2025-30215", "2.12.0"));
    assert_true(concerns("NATS advisory 2026-18", "2.13.1"));
    assert_false(concerns("NATS advisory 2026-18", "2.14.0"));
    assert_false(concerns("CVE-2025-30215", "3.0.0"));
}

static void test_versions(void **state)
{
    (void)state;
    hf_version version;
    assert_false(hf_version_parse("", &version));
    assert_false(hf_version_parse("2.9", &version));
    assert_false(hf_version_parse("dev", &version));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_which_versions_have_a_weakness),
        cmocka_unit_test(test_versions),
    };
    return cmocka_run_group_tests_name("doctor_advisories", tests, NULL, NULL);
}
