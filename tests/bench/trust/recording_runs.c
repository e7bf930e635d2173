/* SPDX-License-Identifier: Apache-2.0 */
#include "recording.h"

#include <ctype.h>
#include <dirent.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "process.h"

#define WAIT_MS 300000
#define MODELS  24
#define SPEC                                                                                                 \
    "name: many\n"                                                                                           \
    "models: [{family: mobilenetv1, alpha: [0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.55, 0.6, "    \
    "0.65],"                                                                                                 \
    " resolution: 32, channels: [1, 3], classes: 2, l: 1, ll: 16, pl: 16}]\n"                                \
    "measure: {warmup: 0, runs: 1}\n"                                                                        \
    "retries: {attempts: 20, strikes: 20}\n"

enum {
    KILL_HILFARM,
    INTERRUPT,
    KILL_OPENOCD,
    KILL_BOARD,
    LOCK,
    LOCK_AND_KILL,
    FULL,
    FULL_AND_KILL,
    KIND_COUNT
};
static const char *const kinds[KIND_COUNT] = {
    "hilfarm killed", "hilfarm interrupted",          "an OpenOCD killed", "a board killed",
    "store locked",   "store locked, hilfarm killed", "disk full",         "disk full, hilfarm killed"};

/* One run with all its resumptions. */
typedef struct episode {
    const char *bin;
    char folder[64];
    char db[96], spec[96], flag[96], program[512];
    process child;
    bool begun;
    char names[MODELS * 64][96]; /* of variations reported as measured */
    int name_count;
    int failed; /* attempts reported as failed */
} episode;

static void start(episode *self)
{
    const char *const first[] = {self->program, "run", self->spec, "--db", self->db, "--plain", NULL};
    const char *const again[] = {self->program, "run", "--resume", "--db", self->db, "--plain", NULL};
    setenv("LD_PRELOAD", FULL_SHIM, 1);
    setenv("HILFARM_FULL", self->folder, 1);
    const bool started = process_start(&self->child, self->begun ? again : first);
    unsetenv("LD_PRELOAD");
    unsetenv("HILFARM_FULL");
    if (!started)
        recording_give_up("starting", self->program);
    if (!process_wait_output(&self->child, "many:", WAIT_MS))
        recording_give_up("the run did not begin", self->child.output);
    self->begun = true;
}

/* "[3/24] NAME: 12.3 ms ..." and "  attempt 1 of NAME on BOARD failed ..." */
static void read_output(episode *self)
{
    char *rest = NULL;
    for (char *line = strtok_r(self->child.output, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
        char *name = strstr(line, "] "), *colon = name ? strstr(name, ": ") : NULL;
        if (line[0] == '[' && colon && isdigit((unsigned char)colon[2]) && self->name_count < MODELS * 64)
            snprintf(self->names[self->name_count++], sizeof self->names[0], "%.*s", (int)(colon - name - 2),
                     name + 2);
        self->failed += strncmp(line, "  attempt ", 10) == 0 && strstr(line, " failed (") != NULL;
    }
    self->child.output_size = 0;
    self->child.output[0] = '\0';
}

/* A child of hilfarm, by the name of its program. @return 0 if there is none */
static pid_t find_child(pid_t parent, const char *wanted)
{
    pid_t found = 0;
    DIR *folder = opendir("/proc");
    for (const struct dirent *entry; folder && (entry = readdir(folder));) {
        char path[300], text[512] = "";
        snprintf(path, sizeof path, "/proc/%.20s/stat", entry->d_name);
        FILE *file = isdigit((unsigned char)entry->d_name[0]) ? fopen(path, "r") : NULL;
        if (!file)
            continue;
        const size_t length = fread(text, 1, sizeof text - 1, file);
        fclose(file);
        text[length] = '\0';
        const char *open = strchr(text, '('), *close = strrchr(text, ')');
        if (open && close && strncmp(open + 1, wanted, strlen(wanted)) == 0 &&
            strtol(close + 4, NULL, 10) == parent && (!found || recording_draw(2)))
            found = (pid_t)strtol(text, NULL, 10);
    }
    if (folder)
        closedir(folder);
    return found;
}

/* Collects output for a while. @return whether the run still lasts */
static bool go_on(episode *self, uint32_t milliseconds)
{
    process_wait_output(&self->child, "\x01", (int)milliseconds);
    siginfo_t ended = {0};
    waitid(P_PID, (id_t)self->child.pid, &ended, WEXITED | WNOHANG | WNOWAIT);
    return ended.si_pid == 0;
}

static void set_full(const episode *self, bool full)
{
    if (full && hf_file_write(self->flag, "", 0, NULL) != HF_OK)
        recording_give_up("writing", self->flag);
    if (!full)
        unlink(self->flag);
}

/* @return whether it ended the run */
static bool disturb(episode *self, int kind)
{
    const uint32_t while_ms = 300 + recording_draw(1700);
    sqlite3 *lock = NULL;
    pid_t victim = 0;
    switch (kind) {
    case KILL_OPENOCD:
    case KILL_BOARD:
        victim = find_child(self->child.pid, kind == KILL_BOARD ? "hilfarm-vboard" : "openocd");
        if (victim)
            kill(victim, SIGKILL);
        return false;
    case LOCK:
    case LOCK_AND_KILL:
        lock = recording_lock(self->db);
        go_on(self, while_ms);
        if (kind == LOCK_AND_KILL)
            kill(self->child.pid, SIGKILL);
        sqlite3_close(lock);
        return kind == LOCK_AND_KILL;
    case FULL:
    case FULL_AND_KILL:
        set_full(self, true);
        go_on(self, while_ms);
        if (kind == FULL_AND_KILL)
            kill(self->child.pid, SIGKILL);
        set_full(self, false);
        return kind == FULL_AND_KILL;
    default:
        kill(self->child.pid, kind == INTERRUPT ? SIGINT : SIGKILL);
        return true;
    }
}

/* Everything that was reported is in the store when it is opened again. */
static void check(episode *self, recording_tally *tally)
{
    process reader = {0};
    const char *const argv[] = {self->program, "runs", "--db", self->db, NULL};
    if (!process_start(&reader, argv) || process_wait_exit(&reader, WAIT_MS) != 0)
        recording_give_up("hilfarm runs", reader.output);
    char sql[300];
    for (int i = 0; i < self->name_count; i++) {
        snprintf(sql, sizeof sql,
                 "SELECT count(*) FROM attempts JOIN results ON results.id = result_id"
                 " WHERE succeeded AND outcome = 'measured' AND name = '%s'",
                 self->names[i]);
        const int64_t there = recording_number(self->db, sql);
        tally->lost += there == 0;
        tally->doubled += there > 1 ? (int)(there - 1) : 0;
    }
    tally->announced += self->name_count;
    const int64_t failed = recording_number(self->db, "SELECT count(*) FROM attempts WHERE NOT succeeded");
    tally->lost += self->failed > failed ? (int)(self->failed - failed) : 0;
    tally->doubled +=
        (int)recording_number(self->db, "SELECT count(*) - count(DISTINCT started_ms || board_id ||"
                                        " result_id || duration_ns) FROM attempts");
    if (recording_number(self->db,
                         "SELECT count(*) FROM pragma_integrity_check WHERE integrity_check <> 'ok'"))
        recording_give_up("the store is damaged", self->db);
    self->name_count = 0;
}

/* Starts or resumes a run. @return whether it is complete */
static bool stretch(episode *self, int *left, int counts[KIND_COUNT], recording_tally *tally)
{
    start(self);
    bool ended = false;
    while (!ended && *left > 0 && go_on(self, 200 + recording_draw(2300))) {
        const int kind = (int)recording_draw(KIND_COUNT);
        ended = disturb(self, kind);
        counts[kind]++;
        --*left;
        tally->disturbances++;
    }
    const int status = process_wait_exit(&self->child, WAIT_MS);
    if (status == -1)
        recording_give_up("the run did not end", self->child.output);
    const bool complete = status == 0;
    read_output(self);
    check(self, tally);
    return complete;
}

static void end_episode(episode *self)
{
    const int64_t measured =
        recording_number(self->db, "SELECT count(DISTINCT result_id) FROM attempts WHERE succeeded");
    if (measured != MODELS)
        recording_give_up("a complete run has not measured all of its models", self->db);
    (void)hf_remove_tree(self->folder, NULL); /* a leftover folder in /tmp is harmless */
}

void recording_runs(const char *bin, int disturbances, recording_tally *tally)
{
    static episode self;
    int counts[KIND_COUNT] = {0}, left = disturbances;
    while (left > 0) {
        memset(&self, 0, sizeof self);
        strcpy(self.folder, "/tmp/hilfarm-trust-XXXXXX");
        if (!mkdtemp(self.folder))
            recording_give_up("making a folder", self.folder);
        snprintf(self.db, sizeof self.db, "%s/farm.db", self.folder);
        snprintf(self.spec, sizeof self.spec, "%s/many.yaml", self.folder);
        snprintf(self.flag, sizeof self.flag, "%s/full", self.folder);
        snprintf(self.program, sizeof self.program, "%s/hilfarm", bin);
        if (hf_file_write(self.spec, SPEC, strlen(SPEC), NULL) != HF_OK)
            recording_give_up("writing", self.spec);
        for (int tries = 0; !stretch(&self, &left, counts, tally); tries++)
            if (tries > 200)
                recording_give_up("a run does not come to its end", self.child.output);
        end_episode(&self);
    }
    for (int i = 0; i < KIND_COUNT; i++)
        fprintf(stderr, "%3d times: %s (real OpenOCD, virtual boards)\n", counts[i], kinds[i]);
}
