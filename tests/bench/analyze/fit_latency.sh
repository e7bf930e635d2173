#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Measures the models of latency_fit.yaml and latency_check.yaml on a virtual board of each chip (some minutes), fits the
# coefficients of estimated latencies to the former and takes the error bound from the latter:
# orchestrator/scorecard/latency_coefficients.c. Run after the engine or the timing model changed.
set -eu
cd "$(dirname "${BASH_SOURCE[0]}")/../../.."
work=$(mktemp -d /tmp/hilfarm-fit-XXXXXX)
trap 'rm -rf "$work"' EXIT
here=tests/bench/analyze
bash "$here/measure_models.sh" "$here/latency_fit.yaml" 1 140 "$work/fit.db" "$work/fit"
bash "$here/measure_models.sh" "$here/latency_check.yaml" 2 60 "$work/check.db" "$work/check"
build/release/bin/fit_latency build/release/firmware "$work/fit.db" "$work/check.db" >"$work/latency_coefficients.c"
clang-format-14 --assume-filename=orchestrator/scorecard/latency_coefficients.c <"$work/latency_coefficients.c" \
    >orchestrator/scorecard/latency_coefficients.c
