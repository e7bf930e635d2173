/* SPDX-License-Identifier: Apache-2.0 */
#include "pool.h"

#include <pthread.h>
#include <stdlib.h>

typedef struct job {
    hf_task_pool_job *run;
    void *argument;
    struct job *next;
} job;

struct hf_task_pool_thread {
    hf_task_pool *pool;
    pthread_t thread;
    hf_store *store;
};

struct hf_task_pool {
    const char *name, *store_path;
    hf_task_pool_thread *threads;
    unsigned count;
    pthread_mutex_t mutex;
    pthread_cond_t added;
    job *first, **last;
    bool ending;
};

/* @return the next job; NULL = the thread is to end */
static job *take_job(hf_task_pool *pool)
{
    pthread_mutex_lock(&pool->mutex);
    while (!pool->first && !pool->ending)
        pthread_cond_wait(&pool->added, &pool->mutex);
    job *taken = pool->first;
    if (taken) {
        pool->first = taken->next;
        if (!pool->first)
            pool->last = &pool->first;
    }
    pthread_mutex_unlock(&pool->mutex);
    return taken;
}

static void *run_thread(void *argument)
{
    hf_task_pool_thread *thread = argument;
    pthread_setname_np(pthread_self(), thread->pool->name);
    job *next;
    while ((next = take_job(thread->pool))) {
        next->run(thread, next->argument);
        free(next);
    }
    hf_store_close(thread->store);
    return NULL;
}

hf_status hf_task_pool_new(const char *name, unsigned threads, const char *store_path, hf_task_pool **out,
                           hf_error *err)
{
    hf_task_pool *pool = calloc(1, sizeof *pool);
    hf_task_pool_thread *array = calloc(threads, sizeof *array);
    if (!pool || !array) {
        free(pool);
        free(array);
        return HF_FAIL_AS(err, HF_FAULT_FARM, HF_ENOMEM, "no memory for threads");
    }
    *pool = (hf_task_pool){.name = name, .store_path = store_path, .threads = array, .last = &pool->first};
    pthread_mutex_init(&pool->mutex, NULL);
    pthread_cond_init(&pool->added, NULL);
    for (; pool->count < threads; pool->count++) {
        array[pool->count].pool = pool;
        if (pthread_create(&array[pool->count].thread, NULL, run_thread, &array[pool->count]) != 0)
            break;
    }
    if (pool->count == threads) {
        *out = pool;
        return HF_OK;
    }
    hf_task_pool_free(pool);
    return HF_FAIL_AS(err, HF_FAULT_FARM, HF_EIO, "cannot start a thread");
}

void hf_task_pool_free(hf_task_pool *pool)
{
    if (!pool)
        return;
    pthread_mutex_lock(&pool->mutex);
    pool->ending = true;
    pthread_cond_broadcast(&pool->added);
    pthread_mutex_unlock(&pool->mutex);
    for (unsigned i = 0; i < pool->count; i++)
        pthread_join(pool->threads[i].thread, NULL);
    pthread_mutex_destroy(&pool->mutex);
    pthread_cond_destroy(&pool->added);
    free(pool->threads);
    free(pool);
}

hf_status hf_task_pool_add(hf_task_pool *pool, hf_task_pool_job *run, void *argument)
{
    job *added = malloc(sizeof *added);
    if (!added)
        return HF_ENOMEM;
    *added = (job){.run = run, .argument = argument};
    pthread_mutex_lock(&pool->mutex);
    const bool ending = pool->ending;
    if (!ending) {
        *pool->last = added;
        pool->last = &added->next;
        pthread_cond_signal(&pool->added);
    }
    pthread_mutex_unlock(&pool->mutex);
    if (ending)
        free(added);
    return ending ? HF_ECANCELLED : HF_OK;
}

hf_status hf_task_pool_store(hf_task_pool_thread *thread, hf_store **store, hf_error *err)
{
    hf_status status = HF_OK;
    if (!thread->store)
        status = hf_store_open(thread->pool->store_path, &thread->store, err);
    if (status == HF_OK)
        *store = thread->store;
    return status;
}
