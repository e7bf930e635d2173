# SPDX-License-Identifier: Apache-2.0
# The engine on an emulated Cortex-M4: executed instructions, arena and image bytes of the paper's variations and, where
# they are at hand, of MLPerf Tiny's trained models; the engine's code and constants, all operators.
set -eu
build=build/release
bench=("$build/bin/engine_bench" "$build/tests/bench/engine/engine_harness.bin" -c)
for model in vww_96_int8 kws_ref_model; do
    [ ! -f "${HILFARM_SHARED:-../shared}/models/$model.tflite" ] || "${bench[@]}" "${HILFARM_SHARED:-../shared}/models/$model.tflite"
done
"${bench[@]}"
echo "engine_code,$(stat -c %s "$build/tests/bench/engine/engine_harness.bin"),B,,lower"
