#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# on_board.sh BUILD_DIR: a streaming model with states and a uint8 output, a model with two inputs and one with float ends run every inference on a
# virtual board as TensorFlow Lite Micro does. Needs the shared folder (HILFARM_SHARED, by default ../shared).
set -euo pipefail
folder=${HILFARM_SHARED:-../shared}/models/public
if [ ! -f "$folder/index.csv" ]; then
    echo "SKIPPED: models_on_board: no $folder"
    exit 77
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
tests/bench/models/on_board.sh "$1/bin" "$folder" "$work" vad_streaming single_add lenet_log_softmax | tee "$work/result"
[ "$(grep -c ': exact in' "$work/result")" -eq 3 ]

# A wrong answer is noticed: the last byte of the streaming model's is changed.
mkdir "$work/changed"
cp "$folder"/index.csv "$folder"/vad_streaming.* "$work/changed"
chmod u+w "$work/changed"/*
last=$(od -An -t u1 -j 5 -N 1 "$folder/vad_streaming.out")
printf "\\x$(printf '%02x' $((last ^ 1)))" | dd of="$work/changed/vad_streaming.out" bs=1 seek=5 conv=notrunc status=none
tests/bench/models/on_board.sh "$1/bin" "$work/changed" "$work" vad_streaming | tee "$work/result"
grep -q 'vad_streaming: differs in 1 of 6 values' "$work/result"
