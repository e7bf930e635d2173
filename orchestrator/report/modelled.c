/* SPDX-License-Identifier: Apache-2.0 */
#include "report/modelled.h"

const char *hf_timing_name(bool modelled)
{
    return modelled ? "modelled" : "measured";
}

const char *hf_modelled_suffix(bool modelled)
{
    return modelled ? " (modelled)" : "";
}

const char *hf_modelled_asterisk(bool modelled)
{
    return modelled ? "*" : "";
}

void hf_html_timing_badge(bool modelled, hf_buffer *out)
{
    hf_buffer_printf(out, "<span class=\"badge %s\">%s</span>", modelled ? "warn" : "good",
                     hf_timing_name(modelled));
}

void hf_html_modelled_notice(hf_buffer *out)
{
    hf_buffer_puts(out, "<p class=\"notice\"><b>Modelled timing.</b> Results marked <b>modelled</b> come "
                        "from virtual boards: the real firmware ran in an emulator and its cycles come "
                        "from a timing model of the core, not from silicon. Memory, outputs and "
                        "instruction counts are exact.</p>\n");
}
