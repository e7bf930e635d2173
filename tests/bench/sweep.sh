# SPDX-License-Identifier: Apache-2.0
# The sweep of configs/mobilenet_sweep.yaml on two virtual boards: wall time, overhead of the farm and repeatability. For comparison, a
# naive shell loop that programs one full image per variation and reads lines from the port.
set -eu
bin=build/release/bin
firmware=build/release/firmware/hilfarm-stm32l4r5zi.bin
work=$(mktemp -d /tmp/hilfarm-bench-XXXXXX)
trap 'rm -rf "$work"' EXIT
db=$work/farm.db
ask() { sqlite3 "$db" "$1"; }

for run in 1 2; do
    "$bin/hilfarm" run configs/mobilenet_sweep.yaml --db "$db" >"$work/run$run.txt" ||
        { cat "$work/run$run.txt" >&2; exit 1; }
done
grep -v '^\[' "$work/run1.txt" >&2
wall=$(ask "SELECT duration_ns / 1e9 FROM runs WHERE id = 1")
echo "sweep_variations,$(ask "SELECT count(*) FROM results WHERE run_id = 1 AND outcome = 'measured'"),,12,higher"
echo "sweep_wall,$wall,s,90,lower"
echo "farm_overhead,$(ask "SELECT round(100.0 * sum(duration_ns - flash_ns - reset_ns - run_ns) / sum(duration_ns), 2)
    FROM attempts WHERE succeeded"),% of an attempt,10,lower"
for table in samples layer_times; do
    echo "differing_$table,$(ask "WITH m AS (SELECT run_id, results.position AS variation, t.position, cycles, instructions
        FROM $table AS t JOIN attempts ON attempts.id = attempt_id JOIN results ON results.id = result_id)
        SELECT count(*) FROM m AS a JOIN m AS b USING (variation, position) WHERE a.run_id = 1 AND b.run_id = 2
        AND (a.cycles <> b.cycles OR a.instructions <> b.instructions)"),of $(ask "SELECT count(*) / 2 FROM $table"),0,lower"
done

# The images are built beforehand, so that only the work with boards is timed.
mapfile -t names < <(ask "SELECT name FROM results WHERE run_id = 1 AND outcome = 'measured' ORDER BY position")
"$bin/bench_naive_images" "$firmware" "$work" "${names[@]}"

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
}
now() { date +%s%N; }
start=$(now)
naive 0 "${names[@]}"
one_ns=$(($(now) - start))
half=$(((${#names[@]} + 1) / 2))
start=$(now)
naive 0 "${names[@]:0:half}" &
naive 1 "${names[@]:half}"
wait $!
two_ns=$(($(now) - start))
ratio() { awk -v ns="$1" -v wall="$wall" 'BEGIN { printf "%.2f", ns / 1e9 / wall }'; }
echo "naive_wall_one_board,$(awk -v ns="$one_ns" 'BEGIN { printf "%.1f", ns / 1e9 }'),s,,"
echo "naive_wall_two_boards,$(awk -v ns="$two_ns" 'BEGIN { printf "%.1f", ns / 1e9 }'),s,,"
echo "throughput_against_naive_loop,$(ratio "$one_ns"),x,1.5,higher"
echo "throughput_against_two_naive_loops,$(ratio "$two_ns"),x,1.5,higher"
