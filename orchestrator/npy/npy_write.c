/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>

#include "npy/npy.h"

#define ALIGNMENT 64 /* of the values, as NumPy writes them */

void hf_npy_write(const hf_npy *array, hf_buffer *out)
{
    static const char *const codes[HF_NPY_TYPES] = {
#define CODE(name, text, code, bytes) [HF_NPY_##name] = (bytes) == 1 ? "|" code : "<" code,
        HF_NPY_TYPE_MAP(CODE)
#undef CODE
    };
    hf_buffer header = HF_BUFFER_INIT;
    uint64_t count = 1;
    hf_buffer_printf(&header, "{'descr': '%s', 'fortran_order': False, 'shape': (", codes[array->type]);
    for (int i = 0; i < array->rank; i++) {
        hf_buffer_printf(&header, "%s%" PRIu64, i ? ", " : "", array->shape[i]);
        count *= array->shape[i];
    }
    hf_buffer_puts(&header, array->rank == 1 ? ",), }" : "), }");
    while ((10 + header.size + 1) % ALIGNMENT != 0 && !header.failed)
        hf_buffer_putc(&header, ' ');
    hf_buffer_putc(&header, '\n');
    const uint8_t start[] = {
        0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0, (uint8_t)header.size, (uint8_t)(header.size >> 8)};
    hf_buffer_append(out, start, sizeof start);
    hf_buffer_append(out, header.data, header.size);
    hf_buffer_append(out, array->values, (size_t)count * hf_npy_type_bytes(array->type));
    out->failed |= header.failed;
    hf_buffer_free(&header);
}
