/* SPDX-License-Identifier: Apache-2.0 */
#include "browser.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/clock.h"
#include "base/file.h"
#include "hf_test.h"

#define COMMANDS_FD 3 /* --remote-debugging-pipe: the browser reads from 3 and writes to 4 */
#define ANSWERS_FD  4
#define STEP_MS     50
#define NO_PROGRAM  127

struct browser {
    pid_t pid;
    int commands, answers;
    char *text; /* what has arrived and is not a whole message yet */
    size_t text_bytes;
    char session[64];
    int next_id;
    char complaints[4096];
};

/* ---- Messages: JSON, each followed by a NUL ---- */

static void note(browser *one, json_t *event)
{
    const char *method = json_string_value(json_object_get(event, "method"));
    json_t *params = json_object_get(event, "params");
    const char *type = json_string_value(json_object_get(params, "type")),
               *level = json_string_value(json_object_get(json_object_get(params, "entry"), "level"));
    const bool is_complaint = (strcmp(method, "Runtime.exceptionThrown") == 0) ||
                              (strcmp(method, "Runtime.consoleAPICalled") == 0 && type &&
                               (strcmp(type, "error") == 0 || strcmp(type, "warning") == 0)) ||
                              (strcmp(method, "Log.entryAdded") == 0 && level &&
                               (strcmp(level, "error") == 0 || strcmp(level, "warning") == 0));
    if (!is_complaint)
        return;
    char *text = json_dumps(params, JSON_COMPACT);
    const size_t used = strlen(one->complaints);
    snprintf(one->complaints + used, sizeof one->complaints - used, "%.600s\n", text ? text : method);
    free(text);
}

/* Waits for the next message. @return json_decref() */
static json_t *receive(browser *one, hf_deadline deadline)
{
    char *end;
    while (!(end = one->text_bytes ? memchr(one->text, '\0', one->text_bytes) : NULL)) {
        struct pollfd waiting = {.fd = one->answers, .events = POLLIN};
        if (hf_deadline_passed(deadline) || poll(&waiting, 1, STEP_MS) < 0)
            fail_msg("the browser does not answer");
        if (!(waiting.revents & (POLLIN | POLLHUP)))
            continue;
        one->text = realloc(one->text, one->text_bytes + (1 << 20));
        const ssize_t size = read(one->answers, one->text + one->text_bytes, 1 << 20);
        if (size <= 0)
            fail_msg("the browser has ended");
        one->text_bytes += (size_t)size;
    }
    json_t *message = json_loads(one->text, JSON_DECODE_ANY, NULL);
    const size_t used = (size_t)(end - one->text) + 1;
    memmove(one->text, one->text + used, one->text_bytes - used);
    one->text_bytes -= used;
    assert_non_null(message);
    return message;
}

/* Makes a call. @param params stolen. @return its answer, json_decref() */
static json_t *ask(browser *one, const char *method, json_t *params)
{
    const int id = ++one->next_id;
    const hf_deadline deadline = hf_deadline_in_ms(BROWSER_DEADLINE_MS);
    json_t *message = json_pack("{s:i, s:s, s:o}", "id", id, "method", method, "params", params);
    if (*one->session)
        json_object_set_new(message, "sessionId", json_string(one->session));
    char *text = json_dumps(message, JSON_COMPACT);
    json_decref(message);
    const size_t size = strlen(text) + 1;
    assert_int_equal(write(one->commands, text, size), size);
    free(text);
    for (;;) {
        json_t *answer = receive(one, deadline);
        if (json_integer_value(json_object_get(answer, "id")) == id)
            return answer;
        if (json_object_get(answer, "method"))
            note(one, answer);
        json_decref(answer);
    }
}

/* Makes a call that must succeed. @param params stolen. @return its result, json_decref() */
static json_t *call(browser *one, const char *method, json_t *params)
{
    json_t *answer = ask(one, method, params), *result = json_incref(json_object_get(answer, "result"));
    if (!result) {
        char *why = json_dumps(answer, JSON_COMPACT);
        fail_msg("%s: %.500s", method, why);
    }
    json_decref(answer);
    return result;
}

static void do_call(browser *one, const char *method, json_t *params)
{
    json_decref(call(one, method, params));
}

/* ---- The process ---- */

static void run_chromium(int commands, int answers, const char *folder)
{
    char profile[256];
    snprintf(profile, sizeof profile, "--user-data-dir=%s/browser", folder);
    setpgid(0, 0); /* it starts many processes, which end with the group */
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    /* Out of the way first: the ends of the pipes may be 3 and 4. */
    const int from = fcntl(commands, F_DUPFD, 16), to = fcntl(answers, F_DUPFD, 16);
    const int nothing = open("/dev/null", O_RDWR);
    dup2(nothing, STDOUT_FILENO);
    dup2(nothing, STDERR_FILENO);
    dup2(from, COMMANDS_FD);
    dup2(to, ANSWERS_FD);
    execlp("chromium", "chromium", "--headless=new", "--no-sandbox", "--disable-gpu",
           "--remote-debugging-pipe", "--hide-scrollbars", profile, "about:blank", NULL);
    _exit(NO_PROGRAM);
}

static bool is_installed(void)
{
    return system("command -v chromium >/dev/null") == 0; /* NOLINT(cert-env33-c,concurrency-mt-unsafe) */
}

browser *browser_open(const char *folder)
{
    int commands[2], answers[2];
    if (!is_installed())
        return NULL;
    browser *one = calloc(1, sizeof *one);
    assert_int_equal(pipe2(commands, O_CLOEXEC), 0);
    assert_int_equal(pipe2(answers, O_CLOEXEC), 0);
    one->pid = fork();
    if (one->pid == 0)
        run_chromium(commands[0], answers[1], folder);
    close(commands[0]);
    close(answers[1]);
    one->commands = commands[1];
    one->answers = answers[0];
    json_t *target = call(one, "Target.createTarget", json_pack("{s:s}", "url", "about:blank"));
    json_t *attached =
        call(one, "Target.attachToTarget",
             json_pack("{s:O, s:b}", "targetId", json_object_get(target, "targetId"), "flatten", 1));
    do_call(one, "Browser.setDownloadBehavior",
            json_pack("{s:s, s:s}", "behavior", "allow", "downloadPath", folder));
    snprintf(one->session, sizeof one->session, "%s",
             json_string_value(json_object_get(attached, "sessionId")));
    json_decref(target);
    json_decref(attached);
    static const char *const domains[] = {"Page.enable", "Runtime.enable", "Log.enable"};
    for (size_t i = 0; i < sizeof domains / sizeof domains[0]; i++)
        do_call(one, domains[i], json_object());
    return one;
}

void browser_close(browser *one)
{
    if (!one)
        return;
    kill(-one->pid, SIGKILL);
    waitpid(one->pid, NULL, 0);
    close(one->commands);
    close(one->answers);
    free(one->text);
    free(one);
}

/* ---- The page ---- */

void browser_go(browser *one, const char *address)
{
    do_call(one, "Page.navigate", json_pack("{s:s}", "url", address));
}

void browser_view(browser *one, int width, int height, bool dark)
{
    do_call(one, "Emulation.setDeviceMetricsOverride",
            json_pack("{s:i, s:i, s:i, s:b}", "width", width, "height", height, "deviceScaleFactor", 1,
                      "mobile", 0));
    do_call(one, "Emulation.setEmulatedMedia",
            json_pack("{s:[{s:s, s:s}]}", "features", "name", "prefers-color-scheme", "value",
                      dark ? "dark" : "light"));
}

json_t *browser_value(browser *one, const char *script)
{
    json_t *result =
        call(one, "Runtime.evaluate",
             json_pack("{s:s, s:b, s:b}", "expression", script, "awaitPromise", 1, "returnByValue", 1));
    if (json_object_get(result, "exceptionDetails")) {
        char *why = json_dumps(json_object_get(result, "exceptionDetails"), JSON_COMPACT);
        fail_msg("%s: %.600s", script, why);
    }
    json_t *value = json_incref(json_object_get(json_object_get(result, "result"), "value"));
    json_decref(result);
    return value;
}

/* Whether a condition holds now. While a page is being loaded there may be no document to ask yet: then it does not hold. */
static bool holds(browser *one, const char *condition)
{
    hf_buffer script = HF_BUFFER_INIT;
    hf_buffer_printf(&script, "(() => { try { return Boolean(%s) } catch { return false } })()", condition);
    json_t *answer = ask(one, "Runtime.evaluate",
                         json_pack("{s:s, s:b}", "expression", hf_buffer_text(&script), "returnByValue", 1));
    hf_buffer_free(&script);
    json_t *result = json_object_get(answer, "result");
    if (json_object_get(result, "exceptionDetails")) {
        char *why = json_dumps(json_object_get(result, "exceptionDetails"), JSON_COMPACT);
        fail_msg("%s: %.600s", condition, why);
    }
    const bool is_true = json_is_true(json_object_get(json_object_get(result, "result"), "value"));
    json_decref(answer);
    return is_true;
}

void browser_wait(browser *one, const char *condition)
{
    const struct timespec step = {.tv_nsec = STEP_MS * (long)HF_NS_PER_MS};
    const hf_deadline deadline = hf_deadline_in_ms(BROWSER_DEADLINE_MS);
    while (!holds(one, condition)) {
        if (hf_deadline_passed(deadline)) {
            json_t *value =
                browser_value(one, "location.hash + ' ' + (document.querySelector('main') ?? {}).innerText");
            fail_msg("never: %s\non %.2000s", condition, json_string_value(value));
        }
        nanosleep(&step, NULL);
    }
}

void browser_click(browser *one, const char *script)
{
    hf_buffer text = HF_BUFFER_INIT;
    browser_wait(one, script);
    hf_buffer_printf(&text, "(%s).click()", script);
    json_decref(browser_value(one, hf_buffer_text(&text)));
    hf_buffer_free(&text);
}

static void mouse(browser *one, const char *type, double x, double y, bool pressed)
{
    do_call(one, "Input.dispatchMouseEvent",
            json_pack("{s:s, s:f, s:f, s:s, s:i, s:i}", "type", type, "x", x, "y", y, "button",
                      pressed ? "left" : "none", "buttons", pressed, "clickCount", pressed));
}

void browser_drag(browser *one, const char *script, double from_x, double from_y, double to_x, double to_y)
{
    hf_buffer text = HF_BUFFER_INIT;
    double box[4];
    browser_wait(one, script);
    hf_buffer_printf(
        &text,
        "(() => { const one = %s; one.scrollIntoView({block: 'center'});"
        " const box = one.getBoundingClientRect(); return [box.left, box.top, box.width, box.height] })()",
        script);
    json_t *value = browser_value(one, hf_buffer_text(&text));
    hf_buffer_free(&text);
    for (size_t i = 0; i < 4; i++)
        box[i] = json_number_value(json_array_get(value, i));
    json_decref(value);
    const double x0 = box[0] + from_x * box[2], y0 = box[1] + from_y * box[3];
    const double x1 = box[0] + to_x * box[2], y1 = box[1] + to_y * box[3];
    mouse(one, "mouseMoved", x0, y0, false);
    mouse(one, "mousePressed", x0, y0, true);
    mouse(one, "mouseMoved", (x0 + x1) / 2, (y0 + y1) / 2, true);
    mouse(one, "mouseMoved", x1, y1, true);
    mouse(one, "mouseReleased", x1, y1, true);
}

void browser_type(browser *one, const char *script, const char *text)
{
    hf_buffer focus = HF_BUFFER_INIT;
    browser_wait(one, script);
    hf_buffer_printf(&focus, "{ const one = %s; one.focus(); one.select(); }", script);
    json_decref(browser_value(one, hf_buffer_text(&focus)));
    hf_buffer_free(&focus);
    do_call(one, "Input.insertText", json_pack("{s:s}", "text", text));
}

/* RFC 4648, section 4. @return bytes written over the text */
static size_t decode_base64(char *text)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    size_t size = 0;
    uint32_t bits = 0;
    int have = 0;
    for (const char *at = text; *at && *at != '='; at++) {
        bits = bits << 6 | (uint32_t)(strchr(digits, *at) - digits);
        have += 6;
        if (have < 8)
            continue;
        have -= 8;
        text[size++] = (char)(bits >> have);
    }
    return size;
}

void browser_screenshot(browser *one, const char *path)
{
    json_t *result = call(one, "Page.captureScreenshot", json_object());
    char *data = strdup(json_string_value(json_object_get(result, "data")));
    const size_t size = decode_base64(data);
    assert_int_equal(hf_file_write(path, data, size, NULL), HF_OK);
    free(data);
    json_decref(result);
}

void browser_expect_no_complaint(browser *one)
{
    json_decref(browser_value(one, "1")); /* takes in the events before */
    if (*one->complaints)
        fail_msg("the console says: %s", one->complaints);
}
