# SPDX-License-Identifier: Apache-2.0
# The bench's portable sources, relative to this folder: one list for the host library and for the firmware images.
set(HF_BENCH_SOURCES bench.c bench_requests.c bench_input.c bench_run.c)
