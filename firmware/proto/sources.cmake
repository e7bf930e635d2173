# SPDX-License-Identifier: Apache-2.0
# The codec's sources, relative to this folder: one list for the host library and for the firmware images.
set(HF_PROTO_SOURCES frame_write.c frame_parse.c line.c)
