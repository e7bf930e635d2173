# SPDX-License-Identifier: Apache-2.0
# How fast a virtual board executes, timing model on, on one core; and what memory it takes.
set -eu
line=$(build/release/bin/vboard_mips)
echo "$line" >&2
set -- $(sed 's/vboard_mips: \([0-9]*\) M.*each, \([0-9]*\) KB resident/\1 \2/' <<<"$line")
echo "vboard_speed,$1,M instructions/s,250,higher"
echo "vboard_memory,$(($2 / 1024)),MB,100,lower"
