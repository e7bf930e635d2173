#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Runs the benchmarks and writes results/bench/NAME.csv (metric,value,unit,goal,better).
# usage: scripts/bench.sh [NAME]     default: all (tests/bench/*.sh)
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

mapfile -t names < <(cd tests/bench && for script in *.sh; do echo "${script%.sh}"; done)
if [ $# -gt 0 ]; then
    [ -f "tests/bench/$1.sh" ] || { echo "error: no benchmark '$1', expected one of: ${names[*]}" >&2; exit 2; }
    names=("$1")
fi

install_packages "${build_packages[@]}" sqlite3 valgrind
build release >/dev/null
mkdir -p results/bench
for name in "${names[@]}"; do
    say "benchmark $name"
    # Each prints rows `metric,value,unit,goal,better` to stdout, and details for the user to stderr.
    { echo metric,value,unit,goal,better; bash "tests/bench/$name.sh"; } >"results/bench/$name.csv.part"
    mv "results/bench/$name.csv.part" "results/bench/$name.csv"
    awk -F, '{ printf "%-44s %14s  %-22s %12s  %s\n", $1, $2, $3, $4, $5 }' "results/bench/$name.csv"
done
