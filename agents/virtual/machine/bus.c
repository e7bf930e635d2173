/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>
#include <sys/mman.h>

#include "machine_state.h"

static uint64_t on_device_read(uc_engine *uc, uint64_t offset, unsigned size, void *user);
static void on_device_write(uc_engine *uc, uint64_t offset, unsigned size, uint64_t value, void *user);

bool vb_bus_add_memory(vb_machine *m, uint32_t base, uint32_t bytes, vb_memory_kind kind, vb_region region,
                       uint8_t *shared_host)
{
    if (m->memory_count == VB_MAX_MEMORIES)
        return false;
    uint8_t *host = shared_host;
    if (!host) {
        /* Separate host pages: the emulator maps whole pages, and untouched ones cost nothing. */
        host = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (host == MAP_FAILED)
            return false;
    }
    m->memories[m->memory_count++] = (vb_memory){.base = base,
                                                 .bytes = bytes,
                                                 .host = host,
                                                 .kind = kind,
                                                 .region = region,
                                                 .owns_host = shared_host == NULL};
    if (uc_mem_map_ptr(m->uc, base, bytes, UC_PROT_ALL, host) != UC_ERR_OK)
        return false;
    /* Trap 10: flash and ROM without write permission, so that programming reaches the hook. Not through
     * uc_mem_map_ptr(): the emulator would then still perform the write after the hook. */
    return kind == VB_RAM || uc_mem_protect(m->uc, base, bytes, UC_PROT_READ | UC_PROT_EXEC) == UC_ERR_OK;
}

bool vb_bus_add_device(vb_machine *m, const vb_device *device)
{
    if (m->binding_count == VB_MAX_DEVICES)
        return false;
    vb_binding *binding = &m->bindings[m->binding_count++];
    *binding = (vb_binding){.machine = m, .device = *device};
    return uc_mmio_map(m->uc, device->base, device->bytes, on_device_read, binding, on_device_write,
                       binding) == UC_ERR_OK;
}

const vb_memory *vb_bus_memory(const vb_machine *m, uint32_t address, uint32_t bytes)
{
    for (uint32_t i = 0; i < m->memory_count; i++) {
        const vb_memory *memory = &m->memories[i];
        if (address - memory->base < memory->bytes && bytes <= memory->bytes - (address - memory->base))
            return memory;
    }
    return NULL;
}

bool vb_bus_peek(const vb_machine *m, uint32_t address, uint32_t bytes, uint32_t *value)
{
    const vb_memory *memory = vb_bus_memory(m, address, bytes);
    if (!memory)
        return false;
    uint32_t word = 0;
    memcpy(&word, memory->host + (address - memory->base), bytes);
    *value = word;
    return true;
}

bool vb_bus_poke(vb_machine *m, uint32_t address, uint32_t value)
{
    const vb_memory *memory = vb_bus_memory(m, address, 4);
    if (!memory || memory->kind != VB_RAM)
        return false;
    memcpy(memory->host + (address - memory->base), &value, 4);
    return true;
}

/* ---- devices ---- */

static vb_request make_request(const vb_device *device, uint32_t offset, uint32_t bytes, uint32_t value,
                               bool from_code)
{
    uint32_t lane = (offset & 3) * 8;
    uint32_t mask = (bytes >= 4 ? ~0u : (1u << bytes * 8) - 1) << lane;
    return (vb_request){.offset = offset & ~3u,
                        .mask = mask,
                        .value = (value << lane) & mask,
                        .bytes = bytes,
                        .unit = device->unit,
                        .from_code = from_code};
}

static uint32_t device_read(vb_machine *m, const vb_device *device, uint32_t offset, uint32_t bytes,
                            bool from_code)
{
    vb_request request = make_request(device, offset, bytes, 0, from_code);
    return (device->read(m, &request) & request.mask) >> (offset & 3) * 8;
}

static void device_write(vb_machine *m, const vb_device *device, uint32_t offset, uint32_t bytes,
                         uint32_t value, bool from_code)
{
    vb_request request = make_request(device, offset, bytes, value, from_code);
    device->write(m, &request);
}

static uint64_t on_device_read(uc_engine *uc, uint64_t offset, unsigned size, void *user)
{
    (void)uc;
    vb_binding *binding = user;
    return device_read(binding->machine, &binding->device, (uint32_t)offset, size, true);
}

static void on_device_write(uc_engine *uc, uint64_t offset, unsigned size, uint64_t value, void *user)
{
    (void)uc;
    vb_binding *binding = user;
    binding->machine->watch.progress = true;
    device_write(binding->machine, &binding->device, (uint32_t)offset, size, (uint32_t)value, true);
}

static const vb_device *find_device(const vb_machine *m, uint32_t address)
{
    for (uint32_t i = 0; i < m->binding_count; i++)
        if (address - m->bindings[i].device.base < m->bindings[i].device.bytes)
            return &m->bindings[i].device;
    return NULL;
}

/* ---- the debugger's side ---- */

bool vb_machine_bus_read(vb_machine *m, uint32_t address, uint32_t size, uint32_t *value)
{
    if (vb_bus_peek(m, address, size, value))
        return true;
    const vb_device *device = find_device(m, address);
    if (!device) {
        vb_notice_nothing_there(m, address, false);
        return false;
    }
    *value = device_read(m, device, address - device->base, size, false);
    return true;
}

bool vb_machine_bus_write(vb_machine *m, uint32_t address, uint32_t size, uint32_t value)
{
    const vb_memory *memory = vb_bus_memory(m, address, size);
    if (memory && memory->kind == VB_RAM) {
        memcpy(memory->host + (address - memory->base), &value, size);
        return true; /* code there is compared with its translation before it runs: trap 2 */
    }
    if (memory && memory->kind == VB_FLASH && !memory->read_only) {
        m->chip->flash_write(m, (uint32_t)(memory->host - m->flash) + (address - memory->base), size, value,
                             false);
        return true;
    }
    const vb_device *device = memory ? NULL : find_device(m, address);
    if (!device) {
        if (!memory)
            vb_notice_nothing_there(m, address, true);
        return false;
    }
    device_write(m, device, address - device->base, size, value, false);
    return true;
}
