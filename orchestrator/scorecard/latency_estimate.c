/* SPDX-License-Identifier: Apache-2.0 */
#include "scorecard/latency_estimate.h"

#include <string.h>

const hf_cost_table *hf_cost_table_of(const hf_chip *chip)
{
    for (const hf_cost_table *table = hf_cost_tables; table->chip; table++)
        if (strcmp(table->chip, chip->name) == 0)
            return table;
    return NULL;
}

double hf_cost_cycles(const hf_cost_table *table, const hf_op_work *work)
{
    double cycles = 0;
    for (int i = 0; i < HF_WORK_TERMS; i++)
        cycles += table->cycles[work->kernel][i] * work->terms[i];
    return cycles;
}
