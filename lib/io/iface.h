/* SPDX-License-Identifier: BSD-3-Clause */
/* Kernel network interfaces, as the process's own network namespace sees them (through sockets,
 * because /sys shows the namespace it was mounted in). */
#pragma once

#include <net/if.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct iface {
    char name[IF_NAMESIZE];
    bool is_up;      /* administratively: `ip link set X up` */
    bool is_running; /* and there is a link */
    uint16_t mtu;
};

/** Look @name up. @return false when there is no such interface. */
bool iface_find(struct iface *i, const char *name);

/** Write the names of all interfaces into @text, "eth0, lo"; "none" when there are none. */
void iface_list(char *text, size_t size);

/**
 * Let @name receive every multicast frame for as long as the descriptor is open, also on a NIC that
 * filters; nothing to undo if the process is killed.
 *
 * @return a descriptor to close when done; -1 when the kernel refuses
 */
int iface_join_multicast(const char *name);

/** The same for frames to any MAC: @name's own need not be ours. */
int iface_join_promiscuous(const char *name);

#define IFACE_SOCKETS_MAX 64

/* The packet sockets of this process on an interface: af_packet's driver opens them, and leaves
 * some of their business undone. */
struct iface_sockets {
    int fds[IFACE_SOCKETS_MAX]; /* the driver's; not ours to close */
    unsigned n_fds;
    uint64_t drops; /* frames the kernel dropped because they were full; asking it resets its count,
                       so the sum is kept here */
};

/** Find the packet sockets of this process that are bound to @name. */
void iface_sockets_find(struct iface_sockets *s, const char *name);

/** Frames dropped since iface_sockets_find(). */
uint64_t iface_sockets_drops(struct iface_sockets *s);

/**
 * Let a whole ring of frames be under way at a time. The kernel stops sending from the ring when
 * the socket's send buffer is used up, which by default is a hundred full frames, and the driver
 * takes that for success: the rest would lie there until somebody sends another frame.
 */
void iface_sockets_widen(const struct iface_sockets *s);

/** Send what lies in the rings for that or another reason; any thread, some tens of times a second.
 */
void iface_sockets_kick(const struct iface_sockets *s);
