#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The units of the daemon are what systemd expects.
# usage: units.sh BUILD_FOLDER
set -euo pipefail
command -v systemd-analyze >/dev/null || { echo "SKIPPED: systemd-analyze is not installed"; exit 77; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# The programs are not installed: the unit names those of the build.
sed "s|^ExecStart=[^ ]*/hilfarmd |ExecStart=$1/bin/hilfarmd |" "$1/packaging/hilfarmd.service" >"$work/hilfarmd.service"
cp packaging/systemd/hilfarmd.socket "$work"
grep -q "^ExecStart=$1/bin/hilfarmd " "$work/hilfarmd.service"
output=$(SYSTEMD_UNIT_PATH="$work:" systemd-analyze verify --man=no "$work/hilfarmd.service" "$work/hilfarmd.socket" 2>&1) || { echo "$output"; exit 1; }
[ -z "$output" ] || { echo "$output"; exit 1; }
exposure=$(systemd-analyze security --offline=true --threshold=30 "$work/hilfarmd.service" 2>&1 | tail -1) || { echo "too exposed: $exposure"; exit 1; }
echo "$exposure"
