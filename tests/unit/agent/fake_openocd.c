/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Stands in for OpenOCD where a test needs it to misbehave, or to count what is asked of it: Tcl RPC, a flash
 * of 2 MB in a file ($FAKE_FLASH) with 4 KB units, and a mischief chosen by $FAKE_MISCHIEF. What it writes is
 * logged: "wrote ADDRESS BYTES".
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <fcntl.h>

#define FLASH_BASE  0x08000000u
#define FLASH_BYTES ((size_t)2048 * 1024)
#define UNIT_BYTES  4096u

static uint8_t *flash;
static const char *mischief = "";

static int is(const char *what)
{
    return strcmp(mischief, what) == 0;
}

static int reply(int fd, int code, const char *text)
{
    char bytes[256];
    int size = snprintf(bytes, sizeof bytes, "%d %s\x1a", code, text);
    return write(fd, bytes, (size_t)size) == size;
}

/* The file and the flash offset of a command `... PATH ADDRESS bin`. */
static size_t load(const char *command, uint8_t **bytes, uint32_t *offset)
{
    char path[256];
    const char *start = strchr(command, '"');
    const char *end = start ? strchr(start + 1, '"') : NULL;
    if (!end || end - start >= (long)sizeof path)
        abort();
    snprintf(path, sizeof path, "%.*s", (int)(end - start - 1), start + 1);
    *offset = (uint32_t)strtoul(end + 1, NULL, 16) - FLASH_BASE;
    FILE *file = fopen(path, "rb");
    if (!file)
        abort();
    *bytes = malloc(FLASH_BYTES);
    size_t size = fread(*bytes, 1, FLASH_BYTES, file);
    fclose(file);
    if (*offset + size > FLASH_BYTES)
        abort();
    return size;
}

static int write_image(int fd, const char *command)
{
    uint8_t *bytes;
    uint32_t offset;
    if (is("die-on-write"))
        raise(SIGKILL);
    if (is("hang-on-write"))
        pause();
    if (is("refuse-write")) {
        fprintf(stderr, "Error: stm32l4x flash is protected\n");
        return reply(fd, 1, "");
    }
    size_t size = load(command, &bytes, &offset);
    uint32_t start = offset / UNIT_BYTES * UNIT_BYTES;
    uint32_t end = (offset + (uint32_t)size + UNIT_BYTES - 1) / UNIT_BYTES * UNIT_BYTES;
    memset(flash + start, 0xff, end - start);
    memcpy(flash + offset, bytes, size);
    if (is("worn-out"))
        flash[offset + size / 2] ^= 1;
    fprintf(stderr, "wrote %08x %zu\n", offset + FLASH_BASE, size);
    free(bytes);
    return reply(fd, 0, "");
}

static int verify_image(int fd, const char *command)
{
    uint8_t *bytes;
    uint32_t offset;
    size_t size = load(command, &bytes, &offset);
    int same = memcmp(flash + offset, bytes, size) == 0;
    free(bytes);
    if (same)
        return reply(fd, 0, "");
    fprintf(stderr, "Error: checksum mismatch\n");
    return reply(fd, 1, "");
}

/* RAM at 0x20000000 holds three words, elsewhere two, and nothing answers at 0x30000000. */
static int read_memory(int fd, const char *request)
{
    if (strstr(request, "0x20000000"))
        return reply(fd, 0, "0x1 0x80000000 0xffffffff");
    if (strstr(request, "0x10000000"))
        return reply(fd, 0, "0x1 0x2");
    fprintf(stderr, "Error: Failed to read memory at 0x30000000\n");
    return reply(fd, 1, "read_memory: failed to read memory");
}

static int answer(int fd, const char *request)
{
    if (strstr(request, "was_examined"))
        return reply(fd, 0, is("no-target") ? "0" : "1");
    if (strstr(request, "write_image"))
        return write_image(fd, request);
    if (strstr(request, "verify_image_checksum"))
        return verify_image(fd, request);
    if (strncmp(request, "read_memory", 11) == 0)
        return read_memory(fd, request);
    if (strstr(request, "nonsense")) {
        fprintf(stderr, "Error: what?\n");
        return reply(fd, 1, "invalid command name \"nonsense\"");
    }
    if (strstr(request, "bad reply"))
        return write(fd, "hello\x1a", 6) == 6;
    if (strstr(request, "environment"))
        return reply(fd, 0, getenv("FAKE_TEXT") ? getenv("FAKE_TEXT") : "");
    return reply(fd, 0, "");
}

/* What was asked, with the quoting of hf_rpc_eval() undone as far as this program cares. */
static void unquote(char *text)
{
    char *to = text;
    for (; *text; text++) {
        if (*text == '\\' && text[1])
            text++;
        *to++ = *text;
    }
    *to = '\0';
}

static void serve(int fd)
{
    static char request[65536];
    size_t used = 0;
    for (;;) {
        ssize_t got = read(fd, request + used, sizeof request - 1 - used);
        if (got <= 0)
            return;
        used += (size_t)got;
        if (request[used - 1] != '\x1a')
            continue;
        request[used - 1] = '\0';
        const char *script = strstr(request, "{eval \"");
        if (!script)
            abort();
        unquote(request + (script - request) + 7);
        if (!answer(fd, script + 7))
            return;
        used = 0;
    }
}

int main(void)
{
    const char *wanted = getenv("FAKE_MISCHIEF");
    mischief = wanted ? wanted : "";
    if (is("not-openocd")) {
        fputs(getenv("FAKE_TEXT"), stdout);
        return 3;
    }
    printf("Open On-Chip Debugger 9.9.9 (a stand-in)\n");
    if (is("say")) { /* output that the test asks for */
        fputs(getenv("FAKE_TEXT"), stderr);
        return 1;
    }
    printf("hilfarm: scripts read\n");
    if (is("fail-init")) {
        fprintf(stderr, "Error: something is wrong\nError: and more of it\n");
        return 1;
    }
    if (is("say-configured")) {
        fputs(getenv("FAKE_TEXT"), stderr);
        return 1;
    }
    if (is("open-failed")) {
        fprintf(stderr, "Info : clock speed 500 kHz\nError: open failed\n\n");
        return 1;
    }
    if (is("hang-at-start")) {
        fflush(stdout);
        signal(SIGTERM, SIG_IGN);
        for (;;)
            pause();
    }
    const char *flash_path = getenv("FAKE_FLASH");
    int file = flash_path ? open(flash_path, O_RDWR) : -1;
    flash = mmap(NULL, FLASH_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    if (flash == MAP_FAILED || bind(listener, (struct sockaddr *)&address, size) != 0 ||
        listen(listener, 1) != 0 || getsockname(listener, (struct sockaddr *)&address, &size) != 0)
        return 2;
    fprintf(stderr, "Info : Listening on port %u for tcl connections\n", (unsigned)ntohs(address.sin_port));
    fflush(stdout);
    serve(accept(listener, NULL, NULL));
    return 0;
}
