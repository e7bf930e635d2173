/* SPDX-License-Identifier: Apache-2.0 */
/* A slow link delays, spaces and loses frames as it was told to. */
#include "hf_test.h"

#include "link_queue.h"

#define MS     ((uint64_t)1000000)
#define FRAMES 100000

static void test_frames_take_their_time(void **state)
{
    (void)state;
    const link_properties properties = {.delay_ns = 200 * MS, .rate_bits = 1000000};
    uint8_t frame[LINK_FRAME_BYTES] = {0};
    link_queue *queue = link_queue_new(&properties, 1);
    assert_non_null(queue);
    assert_int_equal(link_queue_next_ns(queue), UINT64_MAX);
    /* 1250 bytes are 10 ms at 1 Mbit/s. */
    for (uint8_t i = 0; i < 3; i++) {
        frame[0] = i;
        assert_true(link_queue_send(queue, frame, 1250, 5 * MS));
    }
    assert_int_equal(link_queue_receive(queue, frame, 214 * MS), 0);
    for (uint8_t i = 0; i < 3; i++) {
        const uint64_t arrival_ns = 5 * MS + (i + (uint64_t)1) * 10 * MS + 200 * MS;
        assert_int_equal(link_queue_next_ns(queue), arrival_ns);
        assert_int_equal(link_queue_receive(queue, frame, arrival_ns), 1250);
        assert_int_equal(frame[0], i);
    }
    assert_int_equal(link_queue_next_ns(queue), UINT64_MAX);
    link_queue_free(queue);
}

static void test_frames_are_lost(void **state)
{
    (void)state;
    const link_properties properties = {.loss_per_million = 20000};
    uint8_t frame[LINK_FRAME_BYTES] = {0};
    link_queue *queue = link_queue_new(&properties, 1);
    size_t lost = 0;
    assert_non_null(queue);
    for (size_t i = 0; i < FRAMES; i++) {
        if (!link_queue_send(queue, frame, 100, i))
            lost++;
        else
            assert_int_equal(link_queue_receive(queue, frame, i), 100);
    }
    assert_in_range(lost, FRAMES * 18 / 1000,
                    FRAMES * 22 / 1000); /* 2 %, give or take 4.5 standard deviations */
    link_queue_free(queue);
}

static void test_a_full_queue_loses_frames(void **state)
{
    (void)state;
    const link_properties properties = {.delay_ns = MS};
    uint8_t frame[LINK_FRAME_BYTES + 1] = {0};
    link_queue *queue = link_queue_new(&properties, 1);
    assert_non_null(queue);
    assert_false(link_queue_send(queue, frame, sizeof frame, 0));
    for (size_t i = 0; i < LINK_QUEUE_FRAMES; i++)
        assert_true(link_queue_send(queue, frame, 60, 0));
    assert_false(link_queue_send(queue, frame, 60, 0));
    assert_int_equal(link_queue_receive(queue, frame, MS), 60);
    assert_true(link_queue_send(queue, frame, 60, MS));
    link_queue_free(queue);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_frames_take_their_time),
        cmocka_unit_test(test_frames_are_lost),
        cmocka_unit_test(test_a_full_queue_loses_frames),
    };
    return cmocka_run_group_tests_name("link_queue", tests, NULL, NULL);
}
