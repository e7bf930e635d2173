/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/frame.h"

bool hf_line_push(hf_line *line, char byte)
{
    bool by_hand = line->used > 0 && line->bytes[0] == HF_FRAME_BY_HAND;
    if (byte == '\n' || (byte == '\r' && by_hand)) {
        if (line->too_long) {
            line->dropped++;
            hf_line_next(line);
            return false;
        }
        return line->used > 0;
    }
    if (byte == '\r' || line->too_long)
        return false;
    if (line->used + 1 < HF_FRAME_MAX_BYTES) /* the LF counts */
        line->bytes[line->used++] = byte;
    else
        line->too_long = true;
    return false;
}

void hf_line_next(hf_line *line)
{
    line->used = 0;
    line->too_long = false;
}
