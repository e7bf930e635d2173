# SPDX-License-Identifier: Apache-2.0
# What it costs to prepare a model: user time of one core, and instructions, which do not depend on what else the machine does. The goal is
# a third of the instructions that preparing took before the reference accumulated with vector instructions and memory was planned once.
set -euo pipefail
bench=build/release/bin/bench_prepare
"$bench"
while read -r metric model goal; do
    instructions=$(valgrind --tool=callgrind --callgrind-out-file=/dev/null "$bench" --digests "$model" 2>&1 |
        awk '/Collected/ { printf "%.0f", $4 / 1e6 }')
    echo "prepare_${metric}_instructions,$instructions,million,$goal,lower"
done <<'MODELS'
mobilenetv1_96 mobilenetv1_0.25_96_c3_o2 679
mobilenetv2_96 mobilenetv2_0.25_96_c3_o2_t5l256 565
mobilenetv3_96 mobilenetv3smallNSQ_0.3_96_c3_o2_l32pl128 484
mobilenetv3_squeeze_96 mobilenetv3smallSQ_0.3_96_c3_o2_l32pl128 547
shufflenetv1_96 shufflenetv1_0.25_96_c3_o2_g1 465
shufflenetv2_96 shufflenetv2_0.1_96_c3_o2_l128 356
mobilenetv1_224 mobilenetv1_0.5_224_c3_o2 2426
mobilenetv2_224 mobilenetv2_0.35_224_c3_o2 1484
shufflenetv1_224 shufflenetv1_0.5_224_c3_o2_g3 1450
MODELS
