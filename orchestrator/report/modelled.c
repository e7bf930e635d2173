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
