# SPDX-License-Identifier: Apache-2.0
# The scheduler with many boards, runs and owners, in simulated time, and whether eight virtual boards keep this host's
# processors busy, as rows of metric,value,unit,goal,better.
set -eu
build/release/bin/bench_schedule

# The whole sweep, with OpenOCD and the boards: processor time of all its processes by the time that it took. The models are in the
# cache, so that boards and not preparations are at work. Other work on this host makes the figure smaller; its share is told.
bin=$PWD/build/release/bin
work=$(mktemp -d /tmp/hilfarm-bench-XXXXXX)
trap 'rm -rf "$work"' EXIT
export HILFARM_CACHE_DIR=$work/cache HILFARM_FIRMWARE_DIR=$PWD/build/release/firmware
{
    echo boards:
    for ((i = 1; i <= 8; i++)); do printf '  - {id: virtual-%d, chip: stm32l4r5zi, virtual: true}\n' $i; done
} >"$work/8.yaml"
sweep=("$bin/hilfarm" run configs/mobilenet_sweep.yaml --local --farm "$work/8.yaml" --db "$work/farm.db" --quiet)
"${sweep[@]}" # fills the cache
busy_ticks() { awk '/^cpu / { print $2 + $3 + $4 + $7 + $8 }' /proc/stat; }
TIMEFORMAT='%R %U %S'
before=$(busy_ticks)
times=$({ time "${sweep[@]}" >&2; } 2>&1)
all=$(($(busy_ticks) - before))
echo "$times" | awk -v all="$all" -v hz="$(getconf CLK_TCK)" -v cores="$(nproc)" '{
    printf "processors_busy_8_virtual_boards,%.2f,of %d,%.1f,higher\n", ($2 + $3) / $1, cores, 0.9 * cores
    printf "processors_busy_with_other_work,%.2f,of %d,,\n", all / hz / $1, cores }'
