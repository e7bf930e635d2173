# SPDX-License-Identifier: Apache-2.0
# For the host library and for the firmware: all .c files of this folder, paths relative to it. hf_crc32() comes
# from firmware/checksum.
file(GLOB HF_ENGINE_SOURCES RELATIVE ${CMAKE_CURRENT_LIST_DIR} CONFIGURE_DEPENDS ${CMAKE_CURRENT_LIST_DIR}/*.c)
