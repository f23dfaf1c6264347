/* SPDX-License-Identifier: BSD-3-Clause */
/* An access port of a VLAN switch, for kernels that have no VLAN devices: frames of one VLAN that
 * come in by the trunk leave untagged by the access interface, and back with the tag put on.
 * Everything else from the trunk is dropped. What a sender leaves to its NIC (checksums,
 * segmentation) goes on with the frame, for the kernel to do. Used by the tests only.
 *
 *     access_port TRUNK ACCESS VLAN     prints "ready", runs until a signal ends it; OUTER.INNER is
 *                                       a VLAN with a service tag (802.1ad) before its own */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/virtio_net.h>
#include <net/if.h>
#include <poll.h>
#include <stdalign.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>

enum { MACS = 12, TAG = 4, FRAME_MAX = 66 << 10, BURST = 64, BUFFER_BYTES = 16 << 20 };

struct frame {
    struct virtio_net_hdr offload;
    uint8_t bytes[FRAME_MAX];
    size_t len;
    int vlan; /* of the first tag, which the kernel has taken off; -1: untagged */
};

/* The tags of a VLAN, as they are on the wire; none of frames without. */
struct tags {
    uint8_t bytes[2 * TAG];
    size_t len;
    int first, second; /* VIDs; -1: no such tag */
};

static struct tags
tags_of(const char *text)
{
    struct tags t = {.first = -1, .second = -1};

    if (sscanf(text, "%d.%d", &t.first, &t.second) == 2) {
        uint16_t both[4] = {htons(ETH_P_8021AD), htons((uint16_t)t.first), htons(ETH_P_8021Q),
                            htons((uint16_t)t.second)};

        memcpy(t.bytes, both, t.len = sizeof(both));
    } else if (t.first >= 0) {
        uint16_t one[2] = {htons(ETH_P_8021Q), htons((uint16_t)t.first)};

        memcpy(t.bytes, one, t.len = sizeof(one));
    }
    return t;
}

static int
open_port(const char *interface)
{
    struct sockaddr_ll at = {.sll_family = AF_PACKET,
                             .sll_protocol = htons(ETH_P_ALL),
                             .sll_ifindex = (int)if_nametoindex(interface)};
    int fd = socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK, htons(ETH_P_ALL));
    int on = 1, bytes = BUFFER_BYTES;

    if (fd < 0 || at.sll_ifindex == 0 || bind(fd, (struct sockaddr *)&at, sizeof(at)) < 0 ||
        setsockopt(fd, SOL_PACKET, PACKET_AUXDATA, &on, sizeof(on)) < 0 ||
        setsockopt(fd, SOL_PACKET, PACKET_VNET_HDR, &on, sizeof(on)) < 0) {
        perror(interface);
        exit(1);
    }
    /* Without the privilege the default size has to do. */
    (void)setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof(bytes));
    return fd;
}

static int
frame_vlan(struct msghdr *m)
{
    for (struct cmsghdr *c = CMSG_FIRSTHDR(m); c != NULL; c = CMSG_NXTHDR(m, c)) {
        struct tpacket_auxdata aux;
        if (c->cmsg_level != SOL_PACKET || c->cmsg_type != PACKET_AUXDATA)
            continue;
        memcpy(&aux, CMSG_DATA(c), sizeof(aux));
        if ((aux.tp_status & TP_STATUS_VLAN_VALID) != 0)
            return aux.tp_vlan_tci & 0x0fff;
    }
    return -1;
}

/* @return false when nothing is waiting. A frame of our own sending comes out with len 0. */
static bool
receive(int fd, struct frame *f)
{
    struct sockaddr_ll from;
    alignas(struct cmsghdr) uint8_t control[CMSG_SPACE(sizeof(struct tpacket_auxdata))];
    struct iovec iov[2] = {{.iov_base = &f->offload, .iov_len = sizeof(f->offload)},
                           {.iov_base = f->bytes, .iov_len = sizeof(f->bytes)}};
    struct msghdr m = {.msg_name = &from,
                       .msg_namelen = sizeof(from),
                       .msg_iov = iov,
                       .msg_iovlen = 2,
                       .msg_control = control,
                       .msg_controllen = sizeof(control)};
    ssize_t n = recvmsg(fd, &m, 0);

    if (n < 0)
        return false;
    n -= (ssize_t)sizeof(f->offload);
    f->len = from.sll_pkttype == PACKET_OUTGOING || n < MACS ? 0 : (size_t)n;
    f->vlan = frame_vlan(&m);
    return true;
}

/* A full queue drops the frame, as a switch would. */
static void
transmit(int fd, const struct frame *f, const struct tags *tags)
{
    struct virtio_net_hdr offload = f->offload;
    struct iovec iov[4] = {
        {.iov_base = &offload, .iov_len = sizeof(offload)},
        {.iov_base = (void *)(uintptr_t)f->bytes, .iov_len = MACS},
        {.iov_base = (void *)(uintptr_t)tags->bytes, .iov_len = tags->len},
        {.iov_base = (void *)(uintptr_t)(f->bytes + MACS), .iov_len = f->len - MACS},
    };
    struct msghdr m = {.msg_iov = iov, .msg_iovlen = 4};

    /* The headers begin after the tags. */
    if ((offload.flags & VIRTIO_NET_HDR_F_NEEDS_CSUM) != 0)
        offload.csum_start = (uint16_t)(offload.csum_start + tags->len);
    if (offload.hdr_len > 0)
        offload.hdr_len = (uint16_t)(offload.hdr_len + tags->len);
    (void)sendmsg(fd, &m, 0);
}

/* Whether the frame has those tags; it has none then. */
static bool
take_tags(struct frame *f, const struct tags *tags)
{
    if (f->len == 0 || f->vlan != tags->first)
        return false;
    if (tags->second < 0)
        return true;
    if (f->len < MACS + TAG || memcmp(f->bytes + MACS, tags->bytes + TAG, TAG) != 0)
        return false;
    f->len -= TAG;
    memmove(f->bytes + MACS, f->bytes + MACS + TAG, f->len - MACS);
    return true;
}

static void
forward(int from, int to, const struct tags *in, const struct tags *out)
{
    struct frame f;

    for (int i = 0; i < BURST && receive(from, &f); i++)
        if (take_tags(&f, in))
            transmit(to, &f, out);
}

int
main(int argc, char *argv[])
{
    if (argc != 4) {
        fprintf(stderr, "usage: %s TRUNK ACCESS VLAN\n", argv[0]);
        return 2;
    }
    int trunk = open_port(argv[1]), access = open_port(argv[2]);
    struct tags tagged = tags_of(argv[3]), untagged = {.first = -1, .second = -1};
    struct pollfd ports[2] = {{.fd = trunk, .events = POLLIN}, {.fd = access, .events = POLLIN}};

    printf("ready\n");
    fflush(stdout);
    while (poll(ports, 2, -1) >= 0 || errno == EINTR) {
        forward(trunk, access, &tagged, &untagged);
        forward(access, trunk, &untagged, &tagged);
    }
    return 1;
}
