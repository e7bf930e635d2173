/* SPDX-License-Identifier: Apache-2.0 */
#include "figures/figures.h"

#define HF_FIGURE_STRUCTURE hf_layer
static const hf_figure layer_figures[] = {HF_LAYER_FIGURES(HF_FIGURE_ROW)};
#undef HF_FIGURE_STRUCTURE

const hf_figure_table hf_layer_figures = {layer_figures, sizeof layer_figures / sizeof *layer_figures};

int64_t hf_figure_integer(const hf_figure *figure, const void *figures)
{
    return *(const int64_t *)((const char *)figures + figure->offset);
}

double hf_figure_value(const hf_figure *figure, const void *figures)
{
    if (figure->type == HF_FIGURE_INTEGER)
        return (double)hf_figure_integer(figure, figures);
    return *(const double *)((const char *)figures + figure->offset);
}

bool hf_figure_known(const hf_figure *figure, const void *figures)
{
    return !figure->zero_is_unknown || hf_figure_value(figure, figures) > 0;
}

void *hf_figure_member(const hf_figure *figure, void *figures)
{
    return (char *)figures + figure->offset;
}

bool hf_figure_is_from(const hf_figure *figure, unsigned origins)
{
    return (origins >> figure->origin & 1u) != 0;
}
