# SPDX-License-Identifier: Apache-2.0
# Speed and memory of a virtual board with its timing model, on one core: the bench firmware runs the visual wake words network, with the
# serial line connected directly to the machine.
set -euo pipefail
bench() {
    line=$(build/release/bin/vboard_mips "$1" "build/release/firmware/hilfarm-$1.bin" 40 mobilenetv1_0.25_96_c3_o2 |
        tail -n 1)
    echo "$1: $line" >&2
    sed 's/vboard_mips: \([0-9]*\) M.*, \([0-9]*\) KB resident/\1 \2/' <<<"$line"
}
read -r speed resident < <(bench stm32l4r5zi)
echo "vboard_speed,$speed,M instructions/s,180,higher"
echo "vboard_memory,$((resident / 1024)),MB,100,lower"
read -r speed resident < <(bench stm32f767zi)
echo "vboard_speed_m7,$speed,M instructions/s,,higher"
