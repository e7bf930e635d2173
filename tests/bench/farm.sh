# SPDX-License-Identifier: Apache-2.0
# The scheduler with many boards, runs and owners, in simulated time, as rows of metric,value,unit,goal,better.
build/release/bin/bench_schedule
