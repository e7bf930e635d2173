/* SPDX-License-Identifier: Apache-2.0 */
/* What a port is locked by. */
#include <arpa/inet.h>
#include <stdio.h>

#include "base/path.h"
#include "serial/address.h"

uint32_t hf_serial_key_count(const hf_serial_address *address)
{
    return address->address_count ? address->address_count : 1;
}

void hf_serial_key(const hf_serial_address *address, uint32_t index, char key[HF_SERIAL_KEY_SIZE])
{
    char text[HF_DEVICE_KEY_SIZE];
    if (!address->address_count) {
        if (hf_path_device_key(address->name, text, NULL) != HF_OK)
            snprintf(text, sizeof text, "%s", address->name);
        snprintf(key, HF_SERIAL_KEY_SIZE, "%.*s", HF_SERIAL_KEY_SIZE - 1, text);
        return;
    }
    const hf_socket_address *at = &address->addresses[index];
    bool v4 = at->any.sa_family == AF_INET;
    const void *bytes = v4 ? (const void *)&at->v4.sin_addr : (const void *)&at->v6.sin6_addr;
    char numeric[INET6_ADDRSTRLEN] = "";
    inet_ntop(at->any.sa_family, bytes, numeric, sizeof numeric);
    snprintf(key, HF_SERIAL_KEY_SIZE, "tcp %s %u", numeric,
             (unsigned)ntohs(v4 ? at->v4.sin_port : at->v6.sin6_port));
}
