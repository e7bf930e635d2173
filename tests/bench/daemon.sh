# SPDX-License-Identifier: Apache-2.0
# The daemon at scale, on boards of tests/support/fake_openocd: how many boards are busy, memory, what followers cost, how soon a
# submitted run begins. Every figure is of this host's own work; no board is measured.
set -eu
bin=$PWD/build/release/bin
work=$(mktemp -d /tmp/hilfarm-bench-XXXXXX)
export HILFARM_SOCKET=$work/sock HILFARM_FIRMWARE_DIR=$PWD/build/release/firmware HILFARM_CACHE_DIR=$work/cache
daemon=
cleanup() { [ -z "$daemon" ] || kill "$daemon" 2>/dev/null || true; wait; rm -rf "$work"; }
trap cleanup EXIT

farm() { # COUNT FIRST_PORT
    echo boards:
    for ((i = 0; i < $1; i++)); do
        printf '  - {id: fake-%d, chip: stm32l4r5zi, modelled: true, port: {tcp: "127.0.0.1:%d"},\n' $i $(($2 + i))
        printf '     probe: {interface: interface/stlink.cfg, serial: fake-stm32l4r5zi-%d}}\n' $(($2 + i))
    done
}
spec() { # NAME CLASSES: 20 models for each number of classes from 2
    printf 'name: %s\nmeasure: {warmup: 0, runs: 1, layers: false}\nmodels:\n' "$1"
    printf '  - {family: mobilenetv1, alpha: [0.05, 0.06, 0.07, 0.08, 0.1], resolution: [16, 32], channels: [1, 3], l: 1, ll: 8, pl: 8,\n'
    printf '     classes: [%s]}\n' "$(seq -s, 2 $(($2 + 1)))"
}
start() { # FARM FLASH_MS
    FAKE_FLASH_MS=$2 "$bin/hilfarmd" --farm "$1" --state "$work/state" --openocd "$bin/fake_openocd" >"$work/log" 2>&1 &
    daemon=$!
    until grep -qs "listening on" "$work/log"; do sleep 0.02; done
}
stop() { kill "$daemon"; wait "$daemon" || true; daemon=; rm -rf "$work/state"; }
rss_mb() { awk '/^VmRSS/ { printf "%.1f", $2 / 1024 }' "/proc/$daemon/status"; }
peak_mb() { awk '/^VmHWM/ { printf "%.1f", $2 / 1024 }' "/proc/$daemon/status"; }
now_ms() { echo $(($(date +%s%N) / 1000000)); }
seconds_of() { # RUN: how long it took
    sqlite3 "$work/state/hilfarm.db" "SELECT printf('%.2f', duration_ns / 1e9) FROM runs WHERE name = '$1' ORDER BY id DESC LIMIT 1"
}

# 256 boards, 10,000 variations. An attempt takes 8 s of waiting, so that this host can keep all boards supplied.
farm 256 21000 >"$work/256.yaml"
spec large 500 >"$work/large.yaml"
start "$work/256.yaml" 8000
"$bin/hilfarm" run "$work/large.yaml" --detach >/dev/null 2>&1
for ((i = 0; i < 60; i++)); do
    sleep 1
    curl -s --unix-socket "$HILFARM_SOCKET" http://x/api/v1/boards | grep -o '"state":"busy"' | wc -l
done >"$work/busy"
echo "boards_busy,$(tail -n 20 "$work/busy" | sort -n | sed -n 10p),of 256,250,higher"
echo "daemon_memory_256_boards_10000_variations,$(peak_mb),MB,64,lower"
stop

# What followers cost: the same run alone and followed by 100 clients, in turn. The clients are connections of one program, so
# that they take as little as possible of the processors that the daemon and the boards use too.
rounds=7
farm 8 21300 >"$work/8.yaml"
spec small 10 >"$work/small.yaml"
start "$work/8.yaml" 100
"$bin/hilfarm" run "$work/small.yaml" --quiet # fills the cache
cpu_ms() { awk -v hz="$(getconf CLK_TCK)" '{ sub(/.*\) /, ""); print ($12 + $13) * 1000 / hz }' "/proc/$daemon/stat"; }
measure() { # FOLLOWERS NAME: adds seconds and milliseconds of the daemon's processor time to the file NAME
    local key clients= before
    before=$(cpu_ms)
    key=$("$bin/hilfarm" run "$work/small.yaml" --detach 2>/dev/null)
    if [ "$1" -gt 0 ]; then
        curl -sNZ --parallel-immediate --parallel-max "$1" --unix-socket "$HILFARM_SOCKET" \
            "http://x/api/v1/runs/$key/events#[1-$1]" >"$work/events" 2>/dev/null &
        clients=$!
    fi
    "$bin/hilfarm" attach "$key" --quiet
    [ -z "$clients" ] || wait "$clients"
    echo "$(seconds_of small) $(($(cpu_ms) - before))" >>"$work/$2"
    [ "$1" = 0 ] || [ "$(grep -c '^event: over' "$work/events")" = "$1" ] || { echo "not all followers saw the end" >&2; exit 1; }
}
for ((round = 0; round < rounds; round++)); do
    measure 0 alone
    measure 100 followed
done
column_of() { cut -d' ' -f"$2" "$work/$1" | sort -n; } # NAME COLUMN, sorted
median() { column_of "$1" "$2" | sed -n $((rounds / 2 + 1))p; }
quartile() { column_of "$1" "$2" | sed -n $((rounds * $3 / 4 + 1))p; }
awk -v alone="$(median alone 1)" -v followed="$(median followed 1)" \
    'BEGIN { printf "time_with_100_followers,%.3f,of the time alone,1.05,lower\n", followed / alone }'
awk -v low="$(quartile alone 1 1)" -v high="$(quartile alone 1 3)" -v middle="$(median alone 1)" \
    'BEGIN { printf "time_alone_spread,%.3f,interquartile range of the median,,lower\n", (high - low) / middle }'
awk -v alone="$(median alone 2)" -v followed="$(median followed 2)" \
    'BEGIN { printf "daemon_cpu_with_100_followers,%.3f,of that alone,,lower\n", followed / alone
             printf "daemon_cpu_of_a_follower,%.1f,us per attempt,,lower\n", (followed - alone) * 1000 / 100 / 200 }'

# Submit to first flash, against a run in this process; the models are in the cache in both.
spec tiny 1 >"$work/tiny.yaml"
first_flash() { # COMMAND...: milliseconds until OpenOCD is told to program
    rm -f "$work/commands"
    local start
    start=$(now_ms)
    "$@" >/dev/null 2>&1 &
    until grep -qs 'flash write_image' "$work/commands"; do sleep 0.002; done
    echo $(($(now_ms) - start))
    wait $!
}
stop
export FAKE_LOG=$work/commands
start "$work/8.yaml" 0
local_run=("$bin/hilfarm" run "$work/tiny.yaml" --local --farm "$work/8.yaml" --db "$work/local.db" --openocd "$bin/fake_openocd")
"$bin/hilfarm" run "$work/tiny.yaml" --quiet
"${local_run[@]}" >/dev/null
for ((round = 0; round < 5; round++)); do
    first_flash "$bin/hilfarm" run "$work/tiny.yaml" >>"$work/submitted"
    first_flash "${local_run[@]}" >>"$work/in_process"
done
middle() { sort -n "$1" | sed -n 3p; }
echo "submit_to_first_flash,$(($(middle "$work/submitted") - $(middle "$work/in_process"))),ms more than in-process,100,lower"
unset FAKE_LOG

# Memory after many attempts.
stop
start "$work/8.yaml" 0
spec thousand 50 >"$work/thousand.yaml"
for ((i = 1; i <= 10; i++)); do
    "$bin/hilfarm" run "$work/thousand.yaml" --quiet
    [ "$i" != 1 ] || after_1000=$(rss_mb)
done
awk -v first="$after_1000" -v last="$(rss_mb)" 'BEGIN { printf "memory_after_10000_attempts,%.3f,of that after 1000,1.1,lower\n", last / first }'
before=$("$bin/hilfarm" run "$work/thousand.yaml" --plain | sed -n 's/^\([0-9]*\) of \([0-9]*\) models* w[a-z]* prepared before$/\1 \2/p')
echo "rerun_preparations,$((${before#* } - ${before% *})),of ${before#* },0,lower"
