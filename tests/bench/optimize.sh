# SPDX-License-Identifier: Apache-2.0
# `hilfarm optimize` against training everything: 30 variations on a part of Fashion-MNIST, three seeds (about an hour of CPU time).
# How far is the variation that it finds from the best, and how many of the epochs does it need? Needs libtorch-dev and
# dataset-fashion-mnist. For a quick look: HILFARM_BENCH_SAMPLES (of both sets, 10000) and HILFARM_BENCH_SEEDS ("1 2 3").
set -euo pipefail
samples=${HILFARM_BENCH_SAMPLES:-10000}
source_folder=/usr/share/datasets/fashion-mnist
hilfarm=$PWD/build/release/bin/hilfarm
if [ ! -x build/release/bin/hilfarm-train ] || [ ! -d "$source_folder" ]; then
    echo "skipped: libtorch-dev or dataset-fashion-mnist is missing" >&2
    exit 0
fi
work=$(mktemp -d /tmp/hilfarm-optimize-XXXXXX)
trap 'rm -rf "$work"' EXIT
export HILFARM_SOCKET= HILFARM_CACHE_DIR=

# cut NAME TO COUNT: the first COUNT samples of a set
cut_set() {
    { printf '\0\0\010\003\0\0'; printf "\\x$(printf %02x $(($3 / 256)))\\x$(printf %02x $(($3 % 256)))"; printf '\0\0\0\034\0\0\0\034'
      zcat "$source_folder/$1-images-idx3-ubyte.gz" | tail -c +17 | head -c $(($3 * 784)) || true; } >"$work/$2-images-idx3-ubyte"
    { printf '\0\0\010\001\0\0'; printf "\\x$(printf %02x $(($3 / 256)))\\x$(printf %02x $(($3 % 256)))"
      zcat "$source_folder/$1-labels-idx1-ubyte.gz" | tail -c +9 | head -c "$3" || true; } >"$work/$2-labels-idx1-ubyte"
}
cut_set train train "$samples"
cut_set t10k test "$samples"

for seed in ${HILFARM_BENCH_SEEDS:-1 2 3}; do
    cat >"$work/$seed.yaml" <<EOF
name: space_$seed
models:
  - {family: mobilenetv1, alpha: [0.1, 0.15, 0.2, 0.25, 0.3], resolution: 32, channels: 1, classes: 10, l: [1, 3, 5]}
  - {family: shufflenetv2, alpha: [0.05, 0.1, 0.2], resolution: 32, channels: 1, classes: 10, l: [64, 128, 256]}
  - {family: mobilenetv1, alpha: [0.2, 0.3, 0.4], resolution: 32, channels: 1, classes: 10, l: [1, 3], ll: 64, pl: 128}
train: {data: train-images-idx3-ubyte, test: test-images-idx3-ubyte, models: all_$seed, epochs: 12, validation: 0.2, batch: 32, seed: $seed}
optimize: {folder: found_$seed, seed: $seed}
boards: {tags: [stm32l4r5zi]}
measure: {warmup: 0, runs: 1, layers: false}
EOF
    started=$SECONDS
    "$hilfarm" train "$work/$seed.yaml" --plain --quiet >&2
    echo "seed $seed: all trained in $((SECONDS - started)) s" >&2
    started=$SECONDS
    "$hilfarm" optimize "$work/$seed.yaml" --plain --quiet --db "$work/store.db" >&2
    python3 - "$work" "$seed" <<'EOF'
import glob, json, sys
work, seed = sys.argv[1:]
every = {path.split('/')[-1][:-len('.tflite.json')]: json.load(open(path)) for path in glob.glob(f'{work}/all_{seed}/*.json')}
found = json.load(open(f'{work}/found_{seed}/optimize.json'))
best = max(every, key=lambda name: every[name]['int8_percent'])
name = found['result'][0]['name']
place = sorted((r['int8_percent'] for r in every.values()), reverse=True).index(every[name]['int8_percent']) + 1
share = found['epochs'] / (len(every) * 12)
print(f"seed {seed}: found {name}, {every[name]['int8_percent']:.2f} %, place {place} of {len(every)}; "
      f"best {best}, {every[best]['int8_percent']:.2f} %; {found['epochs']} of {len(every) * 12} epochs", file=sys.stderr)
print(f"optimize_points_from_best_seed_{seed},{every[best]['int8_percent'] - every[name]['int8_percent']:.2f},points,0.5,lower")
print(f"optimize_share_of_epochs_seed_{seed},{share:.3f},of exhaustive training,0.25,lower")
EOF
    echo "seed $seed: searched in $((SECONDS - started)) s" >&2
done
