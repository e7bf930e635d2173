#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Measures the models of latency_fit.yaml on a virtual board of each chip (some minutes) and fits the coefficients of
# estimated latencies to them: orchestrator/scorecard/latency_coefficients.c. Run after the engine or the timing model changed.
set -eu
cd "$(dirname "${BASH_SOURCE[0]}")/../../.."
bin=build/release/bin
work=$(mktemp -d /tmp/hilfarm-fit-XXXXXX)
trap 'rm -rf "$work"' EXIT
"$bin/hilfarm" run tests/bench/analyze/latency_fit.yaml --farm tests/bench/analyze/latency_fit_farm.yaml \
    --db "$work/fit.db" --plain >"$work/run.log" || { tail "$work/run.log" >&2; exit 1; }
"$bin/fit_latency" "$work/fit.db" >"$work/latency_coefficients.c"
clang-format-14 --assume-filename=orchestrator/scorecard/latency_coefficients.c "$work/latency_coefficients.c" \
    >orchestrator/scorecard/latency_coefficients.c
