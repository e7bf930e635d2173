# SPDX-License-Identifier: Apache-2.0
# Boards on many hosts: seeded schedules of faults in simulated time.
set -eu
build/release/bin/bench_host_schedules 500
