# SPDX-License-Identifier: Apache-2.0
# Modelled cycles of an inference on a virtual board of each chip, by the very way users measure: `hilfarm run`. Rows of
# models that are not at hand are left out. usage: cycles.sh BUILD_FOLDER
set -euo pipefail
build=$1
shared=${HILFARM_SHARED:-../shared}/models
work=$(mktemp -d)
trap 'rm -r "$work"' EXIT
"$build/bin/engine_bench_models" "$work"
{
    echo "name: engine_cycles"
    echo "models:"
    for file in "$shared"/{vww_96_int8,kws_ref_model,public/streaming_wakeword,public/kws_on_off,public/micro_speech}.tflite \
        "$work"/*.tflite; do
        [ ! -f "$file" ] || echo "  - tflite: $(realpath "$file")"
    done
    echo "  - name: mobilenetv1_0.7_96_c3_o2_l5ll32pl64b0.3"
    echo "  - name: mobilenetv1_0.05_48_c1_o2"
    echo "measure: {warmup: 1, runs: 1, layers: true}"
} >"$work/spec.yaml"
sed 's/^    //' >"$work/farm.yaml" <<'    FARM'
    boards:
      - {id: virtual-l4, chip: stm32l4r5zi, virtual: true, baud: 921600}
      - {id: virtual-f7, chip: stm32f767zi, virtual: true, baud: 921600}
    FARM
"$build/bin/hilfarm" run "$work/spec.yaml" --farm "$work/farm.yaml" --db "$work/store.db" --plain >&2
awk -F, '
    FNR == 1 { for (i = 1; i <= NF; i++) column[$i] = i; next }
    FILENAME ~ /layers.csv$/ {
        if ($column["name"] == "mobilenetv1_0.05_48_c1_o2" && $column["chip"] == "stm32l4r5zi" &&
            $column["layer_name"] ~ /pointwise/ && $column["macs"] > 0) {
            each = $column["cycles"] / $column["macs"]
            if (each > most) most = each
        }
        next
    }
    $column["outcome"] == "measured" {
        key = $column["name"] "_" ($column["chip"] == "stm32l4r5zi" ? "l4r5" : "f767")
        printf "%s,%.3f,M cycles modelled,%s,lower\n", key, $column["cycles_median"] / 1e6, goal[key]
    }
    BEGIN {
        goal["vww_96_int8_l4r5"] = 9.8; goal["vww_96_int8_f767"] = 6.6
        goal["kws_ref_model_l4r5"] = 3.4; goal["kws_ref_model_f767"] = 2.7
        goal["ad01_like_l4r5"] = 0.50; goal["ad01_like_f767"] = 0.34
        goal["resnet8_like_l4r5"] = 14.4; goal["resnet8_like_f767"] = 11
        goal["streaming_wakeword_l4r5"] = 1.15
        goal["kws_on_off_l4r5"] = 10
        goal["mobilenetv1_0.7_96_c3_o2_l5ll32pl64b0.3_l4r5"] = 27
    }
    END { if (most) printf "mobilenetv1_0.05_48_c1_o2_pointwise_worst,%.2f,cycles/MAC modelled,12,lower\n", most }
' "$work"/*-engine_cycles/layers.csv "$work"/*-engine_cycles/results.csv
