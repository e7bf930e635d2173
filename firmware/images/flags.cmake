# SPDX-License-Identifier: Apache-2.0
# Code generation flags of the firmware, for the images and for the benchmark that counts the engine's instructions, so
# that it measures the code that runs on boards.
# Optimised for size, whatever the host's build type is; hot loops select other optimisations in their source.
set(HF_FIRMWARE_CODE_FLAGS -Os -mthumb -ffunction-sections -fdata-sections -fno-common)
set(HF_FIRMWARE_CORTEX_M4_FLAGS -mcpu=cortex-m4 -mfpu=fpv4-sp-d16 -mfloat-abi=hard)
# HF_ENGINE_DUAL_ISSUE: kernels whose instructions are in an order for a core that issues two of them a cycle.
set(HF_FIRMWARE_CORTEX_M7_FLAGS -mcpu=cortex-m7 -mfpu=fpv5-d16 -mfloat-abi=hard -DHF_ENGINE_DUAL_ISSUE)
# For chips/string.c and startup.c, whose loops must stay loops: library functions may use .data, which start-up code has
# not initialised yet, and the functions of string.c would call themselves.
set(HF_FIRMWARE_LOOP_FLAGS -fno-tree-loop-distribute-patterns)
