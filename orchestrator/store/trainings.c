/* SPDX-License-Identifier: Apache-2.0 */
#include "trainings.h"

#include <math.h>

#include "query.h"

#define EPOCHS_MOST  1000000
#define SECONDS_MOST 1e10
#define LOSS_MOST    1e12

/* What is written can be read again, whatever the record of a training says: NULL for an impossible value. */
static double known(double value, double most)
{
    return value >= 0 && value <= most ? value : NAN;
}

static double known_seconds(double seconds)
{
    return seconds >= 0 && seconds <= SECONDS_MOST ? seconds : 0;
}

static int64_t known_epochs(int32_t epochs)
{
    return epochs >= 0 && epochs <= EPOCHS_MOST ? epochs : 0;
}

static hf_status write_curve(hf_store *store, int64_t result_id, const hf_training_row *training,
                             hf_error *err)
{
    /* A record of a training is a file that may be edited: of an epoch that it lists twice the last counts. */
    hf_sql insert = hf_sql_start(store, "recording the epochs of a training",
                                 "INSERT OR REPLACE INTO training_epochs (result_id, epoch, loss,"
                                 " training_percent, validation_percent, seconds) VALUES (?, ?, ?, ?, ?, ?)",
                                 "");
    for (size_t i = 0; i < training->curve_count; i++) {
        const hf_epoch_row *epoch = &training->curve[i];
        if (!known_epochs(epoch->epoch))
            continue;
        hf_sql_again(&insert, "iirrrr", result_id, (int64_t)epoch->epoch, known(epoch->loss, LOSS_MOST),
                     known(epoch->training_percent, 100), known(epoch->validation_percent, 100),
                     known_seconds(epoch->seconds));
        hf_sql_step(&insert);
    }
    return hf_sql_done(&insert, err);
}

hf_status hf_store_write_training(hf_store *store, int64_t result_id, const hf_training_row *training,
                                  hf_error *err)
{
    static const char doing[] = "recording a training";
    hf_sql sql = hf_sql_start(store, doing, "DELETE FROM trainings WHERE result_id = ?", "i", result_id);
    hf_status status = hf_sql_finish(&sql, err);
    if (status != HF_OK || !training->key)
        return status;
    sql = hf_sql_start(store, doing,
                       "INSERT INTO trainings (result_id, key, complete, epochs, seconds, warning)"
                       " VALUES (?, ?, ?, ?, ?, ?)",
                       "itiirt", result_id, training->key, (int64_t)training->complete,
                       known_epochs(training->epochs), known_seconds(training->seconds), training->warning);
    status = hf_sql_finish(&sql, err);
    return status == HF_OK ? write_curve(store, result_id, training, err) : status;
}

hf_sql hf_store_training_query(hf_store *store)
{
    return hf_sql_start(
        store, "reading trainings",
        "SELECT key, complete, epochs, trainings.seconds, warning, epoch, loss, training_percent,"
        " validation_percent, training_epochs.seconds FROM trainings"
        " LEFT JOIN training_epochs USING (result_id) WHERE result_id = ? ORDER BY epoch",
        "");
}

/* Negative if it is not known. */
static double read_known(hf_sql *query, int column, double most)
{
    return sqlite3_column_type(query->statement, column) == SQLITE_NULL ? -1
                                                                        : hf_sql_real(query, column, 0, most);
}

void hf_store_read_training(hf_sql *query, int64_t result_id, hf_training_row *training)
{
    hf_sql_again(query, "i", result_id);
    while (hf_sql_row(query)) {
        int at = 0;
        if (!training->key) {
            training->key = hf_sql_needed_text(query, at);
            training->complete = hf_sql_int(query, at + 1, 0, 1) != 0;
            training->epochs = (int32_t)hf_sql_int(query, at + 2, 0, EPOCHS_MOST);
            training->seconds = hf_sql_real(query, at + 3, 0, SECONDS_MOST);
            training->warning = hf_sql_text(query, at + 4);
        }
        at += 5;
        if (sqlite3_column_type(query->statement, at) == SQLITE_NULL)
            continue; /* no epoch is known */
        hf_epoch_row *epoch =
            hf_query_append(query, (void **)&training->curve, training->curve_count, sizeof *epoch);
        if (!epoch)
            break;
        training->curve_count++;
        epoch->epoch = (int32_t)hf_sql_int(query, at++, 1, EPOCHS_MOST);
        epoch->loss = read_known(query, at++, LOSS_MOST);
        epoch->training_percent = read_known(query, at++, 100);
        epoch->validation_percent = read_known(query, at++, 100);
        epoch->seconds = hf_sql_real(query, at++, 0, SECONDS_MOST);
    }
}
