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
    # On a virtual board: every inference of each model's sequence, with the inputs and the answers of the folder.
    tests/bench/models/on_board.sh "$bin" "$folder" "$work" >"$work/board"
    cat "$work/board" >&2
    echo "public_models_exact_on_virtual_board,$(grep -c ': exact' "$work/board" || true),models,19,higher"
    echo "public_models_mismatches,$(grep -c ': differs' "$work/board" || true),models,0,lower"
    echo "public_models_crashes,$(grep -c ': crashed' "$work/board" || true),models,0,lower"
fi

"$bin/hilfarm" export image mobilenetv1_0.25_96_c3_o2 -o "$work/image" >&2
image=$(stat -c %s "$work/image")
firmware=$(stat -c %s build/release/firmware/small/hilfarm-stm32l4r5zi.bin)
echo "flash_mobilenetv1_0.25_96_c3_o2,$((image + firmware)),bytes,256000,lower"
