# SPDX-License-Identifier: Apache-2.0
# Boards on many hosts: seeded schedules of faults in simulated time, and what an attempt over nats-server costs.
set -eu
bin=build/release/bin
"$bin/bench_host_schedules" 500
if [ -x /usr/sbin/nats-server ]; then
    "$bin/bench_remote_attempt" "$bin" build/release/firmware
else
    echo "nats-server is not installed: attempts over it are not measured" >&2
fi
