/* SPDX-License-Identifier: Apache-2.0 */
/* Locks of boards: one owner, for all users and every spelling of a board. */
#include "hf_test.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>

#include "base/file.h"
#include "board_internal.h"

#define NOBODY            65534
#define SOMEBODY          4711
#define PROTECTED_REGULAR "/proc/sys/fs/protected_regular"

typedef struct fixture {
    char dir[40], path[80];
    mode_t umask;
} fixture;

static int set_up(void **state)
{
    fixture *self = calloc(1, sizeof *self);
    if (!self)
        return -1;
    strcpy(self->dir, "/tmp/hf-lock-XXXXXX");
    /* Like /run/lock: everybody may create files, but only remove their own. */
    if (!mkdtemp(self->dir) || chmod(self->dir, 01777) != 0)
        return -1;
    snprintf(self->path, sizeof self->path, "%s/hilfarm-x.lock", self->dir);
    self->umask = umask(022);
    *state = self;
    return 0;
}

static int tear_down(void **state)
{
    fixture *self = *state;
    umask(self->umask);
    (void)hf_remove_tree(self->dir, NULL); /* a leftover folder in /tmp is harmless */
    free(self);
    return 0;
}

/* ---- Other processes, other users ---- */

typedef struct outcome {
    hf_status status;
    hf_fault fault;
    char message[512];
} outcome;

/* Takes the lock in a separate process, as another user if `uid` is not 0, and releases it by exiting. */
static outcome take_elsewhere(const char *path, uid_t uid)
{
    int ends[2];
    outcome result = {0};
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    if (child == 0) {
        hf_error err = {0};
        hf_lock *lock = NULL;
        if (uid && (setgroups(0, NULL) != 0 || setgid(uid) != 0 || setuid(uid) != 0))
            _exit(1);
        result.status = hf_lock_acquire(path, "b", "its probe", &lock, &err);
        result.fault = err.fault;
        memcpy(result.message, err.message, sizeof result.message);
        _exit(write(ends[1], &result, sizeof result) == sizeof result ? 0 : 1);
    }
    close(ends[1]);
    assert_int_equal(read(ends[0], &result, sizeof result), sizeof result);
    close(ends[0]);
    int status = 0;
    waitpid(child, &status, 0);
    assert_int_equal(status, 0);
    return result;
}

static void needs_root(void)
{
    if (geteuid() != 0) {
        printf("SKIPPED: another user can only be tried out by root\n");
        skip();
    }
}

static void a_lock_has_one_owner(void **state)
{
    fixture *self = *state;
    hf_error err = {0};
    hf_lock *lock = NULL;
    assert_int_equal(hf_lock_acquire(self->path, "a", "its probe", &lock, &err), HF_OK);
    outcome other = take_elsewhere(self->path, 0);
    assert_int_equal(other.status, HF_EBUSY);
    assert_int_equal(other.fault, HF_FAULT_BOARD);
    char says[96];
    snprintf(says, sizeof says, "in use by process %ld of user ", (long)getpid());
    if (!strstr(other.message, says) || !strstr(other.message, "agent_lock"))
        fail_msg("says '%s'", other.message);
    hf_lock_release(lock);
    assert_int_equal(take_elsewhere(self->path, 0).status, HF_OK);
    assert_int_equal(take_elsewhere(self->path, 0).status, HF_OK); /* its process has exited */
}

/* A child that was just forked has a copy of every descriptor until it executes its program. */
static void a_lock_is_released_despite_a_childs_descriptor(void **state)
{
    fixture *self = *state;
    hf_error err = {0};
    hf_lock *lock = NULL;
    assert_int_equal(hf_lock_acquire(self->path, "a", "its probe", &lock, &err), HF_OK);
    pid_t child = fork();
    if (child == 0) {
        pause();
        _exit(0);
    }
    assert_true(child > 0);
    hf_lock_release(lock);
    hf_status status = hf_lock_acquire(self->path, "a", "its probe", &lock, &err);
    kill(child, SIGKILL);
    assert_int_equal(waitpid(child, NULL, 0), child);
    assert_int_equal(status, HF_OK);
    hf_lock_release(lock);
}

/* Waiting for one's own lock would never end. */
static void two_boards_with_one_probe_are_reported(void **state)
{
    fixture *self = *state;
    hf_error err = {0};
    hf_lock *lock = NULL, *again = NULL;
    assert_int_equal(hf_lock_acquire(self->path, "left", "its port", &lock, &err), HF_OK);
    assert_int_equal(hf_lock_acquire(self->path, "right", "its port", &again, &err), HF_EINVALID);
    assert_int_equal(err.fault, HF_FAULT_BOARD);
    assert_string_equal(err.message, "its port is also that of board left of this run");
    assert_null(again);
    hf_error_clear(&err);
    /* The same board, say for a console: it is in use, and may be waited for. */
    assert_int_equal(hf_lock_acquire(self->path, "left", "its port", &again, &err), HF_EBUSY);
    assert_string_equal(err.message, "in use within this process, by a run or a console");
    assert_null(again);
    hf_lock_release(lock);
    hf_error_clear(&err);
    assert_int_equal(hf_lock_acquire(self->path, "right", "its port", &again, &err), HF_OK);
    hf_lock_release(again);
}

static void lock_files_are_usable_by_all_users(void **state)
{
    fixture *self = *state;
    hf_lock *lock = NULL;
    umask(077);
    assert_int_equal(hf_lock_acquire(self->path, "a", "its probe", &lock, NULL), HF_OK);
    hf_lock_release(lock);
    struct stat info;
    assert_int_equal(stat(self->path, &info), 0);
    assert_int_equal(info.st_mode & 07777, 0666);
    assert_int_equal(info.st_size, 0);
}

/* A file as left by an earlier version, or by root with its umask. */
static void make_roots_file(const char *path)
{
    int file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    assert_true(file >= 0);
    assert_int_equal(write(file, "1\n", 2), 2);
    close(file);
}

static void a_lock_file_of_root_is_usable(void **state)
{
    fixture *self = *state;
    needs_root();
    make_roots_file(self->path);
    outcome other = take_elsewhere(self->path, NOBODY);
    if (other.status != HF_OK)
        fail_msg("%s", other.message);

    hf_lock *lock = NULL; /* it can still be locked */
    assert_int_equal(hf_lock_acquire(self->path, "a", "its probe", &lock, NULL), HF_OK);
    other = take_elsewhere(self->path, NOBODY);
    assert_int_equal(other.status, HF_EBUSY);
    if (!strstr(other.message, " of user root"))
        fail_msg("says '%s'", other.message);
    hf_lock_release(lock);
}

/* @return false if it cannot be set on this host */
static bool set_protection(char value)
{
    int file = open(PROTECTED_REGULAR, O_WRONLY | O_CLOEXEC);
    bool set = file >= 0 && write(file, &value, 1) == 1;
    if (file >= 0)
        close(file);
    return set;
}

static char protection(void)
{
    char value = 0;
    int file = open(PROTECTED_REGULAR, O_RDONLY | O_CLOEXEC);
    if (file < 0 || read(file, &value, 1) != 1)
        value = 0;
    if (file >= 0)
        close(file);
    return value;
}

/* Opens with O_CREAT, to show that the kernel rejects it. @return an errno */
static int create_elsewhere(const char *path)
{
    int status = 0;
    pid_t child = fork();
    if (child == 0) {
        if (setgid(NOBODY) != 0 || setuid(NOBODY) != 0)
            _exit(1);
        int file = open(path, O_RDONLY | O_CREAT | O_CLOEXEC, 0666);
        _exit(file >= 0 ? 0 : errno);
    }
    waitpid(child, &status, 0);
    return WEXITSTATUS(status);
}

static void lock_files_in_protected_folders_are_usable(void **state)
{
    fixture *self = *state;
    needs_root();
    char before = protection();
    if (!before || !set_protection('2')) {
        printf("SKIPPED: %s cannot be set here\n", PROTECTED_REGULAR);
        skip();
    }
    make_roots_file(self->path);
    assert_int_equal(chown(self->path, SOMEBODY, SOMEBODY), 0); /* files of the folder's owner are exempt */
    int refused = create_elsewhere(self->path);
    outcome other = take_elsewhere(self->path, NOBODY);
    hf_lock *lock = NULL;
    hf_status roots = hf_lock_acquire(self->path, "a", "its probe", &lock, NULL);
    hf_lock_release(lock);
    char new[96];
    snprintf(new, sizeof new, "%s/hilfarm-y.lock", self->dir);
    outcome first = take_elsewhere(new, NOBODY);
    outcome second = take_elsewhere(new, SOMEBODY);
    set_protection(before);
    assert_int_equal(refused, EACCES); /* the protection is active, or the test would prove nothing */
    if (other.status != HF_OK)
        fail_msg("%s", other.message);
    assert_int_equal(roots, HF_OK);
    assert_int_equal(first.status, HF_OK);
    assert_int_equal(second.status, HF_OK);
}

static void a_failed_lock_is_class_board(void **state)
{
    fixture *self = *state;
    hf_error err = {0};
    hf_lock *lock = NULL;
    assert_int_equal(hf_lock_acquire("/nonexistent/hilfarm-x.lock", "a", "its probe", &lock, &err), HF_EIO);
    assert_int_equal(err.fault, HF_FAULT_BOARD);
    assert_string_equal(
        err.message,
        "cannot lock its probe with file '/nonexistent/hilfarm-x.lock': No such file or directory");
    hf_error_clear(&err);
    assert_int_equal(symlink("/tmp/elsewhere", self->path), 0); /* an attack by another user */
    assert_int_equal(hf_lock_acquire(self->path, "a", "its probe", &lock, &err), HF_EIO);
    assert_int_equal(err.fault, HF_FAULT_BOARD);
    assert_int_not_equal(access("/tmp/elsewhere", F_OK), 0);
    unlink(self->path);
    if (geteuid() == 0) {
        make_roots_file(self->path);
        chmod(self->path, 0600);
        outcome other = take_elsewhere(self->path, NOBODY);
        assert_int_equal(other.status, HF_EIO);
        assert_int_equal(other.fault, HF_FAULT_BOARD);
        assert_non_null(strstr(other.message, "Permission denied"));
    }
    assert_null(lock);
}

#define RACERS 8

/* Waits until `go` is closed, tries to lock, reports the result, and keeps the lock until it is killed. */
static void race(const char *path, const int go[2], const int went[2])
{
    char byte;
    close(go[1]);
    if (read(go[0], &byte, 1) != 0) /* end of file: start */
        _exit(1);
    hf_lock *lock = NULL;
    byte = hf_lock_acquire(path, "b", "its probe", &lock, NULL) == HF_OK ? '1' : '0';
    if (write(went[1], &byte, 1) != 1)
        _exit(1);
    pause();
    _exit(0);
}

/* Many processes race for a missing file: one creates it, and one (not always the same) gets the lock. */
static void a_race_has_one_winner(void **state)
{
    fixture *self = *state;
    for (int round = 0; round < 20; round++) {
        int go[2], went[2], winners = 0;
        pid_t racers[RACERS];
        assert_int_equal(pipe(go), 0);
        assert_int_equal(pipe(went), 0);
        for (int i = 0; i < RACERS; i++) {
            racers[i] = fork();
            if (racers[i] == 0)
                race(self->path, go, went);
        }
        close(go[0]);
        close(go[1]);
        for (int i = 0; i < RACERS; i++) {
            char byte = '?';
            assert_int_equal(read(went[0], &byte, 1), 1);
            winners += byte == '1';
        }
        for (int i = 0; i < RACERS; i++) {
            kill(racers[i], SIGKILL);
            waitpid(racers[i], NULL, 0);
        }
        close(went[0]);
        close(went[1]);
        assert_int_equal(winners, 1);
        unlink(self->path);
    }
}

static void file_names_are_portable_and_distinct(void **state)
{
    (void)state;
    char a[FILE_NAME_BYTES], b[FILE_NAME_BYTES];
    hf_file_name("board-1_x", a, sizeof a);
    assert_string_equal(a, "board-1_x");
    hf_file_name("../../etc/passwd", a, sizeof a);
    assert_null(strchr(a, '/'));
    hf_file_name(".././etc/passwd", b, sizeof b);
    assert_string_not_equal(a, b);
    hf_file_name("a very long identifier that goes on and on and on", a, sizeof a);
    hf_file_name("a very long identifier that goes on and on and oN", b, sizeof b);
    assert_string_not_equal(a, b);
    assert_true(strlen(a) < 42);
    hf_file_name("", a, sizeof a);
    assert_true(strlen(a) > 0);
}

/* ---- What a board is locked by ---- */

static hf_status lock_board(const fixture *self, hf_board *board, const hf_board_config *config,
                            hf_error *err)
{
    *board = (hf_board){.config = config, .hooks = {.lock_dir = self->dir}};
    hf_error_clear(err);
    hf_status status = hf_board_lock(board, err);
    hf_serial_address address;
    if (status == HF_OK)
        status = hf_serial_find(config, hf_deadline_in_ms(2000), NULL, &address, err);
    if (status == HF_OK)
        status = hf_board_lock_port(board, &address, err);
    return status;
}

static void expect_conflict(const fixture *self, const hf_board_config *a, const hf_board_config *b,
                            const char *says)
{
    hf_error err = {0};
    hf_board first, second;
    assert_int_equal(lock_board(self, &first, a, &err), HF_OK);
    hf_status status = lock_board(self, &second, b, &err);
    hf_board_unlock(&second);
    hf_board_unlock(&first);
    if (!says) {
        assert_int_equal(status, HF_OK);
        return;
    }
    assert_int_equal(status, HF_EINVALID);
    assert_int_equal(err.fault, HF_FAULT_BOARD);
    if (!strstr(err.message, says))
        fail_msg("expected '%s', got '%s'", says, err.message);
}

static void every_spelling_gives_the_same_lock(void **state)
{
    const fixture *self = *state;
    char link[80], node[80], script[80], script_link[80], cover[80];
    snprintf(link, sizeof link, "%s/by-id", self->dir);
    snprintf(node, sizeof node, "%s/node", self->dir);
    snprintf(script, sizeof script, "%s/probe.cfg", self->dir);
    snprintf(script_link, sizeof script_link, "%s/also.cfg", self->dir);
    snprintf(cover, sizeof cover, "%s/../%s/probe.cfg", self->dir, strrchr(self->dir, '/') + 1);
    assert_int_equal(symlink("/dev/null", link), 0);
    assert_int_equal(hf_file_write(script, "", 0, NULL), HF_OK);
    assert_int_equal(symlink(script, script_link), 0);

    const hf_board_config plain = {
        .id = "a", .probe_serial = "S", .probe_interface = "x.cfg", .port_path = "/dev/null"};
    hf_board_config other = {
        .id = "b", .probe_serial = "T", .probe_interface = "x.cfg", .port_path = "/dev/zero"};
    expect_conflict(self, &plain, &other, NULL);
    other.port_path = "/dev/../dev/./null";
    expect_conflict(self, &plain, &other, "its port is also that of board a");
    other.port_path = link;
    expect_conflict(self, &plain, &other, "its port is also that of board a");
    expect_conflict(self, &other, &plain, "its port is also that of board b");
    other.port_kind = HF_PORT_PTY;
    expect_conflict(self, &plain, &other, "its port is also that of board a");
    if (geteuid() == 0 && mknod(node, S_IFCHR | 0600, makedev(1, 3)) == 0) {
        other.port_path = node; /* a second node of one device, as in a container */
        expect_conflict(self, &plain, &other, "its port is also that of board a");
    }
    other.port_path = "/dev/zero";
    other.probe_serial = "S";
    expect_conflict(self, &plain, &other, "its probe is also that of board a");

    hf_board_config first = {.id = "a", .probe_interface = script, .port_path = "/dev/null"};
    hf_board_config second = {.id = "b", .probe_interface = script_link, .port_path = "/dev/zero"};
    expect_conflict(self, &first, &second, "its probe is also that of board a");
    second.probe_interface = cover;
    expect_conflict(self, &first, &second, "its probe is also that of board a");
    /* One board by serial number, one as the only probe: only the port shows the conflict. */
    first.probe_serial = "S";
    second.port_path = "/dev/null";
    expect_conflict(self, &first, &second, "its port is also that of board a");

    const hf_board_config by_name = {.id = "a",
                                     .probe_serial = "S",
                                     .port_kind = HF_PORT_TCP,
                                     .port_host = "localhost",
                                     .port_number = 3001};
    hf_board_config by_number = {.id = "b",
                                 .probe_serial = "T",
                                 .port_kind = HF_PORT_RFC2217,
                                 .port_host = "127.0.0.1",
                                 .port_number = 3001};
    expect_conflict(self, &by_name, &by_number, "its port is also that of board a");
    by_number.port_number = 3002;
    expect_conflict(self, &by_name, &by_number, NULL);
}

/* A port may be another device after being reconnected. */
static void a_moved_port_is_locked_again(void **state)
{
    const fixture *self = *state;
    char link[80];
    snprintf(link, sizeof link, "%s/port", self->dir);
    assert_int_equal(symlink("/dev/null", link), 0);
    const hf_board_config config = {.id = "a", .probe_serial = "S", .port_path = link};
    const hf_board_config rival = {.id = "b", .probe_serial = "T", .port_path = "/dev/null"};
    hf_board board, second;
    hf_error err = {0};
    assert_int_equal(lock_board(self, &board, &config, &err), HF_OK);
    unlink(link);
    assert_int_equal(symlink("/dev/zero", link), 0);
    hf_serial_address address;
    assert_int_equal(hf_serial_find(&config, hf_deadline_in_ms(2000), NULL, &address, &err), HF_OK);
    assert_string_equal(address.name, "/dev/zero");
    assert_int_equal(hf_board_lock_port(&board, &address, &err), HF_OK);
    assert_int_equal(lock_board(self, &second, &rival, &err), HF_OK); /* the old one is free */
    hf_board_unlock(&second);
    hf_board_unlock(&board);
}

/* All users must use the same folder, or they would not see each other's locks. */
static void all_users_share_a_lock_folder(void **state)
{
    (void)state;
    const char *dir = hf_lock_shared_dir();
    struct stat info;
    assert_int_equal(stat(dir, &info), 0);
    assert_true(info.st_mode & S_IWOTH);
    if (geteuid() != 0)
        return;
    pid_t child = fork();
    if (child == 0)
        _exit(setuid(NOBODY) != 0 || strcmp(hf_lock_shared_dir(), dir) != 0 || access(dir, W_OK) != 0);
    int status = 0;
    waitpid(child, &status, 0);
    assert_int_equal(status, 0);
}

int main(void)
{
#define ON_FOLDER(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        ON_FOLDER(a_lock_has_one_owner),
        ON_FOLDER(a_lock_is_released_despite_a_childs_descriptor),
        ON_FOLDER(two_boards_with_one_probe_are_reported),
        ON_FOLDER(lock_files_are_usable_by_all_users),
        ON_FOLDER(a_lock_file_of_root_is_usable),
        ON_FOLDER(lock_files_in_protected_folders_are_usable),
        ON_FOLDER(a_failed_lock_is_class_board),
        ON_FOLDER(a_race_has_one_winner),
        ON_FOLDER(every_spelling_gives_the_same_lock),
        ON_FOLDER(a_moved_port_is_locked_again),
        cmocka_unit_test(file_names_are_portable_and_distinct),
        cmocka_unit_test(all_users_share_a_lock_folder),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
