/* SPDX-License-Identifier: Apache-2.0 */
/* A board's serial port: a device by path or USB identity, a pty, or a terminal server's TCP port. */
#include <ctype.h>
#include <string.h>

#include "farm_reader.h"

#define COUNT_OF(a)     (uint32_t)(sizeof(a) / sizeof((a)[0]))
#define HOST_LENGTH_MAX 253 /* RFC 1035 */

static bool parse_hex16(const char *text, uint16_t *out)
{
    uint32_t value = 0;
    for (uint32_t i = 0; i < 4; i++) {
        if (!isxdigit((unsigned char)text[i]))
            return false;
        uint32_t digit = isdigit((unsigned char)text[i])
                             ? (uint32_t)(text[i] - '0')
                             : (uint32_t)(tolower((unsigned char)text[i]) - 'a' + 10);
        value = value * 16 + digit;
    }
    *out = (uint16_t)value;
    return true;
}

static void read_usb(hf_reader *r, const hf_field *field, const hf_yaml_node *value, void *at)
{
    hf_farm_board *board = at;
    const char *expected = "vendor and product as 4 hexadecimal digits each, such as \"0483:374b\"";
    if (!hf_is_scalar(r, field->name, value, expected))
        return;
    uint16_t vendor = 0, product = 0;
    if (strlen(value->text) != 9 || value->text[4] != ':' || !parse_hex16(value->text, &vendor) ||
        !parse_hex16(value->text + 5, &product) || !vendor || !product) {
        HF_READER_ERROR(r, value, "%s: %s, expected %s", field->name, HF_SHOW(value), expected);
        return;
    }
    board->config.usb_vendor_id = vendor;
    board->config.usb_product_id = product;
}

static const struct {
    const char *key; /* of the mapping, and before the colon of the short form */
    hf_port_kind kind;
} port_kinds[] = {
    {"path", HF_PORT_DEVICE},     {"pty", HF_PORT_PTY},    {"tcp", HF_PORT_TCP},
    {"rfc2217", HF_PORT_RFC2217}, {"usb", HF_PORT_DEVICE},
};

/* "lab-pi:3001", "192.0.2.7:3001", "[fe80::1]:3001" */
static bool parse_address(hf_reader *r, const char *text, hf_board_config *config)
{
    const char *host = text, *end = strrchr(text, ':');
    uint64_t number = 0;
    if (!end || !hf_parse_u64(end + 1, &number) || number < 1 || number > UINT16_MAX)
        return false;
    size_t length = (size_t)(end - host);
    bool bracketed = length > 2 && host[0] == '[' && host[length - 1] == ']';
    if (bracketed) {
        host++;
        length -= 2;
    }
    bool colon = memchr(host, ':', length) != NULL;
    if (length == 0 || length > HOST_LENGTH_MAX || colon != bracketed || strcspn(host, " /[]") < length)
        return false;
    config->port_host = hf_pool_copy(r->pool, host, length);
    config->port_number = (uint16_t)number;
    return true;
}

static void set_port(hf_reader *r, const hf_yaml_node *value, hf_port_kind kind, const char *name,
                     const char *text, hf_board_config *config)
{
    bool address = kind == HF_PORT_TCP || kind == HF_PORT_RFC2217;
    if (strlen(text) < 1 || strlen(text) > HF_FARM_TEXT_MAX) {
        HF_READER_ERROR(r, value, "%s: %s, expected a string of 1 to %d characters", name, HF_SHOW(value),
                        HF_FARM_TEXT_MAX);
        return;
    }
    if (address && !parse_address(r, text, config)) {
        HF_READER_ERROR(r, value,
                        "%s: %s, expected HOST:PORT such as \"lab-pi:3001\", \"192.0.2.7:3001\" or "
                        "\"[fe80::1]:3001\"",
                        name, HF_SHOW(value));
        return;
    }
    config->port_kind = kind;
    if (!address)
        config->port_path = hf_pool_path(r->pool, r->file, text);
}

static void read_place(hf_reader *r, const hf_field *field, const hf_yaml_node *value, void *at)
{
    const char *text = NULL;
    const hf_field as_text = {.name = field->name, .min = 1, .max = HF_FARM_TEXT_MAX};
    hf_read_text(r, &as_text, value, (void *)&text);
    if (!text)
        return;
    uint32_t i = 0;
    while (strcmp(port_kinds[i].key, field->name) != 0)
        i++;
    set_port(r, value, port_kinds[i].kind, field->name, text, &((hf_farm_board *)at)->config);
}

static const hf_field port_fields[] = {
    {.name = "path", .read = read_place}, {.name = "pty", .read = read_place},
    {.name = "tcp", .read = read_place},  {.name = "rfc2217", .read = read_place},
    {.name = "usb", .read = read_usb},    HF_FARM_TEXT_FIELD("serial", usb_serial),
};

/* "/dev/ttyACM0", "pty:PATH", "tcp:HOST:PORT", "rfc2217:HOST:PORT" */
static void read_short_port(hf_reader *r, const hf_field *field, const hf_yaml_node *value,
                            hf_board_config *config)
{
    const char *text = NULL;
    const hf_field as_text = {.name = field->name, .min = 1, .max = HF_FARM_TEXT_MAX};
    hf_read_text(r, &as_text, value, (void *)&text);
    if (!text)
        return;
    for (uint32_t i = 0; i < COUNT_OF(port_kinds); i++) {
        size_t length = strlen(port_kinds[i].key);
        bool named = port_kinds[i].kind != HF_PORT_DEVICE && strncmp(text, port_kinds[i].key, length) == 0 &&
                     text[length] == ':';
        if (named) {
            set_port(r, value, port_kinds[i].kind, field->name, text + length + 1, config);
            return;
        }
    }
    set_port(r, value, HF_PORT_DEVICE, field->name, text, config);
}

void hf_farm_read_port(hf_reader *r, const hf_field *field, const hf_yaml_node *value, void *at)
{
    if (value->kind == HF_NODE_SCALAR) {
        read_short_port(r, field, value, &((hf_farm_board *)at)->config);
        return;
    }
    hf_read_fields(r, field->name, value, port_fields, COUNT_OF(port_fields), at);
    if (value->kind != HF_NODE_MAP)
        return;
    const hf_yaml_node *serial = hf_map_get(value, "serial"), *first = NULL;
    const char *first_key = "";
    for (uint32_t i = 0; i < COUNT_OF(port_kinds); i++) {
        const hf_yaml_node *given = hf_map_get(value, port_kinds[i].key);
        if (given && first)
            HF_READER_ERROR(r, given->key, "port: both \"%s\" and \"%s\", expected one of them", first_key,
                            port_kinds[i].key);
        if (given && !first) {
            first = given;
            first_key = port_kinds[i].key;
        }
    }
    if (!first)
        HF_READER_ERROR(
            r, value,
            "port: none of \"path\", \"pty\", \"tcp\", \"rfc2217\" and \"usb\", expected one of them");
    else if (serial && strcmp(first_key, "usb") != 0)
        HF_READER_ERROR(r, serial->key, "port: \"serial\" next to \"%s\", expected it with \"usb\" only",
                        first_key);
}
