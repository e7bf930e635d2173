# SPDX-License-Identifier: Apache-2.0
# How well `hilfarm analyze` estimates latencies: the models of latency_check.yaml and others that the fit did not see, and the
# public models if they are at hand, are measured on a virtual board of each chip (some minutes).
set -euo pipefail
work=$(mktemp -d /tmp/hilfarm-estimate-XXXXXX)
trap 'rm -rf "$work"' EXIT
shared=${HILFARM_SHARED:-../shared}/models
public=()
for file in "$shared"/{vww_96_int8,kws_ref_model}.tflite \
    "$shared"/public/{kws_on_off,micro_speech,streaming_wakeword,vad_streaming,wake_word_alexa,person_detect_small}.tflite; do
    [ ! -f "$file" ] || public+=("$file")
done
bash tests/bench/analyze/measure_models.sh tests/bench/analyze/latency_check.yaml 2 60 "$work/check.db" "$work" "${public[@]}" >&2
build/release/bin/fit_latency build/release/firmware "$work/check.db"
