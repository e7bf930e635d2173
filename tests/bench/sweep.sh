# SPDX-License-Identifier: Apache-2.0
# The sweep of configs/mobilenet_sweep.yaml on one and on two virtual boards: wall time, overhead of the farm, repeatability, and throughput
# beside naive shell loops that program one full image per variation and read lines from the port.
# Both sides have their images at hand: the loop's are built beforehand, hilfarm finds its own in the cache; an empty cache is measured too.
# Wall times are of whole programs, from start to end, and medians of repetitions in turn.
set -eu
repetitions=3
bin=build/release/bin
firmware=build/release/firmware/hilfarm-stm32l4r5zi.bin
work=$(mktemp -d /tmp/hilfarm-bench-XXXXXX)
trap 'rm -rf "$work"' EXIT
db=$work/farm.db
export HILFARM_SOCKET= # no daemon
export HILFARM_CACHE_DIR=$work/cache
ask() { sqlite3 "$db" "$1"; }

for boards in 1 2; do
    echo "boards:" >"$work/farm$boards.yaml"
    for board in $(seq $boards); do
        echo "  - {id: virtual-$board, chip: stm32l4r5zi, virtual: true, baud: 921600}" >>"$work/farm$boards.yaml"
    done
done
sweep() { # BOARDS
    "$bin/hilfarm" run configs/mobilenet_sweep.yaml --farm "$work/farm$1.yaml" --db "$db" >"$work/run.txt" ||
        { cat "$work/run.txt" >&2; exit 1; }
}

naive() { # BOARD VARIATION...: the loop for one board; BOARD is also the CPU for OpenOCD and the board
    local board=$1 name line
    shift
    "$bin/hilfarm-vboard" --chip stm32l4r5zi --socket "$work/$board.sock" --pty-link "$work/$board.pty" --cpu "$board" \
        --flash-time 0 \
        --die-with-parent >"$work/$board.ready" &
    local vboard=$!
    until grep -qs ready "$work/$board.ready"; do sleep 0.05; done
    stty -F "$work/$board.pty" 115200 raw -echo
    for name in "$@"; do
        taskset -c "$board" openocd -c 'adapter driver remote_bitbang; remote_bitbang port 0' \
            -c "remote_bitbang host $work/$board.sock; source [find target/stm32l4x.cfg]" \
            -c 'jtag_ntrst_delay 0; adapter srst delay 0; gdb_port disabled; tcl_port disabled; telnet_port disabled' \
            -c 'rename {adapter speed} {}; proc {adapter speed} {khz} {}' \
            -c "program $work/$name.bin 0x08000000 verify reset exit" >"$work/$board.log" 2>&1
        {
            until [[ ${line:-} == *boot* ]]; do read -r -t 10 line <&3; done
            printf '?input seed=1\n' >&3
            until [[ $line == *' ok '* ]]; do read -r -t 10 line <&3; done # the board loses what comes while it answers
            printf '?run warmup=1 runs=3 layers=1\n' >&3
            until [[ $line == *' output '* ]]; do read -r -t 60 line <&3; done
            read -r -t 10 line <&3
        } 3<>"$work/$board.pty"
    done
    kill "$vboard"
    wait "$vboard" || true
    rm "$work/$board.ready"
}
one_loop() { naive 0 "${names[@]}"; }
two_loops() {
    local half=$(((${#names[@]} + 1) / 2)) first
    naive 0 "${names[@]:0:half}" &
    first=$!
    naive 1 "${names[@]:half}"
    wait "$first"
}

timed() { # NAME COMMAND...: appends its wall time in s to the file NAME
    local name=$1 start
    shift
    start=$(date +%s%N)
    "$@"
    echo $(($(date +%s%N) - start)) | awk '{ printf "%.3f\n", $1 / 1e9 }' >>"$work/$name.s"
}
median() { sort -n "$work/$1.s" | sed -n "$(((repetitions + 1) / 2))p"; }
times_as_fast() { awk -v a="$(median "$1")" -v b="$(median "$2")" 'BEGIN { printf "%.2f", a / b }'; }

sweep 2 # fills the cache and finds what is measured
grep -v '^\[' "$work/run.txt" >&2
mapfile -t names < <(ask "SELECT name FROM results WHERE run_id = 1 AND outcome = 'measured' ORDER BY position")
"$bin/bench_naive_images" "$firmware" "$work" "${names[@]}"
for repetition in $(seq $repetitions); do
    timed loop_1 one_loop
    timed farm_1 sweep 1
    timed loop_2 two_loops
    timed farm_2 sweep 2
    rm -rf "$HILFARM_CACHE_DIR"
    timed farm_cold sweep 2
done

echo "sweep_variations,${#names[@]},,12,higher"
echo "sweep_wall_one_board,$(median farm_1),s,,lower"
echo "sweep_wall,$(median farm_2),s,90,lower"
echo "sweep_wall_empty_cache,$(median farm_cold),s,,lower"
echo "farm_overhead,$(ask "SELECT round(100.0 * sum(duration_ns - flash_ns - reset_ns - run_ns) / sum(duration_ns), 2)
    FROM attempts WHERE succeeded"),% of an attempt,10,lower"
for table in samples layer_times; do
    echo "differing_$table,$(ask "WITH m AS (SELECT run_id, results.position AS variation, t.position, cycles, instructions
        FROM $table AS t JOIN attempts ON attempts.id = attempt_id JOIN results ON results.id = result_id)
        SELECT count(*) FROM m AS a JOIN m AS b USING (variation, position) WHERE a.run_id = 1 AND b.run_id = 2
        AND (a.cycles <> b.cycles OR a.instructions <> b.instructions)"),of $(ask "SELECT count(*) / (SELECT count(*) FROM runs) FROM $table"),0,lower"
done
echo "naive_wall_one_board,$(median loop_1),s,,"
echo "naive_wall_two_boards,$(median loop_2),s,,"
echo "throughput_against_naive_loop,$(times_as_fast loop_1 farm_1),x,1.5,higher"
echo "throughput_against_two_naive_loops,$(times_as_fast loop_2 farm_2),x,1.5,higher"
echo "throughput_with_empty_cache,$(times_as_fast loop_2 farm_cold),x,1.35,higher"
