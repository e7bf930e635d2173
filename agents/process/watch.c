/* SPDX-License-Identifier: Apache-2.0 */
#include "process/watch.h"

#include <errno.h>
#include <string.h>

hf_status hf_watch_add(hf_watch *watch, int fd, hf_watch_ready ready, void *user, hf_error *err)
{
    if (watch->item_count == HF_WATCH_MAX_ITEMS)
        return HF_FAIL(err, HF_ELIMIT, "more than %d descriptors to watch", HF_WATCH_MAX_ITEMS);
    watch->items[watch->item_count++] = (hf_watch_item){fd, ready, user};
    return HF_OK;
}

void hf_watch_remove(hf_watch *watch, const void *user)
{
    if (!watch)
        return;
    uint32_t kept = 0;
    for (uint32_t i = 0; i < watch->item_count; i++)
        if (watch->items[i].user != user)
            watch->items[kept++] = watch->items[i];
    watch->item_count = kept;
}

/* Polls once. HF_OK = fd is ready, HF_EBUSY = only something else was: poll again. */
static hf_status poll_once(const hf_watch *watch, int fd, short events, int wait_ms, hf_error *err)
{
    struct pollfd polled[HF_WATCH_MAX_ITEMS + 2];
    nfds_t count = 0;
    polled[count++] = (struct pollfd){fd, events, 0};
    polled[count++] = (struct pollfd){watch ? watch->cancel_fd : -1, POLLIN, 0};
    for (uint32_t i = 0; watch && i < watch->item_count; i++)
        polled[count++] = (struct pollfd){watch->items[i].fd, POLLIN, 0};

    int ready = poll(polled, count, wait_ms);
    if (ready < 0)
        return errno == EINTR ? HF_EBUSY
                              : HF_FAIL_AS(err, HF_FAULT_FARM, HF_EIO, "poll: %s", strerror(errno));
    if (ready == 0)
        return HF_ETIMEOUT;
    if (polled[1].revents)
        return HF_FAIL(err, HF_ECANCELLED, "cancelled");
    hf_error gone = {0}; /* the first failure of a callback; their results are recorded in it */
    for (nfds_t i = 2; i < count; i++)
        if (polled[i].revents)
            (void)watch->items[i - 2].ready(watch->items[i - 2].user, &gone);
    /* Data first, even if its sender has just ended: the next read sees the end. */
    if (polled[0].revents & events)
        return HF_OK;
    if (gone.status != HF_OK)
        return hf_error_pass(err, &gone);
    return polled[0].revents ? HF_OK : HF_EBUSY;
}

hf_status hf_watch_wait(const hf_watch *watch, int fd, short events, hf_deadline deadline, hf_error *err)
{
    for (;;) {
        int left_ms = hf_deadline_left_ms(deadline);
        hf_status status = poll_once(watch, fd, events, left_ms, err);
        if (status != HF_EBUSY)
            return status;
        if (left_ms == 0)
            return HF_ETIMEOUT;
    }
}
