/* SPDX-License-Identifier: Apache-2.0 */
#include "run_detached.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

typedef struct job {
    void (*run)(void *argument);
    void *argument;
} job;

static void *run_job(void *argument)
{
    job task = *(job *)argument;
    free(argument);
    task.run(task.argument);
    return NULL;
}

void run_detached(void *user, void (*run)(void *argument), void *argument)
{
    (void)user;
    job *task = malloc(sizeof *task);
    pthread_t thread;
    if (task) {
        *task = (job){run, argument};
        if (pthread_create(&thread, NULL, run_job, task) == 0 && pthread_detach(thread) == 0)
            return;
    }
    fputs("no thread for a request\n", stderr);
    abort();
}
