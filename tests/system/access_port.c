/* SPDX-License-Identifier: BSD-3-Clause */
/* An access port of a VLAN switch, for kernels that have no VLAN devices: frames of one VLAN that
 * come in by the trunk leave untagged by the access interface, and back with the tag put on.
 * Everything else from the trunk is dropped. What a sender leaves to its NIC (checksums,
 * segmentation) goes on with the frame, for the kernel to do. Used by the tests only.
 *
 *     access_port TRUNK ACCESS VLAN     prints "ready", runs until a signal ends it */
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
    int vlan; /* -1: untagged; the kernel has taken the tag off already */
};

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
transmit(int fd, const struct frame *f, int vlan)
{
    uint16_t tag[2] = {htons(ETH_P_8021Q), htons((uint16_t)vlan)};
    struct virtio_net_hdr offload = f->offload;
    struct iovec iov[4] = {
        {.iov_base = &offload, .iov_len = sizeof(offload)},
        {.iov_base = (void *)(uintptr_t)f->bytes, .iov_len = MACS},
        {.iov_base = tag, .iov_len = vlan < 0 ? 0 : TAG},
        {.iov_base = (void *)(uintptr_t)(f->bytes + MACS), .iov_len = f->len - MACS},
    };
    struct msghdr m = {.msg_iov = iov, .msg_iovlen = 4};

    if (vlan >= 0) { /* the headers begin after the tag */
        offload.csum_start += (offload.flags & VIRTIO_NET_HDR_F_NEEDS_CSUM) != 0 ? TAG : 0;
        offload.hdr_len += offload.hdr_len > 0 ? TAG : 0;
    }
    (void)sendmsg(fd, &m, 0);
}

static void
forward(int from, int to, int vlan_in, int vlan_out)
{
    struct frame f;

    for (int i = 0; i < BURST && receive(from, &f); i++)
        if (f.len > 0 && f.vlan == vlan_in)
            transmit(to, &f, vlan_out);
}

int
main(int argc, char *argv[])
{
    if (argc != 4) {
        fprintf(stderr, "usage: %s TRUNK ACCESS VLAN\n", argv[0]);
        return 2;
    }
    int trunk = open_port(argv[1]), access = open_port(argv[2]), vlan = atoi(argv[3]);
    struct pollfd ports[2] = {{.fd = trunk, .events = POLLIN}, {.fd = access, .events = POLLIN}};

    printf("ready\n");
    fflush(stdout);
    while (poll(ports, 2, -1) >= 0 || errno == EINTR) {
        forward(trunk, access, vlan, -1);
        forward(access, trunk, -1, vlan);
    }
    return 1;
}
