/* SPDX-License-Identifier: Apache-2.0 */
#include "fake_machine.h"

#include <stdlib.h>
#include <string.h>

#define RAM_BYTES 0x10000u
#define ROM_BYTES 0x1000u

struct vb_machine {
    fake_state state;
    vb_debug_port debug;
    bool is_m7, reset_requested;
    uint32_t registers[128];
    uint64_t instructions;
    uint8_t ram[RAM_BYTES], rom[ROM_BYTES];
};

static uint8_t *memory_at(vb_machine *machine, uint32_t address, uint32_t size)
{
    if (address >= FAKE_RAM && address - FAKE_RAM <= RAM_BYTES - size)
        return machine->ram + (address - FAKE_RAM);
    if (address <= ROM_BYTES - size)
        return machine->rom + address;
    return NULL;
}

static void put32(vb_machine *machine, uint32_t address, uint32_t value)
{
    memcpy(memory_at(machine, address, 4), &value, 4);
}

vb_machine *fake_machine_new(bool is_m7, const vb_debug_port *debug)
{
    vb_machine *machine = calloc(1, sizeof *machine);
    if (!machine)
        return NULL;
    machine->is_m7 = is_m7;
    machine->debug = *debug;
    put32(machine, 0, FAKE_SP);
    put32(machine, 4, FAKE_ENTRY | 1);
    put32(machine, 4 * 3, FAKE_HARDFAULT | 1);
    put32(machine, 4 * 5, FAKE_SHARED | 1);
    put32(machine, 4 * 11, FAKE_SHARED | 1);
    vb_machine_reset(machine);
    machine->state.resets = 0;
    return machine;
}

void vb_machine_free(vb_machine *machine)
{
    free(machine);
}

fake_state *fake_machine_state(vb_machine *machine)
{
    return &machine->state;
}

void fake_machine_poke(vb_machine *machine, uint32_t address, uint16_t code)
{
    memcpy(memory_at(machine, address, 2), &code, 2);
}

uint32_t vb_machine_tap_idcode(const vb_machine *machine)
{
    return machine->is_m7 ? 0x5ba00477 : 0x4ba00477;
}

uint32_t vb_machine_boundary_idcode(const vb_machine *machine)
{
    return machine->is_m7 ? 0x06451041 : 0x06470041;
}

uint32_t vb_machine_tar_wrap_bytes(const vb_machine *machine)
{
    return machine->is_m7 ? 1024 : 4096;
}

void vb_machine_reset(vb_machine *machine)
{
    machine->state.resets++;
    machine->reset_requested = false;
    memset(machine->registers, 0, sizeof machine->registers);
    memcpy(&machine->registers[13], machine->rom, 4);
    memcpy(&machine->registers[15], machine->rom + 4, 4);
    machine->registers[15] &= ~1u;
    machine->registers[16] = 0x01000000;
}

static vb_stop execute(vb_machine *machine)
{
    uint32_t *pc = &machine->registers[15];
    uint16_t code = 0xDE00;
    if (memory_at(machine, *pc, 2))
        memcpy(&code, memory_at(machine, *pc, 2), 2);
    if (code >> 8 == 0xBE)
        return VB_STOP_BREAKPOINT;
    if (code == 0xDE00)
        return VB_STOP_LOCKUP;
    machine->instructions++;
    if (code == 0xE7FE)
        return VB_STOP_IDLE;
    if (code == 0xDEFF)
        machine->reset_requested = true;
    if (code > 0xDE00 && code < 0xDE10) {
        machine->registers[16] = 0x01000000u | (code & 0xF);
        memcpy(pc, machine->rom + (size_t)4 * (code & 0xFu), 4);
        *pc &= ~1u;
        return VB_STOP_SLICE;
    }
    machine->registers[0]++;
    *pc += 2;
    return code == 0xBF30 ? VB_STOP_IDLE : VB_STOP_SLICE;
}

static bool at_breakpoint(const vb_machine *machine)
{
    for (uint32_t i = 0; i < machine->state.breakpoint_count; i++)
        if (machine->state.breakpoints[i] == machine->registers[15])
            return true;
    return false;
}

vb_stop vb_machine_run(vb_machine *machine, uint64_t max_instructions)
{
    for (uint64_t i = 0; i < max_instructions; i++) {
        if (machine->reset_requested)
            return VB_STOP_RESET;
        if (at_breakpoint(machine))
            return VB_STOP_BREAKPOINT;
        vb_stop stop = execute(machine);
        if (stop != VB_STOP_SLICE)
            return stop;
    }
    return VB_STOP_SLICE;
}

vb_stop vb_machine_step(vb_machine *machine)
{
    return vb_machine_run(machine, 1);
}

void vb_machine_set_breakpoints(vb_machine *machine, const uint32_t *addresses, uint32_t count)
{
    machine->state.breakpoint_sets++;
    machine->state.breakpoint_count = count;
    for (uint32_t i = 0; i < count; i++)
        machine->state.breakpoints[i] = addresses[i];
}

static bool is_debug_register(uint32_t address)
{
    return (address >= 0xE000EDF0 && address <= 0xE000EDFC) || address == 0xE000ED30 ||
           address >> 12 == 0xE0002;
}

bool vb_machine_bus_read(vb_machine *machine, uint32_t address, uint32_t size, uint32_t *value)
{
    *value = 0;
    if (is_debug_register(address)) {
        *value = machine->debug.read(machine->debug.user, address);
    } else if (address == 0xE000ED00) {
        *value = machine->is_m7 ? 0x411FC270 : 0x410FC241;
    } else if (address >> 12 != 0xE000E) {
        const uint8_t *memory = memory_at(machine, address, size);
        if (!memory)
            return false;
        memcpy(value, memory, size);
    }
    return true;
}

bool vb_machine_bus_write(vb_machine *machine, uint32_t address, uint32_t size, uint32_t value)
{
    if (is_debug_register(address)) {
        machine->debug.write(machine->debug.user, address, value, false);
    } else if (address == 0xE000ED0C) {
        machine->reset_requested = value == 0x05FA0004;
    } else if (address >> 12 != 0xE000E) {
        uint8_t *memory = memory_at(machine, address, size);
        if (!memory || address < ROM_BYTES)
            return false;
        memcpy(memory, &value, size);
    }
    return true;
}

uint32_t vb_machine_get_register(vb_machine *machine, uint32_t regsel)
{
    return regsel < 128 ? machine->registers[regsel] : 0;
}

void vb_machine_set_register(vb_machine *machine, uint32_t regsel, uint32_t value)
{
    if (regsel < 128)
        machine->registers[regsel] = value;
}

uint64_t vb_machine_instructions(const vb_machine *machine)
{
    return machine->instructions;
}

uint64_t vb_machine_cycles(const vb_machine *machine)
{
    return machine->instructions;
}
