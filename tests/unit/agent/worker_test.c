/* SPDX-License-Identifier: Apache-2.0 */
/* A board's thread, with a back end that only notes what it is asked for. */
#include "hf_test.h"

#include <pthread.h>
#include <time.h>

#include "worker/worker.h"

typedef struct fake {
    char calls[256]; /* the worker's thread writes; read after a reply or hf_worker_free() */
    pthread_t thread;
    bool other_thread; /* a call came from another thread than the first one */
    hf_status outcome;
} fake;

static void note(fake *f, const char *call)
{
    if (!f->calls[0])
        f->thread = pthread_self();
    f->other_thread |= !pthread_equal(f->thread, pthread_self());
    strncat(f->calls, call, sizeof f->calls - strlen(f->calls) - 1);
}

static hf_status fake_open(void *board, hf_worker_reply *reply)
{
    fake *f = board;
    note(f, "open ");
    snprintf(reply->openocd_version, sizeof reply->openocd_version, "fake 1");
    return HF_OK;
}

static hf_status fake_attempt(void *board, const hf_attempt_request *request, hf_worker_reply *reply)
{
    fake *f = board;
    note(f, request->name);
    request->progress(request->progress_user, HF_PHASE_RUN, 3, 10);
    if (f->outcome == HF_OK) {
        reply->result.output_crc32 = request->output_crc32;
        return HF_OK;
    }
    reply->transcript = strdup("what the board said");
    return HF_FAIL_AS(&reply->error, HF_FAULT_SERIAL, f->outcome, "the line is gone");
}

static void fake_close(void *board)
{
    note(board, "close ");
}

static void fake_free(void *board)
{
    note(board, "free");
}

/* ---- The owner ---- */

typedef struct owner {
    fake board;
    hf_worker *worker;
    pthread_mutex_t mutex;
    pthread_cond_t arrived;
    hf_worker_reply *reply;
    uint32_t progress_done, progress_of, progress_board;
} owner;

static void post(void *user, hf_worker_reply *reply)
{
    owner *o = user;
    pthread_mutex_lock(&o->mutex);
    assert_null(o->reply); /* exactly one to each command */
    o->reply = reply;
    pthread_cond_signal(&o->arrived);
    pthread_mutex_unlock(&o->mutex);
}

static void progress(void *user, uint32_t board, hf_phase phase, uint32_t done, uint32_t of)
{
    owner *o = user;
    assert_int_equal(phase, HF_PHASE_RUN);
    o->progress_board = board;
    o->progress_done = done;
    o->progress_of = of;
}

static void start(owner *o)
{
    const hf_worker_backend backend = {.board = &o->board,
                                       .open = fake_open,
                                       .attempt = fake_attempt,
                                       .close = fake_close,
                                       .free = fake_free};
    const hf_worker_callbacks callbacks = {.user = o, .post = post, .progress = progress};
    memset(o, 0, sizeof *o);
    pthread_mutex_init(&o->mutex, NULL);
    pthread_cond_init(&o->arrived, NULL);
    assert_int_equal(hf_worker_new(7, "fake", &backend, &callbacks, &o->worker, NULL), HF_OK);
}

static hf_worker_reply *command(owner *o, hf_worker_command command, const hf_attempt_request *request)
{
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += 60;
    hf_worker_send(o->worker, command, request);
    pthread_mutex_lock(&o->mutex);
    while (!o->reply && pthread_cond_timedwait(&o->arrived, &o->mutex, &until) == 0)
        ;
    hf_worker_reply *reply = o->reply;
    o->reply = NULL;
    pthread_mutex_unlock(&o->mutex);
    assert_non_null(reply);
    assert_int_equal(reply->board, 7);
    assert_int_equal(reply->command, command);
    return reply;
}

static void end(owner *o)
{
    hf_worker_free(o->worker);
    assert_false(o->board.other_thread);
    pthread_cond_destroy(&o->arrived);
    pthread_mutex_destroy(&o->mutex);
}

/* ---- Cases ---- */

static void test_a_reply_is_what_the_back_end_made_of_it(void **state)
{
    (void)state;
    owner o;
    start(&o);
    hf_worker_reply *reply = command(&o, HF_WORKER_OPEN, NULL);
    assert_int_equal(reply->status, HF_OK);
    assert_string_equal(reply->openocd_version, "fake 1");
    hf_worker_reply_free(reply);

    hf_attempt_request request = {.name = "first ", .output_crc32 = 0x1234};
    reply = command(&o, HF_WORKER_ATTEMPT, &request);
    assert_int_equal(reply->status, HF_OK);
    assert_int_equal(reply->result.output_crc32, 0x1234);
    assert_true(reply->started_ms > 0);
    hf_worker_reply_free(reply);
    assert_int_equal(o.progress_board, 7);
    assert_int_equal(o.progress_done, 3);
    assert_int_equal(o.progress_of, 10);

    o.board.outcome = HF_EIO;
    request.name = "second ";
    reply = command(&o, HF_WORKER_ATTEMPT, &request);
    assert_int_equal(reply->status, HF_EIO);
    assert_int_equal(reply->error.fault, HF_FAULT_SERIAL);
    assert_string_equal(reply->transcript, "what the board said");
    hf_worker_reply_free(reply);

    reply = command(&o, HF_WORKER_CLOSE, NULL);
    assert_int_equal(reply->status, HF_OK);
    hf_worker_reply_free(reply);
    end(&o);
    assert_string_equal(o.board.calls, "open first second close close free");
}

static void test_an_open_board_is_closed_on_its_own_thread(void **state)
{
    (void)state;
    owner o;
    start(&o);
    hf_worker_reply_free(command(&o, HF_WORKER_OPEN, NULL));
    end(&o);
    assert_string_equal(o.board.calls, "open close free");
}

static void test_a_board_that_was_never_used_is_freed(void **state)
{
    (void)state;
    owner o;
    start(&o);
    end(&o);
    assert_string_equal(o.board.calls, "close free");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_reply_is_what_the_back_end_made_of_it),
        cmocka_unit_test(test_an_open_board_is_closed_on_its_own_thread),
        cmocka_unit_test(test_a_board_that_was_never_used_is_freed),
    };
    return cmocka_run_group_tests_name("agent_worker", tests, NULL, NULL);
}
