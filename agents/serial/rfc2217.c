/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A terminal server's port with RFC 2217, the Telnet Com Port Control Option: data with Telnet escapes (RFC
 * 854), mixed with commands that set speed and format. The server answers each command with the value that it
 * has set.
 */
#include <stdlib.h>
#include <string.h>

#include "tcp.h"

/* RFC 854 */
#define IAC  255u
#define DONT 254u
#define DO   253u
#define WONT 252u
#define WILL 251u
#define SB   250u
#define SE   240u
/* Options: RFC 856, RFC 858, RFC 2217 */
#define BINARY   0u
#define SGA      3u
#define COM_PORT 44u
/* RFC 2217, 3: client to server; 100 is added in the server's answers */
#define SET_BAUDRATE   1u
#define SET_DATASIZE   2u
#define SET_PARITY     3u
#define SET_STOPSIZE   4u
#define SET_CONTROL    5u
#define PURGE_DATA     12u
#define ANSWER         100u
#define PARITY_NONE    1u
#define STOP_ONE       1u
#define FLOW_NONE      1u
#define PURGE_BOTH     3u
#define SETTING_MAX    4u /* bytes of the longest value: the speed */
#define ANSWER_WAIT_MS 2000
#define CHUNK_BYTES    1024u

typedef enum telnet_state { DATA, COMMAND, OPTION, SUB, SUB_COMMAND } telnet_state;

typedef struct rfc2217 {
    tcp tcp;
    const hf_watch *watch;
    telnet_state state;
    uint8_t verb;   /* OPTION: DO, DONT, WILL or WONT */
    uint8_t sub[8]; /* SUB: bytes received so far; longer ones are truncated */
    size_t sub_bytes;
    uint8_t held[CHUNK_BYTES]; /* data received while waiting for an answer */
    size_t held_bytes;
    bool accepted, refused; /* COM_PORT, by the server */
    uint32_t answered_baud; /* in the answer; 0 = none since the request */
} rfc2217;

/* ---- Receiving ---- */

static void end_subnegotiation(rfc2217 *line)
{
    const uint8_t *sub = line->sub;
    if (line->sub_bytes == 2 + SETTING_MAX && sub[0] == COM_PORT && sub[1] == SET_BAUDRATE + ANSWER)
        line->answered_baud =
            (uint32_t)sub[2] << 24 | (uint32_t)sub[3] << 16 | (uint32_t)sub[4] << 8 | sub[5];
}

static void set_option(rfc2217 *line, uint8_t option)
{
    if (option == COM_PORT) {
        line->accepted |= line->verb == DO;
        line->refused |= line->verb == DONT;
    }
    /* Others confirm our own requests or stay unanswered, which means refusal (RFC 854). */
}

/* Processes a received byte. @return true if it is data */
static bool receive_byte(rfc2217 *line, uint8_t byte)
{
    switch (line->state) {
    case DATA:
        if (byte != IAC)
            return true;
        line->state = COMMAND;
        return false;
    case COMMAND:
        line->state = byte == SB ? SUB : byte >= WILL && byte <= DONT ? OPTION : DATA;
        line->verb = byte;
        line->sub_bytes = 0;
        return byte == IAC;
    case OPTION:
        set_option(line, byte);
        line->state = DATA;
        return false;
    case SUB:
        if (byte == IAC)
            line->state = SUB_COMMAND;
        else if (line->sub_bytes < sizeof line->sub)
            line->sub[line->sub_bytes++] = byte;
        return false;
    case SUB_COMMAND:
        line->state = SUB;
        if (byte == IAC && line->sub_bytes < sizeof line->sub)
            line->sub[line->sub_bytes++] = byte;
        if (byte == SE) {
            end_subnegotiation(line);
            line->state = DATA;
        }
        return false;
    }
    return false;
}

/* In place. @return the number of data bytes */
static size_t decode(rfc2217 *line, uint8_t *bytes, size_t count)
{
    size_t kept = 0;
    for (size_t i = 0; i < count; i++)
        if (receive_byte(line, bytes[i]))
            bytes[kept++] = bytes[i];
    return kept;
}

static hf_status line_read(void *state, void *bytes, size_t capacity, hf_deadline deadline,
                           const hf_watch *watch, size_t *got, hf_error *err)
{
    rfc2217 *line = state;
    if (line->held_bytes) {
        size_t count = line->held_bytes < capacity ? line->held_bytes : capacity;
        memcpy(bytes, line->held, count);
        line->held_bytes -= count;
        memmove(line->held, line->held + count, line->held_bytes);
        *got = count;
        return HF_OK;
    }
    for (;;) {
        size_t count = 0;
        hf_status status = tcp_read(&line->tcp, bytes, capacity, deadline, watch, &count, err);
        if (status != HF_OK)
            return status;
        *got = decode(line, bytes, count);
        if (*got)
            return HF_OK;
    }
}

/* ---- Sending ---- */

static hf_status line_write(void *state, const void *bytes, size_t size, hf_deadline deadline,
                            const hf_watch *watch, hf_error *err)
{
    rfc2217 *line = state;
    const uint8_t *from = bytes;
    hf_status status = HF_OK;
    while (size && status == HF_OK) {
        uint8_t escaped[2 * CHUNK_BYTES];
        size_t used = 0;
        for (; size && used + 2 <= sizeof escaped; from++, size--) {
            if (*from == IAC)
                escaped[used++] = IAC;
            escaped[used++] = *from;
        }
        status = tcp_write(&line->tcp, escaped, used, deadline, watch, err);
    }
    return status;
}

static hf_status send_setting(rfc2217 *line, uint8_t command, const uint8_t *value, size_t value_bytes,
                              hf_error *err)
{
    uint8_t message[6 + 2 * SETTING_MAX] = {IAC, SB, COM_PORT, command};
    size_t used = 4;
    for (size_t i = 0; i < value_bytes && i < SETTING_MAX; i++) {
        if (value[i] == IAC)
            message[used++] = IAC;
        message[used++] = value[i];
    }
    message[used++] = IAC;
    message[used++] = SE;
    return tcp_write(&line->tcp, message, used, hf_deadline_in_ms(ANSWER_WAIT_MS), line->watch, err);
}

static hf_status send_byte_setting(rfc2217 *line, uint8_t command, uint8_t value, hf_error *err)
{
    return send_setting(line, command, &value, 1, err);
}

static bool has_agreed(const rfc2217 *line)
{
    return line->accepted || line->refused;
}

static bool has_answered(const rfc2217 *line)
{
    return line->answered_baud != 0;
}

/* Reads until done() holds, keeping the data received meanwhile. */
static hf_status await(rfc2217 *line, bool (*done)(const rfc2217 *), hf_deadline deadline, hf_error *err)
{
    while (!done(line)) {
        uint8_t bytes[CHUNK_BYTES];
        size_t got = 0;
        hf_status status = tcp_read(&line->tcp, bytes, sizeof bytes, deadline, line->watch, &got, err);
        if (status == HF_ETIMEOUT)
            return HF_FAIL_AS(err, HF_FAULT_SERIAL, HF_ETIMEOUT,
                              "serial line %s: no RFC 2217 answer; is it a raw port (\"tcp:\")?",
                              line->tcp.name);
        if (status != HF_OK)
            return status;
        got = decode(line, bytes, got);
        /* Before a speed change everything of interest has been read: an overflow loses noise only. */
        size_t room = sizeof line->held - line->held_bytes;
        memcpy(line->held + line->held_bytes, bytes, got < room ? got : room);
        line->held_bytes += got < room ? got : room;
    }
    return HF_OK;
}

static hf_status line_set_baud(void *state, uint32_t baud, hf_error *err)
{
    rfc2217 *line = state;
    const uint8_t value[SETTING_MAX] = {(uint8_t)(baud >> 24), (uint8_t)(baud >> 16), (uint8_t)(baud >> 8),
                                        (uint8_t)baud};
    line->answered_baud = 0;
    hf_status status = send_setting(line, SET_BAUDRATE, value, sizeof value, err);
    if (status == HF_OK)
        status = await(line, has_answered, hf_deadline_in_ms(ANSWER_WAIT_MS), err);
    if (status == HF_OK && line->answered_baud != baud)
        status = HF_FAIL_AS(err, HF_FAULT_SERIAL, HF_EUNSUPPORTED,
                            "serial line %s: the terminal server set %u baud instead of %u", line->tcp.name,
                            (unsigned)line->answered_baud, (unsigned)baud);
    return status;
}

static hf_status line_flush(void *state, hf_error *err)
{
    rfc2217 *line = state;
    hf_status status = send_byte_setting(line, PURGE_DATA, PURGE_BOTH, err);
    /* Decode the bytes instead of just discarding them: they may contain part of a command. */
    while (status == HF_OK) {
        uint8_t bytes[CHUNK_BYTES];
        size_t got = 0;
        hf_error unread = {0};
        status = tcp_read(&line->tcp, bytes, sizeof bytes, hf_deadline_in_ms(0), line->watch, &got, &unread);
        if (status == HF_OK)
            decode(line, bytes, got);
        else if (status != HF_ETIMEOUT)
            return hf_error_pass(err, &unread);
    }
    line->held_bytes = 0;
    return status == HF_ETIMEOUT ? HF_OK : status;
}

static void line_close(void *state)
{
    rfc2217 *line = state;
    tcp_close(&line->tcp);
    free(line);
}

static const hf_serial_ops line_ops = {line_read, line_write, line_set_baud, line_flush, line_close};

/* Negotiates binary data and Com Port Control, then sets the format. */
static hf_status negotiate(rfc2217 *line, uint32_t baud, hf_deadline deadline, hf_error *err)
{
    static const uint8_t offer[] = {IAC, WILL, BINARY, IAC, DO,  BINARY, IAC,     WILL,
                                    SGA, IAC,  DO,     SGA, IAC, WILL,   COM_PORT};
    hf_status status = tcp_write(&line->tcp, offer, sizeof offer, deadline, line->watch, err);
    if (status == HF_OK)
        status = await(line, has_agreed, hf_deadline_min(deadline, hf_deadline_in_ms(ANSWER_WAIT_MS)), err);
    if (status == HF_OK && line->refused)
        status =
            HF_FAIL_AS(err, HF_FAULT_SERIAL, HF_EUNSUPPORTED,
                       "serial line %s: the terminal server refuses RFC 2217; is it a raw port (\"tcp:\")?",
                       line->tcp.name);
    if (status == HF_OK)
        status = send_byte_setting(line, SET_DATASIZE, 8, err);
    if (status == HF_OK)
        status = send_byte_setting(line, SET_PARITY, PARITY_NONE, err);
    if (status == HF_OK)
        status = send_byte_setting(line, SET_STOPSIZE, STOP_ONE, err);
    if (status == HF_OK)
        status = send_byte_setting(line, SET_CONTROL, FLOW_NONE, err);
    return status == HF_OK ? line_set_baud(line, baud, err) : status;
}

hf_status rfc2217_open(const hf_serial_address *address, uint32_t baud, hf_transcript *transcript,
                       hf_deadline deadline, const hf_watch *watch, hf_serial **out, hf_error *err)
{
    rfc2217 *line = calloc(1, sizeof *line);
    if (!line)
        return HF_FAIL_AS(err, HF_FAULT_FARM, HF_ENOMEM, "out of memory");
    line->tcp.fd = -1;
    line->watch = watch;
    hf_status status = tcp_connect(&line->tcp, address, deadline, watch, err);
    if (status == HF_OK)
        status = negotiate(line, baud, deadline, err);
    if (status != HF_OK) {
        line_close(line);
        return status;
    }
    return hf_serial_new(&line_ops, line, transcript, out, err);
}
