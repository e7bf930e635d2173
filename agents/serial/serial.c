/* SPDX-License-Identifier: Apache-2.0 */
#include "serial/serial.h"

#include <stdlib.h>

struct hf_serial {
    const hf_serial_ops *ops;
    void *state;
    hf_transcript *transcript;
};

hf_status hf_serial_new(const hf_serial_ops *ops, void *state, hf_transcript *transcript, hf_serial **out,
                        hf_error *err)
{
    hf_serial *serial = malloc(sizeof *serial);
    if (!serial) {
        ops->close(state);
        return HF_FAIL_AS(err, HF_FAULT_FARM, HF_ENOMEM, "out of memory");
    }
    *serial = (hf_serial){ops, state, transcript};
    *out = serial;
    return HF_OK;
}

void hf_serial_close(hf_serial *serial)
{
    if (!serial)
        return;
    serial->ops->close(serial->state);
    free(serial);
}

hf_status hf_serial_read(hf_serial *serial, void *bytes, size_t capacity, hf_deadline deadline,
                         const hf_watch *watch, size_t *got, hf_error *err)
{
    size_t count = 0;
    hf_status status = serial->ops->read(serial->state, bytes, capacity, deadline, watch, &count, err);
    if (status != HF_OK)
        return status;
    hf_transcript_stream(serial->transcript, HF_SPEAKER_SERIAL_IN, bytes, count);
    *got = count;
    return HF_OK;
}

hf_status hf_serial_write(hf_serial *serial, const void *bytes, size_t size, hf_deadline deadline,
                          const hf_watch *watch, hf_error *err)
{
    hf_transcript_stream(serial->transcript, HF_SPEAKER_SERIAL_OUT, bytes, size);
    return serial->ops->write(serial->state, bytes, size, deadline, watch, err);
}

hf_status hf_serial_set_baud(hf_serial *serial, uint32_t baud, hf_error *err)
{
    hf_transcript_note(serial->transcript, "serial line to %u baud", (unsigned)baud);
    return serial->ops->set_baud(serial->state, baud, err);
}

hf_status hf_serial_flush(hf_serial *serial, hf_error *err)
{
    return serial->ops->flush(serial->state, err);
}
