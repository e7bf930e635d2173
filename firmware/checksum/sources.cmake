# SPDX-License-Identifier: Apache-2.0
set(HF_CHECKSUM_SOURCES crc.c)
