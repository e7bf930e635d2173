/* SPDX-License-Identifier: Apache-2.0 */
/* Supervision of OpenOCD, its Tcl RPC and the flash writer, against a stand-in that can misbehave. */
#include "hf_test.h"

#include <fcntl.h>
#include <signal.h>

#include "chips/chips.h"
#include "openocd/openocd_flasher.h"
#include "openocd/tcl_rpc.h"

#define FLASH_BASE 0x08000000u
#define MODEL_BASE 0x08010000u
#define FLASH_SIZE ((off_t)2048 * 1024)

typedef struct fixture {
    char dir[64];
    char flash_path[96];
    hf_watch watch;
    hf_transcript *transcript;
    hf_openocd *openocd; /* this one, or the flasher that has its own */
    hf_flasher *flasher;
    hf_error err;
} fixture;

/* Starts OpenOCD, with or without a flasher. */
static hf_status start_as(fixture *f, const char *mischief, uint32_t start_ms, bool as_flasher)
{
    *f = (fixture){.watch = HF_WATCH_INIT};
    strcpy(f->dir, "/tmp/hf-openocd-XXXXXX");
    assert_non_null(mkdtemp(f->dir));
    snprintf(f->flash_path, sizeof f->flash_path, "%s/flash", f->dir);
    int fd = open(f->flash_path, O_RDWR | O_CREAT, 0600);
    assert_int_equal(ftruncate(fd, FLASH_SIZE), 0); /* zeros, which no test expects */
    close(fd);
    setenv("FAKE_FLASH", f->flash_path, 1);
    setenv("FAKE_MISCHIEF", mischief, 1);
    char program[512], file[96];
    snprintf(program, sizeof program, "%s/agent_fake_openocd", getenv("HILFARM_BIN_DIR"));
    snprintf(file, sizeof file, "%s/image.bin", f->dir);
    f->transcript = hf_transcript_new(65536);
    const hf_openocd_options options = {
        .program = program,
        .chip = hf_chip_find("stm32l4r5zi"),
        .bitbang_socket = "/nowhere",
        .cpu = -1,
        .stop_ms = 300,
        .transcript = f->transcript,
        .watch = &f->watch,
    };
    hf_deadline deadline = hf_deadline_in_ms(start_ms);
    return as_flasher ? hf_openocd_flasher_open(&options, file, deadline, &f->flasher, &f->err)
                      : hf_openocd_start(&options, deadline, &f->openocd, &f->err);
}

static hf_status start(fixture *f, const char *mischief, uint32_t start_ms)
{
    return start_as(f, mischief, start_ms, false);
}

static void open_flasher(fixture *f, const char *mischief)
{
    assert_int_equal(start_as(f, mischief, 5000, true), HF_OK);
}

static void stop(fixture *f)
{
    hf_openocd_stop(f->openocd);
    hf_flasher_close(f->flasher);
    assert_int_equal(f->watch.item_count, 0);
    hf_transcript_free(f->transcript);
    unlink(f->flash_path);
    assert_int_equal(rmdir(f->dir), 0); /* nothing left behind */
}

static void assert_says(const fixture *f, const char *text)
{
    if (!strstr(f->err.message, text))
        fail_msg("'%s' is not in '%s'", text, f->err.message);
}

static void scripts_are_evaluated(void **state)
{
    (void)state;
    fixture f;
    setenv("FAKE_TEXT", "an answer", 1);
    assert_int_equal(start(&f, "", 5000), HF_OK);
    assert_string_equal(hf_openocd_version(f.openocd), "Open On-Chip Debugger 9.9.9 (a stand-in)");
    const char *reply = NULL;
    hf_deadline deadline = hf_deadline_in_ms(5000);
    assert_int_equal(hf_openocd_eval(f.openocd, deadline, &reply, &f.err, "get %s", "environment"), HF_OK);
    assert_string_equal(reply, "an answer");

    assert_int_equal(hf_openocd_eval(f.openocd, deadline, &reply, &f.err, "nonsense"), HF_ETARGET);
    assert_says(&f, "OpenOCD reported 'what?': invalid command name");
    hf_error_clear(&f.err);
    assert_int_equal(hf_openocd_eval(f.openocd, deadline, NULL, &f.err, "still usable"), HF_OK);

    assert_int_equal(hf_openocd_eval(f.openocd, deadline, NULL, &f.err, "bad reply"), HF_EPROTOCOL);
    hf_error_clear(&f.err); /* the connection cannot be trusted any more */
    assert_int_equal(hf_openocd_eval(f.openocd, deadline, NULL, &f.err, "anything"), HF_EIO);
    assert_int_equal(f.err.fault, HF_FAULT_PROBE);
    stop(&f);
}

static void start_failures_are_explained(void **state)
{
    (void)state;
    fixture f;
    assert_int_equal(start(&f, "fail-init", 5000), HF_ECHILD);
    assert_int_equal(f.err.fault, HF_FAULT_PROBE);
    assert_says(&f, "OpenOCD reported 'something is wrong'");
    assert_int_equal(f.err.lasting, HF_TRANSIENT);
    assert_says(&f, "exited with status 1");
    stop(&f);

    uint64_t before_ns = hf_now_ns();
    assert_int_equal(start(&f, "hang-at-start", 200), HF_ETIMEOUT);
    assert_int_equal(f.err.fault, HF_FAULT_PROBE);
    assert_says(&f, "did not attach in time");
    assert_true(hf_now_ns() - before_ns < 20 * HF_NS_PER_S); /* it ignores SIGTERM, not SIGKILL */
    stop(&f);

    assert_int_equal(start(&f, "no-target", 5000), HF_ETARGET);
    assert_int_equal(f.err.fault, HF_FAULT_BOARD);
    assert_says(&f, "the chip does not respond");
    stop(&f);
}

static void quoted_text_is_one_word(void **state)
{
    (void)state;
    hf_buffer word = HF_BUFFER_INIT;
    hf_tcl_quote(&word, "/tmp/a b/$x[exit]{\"\\");
    assert_string_equal(hf_buffer_text(&word), "\"/tmp/a b/\\$x\\[exit\\]\\{\\\"\\\\\"");
    hf_buffer_free(&word);
}

static hf_status program(fixture *f, const uint8_t *bytes, size_t size, uint32_t *written)
{
    hf_error_clear(&f->err);
    return hf_flasher_program(f->flasher, MODEL_BASE, bytes, size, hf_deadline_in_ms(5000), written, &f->err);
}

static void assert_flash_holds(const fixture *f, const uint8_t *bytes, size_t size, size_t erased_after)
{
    uint8_t *held = malloc(size + erased_after);
    int fd = open(f->flash_path, O_RDONLY);
    assert_int_equal(pread(fd, held, size + erased_after, MODEL_BASE - FLASH_BASE), size + erased_after);
    close(fd);
    assert_memory_equal(held, bytes, size);
    for (size_t i = 0; i < erased_after; i++)
        assert_int_equal(held[size + i], 0xff);
    free(held);
}

static void poke(const fixture *f, uint32_t address, uint8_t value)
{
    int fd = open(f->flash_path, O_RDWR);
    assert_int_equal(pwrite(fd, &value, 1, address - FLASH_BASE), 1);
    close(fd);
}

static int count(const char *text, const char *what)
{
    int found = 0;
    for (; (text = strstr(text, what)); text++)
        found++;
    return found;
}

static void only_changed_units_are_written(void **state)
{
    (void)state;
    fixture f;
    open_flasher(&f, "");
    uint8_t image[10 * 4096 + 100];
    for (size_t i = 0; i < sizeof image; i++)
        image[i] = (uint8_t)(i * 31 + i / 4096);
    uint32_t written = 0;

    assert_int_equal(program(&f, image, sizeof image, &written),
                     HF_OK); /* contents unknown and different: everything */
    assert_int_equal(written, 11 * 4096);
    assert_flash_holds(&f, image, sizeof image, 4096 - 100);

    assert_int_equal(program(&f, image, sizeof image, &written), HF_OK); /* nothing changed */
    assert_int_equal(written, 0);

    hf_flasher_forget(f.flasher); /* contents unknown, but up to date */
    assert_int_equal(program(&f, image, sizeof image, &written), HF_OK);
    assert_int_equal(written, 0);

    hf_transcript_clear(f.transcript);
    image[(size_t)3 * 4096 + 7] ^= 1;
    image[(size_t)4 * 4096] ^= 1;
    image[(size_t)9 * 4096 + 4095] ^= 1;
    assert_int_equal(program(&f, image, sizeof image, &written), HF_OK);
    assert_int_equal(written, 3 * 4096);
    const char *said = hf_transcript_text(f.transcript);
    assert_int_equal(count(said, "wrote"), 2);
    assert_non_null(strstr(said, "wrote 08013000 8192"));
    assert_non_null(strstr(said, "wrote 08019000 4096"));
    assert_flash_holds(&f, image, sizeof image, 4096 - 100);

    /* A shorter image: its last unit is written again, because it still holds bytes of the old image. */
    assert_int_equal(program(&f, image, 2 * 4096 + 10, &written), HF_OK);
    assert_int_equal(written, 4096);
    assert_flash_holds(&f, image, 2 * 4096 + 10, 4096 - 10);

    /* The long image again: only that unit differs. */
    assert_int_equal(program(&f, image, sizeof image, &written), HF_OK);
    assert_int_equal(written, 4096);
    assert_flash_holds(&f, image, sizeof image, 4096 - 100);
    stop(&f);
}

static void outdated_knowledge_of_the_flash_is_noticed(void **state)
{
    (void)state;
    fixture f;
    open_flasher(&f, "");
    uint8_t image[3 * 4096];
    memset(image, 0x5a, sizeof image);
    uint32_t written = 0;
    assert_int_equal(program(&f, image, sizeof image, &written), HF_OK);

    poke(&f, MODEL_BASE + 5000, 0); /* changed behind our back */
    assert_int_equal(program(&f, image, sizeof image, &written), HF_OK);
    assert_int_equal(written, 3 * 4096);
    assert_flash_holds(&f, image, sizeof image, 0);

    poke(&f, MODEL_BASE + 5000, 0); /* the same while another unit changes */
    image[0] = 1;
    assert_int_equal(program(&f, image, sizeof image, &written), HF_OK);
    assert_int_equal(written, 4096 + 3 * 4096);
    assert_flash_holds(&f, image, sizeof image, 0);
    stop(&f);
}

static void flash_failures_are_classified(void **state)
{
    (void)state;
    static const struct {
        const char *mischief;
        hf_status status;
        hf_fault fault;
        const char *says;
    } cases[] = {
        {"worn-out", HF_EMISMATCH, HF_FAULT_BOARD, "does not hold what was just written"},
        {"refuse-write", HF_ETARGET, HF_FAULT_BOARD,
         "programming 0x08010000..0x08011000: OpenOCD reported 'stm32l4x"},
        {"die-on-write", HF_ECHILD, HF_FAULT_PROBE, "was killed by signal 9"},
        {"hang-on-write", HF_ETIMEOUT, HF_FAULT_PROBE, "deadline passed while waiting for a reply"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        fixture f;
        open_flasher(&f, cases[i].mischief);
        uint8_t image[4096];
        memset(image, 0xa5, sizeof image);
        uint32_t written = 12345;
        hf_status status = hf_flasher_program(f.flasher, MODEL_BASE, image, sizeof image,
                                              hf_deadline_in_ms(500), &written, &f.err);
        if (status == HF_EIO && cases[i].status == HF_ECHILD) { /* its socket may close before its output */
            hf_error_clear(&f.err);
            status = hf_flasher_ended(f.flasher, 5000, &f.err);
        }
        assert_int_equal(status, cases[i].status);
        assert_int_equal(f.err.fault, cases[i].fault);
        assert_says(&f, cases[i].says);
        assert_int_equal(written, 12345);
        stop(&f);
    }
}

static void ranges_are_checked(void **state)
{
    (void)state;
    fixture f;
    open_flasher(&f, "");
    static const uint8_t image[8192];
    static const struct {
        uint32_t address;
        size_t size;
    } bad[] = {{0x08010004, 100}, {0x07fff000, 100}, {0x08200000, 1}, {0x081ff000, 4097}, {0x08010000, 0}};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        uint32_t written;
        hf_error_clear(&f.err);
        assert_int_equal(hf_flasher_program(f.flasher, bad[i].address, image, bad[i].size,
                                            hf_deadline_in_ms(1000), &written, &f.err),
                         HF_EINVALID);
    }
    assert_int_equal(count(hf_transcript_text(f.transcript), "wrote"), 0);
    stop(&f);
}

static void words_are_read_and_written(void **state)
{
    (void)state;
    fixture f;
    open_flasher(&f, "");
    hf_deadline deadline = hf_deadline_in_ms(5000);
    uint32_t words[3] = {1, 0x80000000, 0xffffffff};
    assert_int_equal(hf_flasher_write_words(f.flasher, 0x20000000, words, 3, deadline, &f.err), HF_OK);
    assert_non_null(strstr(hf_transcript_text(f.transcript),
                           "write_memory 0x20000000 32 { 0x00000001 0x80000000 0xffffffff}"));
    uint32_t back[3] = {0};
    assert_int_equal(hf_flasher_read_words(f.flasher, 0x20000000, back, 3, deadline, &f.err), HF_OK);
    assert_memory_equal(back, words, sizeof words);

    /* Malformed lists and words are rejected. */
    assert_int_equal(hf_flasher_read_words(f.flasher, 0x10000000, back, 3, deadline, &f.err), HF_EPROTOCOL);
    assert_int_equal(f.err.fault, HF_FAULT_PROBE);
    assert_says(&f, "expected 3 words of memory, got '0x1 0x2'");
    hf_error_clear(&f.err);
    assert_int_equal(hf_flasher_read_words(f.flasher, 0x30000000, back, 1, deadline, &f.err), HF_ETARGET);
    assert_int_equal(f.err.fault, HF_FAULT_BOARD);
    assert_string_equal(hf_flasher_last_error(f.flasher), "Failed to read memory at 0x30000000");
    hf_error_clear(&f.err);
    assert_int_equal(hf_flasher_read_words(f.flasher, 0x20000002, back, 1, deadline, &f.err), HF_EINVALID);
    assert_memory_equal(back, words, sizeof words); /* unchanged: outputs are written only on success */
    stop(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scripts_are_evaluated),
        cmocka_unit_test(start_failures_are_explained),
        cmocka_unit_test(quoted_text_is_one_word),
        cmocka_unit_test(only_changed_units_are_written),
        cmocka_unit_test(outdated_knowledge_of_the_flash_is_noticed),
        cmocka_unit_test(flash_failures_are_classified),
        cmocka_unit_test(ranges_are_checked),
        cmocka_unit_test(words_are_read_and_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
