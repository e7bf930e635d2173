# SPDX-License-Identifier: Apache-2.0
# How long one core takes to analyse 10,000 variations.
build/release/bin/bench_analyze
