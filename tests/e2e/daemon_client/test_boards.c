/* SPDX-License-Identifier: Apache-2.0 */
/* `hilfarm boards` and `hilfarm reserve` with a daemon, to which the boards belong. */
#include "hf_test.h"

#include <signal.h>

#include "daemon_fixture.h"

/* Below the range from which the kernel takes ports, and different from those of other tests. */
#define FIRST_PORT 22930u

static int set_up(void **state)
{
    int status = daemon_set_up(state);
    if (status == 0) {
        daemon_fake_farm(*state, FIRST_PORT, 2);
        daemon_write("sweep.yaml", SWEEP);
        daemon_start(*state);
    }
    return status;
}

static void test_reservations(void **state)
{
    daemon_fixture *f = *state;
    EXPECT(f, 0, "boards");
    client_said(f, "fake-0  stm32l4r5zi");
    client_said(f, "fake-1  stm32l4r5zi");
    EXPECT(f, 0, "reserve", "fake-0", "--for", "2 h", "--note", "soldering");
    client_said(f, "board fake-0: reserved until 20");
    EXPECT(f, 0, "boards");
    client_said(f, "reserved by ");
    client_said(f, ": soldering");
    EXPECT(f, 0, "run", "sweep.yaml"); /* nobody's job takes it */
    client_said(f, "4 measured, 0 failed");
    assert_int_equal(daemon_query("SELECT count(*) FROM attempts WHERE board_id = 'fake-0'"), 0);
    daemon_stop(f, SIGKILL); /* the reservation outlives the daemon */
    daemon_start(f);
    EXPECT(f, 0, "boards");
    client_said(f, "reserved by ");
    EXPECT(f, 0, "reserve", "fake-0", "--force");
    client_said(f, "reserved until it is released");
    EXPECT(f, 0, "release", "fake-0");
    client_said(f, "board fake-0: released");
    EXPECT(f, 0, "run", "sweep.yaml", "--boards", "fake-0");
    client_said(f, "4 measured, 0 failed");
}

static void test_maintenance(void **state)
{
    daemon_fixture *f = *state;
    EXPECT(f, 2, "boards", "disable", "fake-1");
    client_said(f, "say why with --reason");
    EXPECT(f, 2, "boards", "disable", "fake-7", "--reason", "x");
    client_said(f, "no board 'fake-7'");
    EXPECT(f, 0, "boards", "disable", "fake-1", "--reason", "loose cable");
    EXPECT(f, 0, "boards");
    client_said(f, "disabled by ");
    client_said(f, ": loose cable");
    EXPECT(f, 3, "run", "sweep.yaml", "--boards", "fake-1");
    client_said(f, "board disabled");
    EXPECT(f, 0, "boards", "--check"); /* of the other board */
    client_said(f, "board fake-0: passed the health check");
    client_said(f, "board fake-1: left out: disabled by ");
    EXPECT(f, 0, "boards", "accept", "fake-0");
    client_said(f, "health checks are compared with");
    EXPECT(f, 0, "boards", "enable", "fake-1");
    EXPECT(f, 0, "run", "sweep.yaml", "--boards", "fake-1");
    /* A search measures in its own process: only if the user says so. */
    daemon_write("search.yaml", "models: [mobilenetv1_0.1_32_c1_o2]\noptimize: {strategy: paper}\n");
    EXPECT(f, 3, "optimize", "search.yaml");
    client_said(f, "a search measures in this process: expected --local");
    EXPECT(f, 0, "optimize", "search.yaml", "--dry-run");
    EXPECT(f, 0, "boards", "--local"); /* the virtual boards without a farm file */
    client_said(f, "virtual-1");
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, set_up, daemon_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {CASE(test_reservations), CASE(test_maintenance)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
