/* SPDX-License-Identifier: Apache-2.0 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "two_boards.h"

/*
 * How often a number of the wrong board is accepted: pairs of boards with swapped serial lines and the same
 * contents, the other board in a state that the seed decides, or being measured at the same time by the same
 * mistake. Stock OpenOCD, virtual boards, the path of a real board. Every so often an attempt on the right
 * line shows that the boards can be measured at all. Prints `metric,value,unit,goal,better` rows.
 */

#define MODEL         "mobilenetv1_0.1_32_c1_o2"
#define SEEDS         200u
#define CONTROL_EVERY 10u
#define BOOT_MS       800u /* on a wrong line: half for `boot`, half for `hello` */
#define RUNS          2u

typedef enum outcome { ACCEPTED, REFUSED_SERIAL, REFUSED_BOARD, REFUSED_OTHERWISE, OUTCOME_COUNT } outcome;

/* What the other board does, by seed: one of the states, or the same as ours at the same time. */
#define OTHER_ALIKE OTHER_STATE_COUNT
#define SITUATIONS  (OTHER_STATE_COUNT + 1)

typedef struct pair {
    const char *bin_dir, *firmware_dir, *chip;
    uint32_t first_seed; /* then every second one */
    two_boards boards;
    uint32_t outcomes[SITUATIONS][OUTCOME_COUNT];
    uint32_t controls, controls_refused;
    bool broken;
    pthread_t thread;
} pair;

typedef struct one_attempt {
    two_boards *boards;
    int which;
    outcome outcome;
} one_attempt;

static uint32_t next(uint32_t *state)
{
    *state = *state * 1664525u + 1013904223u;
    return *state >> 16;
}

static void *attempt_swapped(void *user)
{
    one_attempt *self = user;
    hf_attempt_result result;
    hf_error err = {0};
    hf_status status = two_boards_attempt(self->boards, self->which, true, RUNS, &result, &err);
    hf_attempt_result_free(&result);
    self->outcome = status == HF_OK                ? ACCEPTED
                    : err.fault == HF_FAULT_SERIAL ? REFUSED_SERIAL
                    : err.fault == HF_FAULT_BOARD  ? REFUSED_BOARD
                                                   : REFUSED_OTHERWISE;
    if (self->outcome == ACCEPTED || self->outcome == REFUSED_OTHERWISE)
        fprintf(stderr, "board %d: %s\n%s\n", self->which, status == HF_OK ? "accepted" : err.message,
                self->boards->said[self->which]);
    return NULL;
}

static bool attempt_both(pair *self)
{
    one_attempt attempts[2] = {{&self->boards, 0, ACCEPTED}, {&self->boards, 1, ACCEPTED}};
    pthread_t other;
    if (pthread_create(&other, NULL, attempt_swapped, &attempts[1]) != 0)
        return false;
    attempt_swapped(&attempts[0]);
    pthread_join(other, NULL);
    /* Each seed counts once, with the worse of the two results. */
    self->outcomes[OTHER_ALIKE][attempts[attempts[1].outcome == ACCEPTED].outcome]++;
    return true;
}

static bool attempt_one(pair *self, int which, other_state state)
{
    if (!two_boards_bring(&self->boards, !which, state))
        return false;
    one_attempt attempt = {&self->boards, which, ACCEPTED};
    attempt_swapped(&attempt);
    self->outcomes[state][attempt.outcome]++;
    return true;
}

static void control(pair *self, int which)
{
    hf_attempt_result result;
    hf_error err = {0};
    self->controls++;
    if (two_boards_attempt(&self->boards, which, false, RUNS, &result, &err) != HF_OK) {
        self->controls_refused++;
        fprintf(stderr, "%s\n%s\n", err.message, self->boards.said[which]);
    }
    hf_attempt_result_free(&result);
}

static void *go_through_seeds(void *user)
{
    pair *self = user;
    self->broken = !two_boards_start(&self->boards, self->bin_dir, self->firmware_dir, self->chip, MODEL);
    self->boards.deadlines.boot_ms = BOOT_MS;
    for (uint32_t seed = self->first_seed; !self->broken && seed <= SEEDS; seed += 2) {
        uint32_t random = seed;
        int which = (int)(next(&random) & 1);
        uint32_t situation = next(&random) % SITUATIONS;
        self->broken = situation == OTHER_ALIKE ? !attempt_both(self)
                                                : !attempt_one(self, which, (other_state)situation);
        if (!self->broken && seed % CONTROL_EVERY < 2)
            control(self, which);
    }
    two_boards_stop(&self->boards);
    return NULL;
}

static void explain(const pair pairs[2])
{
    for (int i = 0; i < 2; i++)
        for (uint32_t j = 0; j < SITUATIONS; j++) {
            const uint32_t *count = pairs[i].outcomes[j];
            fprintf(stderr,
                    "%s, other board %-26s accepted %u, refused as serial %u, as board %u, otherwise %u\n",
                    pairs[i].chip, j == OTHER_ALIKE ? "measured at the same time:" : other_state_names[j],
                    count[ACCEPTED], count[REFUSED_SERIAL], count[REFUSED_BOARD], count[REFUSED_OTHERWISE]);
        }
}

int main(int argc, char **argv)
{
    if (argc != 3) {
        fprintf(stderr, "usage: %s BIN_DIR FIRMWARE_DIR\n", argv[0]);
        return 2;
    }
    static pair pairs[2];
    for (uint32_t i = 0; i < 2; i++) {
        pairs[i] = (pair){.bin_dir = argv[1],
                          .firmware_dir = argv[2],
                          .chip = i ? "stm32f767zi" : "stm32l4r5zi",
                          .first_seed = i + 1};
        if (pthread_create(&pairs[i].thread, NULL, go_through_seeds, &pairs[i]) != 0)
            return 3;
    }
    uint32_t accepted = 0, tried = 0, otherwise = 0;
    for (uint32_t i = 0; i < 2; i++) {
        pthread_join(pairs[i].thread, NULL);
        for (uint32_t j = 0; j < SITUATIONS; j++)
            for (uint32_t k = 0; k < OUTCOME_COUNT; k++) {
                tried += pairs[i].outcomes[j][k];
                accepted += k == ACCEPTED ? pairs[i].outcomes[j][k] : 0;
                otherwise += k == REFUSED_OTHERWISE ? pairs[i].outcomes[j][k] : 0;
            }
    }
    explain(pairs);
    printf("wrong_board_accepted,%u,of %u,0,lower\n", accepted, tried);
    printf("right_board_refused,%u,of %u,0,lower\n", pairs[0].controls_refused + pairs[1].controls_refused,
           pairs[0].controls + pairs[1].controls);
    return pairs[0].broken || pairs[1].broken || tried != SEEDS || otherwise ? 1 : 0;
}
