# SPDX-License-Identifier: Apache-2.0
# 64 agents x 16 boards that only wait, on a nats-server, with a daemon: how busy the boards are, and what the daemon needs. The programs are
# the real ones; an attempt takes as long as flashing and measuring a real board does.
# usage: many_boards.sh BIN AGENTS BOARDS VARIATIONS ATTEMPT_MS     prints rows to stdout, details to stderr
set -eu
bin=$1 agents=$2 boards=$3 variations=$4 attempt_ms=$5
dir=$(mktemp -d /tmp/hf-bench-XXXXXX)
pids=()
trap 'for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || :; done; wait 2>/dev/null || :; rm -rf "$dir"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
export HILFARM_SOCKET=$dir/socket
ulimit -n "$(ulimit -Hn)"

# wait_for SECONDS FILE WORDS: until the file has the words.
wait_for() {
    local end=$((SECONDS + $1))
    until grep -q "$3" "$2" 2>/dev/null; do
        [ $SECONDS -lt $end ] || { tail -n 5 "$dir"/*.log >&2; echo "many_boards.sh: no '$3' in $2" >&2; exit 1; }
        sleep 0.1
    done
}
# ticks PID: of its CPU time so far.
ticks() { sed 's/.*) //' "/proc/$1/stat" | awk '{ print $12 + $13 }'; }

/usr/sbin/nats-server -a 127.0.0.1 -p -1 -js -sd "$dir/nats" >"$dir/nats.log" 2>&1 &
server=$!
pids+=("$server")
wait_for 30 "$dir/nats.log" "Server is ready"
url=nats://127.0.0.1:$(sed -n 's/.*client connections on 127.0.0.1:\([0-9]*\).*/\1/p' "$dir/nats.log")
"$bin/bench_farm_agents" "$url" "$agents" "$boards" "$attempt_ms" "$dir" >"$dir/rows" 2>"$dir/agents.log" &
fakes=$!
pids+=("$fakes")
wait_for 120 "$dir/agents.log" "are ready"
echo "broker: {url: \"$url\"}" >"$dir/farm.yaml"
"$bin/hilfarmd" --farm "$dir/farm.yaml" --state "$dir/daemon" --dashboard none >"$dir/daemon.log" 2>&1 &
daemon=$!
pids+=("$daemon")
wait_for 60 "$dir/daemon.log" "listening on"
end=$((SECONDS + 120))
until [ "$("$bin/hilfarm" boards | grep -c '^lab[0-9]*/b')" -eq $((agents * boards)) ]; do
    [ $SECONDS -lt $end ] || { echo "many_boards.sh: not all boards were announced" >&2; exit 1; }
    sleep 1
done

# Small networks, which are quick to prepare; as many as are wanted.
list() { seq -s, "$1" "$2"; }
cat >"$dir/sweep.yaml" <<SPEC
name: many
models:
  - {family: mobilenetv1, alpha: [0.1, 0.15, 0.2, 0.25], resolution: 32, channels: 1, classes: [$(list 2 $((variations / 80 + 1)))], l: [L], ll: [8, 16], pl: [8, 16, 24, 32, 40]}
boards: {tags: [stm32l4r5zi]}
measure: {warmup: 0, runs: 10, layers: false}
SPEC
idle=$(awk '/^VmRSS/ { printf "%.0f", $2 * 1.024 / 1000 }' "/proc/$daemon/status")
from_ticks=$(ticks "$daemon") from_server=$(ticks "$server") from_fakes=$(ticks "$fakes") from=$(date +%s%N)
runs=()
for l in 1 2; do # a spec has at most 10,000 variations
    sed "s/l: \[L\]/l: [$l]/; s/name: many/name: many$l/" "$dir/sweep.yaml" >"$dir/sweep$l.yaml"
    (cd "$dir" && exec timeout 1800 "$bin/hilfarm" run "$dir/sweep$l.yaml" --plain --quiet) >"$dir/run$l.log" 2>&1 &
    runs+=("$!")
    pids+=("$!")
done
for run in "${runs[@]}"; do
    wait "$run" || { tail -n 20 "$dir"/run*.log >&2; exit 1; }
done
seconds=$(awk -v ns=$(($(date +%s%N) - from)) 'BEGIN { print ns / 1e9 }')
hz=$(getconf CLK_TCK)
core() { awk -v t=$(($(ticks "$1") - $2)) -v hz="$hz" -v s="$seconds" 'BEGIN { printf "%.2f", t / hz / s }'; }
measured=$(sqlite3 -readonly "$dir/daemon/hilfarm.db" "SELECT count(*) FROM results WHERE outcome = 'measured'")
doubled=$(sqlite3 -readonly "$dir/daemon/hilfarm.db" "SELECT count(*) FROM attempts WHERE succeeded" | awk -v m="$measured" '{ print $1 - m }')
cores=$(core "$daemon" "$from_ticks")
memory=$(awk '/^VmHWM/ { printf "%.0f", $2 * 1.024 / 1000 }' "/proc/$daemon/status")
echo "$measured of $variations measured in $seconds s; the daemon had $idle MB before; cores of the server $(core "$server" "$from_server"), of all agents $(core "$fakes" "$from_fakes")" >&2
kill "$fakes"
wait "$fakes" || :
cat "$dir/agents.log" >&2
cat "$dir/rows"
echo "lost_64_agents,$((variations - measured)),variations,0,lower"
echo "doubled_64_agents,$doubled,variations,0,lower"
echo "daemon_cores_64_agents,$cores,cores,1,lower"
echo "daemon_memory_64_agents,$memory,MB,200,lower"
