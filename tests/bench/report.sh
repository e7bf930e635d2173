# SPDX-License-Identifier: Apache-2.0
# Pages and exports of large runs, as rows of metric,value,unit,goal,better. The browser is driven by playwright-core and axe-core, from
# npm by lock file and only here; without npm or Chromium those rows are left out, and their number is reported.
set -u
bin=$PWD/build/release/bin
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
row() { echo "$1,$2,$3,$4,$5"; }

# Processor seconds and resident kilobytes of a command, whose output is discarded.
cost() { /usr/bin/time -f '%U %S %M' -o "$work/time" "$@" >/dev/null && awk '{ printf "%.2f %d\n", $1 + $2, $3 }' "$work/time"; }

for results in 1000 10000; do "$bin/bench_store" "$work/$results.db" 1 "$results"; done
for command in "report" "report --layers" "export csv" "export csv --layers" "export json" "export markdown" "export html"; do
    name=$(tr -s ' -' '_' <<<"$command")
    read -r seconds_1000 _ < <(cost bash -c 'for i in 1 2 3 4 5; do "$@"; done' - "$bin/hilfarm" $command --db "$work/1000.db")
    read -r seconds kilobytes < <(cost "$bin/hilfarm" $command --db "$work/10000.db")
    goal=$([ "$command" = "export json" ] && echo 2)
    row "${name}_10000_results_cpu" "$seconds" s "$goal" lower
    row "${name}_10000_results_memory" "$((kilobytes / 1024))" MiB 60 lower
    # Ten times as many results may take ten times as long, and the start of the program.
    row "${name}_growth" "$(awk -v a="$seconds_1000" -v b="$seconds" 'BEGIN { printf "%.1f", b / (a > 0.01 ? a / 5 : 0.01) }')" "x for 10 x" 13 lower
done

for variations in 1000 10000; do
    "$bin/page_write_sample" $variations >"$work/$variations.html"
    bytes=$(stat -c %s "$work/$variations.html")
    row "page_${variations}_variations_bytes" "$(awk -v b="$bytes" 'BEGIN { printf "%.2f", b / 1e6 }')" MB "$([ $variations = 1000 ] && echo 3 || echo 15)" lower
done
skipped=0
if command -v npm >/dev/null && command -v chromium >/dev/null && cp tests/bench/report/{package.json,package-lock.json,measure.mjs} "$work" &&
    (cd "$work" && npm ci --ignore-scripts --no-audit --no-fund >&2); then
    "$bin/page_write_sample" sweep >"$work/sweep.html"
    for variations in sweep 1000 10000; do
        declare -A found=()
        while read -r name value; do found[$name]=$value; done < <(cd "$work" && node measure.mjs "$work/$variations.html")
        row "page_${variations}_interactive" "${found[interactive_ms]:-}" ms "$([ $variations = 10000 ] && echo 3000 || echo 1500)" lower
        row "page_${variations}_filter" "${found[filter_ms]:-}" ms "$([ $variations = 10000 ] || echo 100)" lower
        row "page_${variations}_sort" "${found[sort_ms]:-}" ms "$([ $variations = 10000 ] || echo 100)" lower
        row "page_${variations}_browser_memory" "$((${found[memory_bytes]:-0} / 1000000))" MB "$([ $variations = 10000 ] && echo 600)" lower
        row "page_${variations}_console_errors" "${found[console_errors]:-}" errors 0 lower
        row "page_${variations}_axe_violations" "${found[violations]:-}" "serious or critical" 0 lower
    done
else
    skipped=18
    echo "no npm or no Chromium: 18 rows about the browser are left out" >&2
fi
row skipped_rows $skipped rows 0 lower
