#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# on_board.sh BIN FOLDER WORK [NAME...]: measures the public models of FOLDER on virtual boards, each with the inputs that its
# README.md describes, and compares all outputs that the boards sent with TensorFlow Lite Micro's. Prints "NAME: exact",
# "NAME: differs ..." or "NAME: crashed ...".
set -euo pipefail
bin=$(realpath "$1") folder=$(realpath "$2") work=$(realpath "$3")
shift 3
export LC_ALL=C

# inputs COUNT TYPES: the raw inputs of COUNT inferences. TYPES: "int8 1x3x40 + float32 1x2".
inputs() {
    awk -v count="$1" -v types="$2" '
        function next_byte() { s = (s * 1664525 + 1013904223) % 4294967296; return int(s / 16777216) }
        # (b - 128) / 64 as a little-endian float32
        function put_float(b,   m, e, fraction, bits) {
            m = b < 128 ? 128 - b : b - 128
            if (m) {
                for (e = 0; 2 ^ (e + 1) <= m; e++) ;
                fraction = (m / 2 ^ e - 1) * 8388608
                bits = (b < 128 ? 2147483648 : 0) + (e + 121) * 8388608 + fraction
            }
            for (e = 0; e < 4; e++) { printf "%c", bits % 256; bits = int(bits / 256) }
        }
        BEGIN {
            s = 1
            ports = split(types, port, / [+] /)
            for (i = 0; i < count; i++)
                for (p = 1; p <= ports; p++) {
                    split(port[p], words, " ")
                    values = 1
                    for (d = split(words[2], size, "x"); d > 0; d--) values *= size[d]
                    for (v = 0; v < values; v++)
                        if (words[1] == "float32") put_float(next_byte()); else printf "%c", next_byte()
                }
        }'
}

# compare MODEL TYPE COUNT: exported values on standard input, and those of MODEL.out. The float operator LOG_SOFTMAX behind the
# outputs of a board is computed here, with a tolerance.
compare() {
    local format=d1 width=1 tail=
    case $2 in uint8*) format=u1 ;; float32*) format=f4 width=4 ;; esac
    [ "$1" != lenet_log_softmax ] || tail=log_softmax
    od -An -v -w$width -t $format "$folder/$1.out" >"$work/wanted"
    awk -v tail="$tail" -v steps="$3" '
        NR == FNR { wanted[FNR] = $1; all = FNR; next }
        { made[++count] = $1 }
        END {
            for (i = 1; tail && i <= count; i++) sum[int((i - 1) * steps / count)] += exp(made[i])
            for (i = 1; i <= count; i++) {
                value = tail ? made[i] - log(sum[int((i - 1) * steps / count)]) : made[i]
                away = value - wanted[i]
                if (away < 0) away = -away
                wrong += away > (tail ? 1e-4 : (wanted[i] < 0 ? -wanted[i] : wanted[i]) * 1e-6)
            }
            if (count != all) print "differs: " count " values, expected " all
            else if (wrong) print "differs in " wrong " of " all " values"
            else print "exact in " steps " inferences, " all " values"
        }' "$work/wanted" -
}

measure() {
    local model=$1 types=$2 outputs=$3 steps=$4
    inputs "$steps" "$types" >"$work/input.bin"
    printf 'name: public\nmodels: [{tflite: "%s/%s.tflite"}]\nmeasure: {warmup: 0, runs: 1, outputs: true, input: {file: input.bin}}\nboards: {tags: [stm32l4r5zi]}\n' \
        "$folder" "$model" >"$work/public.yaml"
    local status=0
    (cd "$work" && "$bin/hilfarm" run public.yaml --local --quiet --no-cache) >"$work/said" 2>&1 || status=$?
    if [ "$status" -ge 128 ]; then
        echo "$model: crashed: signal $((status - 128))"
    elif [ "$status" -ne 0 ]; then
        echo "$model: failed: $(grep -m 1 "$model" "$work/said" || tail -n 1 "$work/said")"
    else
        (cd "$work" && "$bin/hilfarm" export outputs latest --local) | tr -d '\r' | awk -F, 'NR > 1 { print $9 }' >"$work/made"
        echo "$model: $(compare "$model" "$outputs" "$steps" <"$work/made")"
    fi
}

tail -n +2 "$folder/index.csv" | while IFS=, read -r model _ _ _ types outputs steps _; do
    case " $* " in "  " | *" $model "*) measure "$model" "$types" "$outputs" "$steps" ;; esac
done
