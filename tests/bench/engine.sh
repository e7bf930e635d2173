# SPDX-License-Identifier: Apache-2.0
# The engine on an emulated Cortex-M4: instructions executed, arena and image bytes for the paper's variations and, if available, for MLPerf
# Tiny's trained models; code and constants of the engine with all operators, and of the firmware. On standard error: the trained models
# compared with figures of other engines.
set -euo pipefail
build=build/release
bench=("$build/bin/engine_bench" "$build/tests/bench/engine/engine_harness.bin")
firmware=$build/firmware/hilfarm-stm32l4r5zi
firmware_code=$(arm-none-eabi-size "$firmware.elf" | awk 'NR == 2 { print $1 }') # including vectors and constants
small_firmware_flash=$(stat -c %s "$build/firmware/small/hilfarm-stm32l4r5zi.bin")
models=()
for model in vww_96_int8 kws_ref_model; do
    file=${HILFARM_SHARED:-../shared}/models/$model.tflite
    [ ! -f "$file" ] || models+=("$file")
done
if [ ${#models[@]} -gt 0 ]; then
    "${bench[@]}" -p "$firmware_code" "${models[@]}" >&2
    "${bench[@]}" -c "${models[@]}"
fi
# This model and the firmware without special kernels must fit into 256,000 bytes of flash.
"${bench[@]}" -c | awk -F, -v firmware="$small_firmware_flash" '
    { print }
    $1 == "mobilenetv1_0.25_96_c3_o2_image" { printf "mobilenetv1_0.25_96_c3_o2_flash,%d,B,256000,lower\n", $2 + firmware }'
echo "engine_code,$(stat -c %s "$build/tests/bench/engine/engine_harness.bin"),B,,lower"
echo "engine_and_bench_firmware_code,$firmware_code,B,24000,lower"
echo "small_firmware_flash,$small_firmware_flash,B,,lower"
bash tests/bench/engine/cycles.sh "$build"
