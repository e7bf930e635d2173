# SPDX-License-Identifier: Apache-2.0
# Whether results can be trusted: runs programs that print their own rows.
set -eu
bin=build/release/bin
"$bin/trust_verify_clock" build/release/firmware "$bin/hilfarm-vboard"
"$bin/trust_wrong_board" "$bin" build/release/firmware
# Of the 200 injected faults, half hit runs on virtual boards and half a recording process without boards.
"$bin/trust_recording" "$bin" 100 100

# The time until a mistake is reported. The serial numbers in the example farm are fictitious, so its boards are never plugged in.
work=$(mktemp -d /tmp/hilfarm-bench-XXXXXX)
trap 'rm -rf "$work"' EXIT
seconds() { # NAME GOAL FARM: a run on that farm, which must be unusable
    local start end status=0
    start=$(date +%s%N)
    "$bin/hilfarm" run configs/quick.yaml --farm "$3" --db "$work/farm.db" >"$work/$1.txt" 2>&1 || status=$?
    end=$(date +%s%N)
    [ "$status" = 3 ] || { echo "error: $1: exit status $status" >&2; cat "$work/$1.txt" >&2; exit 1; }
    awk -v name="$1" -v goal="$2" -v ns=$((end - start)) 'BEGIN { printf "%s,%.2f,s,%s,lower\n", name, ns / 1e9, goal }'
}
sed 's|interface: interface/stlink.cfg|interface: interface/stlnk.cfg|' configs/farm_nucleo.yaml >"$work/typo.yaml"
seconds typo_seconds 5 "$work/typo.yaml"
grep -q "did you mean 'interface/stlink.cfg'" "$work/typo_seconds.txt" || { cat "$work/typo_seconds.txt" >&2; exit 1; }
seconds no_board_seconds 15 configs/farm_nucleo.yaml
grep -q 'plug it in' "$work/no_board_seconds.txt" || { cat "$work/no_board_seconds.txt" >&2; exit 1; }
