/* SPDX-License-Identifier: Apache-2.0 */
/* The columns of the CSV files: each place has one, and FORMATS.md describes them correctly. */
#include "hf_test.h"

#include <stdio.h>
#include <string.h>

#include "report/csv_columns.h"

#define DOCUMENT "orchestrator/report/FORMATS.md"
#define LINE_MAX 2048

static void every_place_has_one_column(const hf_csv_columns *columns)
{
    const int count = hf_csv_column_count(columns);
    for (int place = 1; place <= count; place++) {
        int owners = 0;
        for (size_t i = 0; i < columns->count; i++)
            owners += columns->rows[i].place == place;
        for (size_t i = 0; i < columns->figures->count; i++)
            owners += columns->figures->rows[i].place == place;
        if (owners != 1)
            fail_msg("CSV place %d of %d has %d columns, expected one", place, count, owners);
    }
}

static void places_are_complete(void **state)
{
    (void)state;
    every_place_has_one_column(&hf_result_columns);
    every_place_has_one_column(&hf_layer_columns);
}

/* Cuts "| a | b | c |" at the bars; trims the cells. @return false if it is not a row of three cells */
static bool cut_row(char *line, char *cells[3])
{
    if (line[0] != '|')
        return false;
    char *at = line + 1;
    for (int i = 0; i < 3; i++) {
        char *bar = strchr(at, '|');
        if (!bar)
            return false;
        *bar = '\0';
        while (*at == ' ')
            at++;
        for (char *end = at + strlen(at); end > at && end[-1] == ' ';)
            *--end = '\0';
        cells[i] = at;
        at = bar + 1;
    }
    return true;
}

/* FORMATS.md and the table give the same meaning of a figure. */
static void compare_meaning(const hf_csv_columns *columns, const char *name, const char *told)
{
    for (size_t i = 0; i < columns->figures->count; i++)
        if (strcmp(columns->figures->rows[i].name, name) == 0)
            assert_string_equal(told, columns->figures->rows[i].meaning);
}

/* Names and units below a heading match the columns, in order. */
static void compare_with_document(const char *heading, const hf_csv_columns *columns)
{
    FILE *file = fopen(DOCUMENT, "r");
    assert_non_null(file);
    char line[LINE_MAX], *cells[3];
    while (fgets(line, sizeof line, file) && strcmp(line, heading) != 0) {
    }
    int place = 0;
    while (fgets(line, sizeof line, file) && strncmp(line, "## ", 3) != 0) {
        if (!cut_row(line, cells) || strcmp(cells[0], "column") == 0 || cells[0][0] == '-')
            continue;
        for (char *rest = NULL, *told = strtok_r(cells[0], ", ", &rest); told;
             told = strtok_r(NULL, ", ", &rest)) {
            const char *name = NULL, *unit = NULL;
            hf_csv_type type;
            (void)hf_csv_column_at(columns, ++place, &name, &unit, &type);
            if (!name || strcmp(name, told) != 0)
                fail_msg(DOCUMENT ": column %d is called %s, but %s is written", place, told,
                         name ? name : "none");
            if (strcmp(unit, cells[1]) != 0)
                fail_msg(DOCUMENT ": %s has the unit \"%s\", expected \"%s\"", told, cells[1], unit);
            compare_meaning(columns, told, cells[2]);
        }
    }
    fclose(file);
    assert_int_equal(place, hf_csv_column_count(columns));
}

static void formats_describes_every_column(void **state)
{
    (void)state;
    compare_with_document("## CSV\n", &hf_result_columns);
    compare_with_document("## CSV of layers\n", &hf_layer_columns);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(places_are_complete),
        cmocka_unit_test(formats_describes_every_column),
    };
    return cmocka_run_group_tests_name("report_columns", tests, NULL, NULL);
}
