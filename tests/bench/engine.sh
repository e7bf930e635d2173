# SPDX-License-Identifier: Apache-2.0
# Executed instructions, arena and image of the MLPerf Tiny models on the Cortex-M4 build of the engine; deterministic.
set -eu
models=${HILFARM_SHARED:-../shared}/models
if [ ! -d "$models" ]; then
    echo "skipped: the models are not here ($models)" >&2
    exit 0
fi
build/release/bin/engine_bench build/release/tests/bench/engine/engine_harness.bin "$models"/*.tflite | tee /dev/stderr |
    awk 'NR > 1 { sub(/\.tflite$/, "", $1); goal = $1 == "vww_96_int8" ? 11000000 : 4000000
        print $1 "_instructions," $3 ",instructions," goal ",lower"
        print $1 "_arena," $5 ",B," ($1 == "vww_96_int8" ? 40000 : "") ",lower"
        print $1 "_image_over_parameters," $7 + 0 ",%," ($1 == "vww_96_int8" ? 6 : "") ",lower" }'
