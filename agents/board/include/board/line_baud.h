/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_BOARD_LINE_BAUD_H
#define HF_BOARD_LINE_BAUD_H

/** @file line_baud.h
 * The limit on speeds that people ask for; apart from board_line.h, for those who only check what was asked. */

#define HF_BOARD_LINE_MAX_BAUD 12000000 /**< beyond what any USB serial port can do */

#endif
