/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LINK_QUEUE_H
#define LINK_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * @file link_queue.h
 * One direction of a slow link: frames are lost at random, wait for their turn at the rate of the link, and arrive after
 * its delay, in the order in which they were sent. Time is the caller's.
 */

/** Frames that wait at most, as in Linux's netem (tc-netem(8), "limit"); further ones are lost. */
#define LINK_QUEUE_FRAMES 1000
/** An Ethernet frame without jumbo frames: IEEE 802.3, 1500 bytes of payload, header and a VLAN tag. */
#define LINK_FRAME_BYTES 1518

typedef struct link_properties {
    uint64_t delay_ns;         /**< of every frame, one way */
    uint64_t rate_bits;        /**< per second; 0 = unlimited */
    uint32_t loss_per_million; /**< 0 to 1,000,000 */
} link_properties;

typedef struct link_queue link_queue;

/** @param properties copied @param seed of the losses @return link_queue_free(); NULL = no memory */
link_queue *link_queue_new(const link_properties *properties, uint64_t seed);
void link_queue_free(link_queue *queue);

/**
 * Sends a frame. @param frame copied @param size in bytes, up to LINK_FRAME_BYTES @param now_ns of a monotonic clock
 * @return false = the link has lost it
 */
bool link_queue_send(link_queue *queue, const void *frame, size_t size, uint64_t now_ns);
/** @return when the next frame arrives; UINT64_MAX = none is on its way */
uint64_t link_queue_next_ns(const link_queue *queue);
/**
 * Takes the next frame that has arrived. @param frame room for LINK_FRAME_BYTES @return its size in bytes; 0 = none has
 */
size_t link_queue_receive(link_queue *queue, void *frame, uint64_t now_ns);

#endif
