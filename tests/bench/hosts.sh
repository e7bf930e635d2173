# SPDX-License-Identifier: Apache-2.0
# Boards on many hosts: seeded schedules of faults in simulated time, what an attempt over nats-server costs, many boards, and a slow link.
set -eu
bin=build/release/bin
"$bin/bench_host_schedules" 500
if [ ! -x /usr/sbin/nats-server ]; then
    echo "nats-server is not installed: nothing is measured over it" >&2
    exit
fi
"$bin/bench_remote_attempt" "$bin" build/release/firmware
# 10 s: to flash 200 KB over a probe, and to measure.
bash tests/bench/hosts/many_boards.sh "$PWD/$bin" 64 16 20000 10000
# A sweep over boards of one host on a slow link.
log=$(mktemp)
trap 'rm -f "$log"' EXIT
status=0
scripts/farm-demo.sh --bin "$bin" --boards 1 --cut 0 --link "netem delay 200ms rate 1mbit loss 2%" configs/quick.yaml >"$log" 2>&1 || status=$?
grep '^the link of\|^variations' "$log" >&2 || tail -n 5 "$log" >&2
[ $status -eq 0 ] && sed -n "s/^variations \([0-9]*\), measured \([0-9]*\), lost \([0-9]*\),.* \([0-9]*\) s$/slow_link_lost,\3,variations,0,lower\nslow_link_sweep,\4,s,,lower/p" "$log"
