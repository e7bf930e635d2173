#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The units of the daemon, of a host's agent and of the NATS server are what systemd expects, expose little, and have what their programs
# need.
# usage: units.sh BUILD_FOLDER
set -euo pipefail
command -v systemd-analyze >/dev/null || { echo "SKIPPED: systemd-analyze is not installed"; exit 77; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
fail() { echo "$*"; exit 1; }

# place UNIT FILE INSTALLED HERE: the programs are not installed; the unit names those of the build.
place() {
    sed "s|^ExecStart=[^ ]*/$3 |ExecStart=$4 |" "$2" >"$work/$1"
    grep -q "^ExecStart=$4 " "$work/$1" || fail "$1 does not start $3"
}
place hilfarmd.service "$1/packaging/hilfarmd.service" hilfarmd "$1/bin/hilfarmd"
place hilfarm-agent.service "$1/packaging/hilfarm-agent.service" hilfarm-agent "$1/bin/hilfarm-agent"
place hilfarm-broker.service packaging/systemd/hilfarm-broker.service nats-server /bin/true
cp packaging/systemd/hilfarmd.socket "$work"

for unit in hilfarmd.service hilfarmd.socket hilfarm-agent.service hilfarm-broker.service; do
    output=$(SYSTEMD_UNIT_PATH="$work:" systemd-analyze verify --man=no "$work/$unit" 2>&1) || fail "$unit: $output"
    [ -z "$output" ] || fail "$unit: $output"
done
for unit in hilfarmd hilfarm-agent hilfarm-broker; do
    exposure=$(systemd-analyze security --offline=true --threshold=30 "$work/$unit.service" 2>&1 | tail -1) || fail "too exposed: $exposure"
    echo "$exposure"
done

# What boards need: their devices, a folder that outlives restarts, one for firmware, and the lock folders shared with other users.
for unit in hilfarmd hilfarm-agent; do
    for line in "DeviceAllow=char-ttyACM rw" "DeviceAllow=char-ttyUSB rw" "DeviceAllow=char-usb_device rw" "DeviceAllow=char-hidraw rw" \
        "SupplementaryGroups=dialout plugdev" "StateDirectory=hilfarm" "CacheDirectory=hilfarm" "ReadWritePaths=/tmp -/run/lock"; do
        grep -qxF "$line" "$work/$unit.service" || fail "$unit.service lacks $line"
    done
done
# The server reads what `hilfarm agent init` writes as root, and must not read the keys of the authority and of the farm.
folder=$(sed -n 's|^#define SYSTEM_FOLDER *"\(.*\)"$|\1|p' orchestrator/cli/agent_hosts.c)
grep -qxF "ExecStart=/usr/sbin/nats-server -c $folder/nats-server.conf" packaging/systemd/hilfarm-broker.service || fail "another configuration"
for key in ca.key farm.key; do
    grep -q "^InaccessiblePaths=.*-$folder/$key" "$work/hilfarm-broker.service" || fail "hilfarm-broker.service can read $key"
done
