# SPDX-License-Identifier: Apache-2.0
# Training and evaluation on Fashion-MNIST: CPU time of an epoch beside a loop written by hand with torch, accuracy as int8 beside float for
# all families, whether a training can be repeated, and how fast `evaluate` is. With FULL=1 also the demo (10 minutes on two idle cores).
# usage: [FULL=1] [EPOCHS=2] tests/bench/train.sh
set -euo pipefail
bin=$PWD/build/release/bin
data=/usr/share/datasets/fashion-mnist
if [ ! -x "$bin/hilfarm-train" ] || [ ! -f "$data/train-images-idx3-ubyte.gz" ]; then
    echo "skipped: needs libtorch-dev and dataset-fashion-mnist" >&2
    exit 0
fi
cmake --build --preset release --target torch_loop >/dev/null
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export HILFARM_CACHE_DIR=

# spec MODELS KEYS: trains MODELS with further keys of `train`, into $work/trained
train() {
    printf 'name: bench\nmodels: [%s]\ntrain: {data: %s, models: %s/trained, %s}\n' "$1" "$data/train-images-idx3-ubyte.gz" "$work" "$2" >"$work/t.yaml"
    "$bin/hilfarm" train "$work/t.yaml" --plain >&2
}
# figure MODEL KEY: the last value of a key in the record of a model
figure() { grep -o "\"$2\": [0-9.]*" "$work/trained/$1.tflite.json" | tail -1 | cut -d' ' -f2; }

# One epoch of 60,000 images on one core each, one after the other.
reference=mobilenetv1_0.25_32_c1_o10
for file in train-images-idx3 train-labels-idx1; do zcat "$data/$file-ubyte.gz" >"$work/$file"; done
by_hand=$("$bin/torch_loop" "$work/train-images-idx3" "$work/train-labels-idx1" 1 64 | sed -n 's/.*: \([0-9.]*\) CPU s.*/\1/p')
train "$reference" 'epochs: 1, validation: 0'
ours=$(figure "$reference" cpu_seconds)
echo "epoch_cpu,$ours,s,13,lower"
echo "epoch_cpu_by_hand,$by_hand,s,,lower"
awk -v a="$ours" -v b="$by_hand" 'BEGIN { printf "epoch_over_by_hand,%.3f,ratio,1.2,lower\n", a / b }'

# The same training twice.
first=$(sha256sum <"$work/trained/$reference.tflite")
rm "$work/trained/$reference.tflite"
train "$reference" 'epochs: 1, validation: 0'
[ "$first" = "$(sha256sum <"$work/trained/$reference.tflite")" ] && same=1 || same=0
echo "trained_twice_is_the_same,$same,,1,higher"

# The last model on one processor and on all: processors' seconds per sample come from the wall clock, so others should be idle.
macs=$("$bin/hilfarm" analyze "$reference" --json | grep -o '"macs": *[0-9]*' | head -1 | grep -o '[0-9]*$')
seconds() {
    local begin end
    begin=$(date +%s.%N)
    "$@" >/dev/null
    end=$(date +%s.%N)
    awk -v a="$begin" -v b="$end" 'BEGIN { print b - a }'
}
evaluate=("$bin/hilfarm" evaluate "$work/trained/$reference.tflite" --data "$data/t10k-images-idx3-ubyte.gz")
cpu=$({ TIMEFORMAT='%U'; time taskset -c 0 "${evaluate[@]}" >/dev/null; } 2>&1 | tail -1)
for _ in 1 2 3 4 5; do # the median of five: one of them may be disturbed
    echo "$(seconds taskset -c 0 "${evaluate[@]}") $(seconds taskset -c 0,1 "${evaluate[@]}")"
done | awk '{ print $1 / $2 }' | sort -n | awk 'NR == 3 { printf "evaluate_on_two_cores,%.2f,times,1.8,higher\n", $1 }'
awk -v c="$cpu" -v macs="$macs" 'BEGIN { printf "evaluate_gmacs_per_core,%.2f,GMAC/s,2,higher\n", macs * 10000 / c / 1e9 }'

# Accuracy before and after quantisation.
while read -r family model; do
    train "$model" "test: $data/t10k-images-idx3-ubyte.gz, epochs: ${EPOCHS:-1}"
    awk -v f="$(figure "$model" float_percent)" -v q="$(figure "$model" int8_percent)" -v family="$family" \
        'BEGIN { d = f > q ? f - q : q - f; printf "int8_off_float_%s,%.2f,points,0.5,lower\n", family, d }'
done <<'MODELS'
mobilenetv1 mobilenetv1_0.1_32_c1_o10_l1
mobilenetv2 mobilenetv2_0.1_32_c1_o10_l64
mobilenetv3smallSQ mobilenetv3smallSQ_0.1_64_c1_o10_l32pl32
mobilenetv3smallNSQ mobilenetv3smallNSQ_0.1_64_c1_o10_l32pl32
shufflenetv1 shufflenetv1_0.25_32_c1_o10
shufflenetv2 shufflenetv2_0.05_32_c1_o10_l64
MODELS

if [ "${FULL:-0}" = 1 ]; then
    sed "s|models: ../results/trained|models: $work/demo|" configs/train_quick.yaml >"$work/train_quick.yaml"
    took=$(seconds "$bin/hilfarm" run "$work/train_quick.yaml" --local --plain --db "$work/demo.db")
    best=$(cat "$work"/demo/*.json | grep -o '"int8_percent": [0-9.]*' | cut -d' ' -f2 | sort -n | tail -1)
    echo "demo_seconds_after_build,$took,s,540,lower"
    echo "demo_best_accuracy,$best,%,88,higher"
fi
