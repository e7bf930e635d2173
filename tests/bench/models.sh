# SPDX-License-Identifier: Apache-2.0
# What runs of the public models of the shared folder (HILFARM_SHARED, by default ../shared), and of models with one operator;
# what the operators cost the models that do not use them: goals are the figures of the firmware before. Without the shared folder
# only the models with one operator and the flash of a family's model are measured.
set -euo pipefail
bin=build/release/bin
models=${HILFARM_SHARED:-../shared}/models
folder=$models/public
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

single=$("$bin/engine_single_models" 2>&1 | sed -n 's/^\([0-9]*\) models of one operator are exact$/\1/p')
echo "single_operator_models_exact,${single:-0},models,120,higher"

if [ -f "$folder/index.csv" ]; then
    "$bin/engine_public" >"$work/host" 2>&1 || cat "$work/host" >&2
    host=$(sed -n 's/^\([0-9]*\) of [0-9]* models run$/\1/p' "$work/host")
    echo "public_models_exact_on_host,${host:-0},models,19,higher"
    # Arena that the compiler plans, compared with all that TensorFlow Lite Micro needs.
    smaller=$(awk -F, 'NR == FNR { if (FNR > 1) limit[$1] = $NF; next }
                       match($0, /arena [0-9]+ bytes/) {
                           name = substr($0, 1, index($0, ":") - 1)
                           if (substr($0, RSTART + 6) + 0 <= limit[name] + 0) count++ }
                       END { print count + 0 }' "$folder/index.csv" "$work/host")
    echo "public_models_with_smaller_arena,$smaller,models,19,higher"
    # On a virtual board: every inference of each model's sequence, with the inputs and the answers of the folder.
    tests/bench/models/on_board.sh "$bin" "$folder" "$work" >"$work/board"
    cat "$work/board" >&2
    echo "public_models_exact_on_virtual_board,$(grep -c ': exact' "$work/board" || true),models,19,higher"
    echo "public_models_mismatches,$(grep -c ': differs' "$work/board" || true),models,0,lower"
    echo "public_models_crashes,$(grep -c ': crashed' "$work/board" || true),models,0,lower"
fi

# The first inference, and the image, of two models that need none of the rare operators.
# first_inference MODEL CYCLES IMAGE_BYTES
first_inference() {
    local model=$1 row
    printf 'name: first\nmodels: [{tflite: "%s"}]\nmeasure: {warmup: 0, runs: 1}\nboards: {tags: [stm32l4r5zi]}\n' \
        "$(realpath "$models/$model.tflite")" >"$work/first.yaml"
    (cd "$work" && "$here/$bin/hilfarm" run first.yaml --local --quiet) >&2
    row=$(cd "$work" && "$here/$bin/hilfarm" export csv latest --local | tr -d '\r' | awk -F, '
        NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
        { printf "%d %d\n", $at["cycles_median"], $at["image_bytes"] }')
    echo "first_inference_$model,${row% *},cycles,$2,lower"
    echo "image_$model,${row#* },bytes,$3,lower"
}
here=$PWD
if [ -f "$models/vww_96_int8.tflite" ]; then
    first_inference vww_96_int8 12662414 232044
    first_inference kws_ref_model 3943213 27348
fi

"$bin/hilfarm" export image mobilenetv1_0.25_96_c3_o2 -o "$work/image" >&2
image=$(stat -c %s "$work/image")
firmware=$(stat -c %s build/release/firmware/small/hilfarm-stm32l4r5zi.bin)
echo "flash_mobilenetv1_0.25_96_c3_o2,$((image + firmware)),bytes,256000,lower"
