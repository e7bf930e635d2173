/* SPDX-License-Identifier: Apache-2.0 */
/* Submitting a run: each content that the daemon lacks is sent once, and the run again. */
#include "hf_test.h"

#include "api/submission.h"
#include "base/file.h"
#include "client/submit.h"
#include "fake_daemon.h"

#define MAX_CONTENTS 4

typedef struct spool {
    char have[MAX_CONTENTS][HF_SHA256_HEX_SIZE];
    int have_count, uploads, posts;
    bool forgets;  /* loses every upload */
    bool rejects;  /* refuses uploads */
    bool bad_spec; /* finds mistakes in every spec */
} spool;

static bool has(const spool *s, const char *sha256)
{
    for (int i = 0; i < s->have_count; i++)
        if (strcmp(s->have[i], sha256) == 0)
            return true;
    return false;
}

static void answer_post(spool *s, const fake_request *request, int fd)
{
    hf_api_submission submission;
    hf_buffer missing = HF_BUFFER_INIT;
    s->posts++;
    assert_int_equal(
        hf_api_read(&hf_api_submission_type, request->body, request->body_bytes, &submission, NULL), HF_OK);
    for (size_t i = 0; i < submission.file_count; i++)
        if (!has(s, submission.files[i].sha256) &&
            !strstr(hf_buffer_text(&missing), submission.files[i].sha256))
            hf_buffer_printf(&missing, "%s\"%s\"", missing.size ? "," : "", submission.files[i].sha256);
    hf_buffer body = HF_BUFFER_INIT;
    if (s->bad_spec)
        fake_answer(
            fd, 422,
            "{\"error\":{\"status\":\"invalid\",\"fault\":\"none\",\"lasting\":\"permanent\",\"message\":"
            "\"1 mistake\",\"diagnostics\":[{\"file\":\"s.yaml\",\"line\":3,\"column\":7,\"text\":\"bad\"}],"
            "\"diagnostic_total\":1}}");
    else if (missing.size) {
        hf_buffer_printf(&body,
                         "{\"error\":{\"status\":\"notfound\",\"fault\":\"none\",\"lasting\":\"transient\","
                         "\"message\":\"files are missing\"},\"missing\":[%s]}",
                         missing.data);
        fake_answer(fd, 409, hf_buffer_text(&body));
    } else
        fake_answer(
            fd, 201,
            "{\"key\":\"20261130-9f0c21ab\",\"name\":\"s\",\"model_count\":1,\"chip_count\":1,\"board_"
            "count\":1,"
            "\"job_count\":1,\"selected\":1,\"ahead\":0,\"resumed_id\":0,\"measured\":0,\"pruned\":0}");
    hf_buffer_free(&body);
    hf_buffer_free(&missing);
    hf_api_clear(&hf_api_submission_type, &submission);
}

static bool answer(fake_daemon *daemon, const fake_request *request, int fd)
{
    spool *s = daemon->user;
    static const char files[] = "/api/v1/files/";
    if (strcmp(request->path, "/api/v1") == 0) {
        fake_answer(fd, 200, FAKE_GREETING);
    } else if (strcmp(request->method, "PUT") == 0 && strncmp(request->path, files, strlen(files)) == 0) {
        char sha256[HF_SHA256_HEX_SIZE];
        hf_sha256_hex(request->body, request->body_bytes, sha256);
        s->uploads++;
        if (s->rejects || strcmp(sha256, request->path + strlen(files)) != 0) {
            fake_answer(fd, 400,
                        "{\"error\":{\"status\":\"mismatch\",\"fault\":\"none\","
                        "\"lasting\":\"permanent\",\"message\":\"another content\"}}");
            return true;
        }
        assert_true(s->have_count < MAX_CONTENTS);
        if (!s->forgets)
            memcpy(s->have[s->have_count++], sha256, sizeof sha256);
        fake_answer(fd, 201, "");
    } else {
        answer_post(s, request, fd);
    }
    return true;
}

typedef struct fixture {
    fake_daemon daemon;
    spool spool;
    hf_client *client;
    char folder[32];
    char paths[4][64];
    hf_api_submission submission;
    hf_api_accepted accepted;
    hf_api_refusal refusal;
    hf_error err;
    int progress;
} fixture;

static void write_file(const char *path, const char *content)
{
    assert_int_equal(hf_file_write(path, content, strlen(content), NULL), HF_OK);
}

static int set_up(void **state)
{
    fixture *f = calloc(1, sizeof *f);
    static const char *const contents[] = {"weights", "input", "weights", ""};
    char *paths[4];
    fake_daemon_start(&f->daemon, answer, &f->spool);
    assert_int_equal(hf_client_open(f->daemon.socket, &f->client, &f->err), HF_OK);
    strcpy(f->folder, "/tmp/hf-submit-XXXXXX");
    assert_non_null(mkdtemp(f->folder));
    for (int i = 0; i < 4; i++) {
        snprintf(f->paths[i], sizeof f->paths[i], "%s/f%d", f->folder, i);
        write_file(f->paths[i], contents[i]);
        paths[i] = f->paths[i];
    }
    f->submission.spec = (hf_api_spec){strdup("s.yaml"), strdup("name: s\n")};
    assert_int_equal(hf_client_describe_files(paths, 4, &f->submission.files, &f->err), HF_OK);
    f->submission.file_count = 4;
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    fixture *f = *state;
    hf_client_free(f->client);
    fake_daemon_stop(&f->daemon);
    assert_int_equal(hf_remove_tree(f->folder, NULL), HF_OK);
    hf_api_clear(&hf_api_submission_type, &f->submission);
    hf_api_clear(&hf_api_accepted_type, &f->accepted);
    hf_api_clear(&hf_api_refusal_type, &f->refusal);
    free(f);
    return 0;
}

static void on_sending(void *user, size_t done, size_t of, uint64_t bytes)
{
    fixture *f = user;
    static const uint64_t after[] = {0, 7, 12, 12};
    assert_int_equal(of, 3);
    assert_int_equal(done, f->progress);
    assert_int_equal(bytes, after[done]);
    f->progress++;
}

static hf_status submit(fixture *f)
{
    const hf_client_upload_observer observer = {.user = f, .sending = on_sending};
    return hf_client_submit(f->client, &f->submission, &observer, &f->accepted, &f->refusal, &f->err);
}

static void test_each_content_once(void **state)
{
    fixture *f = *state;
    assert_int_equal(f->submission.files[0].size_bytes, 7);
    assert_string_equal(
        f->submission.files[3].sha256,
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"); /* FIPS 180-4, no bytes */
    assert_int_equal(submit(f), HF_OK);
    assert_string_equal(f->accepted.key, "20261130-9f0c21ab");
    assert_int_equal(f->spool.uploads, 3); /* two of the four files are the same */
    assert_int_equal(f->spool.posts, 2);
    assert_int_equal(f->progress, 4);
    hf_api_clear(&hf_api_accepted_type, &f->accepted);
    assert_int_equal(submit(f), HF_OK); /* again: the daemon has them all */
    assert_int_equal(f->spool.uploads, 3);
    assert_int_equal(f->spool.posts, 3);
}

static void test_mistakes_in_the_spec(void **state)
{
    fixture *f = *state;
    f->spool.bad_spec = true;
    assert_int_equal(submit(f), HF_EINVALID);
    assert_int_equal(f->refusal.error.diagnostic_count, 1);
    assert_int_equal(f->refusal.error.diagnostics[0].line, 3);
    assert_int_equal(f->spool.uploads, 0);
    assert_null(f->accepted.key);
}

static void test_a_daemon_that_forgets(void **state)
{
    fixture *f = *state;
    f->spool.forgets = true;
    const hf_client_upload_observer silent = {0};
    assert_int_equal(hf_client_submit(f->client, &f->submission, &silent, &f->accepted, &f->refusal, &f->err),
                     HF_ENOTFOUND);
    assert_string_equal(f->err.message, "files are missing");
    assert_int_equal(f->spool.posts, 4); /* it is tried a few times, not for ever */
}

static void test_refused_uploads(void **state)
{
    fixture *f = *state;
    f->spool.rejects = true;
    assert_int_equal(submit(f), HF_EMISMATCH);
    assert_non_null(strstr(f->err.message, "another content"));
    assert_non_null(strstr(f->err.message, "sending "));
    assert_int_equal(f->spool.uploads, 1);
}

static void test_files_that_change(void **state)
{
    fixture *f = *state;
    write_file(f->paths[0], "weighty"); /* as long as before */
    write_file(f->paths[2], "weighty");
    assert_int_equal(submit(f), HF_EMISMATCH);
    hf_error_clear(&f->err);
    f->progress = 0;
    write_file(f->paths[0], "we"); /* shorter */
    write_file(f->paths[2], "we");
    assert_int_equal(submit(f), HF_EMISMATCH);
    assert_non_null(strstr(f->err.message, "changed while it was sent: expected 7 bytes"));
    hf_error_clear(&f->err);
    f->progress = 0;
    unlink(f->paths[0]);
    unlink(f->paths[2]);
    assert_int_equal(submit(f), HF_EIO);
    assert_non_null(strstr(f->err.message, "cannot open"));
}

static void test_files_that_cannot_be_described(void **state)
{
    fixture *f = *state;
    hf_api_file *files = NULL;
    char *missing[] = {f->paths[0], "/nonexistent/file"}, *folder[] = {f->folder};
    assert_int_equal(hf_client_describe_files(missing, 2, &files, &f->err), HF_ENOTFOUND);
    hf_error_clear(&f->err);
    assert_int_equal(hf_client_describe_files(folder, 1, &files, &f->err), HF_EINVALID);
    assert_non_null(strstr(f->err.message, "is not a regular file"));
    hf_error_clear(&f->err);
    assert_int_equal(hf_client_describe_files(missing, HF_API_MAX_FILES + 1, &files, &f->err), HF_ELIMIT);
    assert_null(files);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_each_content_once),     CASE(test_mistakes_in_the_spec),
        CASE(test_a_daemon_that_forgets), CASE(test_refused_uploads),
        CASE(test_files_that_change),     CASE(test_files_that_cannot_be_described),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
