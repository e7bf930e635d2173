#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The demo of a farm of several hosts, small: two hosts, two boards, three variations; one host is cut off and comes back.
# usage: farm_demo.sh SOURCE BIN; 77 = skipped
set -eu -o pipefail
skip() { echo "skipped: $*"; exit 77; }

[ -x /usr/sbin/nats-server ] || skip "nats-server is not installed"
for program in ip unshare sqlite3; do
    PATH=$PATH:/usr/sbin:/sbin command -v "$program" >/dev/null || skip "$program is not installed"
done
user=()
[ "$(id -u)" -eq 0 ] || user=(--map-root-user)
PATH=$PATH:/usr/sbin:/sbin unshare "${user[@]}" --net --mount --pid --fork --kill-child --mount-proc \
    sh -c 'ip link add farm type bridge && mount -t tmpfs tmpfs /run && ip netns add lab1' >/dev/null 2>&1 ||
    skip "network namespaces and bridges cannot be made here"

dir=$(mktemp -d /tmp/hf-demo-test-XXXXXX)
trap 'rm -rf "$dir"' EXIT
cat >"$dir/sweep.yaml" <<SPEC
name: demo_test
models:
  - {family: mobilenetv1, alpha: [0.2, 0.25, 0.3], resolution: 96, channels: 1, classes: 2, l: 1, ll: 32, pl: 32}
boards: {tags: [stm32l4r5zi]}
measure: {warmup: 0, runs: 5}
SPEC
capture=()
if [ -x /usr/bin/tcpdump ]; then
    capture=(--capture "$dir/traffic.pcap")
fi
"$1/scripts/farm-demo.sh" --bin "$2" --boards 1,1 --cut 3 "${capture[@]}" "$dir/sweep.yaml" | tee "$dir/log"
grep -q '^variations 3, measured 3, lost 0, doubled 0,' "$dir/log"
grep -q '^lab2 is connected again' "$dir/log"
