# SPDX-License-Identifier: Apache-2.0
# Flashing a virtual board through stock OpenOCD, as the agent does it.
build/release/bin/bench_flash build/release/firmware build/release/bin/hilfarm-vboard
