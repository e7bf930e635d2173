# SPDX-License-Identifier: Apache-2.0
# Measures every layer of the models of a spec, and of generated and given .tflite files, on a virtual board of each chip.
# usage: measure_models.sh SPEC SEED COUNT STORE.db FOLDER [FILE.tflite...]
# SEED, COUNT: of write_fit_models. FOLDER: for intermediate files.
set -euo pipefail
spec=$1 seed=$2 count=$3 store=$4 work=$5
shift 5
bin=build/release/bin
here=tests/bench/analyze
mkdir -p "$work/sensors"
"$bin/write_fit_models" "$work/sensors" "$seed" "$count"
{
    echo "name: sensors"
    echo "models:"
    for file in "$work"/sensors/*.tflite "$@"; do
        echo "  - tflite: $(realpath "$file")"
    done
    sed -n '/^measure:/,$p' "$spec"
} >"$work/sensors.yaml"
for part in "$spec" "$work/sensors.yaml"; do
    "$bin/hilfarm" run "$part" --local --farm "$here/latency_fit_farm.yaml" --db "$store" --plain >"$work/run.log" ||
        { tail "$work/run.log" >&2; exit 1; }
done
