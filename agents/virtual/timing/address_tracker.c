/* SPDX-License-Identifier: Apache-2.0 */
#include "address_tracker.h"

#include <string.h>

#include "cost.h"

static const vb_symbol UNKNOWN = {.kind = VB_SYMBOL_UNKNOWN};

void vb_tracker_begin(vb_tracker *tracker, vb_core core, const vb_memory_view *view)
{
    tracker->core = core;
    tracker->view = view;
    tracker->stream_count = tracker->value_count = tracker->access_count = tracker->stored_count = 0;
    tracker->pair_count = tracker->unfollowed = 0;
    tracker->last_stream = -1;
    for (unsigned i = 0; i < VB_REGISTER_PC; i++)
        tracker->registers[i] =
            (vb_symbol){.kind = VB_SYMBOL_SUM, .terms = 1, .slot = {(uint8_t)i}, .factor = {1}};
    tracker->registers[VB_REGISTER_PC] = UNKNOWN;
}

/* ---- symbols ---- */

static vb_symbol constant(uint32_t value)
{
    return (vb_symbol){.kind = VB_SYMBOL_SUM, .constant = value};
}

static vb_symbol add_constant(vb_symbol symbol, uint32_t value)
{
    symbol.constant += value;
    return symbol;
}

static bool same_value(const vb_value *a, const vb_value *b)
{
    return a->loaded == b->loaded && a->is_signed == b->is_signed && a->from == b->from &&
           a->bits == b->bits && a->first == b->first && a->offset == b->offset;
}

/** A literal in flash. */
static bool read_literal(const vb_tracker *tracker, const vb_value *value, uint32_t *word)
{
    const vb_memory_view *view = tracker->view;
    uint32_t address = (uint32_t)value->offset;
    return value->loaded && value->bits == 32 && tracker->streams[value->from].terms == 0 &&
           view->place_of(view->user, address).region == VB_REGION_FLASH &&
           view->read(view->user, address, 4, word);
}

/** Turns a value into a term. */
static vb_symbol as_sum(vb_tracker *tracker, vb_symbol symbol)
{
    uint32_t word;
    if (symbol.kind != VB_SYMBOL_VALUE)
        return symbol;
    if (read_literal(tracker, &symbol.value, &word))
        return constant(word);
    uint32_t n = 0;
    while (n < tracker->value_count && !same_value(&tracker->values[n], &symbol.value))
        n++;
    if (n == VB_MAX_VALUES)
        return UNKNOWN;
    tracker->values[n] = symbol.value;
    if (n == tracker->value_count)
        tracker->value_count++;
    return (vb_symbol){
        .kind = VB_SYMBOL_SUM, .terms = 1, .slot = {(uint8_t)(VB_FIRST_VALUE + n)}, .factor = {1}};
}

/** a + b * factor, unless that sum has too many terms. */
static vb_symbol add_symbols(vb_symbol a, vb_symbol b, uint32_t factor)
{
    if (a.kind != VB_SYMBOL_SUM || b.kind != VB_SYMBOL_SUM)
        return UNKNOWN;
    for (uint8_t i = 0; i < b.terms; i++) {
        uint8_t at = 0;
        while (at < a.terms && a.slot[at] != b.slot[i])
            at++;
        if (at == VB_MAX_TERMS)
            return UNKNOWN;
        if (at == a.terms) {
            a.slot[at] = b.slot[i];
            a.factor[at] = 0;
            a.terms++;
        }
        a.factor[at] += b.factor[i] * factor;
    }
    a.constant += b.constant * factor;
    return a;
}

/** Bits of a register's value, which must have its own slot. */
static vb_symbol bits_of(vb_symbol whole, const vb_instruction *next)
{
    bool alone =
        whole.kind == VB_SYMBOL_SUM && whole.terms == 1 && whole.factor[0] == 1 && whole.constant == 0;
    if (!alone)
        return UNKNOWN;
    return (vb_symbol){.kind = VB_SYMBOL_VALUE,
                       .value = {.is_signed = next->is_signed,
                                 .from = whole.slot[0],
                                 .bits = (uint8_t)next->immediate,
                                 .first = next->rm_shift}};
}

/** The destination's value after an instruction that computes an address. */
static vb_symbol result_of(vb_tracker *tracker, const vb_instruction *next, uint32_t pc)
{
    vb_symbol left = constant(0), right = UNKNOWN;
    if (next->rn != VB_NO_REGISTER)
        left = tracker->registers[next->rn];
    if (next->flow == VB_FLOW_ADD_IMMEDIATE && next->immediate == 0)
        return left; /* a move */
    left = as_sum(tracker, left);
    if (next->rm != VB_NO_REGISTER)
        right = as_sum(tracker, tracker->registers[next->rm]);
    switch (next->flow) {
    case VB_FLOW_CONSTANT:
        return constant((uint32_t)next->immediate);
    case VB_FLOW_PC_RELATIVE:
        return constant(((pc + 4) & ~3U) + (uint32_t)next->immediate);
    case VB_FLOW_SET_TOP:
        return left.kind == VB_SYMBOL_SUM && left.terms == 0
                   ? constant((left.constant & 0xFFFF) | (uint32_t)next->immediate << 16)
                   : UNKNOWN;
    case VB_FLOW_ADD_IMMEDIATE:
        return add_constant(left, (uint32_t)next->immediate);
    case VB_FLOW_ADD_REGISTER:
        return add_symbols(left, right, 1U << next->rm_shift);
    case VB_FLOW_SUBTRACT:
        return add_symbols(left, right, 0U - (1U << next->rm_shift));
    case VB_FLOW_BITS:
        return bits_of(left, next);
    default:
        return UNKNOWN;
    }
}

/* ---- streams and accesses ---- */

static bool same_terms(const vb_stream *stream, const vb_symbol *address)
{
    if (stream->terms != address->terms)
        return false;
    for (uint8_t i = 0; i < address->terms; i++)
        if (stream->slot[i] != address->slot[i] || stream->factor[i] != address->factor[i])
            return false;
    return true;
}

/** @return the stream with these terms, a new one if there is none yet; -1 if there are too many */
static int find_stream(vb_tracker *tracker, const vb_symbol *address)
{
    for (uint32_t i = 0; i < tracker->stream_count; i++)
        if (same_terms(&tracker->streams[i], address))
            return (int)i;
    if (tracker->stream_count == VB_MAX_STREAMS)
        return -1;
    vb_stream *stream = &tracker->streams[tracker->stream_count];
    memset(stream, 0, sizeof *stream);
    stream->terms = address->terms;
    memcpy(stream->slot, address->slot, sizeof stream->slot);
    memcpy(stream->factor, address->factor, sizeof stream->factor);
    stream->low = (int32_t)address->constant;
    stream->values_before = (uint8_t)tracker->value_count;
    return (int)tracker->stream_count++;
}

/** Adds the extra cycles of an unaligned load, for each position of the stream's address in a word. */
static void note_alignment(vb_core core, vb_stream *stream, const vb_instruction *load, uint32_t offset)
{
    if (load->words != 1 || load->access_bytes == 1)
        return;
    for (uint32_t at = 0; at < 4; at++) {
        uint32_t off = (at + offset) % load->access_bytes;
        uint32_t sum =
            stream->unaligned[at] + (off == 0 ? 0 : vb_cost_unaligned(core, load->access_bytes, off));
        stream->unaligned[at] = (uint8_t)(sum < UINT8_MAX ? sum : UINT8_MAX);
    }
}

static void add_access(vb_tracker *tracker, const vb_transfer *access)
{
    if (tracker->access_count > 0) {
        vb_transfer *last = &tracker->accesses[tracker->access_count - 1];
        if (last->stream == access->stream && last->store == access->store &&
            last->offset + last->bytes == access->offset && last->bytes + access->bytes <= UINT8_MAX) {
            last->bytes = (uint8_t)(last->bytes + access->bytes);
            return;
        }
    }
    if (tracker->access_count < VB_MAX_TRANSFERS)
        tracker->accesses[tracker->access_count++] = *access;
    else
        tracker->unfollowed++;
}

/** Whether the block has stored to the loaded word before. */
static bool was_stored(const vb_tracker *tracker, const vb_value *value)
{
    for (uint32_t i = 0; i < tracker->stored_count; i++) {
        const vb_transfer *stored = &tracker->stored[i];
        if (stored->stream == value->from && value->offset < stored->offset + stored->bytes &&
            stored->offset < value->offset + value->bits / 8)
            return true;
    }
    return false;
}

/** Address of a load or store, if it can be followed. */
static vb_symbol address_of(vb_tracker *tracker, const vb_instruction *access, uint32_t pc)
{
    if (access->base == VB_REGISTER_PC)
        return constant(((pc + 4) & ~3U) + (uint32_t)access->offset);
    if (access->base > VB_REGISTER_PC)
        return UNKNOWN;
    vb_symbol address = as_sum(tracker, tracker->registers[access->base]);
    if (access->index < VB_REGISTER_PC)
        address = add_symbols(address, as_sum(tracker, tracker->registers[access->index]),
                              1U << access->index_shift);
    return add_constant(address, (uint32_t)access->offset);
}

/** Records an access. @return what it loads: the first word if there are several */
static vb_symbol note_access(vb_tracker *tracker, const vb_instruction *access, uint32_t pc)
{
    vb_symbol address = address_of(tracker, access, pc);
    int found = address.kind == VB_SYMBOL_SUM ? find_stream(tracker, &address) : -1;
    if (found < 0) {
        tracker->unfollowed++;
        return UNKNOWN;
    }
    tracker->last_stream = found;
    tracker->last_offset = (int32_t)address.constant;
    vb_stream *stream = &tracker->streams[found];
    const vb_transfer transfer = {.offset = (int32_t)address.constant,
                                  .stream = (uint8_t)found,
                                  .bytes = (uint8_t)(access->words * access->access_bytes),
                                  .store = !access->is_load};
    /* The Cortex-M4's stack is never in flash, and no store waits for it. */
    bool on_stack = stream->terms == 1 && stream->slot[0] == VB_REGISTER_SP;
    if (tracker->core == VB_CORE_M7 || (access->is_load && !on_stack))
        add_access(tracker, &transfer);
    if (!access->is_load) {
        if (tracker->stored_count < VB_STORES_REMEMBERED)
            tracker->stored[tracker->stored_count++] = transfer;
        return UNKNOWN;
    }
    uint32_t loads = (uint32_t)stream->loads + access->words;
    stream->loads = (uint16_t)(loads < UINT16_MAX ? loads : UINT16_MAX);
    note_alignment(tracker->core, stream, access, address.constant);
    return (vb_symbol){.kind = VB_SYMBOL_VALUE,
                       .value = {.loaded = true,
                                 .is_signed = access->is_signed,
                                 .from = (uint8_t)found,
                                 .bits = (uint8_t)(access->access_bytes * 8),
                                 .offset = (int32_t)address.constant}};
}

void vb_tracker_add_pair(vb_tracker *tracker, int stream, int32_t offset, uint8_t when)
{
    if (stream < 0 || tracker->last_stream < 0 || tracker->pair_count == VB_MAX_PAIRS)
        return;
    tracker->pairs[tracker->pair_count++] = (vb_access_pair){.first = (uint8_t)stream,
                                                             .second = (uint8_t)tracker->last_stream,
                                                             .when = when,
                                                             .first_offset = offset,
                                                             .second_offset = tracker->last_offset};
}

/** Index of the loaded word that goes to a register: explicit for LDRD, in order for lists. */
static uint32_t word_number(const vb_instruction *load, unsigned reg)
{
    if (load->rd != VB_NO_REGISTER)
        return reg == load->rd ? 0 : 1;
    uint64_t list = load->writes & ~(load->writeback ? 1ULL << load->base : 0);
    return (uint32_t)__builtin_popcountll(list & ((1ULL << reg) - 1));
}

void vb_tracker_step(vb_tracker *tracker, const vb_instruction *next, uint32_t pc)
{
    vb_symbol loaded = UNKNOWN, result = UNKNOWN, base = UNKNOWN;
    tracker->last_stream = -1;
    if (next->words != 0)
        loaded = note_access(tracker, next, pc);
    bool computes = next->flow != VB_FLOW_OPAQUE && next->rd < VB_REGISTER_PC;
    if (computes && !next->conditional)
        result = result_of(tracker, next, pc);
    bool updates_base = next->writeback && next->base < VB_REGISTER_PC;
    if (updates_base && !next->conditional)
        base = add_constant(as_sum(tracker, tracker->registers[next->base]), (uint32_t)next->increment);

    for (unsigned i = 0; i < VB_REGISTER_PC; i++) {
        if (!(next->writes >> i & 1))
            continue;
        tracker->registers[i] = UNKNOWN;
        if (loaded.kind != VB_SYMBOL_VALUE || next->conditional || (updates_base && i == next->base))
            continue;
        vb_symbol word = loaded;
        word.value.offset += (int32_t)word_number(next, i) * 4;
        if (!was_stored(tracker, &word.value))
            tracker->registers[i] = word;
    }
    if (computes)
        tracker->registers[next->rd] = result;
    if (updates_base)
        tracker->registers[next->base] = base;
}
