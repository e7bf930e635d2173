# SPDX-License-Identifier: Apache-2.0
# How the firmware's code is generated. One list for the images and for the benchmark that counts the engine's
# instructions, so that it counts those of the code that runs on boards.
# Optimised for size whatever the host's build type is: a hot loop says in its source what else it wants.
set(HF_FIRMWARE_CODE_FLAGS -Os -mthumb -ffunction-sections -fdata-sections -fno-common)
set(HF_FIRMWARE_CORTEX_M4_FLAGS -mcpu=cortex-m4 -mfpu=fpv4-sp-d16 -mfloat-abi=hard)
set(HF_FIRMWARE_CORTEX_M7_FLAGS -mcpu=cortex-m7 -mfpu=fpv5-d16 -mfloat-abi=hard)
# For chips/string.c and startup.c: loops that must stay loops: start-up code because library functions may count on
# .data, those functions because they would call themselves.
set(HF_FIRMWARE_LOOP_FLAGS -fno-tree-loop-distribute-patterns)
