/* SPDX-License-Identifier: Apache-2.0 */
/* The scheduler in simulated time: makespan, shares, cost per event, faults. Prints metric,value,unit,goal,better;
 * assumptions and absolute figures go to stderr. Nothing here is measured on boards. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "fault_schedules.h"
#include "simulation.h"

#define MAX_BOARDS 1000
#define MAX_RUNS   101
#define REPLAYS    5

static sim_board boards[MAX_BOARDS];
static sim_run runs[MAX_RUNS];

static void row(const char *metric, double value, const char *unit, const char *goal, const char *better)
{
    printf("%s,%.4g,%s,%s,%s\n", metric, value, unit, goal, better);
}

static void no_memory(void)
{
    fprintf(stderr, "bench_schedule: no memory\n");
    exit(1);
}

/* `slow` boards of chip 1, the rest of chip 0; attempts of 5 s, opening 0.3 s, preparing 20 ms on 16 threads. */
static sim_options farm(uint32_t board_count, uint32_t slow, uint32_t run_count)
{
    for (uint32_t i = 0; i < board_count; i++)
        boards[i] = (sim_board){.chip = i < slow, .attempt_ns = 5 * SIM_S};
    return (sim_options){.boards = boards,
                         .board_count = board_count,
                         .runs = runs,
                         .run_count = run_count,
                         .open_ns = 300 * SIM_MS,
                         .close_ns = 100 * SIM_MS,
                         .prepare_ns = 20 * SIM_MS,
                         .prepare_workers = 16,
                         .spread_percent = 30,
                         .policy = {.prepare_ahead = board_count, .open_limit = 64}};
}

static void execute(const sim_options *options, sim_result *result)
{
    if (!sim_execute(options, result))
        no_memory();
    if (result->illegal || result->wrong || result->lost || result->doubled || result->never_ended) {
        fprintf(stderr,
                "bench_schedule: %" PRIu64 " illegal actions, %" PRIu64 " wrong, %" PRIu64 " lost, %" PRIu64
                " doubled, %" PRIu64 " never ended\n",
                result->illegal, result->wrong, result->lost, result->doubled, result->never_ended);
        exit(1);
    }
}

/* How close 100 runs on 1,000 boards come to the ideal, and how many of them starve. */
static void makespan(const char *what, const char *metric, const char *starved_metric)
{
    const sim_options options = farm(1000, 0, 100);
    sim_result result;
    execute(&options, &result);
    const double ideal_ns = (double)sim_ideal_ns(&options, 0, 100000, 64);
    fprintf(stderr, "%s: %.1f s, ideal %.1f s\n", what, (double)result.chip_end_ns[0] / (double)SIM_S,
            ideal_ns / (double)SIM_S);
    row(metric, (double)result.chip_end_ns[0] / ideal_ns, "of ideal", "1.05", "lower");
    /* A run starves if it starts nothing for longer than two of the longest attempts, while its jobs wait. */
    const uint64_t longest_ns = 13 * SIM_S;
    uint32_t starved = 0;
    uint64_t gap_ns = 0;
    for (uint32_t i = 0; i < 100; i++) {
        starved += result.runs[i].longest_gap_ns > longest_ns || result.runs[i].first_start_ns > longest_ns;
        gap_ns = result.runs[i].longest_gap_ns > gap_ns ? result.runs[i].longest_gap_ns : gap_ns;
    }
    fprintf(stderr, "longest time in which a run started nothing: %.2f s\n", (double)gap_ns / (double)SIM_S);
    row(starved_metric, starved, "runs", "0", "lower");
    sim_result_free(&result);
}

/* 1,000 boards, 100 runs of 1,000 variations by 10 owners, and a small run by another owner in the middle. */
static void many_runs(void)
{
    const uint32_t owners = 10, small = 100;
    for (uint32_t i = 0; i < 100; i++)
        runs[i] = (sim_run){.owner = i % owners, .variations = 1000, .chips = 1};
    makespan("100 runs on 1,000 boards", "makespan_100_runs", "starved_runs");
    for (uint32_t i = 0; i < 100; i += 2) {
        runs[i].board_from = 10 * i;
        runs[i].board_count = 500;
    }
    makespan("50 of them on 500 boards each", "makespan_50_sets", "starved_runs_50_sets");
    for (uint32_t i = 0; i < 100; i += 2)
        runs[i].board_count = 0;

    sim_result result;
    runs[100] = (sim_run){.submit_ns = 100 * SIM_S, .owner = 99, .variations = small, .chips = 1};
    const sim_options with = farm(1000, 0, 101);
    execute(&with, &result);
    const double took_ns = (double)(result.runs[100].last_final_ns - runs[100].submit_ns);
    /* Its jobs on its share of the boards; the last of them may be one of the longest attempts. */
    const double share_ns =
        (double)small / (1000.0 / (owners + 1)) * 5 * (double)SIM_S + 1.3 * 5 * (double)SIM_S;
    fprintf(stderr, "small run submitted last: %.1f s, its share allows %.1f s\n", took_ns / (double)SIM_S,
            share_ns / (double)SIM_S);
    row("small_run_submitted_last", took_ns / share_ns, "of its share's time", "1", "lower");
    sim_result_free(&result);
}

/* 5,000 variations on 990 boards of one chip and 10 of another. */
static void two_chips(void)
{
    runs[0] = (sim_run){.variations = 5000, .chips = 3};
    sim_options options = farm(1000, 10, 1);
    options.spread_percent = 0; /* the ideal is exact */
    sim_result result;
    execute(&options, &result);
    static const char *const metrics[] = {"two_chips_fast", "two_chips_slow"};
    for (uint32_t chip = 0; chip < 2; chip++) {
        const double ideal_ns = (double)sim_ideal_ns(&options, chip, 5000, 64);
        fprintf(stderr, "chip %u: %.1f s, ideal %.1f s\n", chip,
                (double)result.chip_end_ns[chip] / (double)SIM_S, ideal_ns / (double)SIM_S);
        row(metrics[chip], (double)result.chip_end_ns[chip] / ideal_ns, "of ideal", "1.05", "lower");
    }
    fprintf(stderr, "%" PRIu64 " preparations, %u held at most\n", result.preparations, result.most_held);
    sim_result_free(&result);
}

static void all_busy(void)
{
    runs[0] = (sim_run){.variations = 20000, .chips = 1};
    const sim_options options = farm(256, 0, 1);
    sim_result result;
    execute(&options, &result);
    row("busy_boards_of_256", result.mean_busy, "boards", "250", "higher");
    sim_result_free(&result);
}

static double cpu_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

/* Time per event of a logged run of `jobs` jobs, repeated so that every measurement is about as long. */
static double replay_ns(const sim_options *options, const sim_result *result, uint32_t repeat)
{
    const double from_ns = cpu_ns();
    for (uint32_t i = 0; i < repeat; i++)
        if (!sim_replay(options, result))
            no_memory();
    return (cpu_ns() - from_ns) / repeat / (double)result->events;
}

/* How much more an event costs in the larger of two farms. The two are replayed in turns, and the least of each
 * counts: what else the machine does touches both alike. */
static double growth(sim_options options[2], const uint32_t repeats[2], double least_ns[2])
{
    sim_result results[2];
    for (uint32_t i = 0; i < 2; i++) {
        options[i].log = true;
        execute(&options[i], &results[i]);
        least_ns[i] = 1e18;
    }
    for (uint32_t k = 0; k < 2 * REPLAYS; k++) {
        const double ns = replay_ns(&options[k % 2], &results[k % 2], repeats[k % 2]);
        least_ns[k % 2] = ns < least_ns[k % 2] ? ns : least_ns[k % 2];
    }
    sim_result_free(&results[0]);
    sim_result_free(&results[1]);
    return least_ns[1] / least_ns[0];
}

static void cost_per_event(void)
{
    static sim_run one[2], hundred[2][100];
    sim_options options[2];
    double ns[2];
    for (uint32_t i = 0; i < 2; i++) {
        one[i] = (sim_run){.variations = i ? 100000 : 1000, .chips = 1};
        options[i] = farm(64, 0, 1);
        options[i].runs = &one[i];
    }
    const double jobs = growth(options, (const uint32_t[]){100, 1}, ns);
    row("scheduler_ns_per_event", ns[0], "ns at 1000 jobs", "", "lower");
    row("scheduler_ns_per_event_100000", ns[1], "ns at 100000 jobs", "", "lower");
    row("scheduler_cost_growth", jobs, "of that at 1000 jobs", "1.5", "lower");
    /* 1,000 boards and 100 runs, of 100 and of 1,000 variations: most events are of attempts in both. */
    for (uint32_t i = 0; i < 2; i++) {
        for (uint32_t k = 0; k < 100; k++)
            hundred[i][k] = (sim_run){.owner = k % 10, .variations = i ? 1000 : 100, .chips = 1};
        options[i] = farm(1000, 0, 100);
        options[i].runs = hundred[i];
    }
    const double runs_growth = growth(options, (const uint32_t[]){10, 1}, ns);
    fprintf(stderr, "100 runs on 1,000 boards: %.0f ns per event at 10,000 jobs, %.0f ns at 100,000\n", ns[0],
            ns[1]);
    row("scheduler_cost_growth_100_runs", runs_growth, "of that at 10000 jobs", "1.5", "lower");
    /* The same, and every second run has its own set of 500 boards. */
    for (uint32_t i = 0; i < 2; i++)
        for (uint32_t k = 0; k < 100; k += 2) {
            hundred[i][k].board_from = 10 * k;
            hundred[i][k].board_count = 500;
        }
    const double sets_growth = growth(options, (const uint32_t[]){10, 1}, ns);
    fprintf(stderr, "50 of them on 500 boards each: %.0f ns per event at 10,000 jobs, %.0f ns at 100,000\n",
            ns[0], ns[1]);
    row("scheduler_ns_per_event_50_sets", ns[1], "ns at 100000 jobs", "", "lower");
    row("scheduler_cost_growth_50_sets", sets_growth, "of that at 10000 jobs", "1.5", "lower");
}

static void faults(void)
{
    fault_counts counts = {0};
    for (uint64_t seed = 0; seed < 1000; seed++)
        if (!fault_schedule(seed, &counts))
            no_memory();
    fprintf(stderr,
            "1,000 fault schedules: %" PRIu64 " done, %" PRIu64 " failed, %" PRIu64 " not run, %" PRIu64
            " excluded, %" PRIu64 " checks, %" PRIu64 " restarts\n",
            counts.done, counts.failed, counts.not_run, counts.excluded, counts.checks, counts.restarts);
    row("wrong_results", (double)counts.wrong, "of 1000 schedules", "0", "lower");
    row("lost", (double)counts.lost, "of 1000 schedules", "0", "lower");
    row("doubled", (double)counts.doubled, "of 1000 schedules", "0", "lower");
    row("never_ended", (double)counts.never_ended, "of 1000 schedules", "0", "lower");
    row("illegal_actions", (double)counts.illegal, "of 1000 schedules", "0", "lower");
}

int main(void)
{
    many_runs();
    two_chips();
    all_busy();
    cost_per_event();
    faults();
    return 0;
}
