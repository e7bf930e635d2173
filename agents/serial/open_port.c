/* SPDX-License-Identifier: Apache-2.0 */
#include "serial/serial.h"

hf_status hf_serial_open(const hf_serial_address *address, uint32_t baud, hf_transcript *transcript,
                         hf_deadline deadline, const hf_watch *watch, hf_serial **out, hf_error *err)
{
    switch (address->kind) {
    case HF_PORT_DEVICE:
        return hf_serial_open_port(address->name, baud, transcript, out, err);
    case HF_PORT_PTY:
        return hf_serial_open_pty(address->name, baud, transcript, out, err);
    case HF_PORT_TCP:
    case HF_PORT_RFC2217:
        return hf_serial_open_tcp(address, baud, transcript, deadline, watch, out, err);
    }
    return HF_FAIL_AS(err, HF_FAULT_FARM, HF_EINVALID, "unknown kind of port");
}
