/* SPDX-License-Identifier: BSD-3-Clause */
/* See iface.h. */
#include "io/iface.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/if_packet.h>

/* More than a ring of frames takes, with what the kernel counts for each beside its bytes. */
static const int SEND_BUFFER_BYTES = 64 << 20;

bool
iface_find(struct iface *i, const char *name)
{
    struct ifreq req = {0};
    bool found = false;
    int fd;

    if (strlen(name) >= sizeof(i->name))
        return false;
    fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return false;
    *i = (struct iface){0};
    strcpy(i->name, name);
    strcpy(req.ifr_name, name);
    if (ioctl(fd, SIOCGIFFLAGS, &req) == 0) {
        found = true;
        i->is_up = (req.ifr_flags & IFF_UP) != 0;
        i->is_running = (req.ifr_flags & IFF_RUNNING) != 0;
        if (ioctl(fd, SIOCGIFMTU, &req) == 0)
            i->mtu = req.ifr_mtu > UINT16_MAX ? UINT16_MAX : (uint16_t)req.ifr_mtu;
    }
    close(fd);
    return found;
}

void
iface_list(char *text, size_t size)
{
    struct if_nameindex *all = if_nameindex();
    size_t used = 0;

    snprintf(text, size, "none");
    if (all == NULL)
        return;
    for (const struct if_nameindex *i = all; i->if_index != 0 && used < size; i++)
        used +=
            (size_t)snprintf(text + used, size - used, "%s%s", used > 0 ? ", " : "", i->if_name);
    if_freenameindex(all);
}

static int
join(const char *name, unsigned short type)
{
    struct packet_mreq req = {.mr_ifindex = (int)if_nametoindex(name), .mr_type = type};
    int fd =
        socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0); /* protocol 0: receives nothing itself */

    if (fd < 0)
        return -1;
    if (req.mr_ifindex == 0 ||
        setsockopt(fd, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &req, sizeof(req)) != 0) {
        close(fd);
        return -1;
    }
    return fd;
}

int
iface_join_multicast(const char *name)
{
    return join(name, PACKET_MR_ALLMULTI);
}

int
iface_join_promiscuous(const char *name)
{
    return join(name, PACKET_MR_PROMISC);
}

static bool
is_packet_socket(int fd, int ifindex)
{
    struct sockaddr_ll addr = {0};
    socklen_t len = sizeof(addr);

    return getsockname(fd, (struct sockaddr *)&addr, &len) == 0 && addr.sll_family == AF_PACKET &&
           addr.sll_ifindex == ifindex;
}

void
iface_sockets_find(struct iface_sockets *s, const char *name)
{
    int ifindex = (int)if_nametoindex(name);
    struct dirent *entry;
    DIR *dir;

    *s = (struct iface_sockets){0};
    dir = opendir("/proc/self/fd");
    if (dir == NULL)
        return;
    while (ifindex != 0 && s->n_fds < IFACE_SOCKETS_MAX && (entry = readdir(dir)) != NULL) {
        int fd = atoi(entry->d_name);

        if (entry->d_name[0] != '.' && is_packet_socket(fd, ifindex))
            s->fds[s->n_fds++] = fd;
    }
    closedir(dir);
    (void)iface_sockets_drops(s); /* what was before does not count */
    s->drops = 0;
}

uint64_t
iface_sockets_drops(struct iface_sockets *s)
{
    for (unsigned i = 0; i < s->n_fds; i++) {
        struct tpacket_stats stats = {0};
        socklen_t len = sizeof(stats);

        if (getsockopt(s->fds[i], SOL_PACKET, PACKET_STATISTICS, &stats, &len) == 0)
            s->drops += stats.tp_drops;
    }
    return s->drops;
}

void
iface_sockets_widen(const struct iface_sockets *s)
{
    int bytes = SEND_BUFFER_BYTES;

    for (unsigned i = 0; i < s->n_fds; i++) {
        if (setsockopt(s->fds[i], SOL_SOCKET, SO_SNDBUFFORCE, &bytes, sizeof(bytes)) != 0)
            (void)setsockopt(s->fds[i], SOL_SOCKET, SO_SNDBUF, &bytes, sizeof(bytes));
    }
}

void
iface_sockets_kick(const struct iface_sockets *s)
{
    for (unsigned i = 0; i < s->n_fds; i++)
        (void)sendto(s->fds[i], NULL, 0, MSG_DONTWAIT, NULL, 0);
}
