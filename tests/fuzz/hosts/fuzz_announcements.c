/* SPDX-License-Identifier: Apache-2.0 */
/* Lets hosts announce what they like, one after the other, as over a server that lets them publish under any name, and adds their
 * boards to a farm. An announcement in the input: a byte that chooses the subject, two with the size, the bytes. Used by libFuzzer, and
 * by replay_corpus.c as an ordinary test. */
#include "replay_corpus.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hosts/farm_hosts.h"
#include "hosts_state.h"

#define CHECK(condition)                                                                                     \
    do {                                                                                                     \
        if (!(condition))                                                                                    \
            abort();                                                                                         \
    } while (0)

#define ANNOUNCEMENTS 64

/* Printable ASCII. */
static void check_text(const char *text)
{
    for (; *text; text++)
        CHECK(*text >= ' ' && *text <= '~');
}

static void check_farm(const hf_farm *farm)
{
    uint32_t of_first = 0;
    for (uint32_t i = 0; i < farm->board_count; i++)
        of_first += strcmp(farm->boards[i].host, "lab1") == 0;
    CHECK(of_first <= HF_HOST_MAX_BOARDS);
    for (uint32_t i = 0; i < farm->board_count; i++) {
        const hf_farm_board *board = &farm->boards[i];
        const char *slash = strchr(board->config.id, '/');
        CHECK(slash && board->chip);
        CHECK((size_t)(slash - board->config.id) == strlen(board->host));
        CHECK(strncmp(board->config.id, board->host, strlen(board->host)) == 0);
        CHECK(strcmp(slash + 1, board->remote_id) == 0 && !strchr(slash + 1, '/'));
        check_text(board->config.id);
        for (uint32_t k = 0; k < i; k++)
            CHECK(strcmp(farm->boards[k].config.id, board->config.id) != 0);
    }
}

static void announce(hf_hosts *hosts, uint8_t which, const uint8_t *bytes, size_t size)
{
    static const char *const names[] = {"lab1", "lab2", "lab3", "a/b", "", "x y", "<img src=x onerror=1>",
                                        "-"};
    char subject[64];
    snprintf(subject, sizeof subject, "hf.v1.announce.%s", names[which % (sizeof names / sizeof names[0])]);
    hf_hosts_on_announce(hosts, subject, bytes, size, NULL);
}

static void play(hf_hosts *hosts, hf_farm *farm, const uint8_t *bytes, size_t size)
{
    uint32_t added = 0;
    for (unsigned i = 0; i < ANNOUNCEMENTS && size > 3; i++) {
        const size_t wanted = bytes[1] | (size_t)bytes[2] << 8, left = size - 3;
        const size_t length = wanted < left ? wanted : left;
        announce(hosts, bytes[0], bytes + 3, length);
        const bool new = hf_farm_hosts_has_new(hosts, farm);
        const uint32_t before = farm->board_count;
        CHECK(hf_farm_hosts_add(hosts, farm, &added, NULL) == HF_OK);
        CHECK(new == (added > 0) && farm->board_count == before + added);
        CHECK(!hf_farm_hosts_has_new(hosts, farm));
        bytes += 3 + length;
        size -= 3 + length;
    }
    check_farm(farm);
    for (uint32_t i = 0; i < hosts->known_count; i++) {
        check_text(hosts->known[i].state.name);
        check_text(hosts->known[i].state.problem);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static const char text[] = "broker: {url: 'nats://127.0.0.1'}\nhosts: [lab1, lab2]\n";
    hf_hosts *hosts = calloc(1, sizeof *hosts);
    hf_farm *farm = NULL;
    hf_diagnostics *diagnostics = hf_diagnostics_new();
    if (hosts && diagnostics &&
        hf_farm_parse("farm", text, sizeof text - 1, &farm, diagnostics, NULL) == HF_OK) {
        pthread_mutex_init(&hosts->mutex, NULL);
        pthread_cond_init(&hosts->wake, NULL);
        play(hosts, farm, bytes, size);
        hf_hosts_forget(hosts);
        pthread_cond_destroy(&hosts->wake);
        pthread_mutex_destroy(&hosts->mutex);
    }
    hf_farm_free(farm);
    hf_diagnostics_free(diagnostics);
    free(hosts);
    return 0;
}
