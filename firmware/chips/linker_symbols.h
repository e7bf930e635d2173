/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_CHIPS_LINKER_SYMBOLS_H
#define HF_CHIPS_LINKER_SYMBOLS_H

#include <stdint.h>

/* Symbols of image.ld. Only their addresses are meaningful; a symbol for a number has it as its address. */
extern uint8_t _guard[];        /* lowest address of the RAM; must stay unused */
extern uint32_t _nonce_block[]; /* where a debug probe writes the nonce (../bench/INFO.md); in the guard */
extern uint8_t _stack_limit[];  /* lowest address of the stack */
extern uint8_t _stack_top[];
extern uint32_t _data_load[];
extern uint32_t _data[], _data_end[];
extern uint32_t _bss[], _bss_end[];
extern uint8_t _arena[];
extern uint8_t _arena_bytes[];
extern uint8_t _ram_end[];
extern uint8_t _static_bytes[];
extern uint8_t _model[];
extern uint8_t _model_bytes[];
extern uint8_t _build_id_note[];

#endif
