/* SPDX-License-Identifier: Apache-2.0 */
#include "html_scatter_chart.h"
#include "report/modelled.h"

#include <math.h>
#include <stdlib.h>

/* Space for a number, and for a point. */
#define NUMBER_WIDTH  15
#define NUMBER_HEIGHT 11
/* And for the name of a limit. */
#define LIMIT_LENGTH 80

static void put_grid(const scatter *chart, hf_buffer *out)
{
    for (int i = 0; i < chart->x.tick_count; i++) {
        double at = hf_axis_place(&chart->x, chart->x.ticks[i]);
        hf_buffer_printf(out,
                         "<line class=\"g\" x1=\"%.1f\" x2=\"%.1f\" y1=\"%d\" y2=\"%d\"/>"
                         "<text class=\"t m\" x=\"%.1f\" y=\"%d\">%g</text>\n",
                         at, at, SCATTER_TOP, SCATTER_BOTTOM, at, SCATTER_BOTTOM + 16, chart->x.ticks[i]);
    }
    for (int i = 0; i < chart->y.tick_count; i++) {
        double at = hf_axis_place(&chart->y, chart->y.ticks[i]);
        hf_buffer_printf(out,
                         "<line class=\"g\" x1=\"%d\" x2=\"%d\" y1=\"%.1f\" y2=\"%.1f\"/>"
                         "<text class=\"t e\" x=\"%d\" y=\"%.1f\">%g</text>\n",
                         SCATTER_LEFT, SCATTER_RIGHT, at, at, SCATTER_LEFT - 7, at + 4, chart->y.ticks[i]);
    }
    hf_buffer_printf(out,
                     "<path class=\"a\" fill=\"none\" d=\"M%d %dV%dH%d\"/>"
                     "<text class=\"m\" x=\"%d\" y=\"%d\">%s</text>"
                     "<text class=\"m\" transform=\"translate(14 %d) rotate(-90)\">%s</text>\n",
                     SCATTER_LEFT, SCATTER_TOP, SCATTER_BOTTOM, SCATTER_RIGHT,
                     (SCATTER_LEFT + SCATTER_RIGHT) / 2, SCATTER_HEIGHT - 10, chart->x_title,
                     (SCATTER_TOP + SCATTER_BOTTOM) / 2, chart->y_title);
}

static void put_limits(const scatter *chart, hf_buffer *out)
{
    double x = chart->x_limit > 0 ? hf_axis_place(&chart->x, chart->x_limit) : SCATTER_RIGHT;
    double y = chart->y_limit > 0 ? hf_axis_place(&chart->y, chart->y_limit) : SCATTER_TOP;
    /* Below the line of the other limit if there is room, so that the line does not cross it out. */
    double label_top = chart->y_limit > 0 && y < SCATTER_BOTTOM - LIMIT_LENGTH ? y + 8 : SCATTER_TOP + 4;
    if (chart->shade_beyond)
        hf_buffer_printf(out, "<path class=\"over\" d=\"M%d %dH%dV%dH%.1fV%.1fH%dz\"/>\n", SCATTER_LEFT,
                         SCATTER_TOP, SCATTER_RIGHT, SCATTER_BOTTOM, x, y, SCATTER_LEFT);
    if (chart->x_limit > 0)
        hf_buffer_printf(out,
                         "<line class=\"l\" x1=\"%.1f\" x2=\"%.1f\" y1=\"%d\" y2=\"%d\"/>"
                         "<text class=\"lt e\" transform=\"translate(%.1f %.1f) rotate(-90)\">%s</text>\n",
                         x, x, SCATTER_TOP, SCATTER_BOTTOM, x - 5, label_top, chart->x_limit_title);
    if (chart->y_limit > 0)
        hf_buffer_printf(out,
                         "<line class=\"l\" x1=\"%d\" x2=\"%d\" y1=\"%.1f\" y2=\"%.1f\"/>"
                         "<text class=\"lt\" x=\"%d\" y=\"%.1f\">%s</text>\n",
                         SCATTER_LEFT, SCATTER_RIGHT, y, y, SCATTER_LEFT + 6, y - 5, chart->y_limit_title);
}

/* Centres of the points and of the numbers placed so far. */
typedef struct taken_places {
    double (*centres)[2];
    size_t count;
} taken_places;

static void take(taken_places *taken, double x, double y)
{
    taken->centres[taken->count][0] = x;
    taken->centres[taken->count++][1] = y;
}

static bool is_free(const taken_places *taken, double x, double y)
{
    for (size_t i = 0; i < taken->count; i++)
        if (fabs(taken->centres[i][0] - x) < NUMBER_WIDTH && fabs(taken->centres[i][1] - y) < NUMBER_HEIGHT)
            return false;
    return x > SCATTER_LEFT + 6 && x < SCATTER_WIDTH - 8 && y > 8 && y < SCATTER_BOTTOM - 6;
}

/* Puts a point's number at the nearest free place, so that dense points can be distinguished. */
static void put_number(taken_places *taken, size_t number, double x, double y, hf_buffer *out)
{
    static const double places[][2] = {{13, -9}, {-13, -9}, {13, 10},  {-13, 10}, {0, -15},
                                       {0, 16},  {18, 0},   {-18, 0},  {26, -14}, {-26, -14},
                                       {26, 16}, {-26, 16}, {14, -24}, {-14, -24}};
    size_t count = sizeof places / sizeof places[0], best = 0;
    while (best < count && !is_free(taken, x + places[best][0], y + places[best][1]))
        best++;
    if (best == count)
        best = 0;
    x += places[best][0];
    y += places[best][1];
    take(taken, x, y);
    hf_buffer_printf(out, "<text class=\"t m\" x=\"%.1f\" y=\"%.1f\">%zu</text>", x, y + 4, number);
}

static void put_points(const hf_report *report, const scatter *chart, hf_buffer *out)
{
    taken_places taken = {.centres = calloc(chart->point_count * 2 + 1, sizeof *taken.centres)};
    if (!taken.centres) {
        out->failed = true;
        return;
    }
    for (size_t i = 0; i < chart->point_count; i++)
        take(&taken, hf_axis_place(&chart->x, chart->points[i].x),
             hf_axis_place(&chart->y, chart->points[i].y));
    for (size_t i = 0; i < chart->point_count; i++) {
        const scatter_point *point = &chart->points[i];
        const hf_result_row *row = &report->results[point->result];
        double x = hf_axis_place(&chart->x, point->x), y = hf_axis_place(&chart->y, point->y);
        hf_buffer_printf(out,
                         "<a href=\"#v%zu\" class=\"k%zu\"><circle class=\"dot%s\" cx=\"%.1f\" cy=\"%.1f\" "
                         "r=\"5\"/>",
                         point->result + 1, point->hue, point->hollow ? " hollow" : "", x, y);
        put_number(&taken, point->result + 1, x, y, out);
        hf_buffer_puts(out, "<title>");
        hf_html_text(out, row->name);
        hf_buffer_puts(out, " on ");
        hf_html_text(out, row->chip);
        hf_buffer_printf(out, "%s</title></a>\n", hf_modelled_suffix(point->hollow));
    }
    free(taken.centres);
}

void hf_html_scatter(const hf_report *report, const scatter *chart, hf_buffer *out)
{
    hf_buffer_printf(out, "<svg viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"%s\">\n", SCATTER_WIDTH,
                     SCATTER_HEIGHT, chart->title);
    put_grid(chart, out);
    put_limits(chart, out);
    put_points(report, chart, out);
    hf_buffer_puts(out, "</svg>");
}
