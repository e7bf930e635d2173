/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A slow link between two network namespaces, for kernels without netem: two TAP devices, and frames that pass from one to
 * the other late or not at all. The kernels at its ends see a network card each and do all that they do for a real link.
 * usage: link_emulator DEVICE NAMESPACE DEVICE delay NUMBERms rate NUMBERmbit loss NUMBER%
 * The first device is made in the namespace of the caller, the other in the one of the file NAMESPACE (/run/netns/NAME).
 * Says "ready" when both are there, and ends by a signal.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "link_queue.h"

#define SEEDS 1

static _Noreturn void fail(const char *what, const char *of)
{
    fprintf(stderr, "link_emulator: %s %s: %s\n", what, of,
            strerror(errno)); /* NOLINT(concurrency-mt-unsafe) */
    exit(1);                  /* NOLINT(concurrency-mt-unsafe) */
}

static _Noreturn void show_usage(void)
{
    fputs("usage: link_emulator DEVICE NAMESPACE DEVICE delay NUMBERms rate NUMBERmbit loss NUMBER%\n",
          stderr);
    exit(2); /* NOLINT(concurrency-mt-unsafe) */
}

/* The number before a unit. */
static double number(const char *text, const char *unit)
{
    char *end;
    const double value = strtod(text, &end);
    if (end == text || strcmp(end, unit) != 0 || !(value >= 0 && value <= 1e6))
        show_usage();
    return value;
}

static link_properties read_properties(char **words, int count)
{
    link_properties properties = {0};
    if (count % 2)
        show_usage();
    for (int i = 0; i < count; i += 2) {
        const char *value = words[i + 1];
        if (!strcmp(words[i], "delay"))
            properties.delay_ns = (uint64_t)(number(value, "ms") * 1e6);
        else if (!strcmp(words[i], "rate"))
            properties.rate_bits = (uint64_t)(number(value, "mbit") * 1e6);
        else if (!strcmp(words[i], "loss"))
            properties.loss_per_million = (uint32_t)(number(value, "%") * 1e4);
        else
            show_usage();
    }
    return properties;
}

/* A network card in the namespace of the process, whose frames come from the file that is returned. */
static int open_device(const char *name)
{
    struct ifreq request = {.ifr_flags = IFF_TAP | IFF_NO_PI};
    const int device = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
    if (device < 0)
        fail("cannot open", "/dev/net/tun");
    snprintf(request.ifr_name, sizeof request.ifr_name, "%s", name);
    if (ioctl(device, TUNSETIFF, &request) != 0)
        fail("cannot make the device", name);
    return device;
}

/* Takes in all frames that the kernel at one end has sent. */
static void send_all(int device, link_queue *queue)
{
    uint8_t frame[LINK_FRAME_BYTES + 1];
    for (;;) {
        const ssize_t size = read(device, frame, sizeof frame);
        if (size <= 0)
            return; /* none, or the device is down */
        link_queue_send(queue, frame, (size_t)size, hf_now_ns());
    }
}

/* Hands over what has arrived. A device that is down takes nothing: those frames are lost, as on a cable without a peer. */
static void receive_all(int device, link_queue *queue)
{
    uint8_t frame[LINK_FRAME_BYTES];
    size_t size;
    while ((size = link_queue_receive(queue, frame, hf_now_ns())))
        if (write(device, frame, size) < 0 && errno != EIO && errno != EAGAIN && errno != EINVAL)
            fail("cannot write to", "a device");
}

static void wait_for_frames(const int *devices, const link_queue *there, const link_queue *back)
{
    struct pollfd ends[2] = {{.fd = devices[0], .events = POLLIN}, {.fd = devices[1], .events = POLLIN}};
    const uint64_t a = link_queue_next_ns(there), b = link_queue_next_ns(back), next = a < b ? a : b,
                   now = hf_now_ns();
    const uint64_t wait_ns = next > now ? next - now : 0;
    const struct timespec wait = {(time_t)(wait_ns / 1000000000u), (long)(wait_ns % 1000000000u)};
    if (ppoll(ends, 2, next == UINT64_MAX ? NULL : &wait, NULL) < 0 && errno != EINTR)
        fail("cannot wait for", "frames");
}

int main(int argc, char **argv)
{
    if (argc < 4)
        show_usage();
    const link_properties properties = read_properties(argv + 4, argc - 4);
    int devices[2] = {open_device(argv[1]), -1};
    const int space = open(argv[2], O_RDONLY | O_CLOEXEC);
    if (space < 0 || setns(space, CLONE_NEWNET) != 0)
        fail("cannot enter the network namespace", argv[2]);
    devices[1] = open_device(argv[3]);
    link_queue *there = link_queue_new(&properties, SEEDS), *back = link_queue_new(&properties, SEEDS + 1);
    if (!there || !back)
        fail("no memory for", "the queues");
    puts("ready");
    fflush(stdout);
    for (;;) {
        wait_for_frames(devices, there, back);
        send_all(devices[0], there);
        send_all(devices[1], back);
        receive_all(devices[1], there);
        receive_all(devices[0], back);
    }
}
