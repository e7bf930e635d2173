# SPDX-License-Identifier: Apache-2.0
# What runs of the public models of the shared folder (HILFARM_SHARED, by default ../shared), and of models with one operator.
# Without the shared folder only the latter and the sizes are measured.
set -euo pipefail
bin=build/release/bin
folder=${HILFARM_SHARED:-../shared}/models/public
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
    # A board's output and the output of each of its layers must equal the reference interpreter's.
    printf 'name: public\nmodels: [{tflite: "%s/*.tflite"}]\nmeasure: {warmup: 0, runs: 1, layers: true}\nboards: {tags: [stm32l4r5zi]}\n' \
        "$(realpath "$folder")" >"$work/spec.yaml"
    (cd "$work" && "$OLDPWD/$bin/hilfarm" run spec.yaml >run 2>&1) || true
    tail -5 "$work/run" >&2
    board=$(sed -n 's/.*done: \([0-9]*\) measured.*/\1/p' "$work/run")
    echo "public_models_exact_on_virtual_board,${board:-0},models,19,higher"
fi

"$bin/hilfarm" export image mobilenetv1_0.25_96_c3_o2 -o "$work/image" >&2
image=$(stat -c %s "$work/image")
firmware=$(stat -c %s build/release/firmware/small/hilfarm-stm32l4r5zi.bin)
echo "flash_mobilenetv1_0.25_96_c3_o2,$((image + firmware)),bytes,256000,lower"
