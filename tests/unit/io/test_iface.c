/* SPDX-License-Identifier: BSD-3-Clause */
#include "io_rig.h"

#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>

#include "io/iface.h"

Test(iface, an_interface_is_described)
{
    struct iface i;

    rig_new_network();
    cr_assert(iface_find(&i, "lo"));
    cr_assert(eq(str, i.name, "lo"));
    cr_assert(not(i.is_up));
    cr_assert(not(i.is_running));
    rig_lo_up();
    cr_assert(iface_find(&i, "lo"));
    cr_assert(i.is_up);
    cr_assert(i.is_running);
    cr_assert(eq(uint, i.mtu, 65535)); /* lo's 65536 does not fit and is cut */
}

Test(iface, a_name_nobody_has_is_not_found)
{
    struct iface i;

    cr_assert(not(iface_find(&i, "nobody0")));
    cr_assert(not(iface_find(&i, "")));
    cr_assert(not(iface_find(&i, "a_name_of_more_than_15_letters")));
}

Test(iface, the_list_is_cut_at_the_texts_end)
{
    char text[64], tiny[2];

    rig_new_network();
    iface_list(text, sizeof(text));
    cr_assert(eq(str, text, "lo"));
    iface_list(tiny, sizeof(tiny));
    cr_assert(eq(str, tiny, "l"));
}

Test(iface, multicast_is_joined_on_interfaces_that_exist)
{
    int fd;

    rig_new_network();
    cr_assert(eq(int, iface_join_multicast("nobody0"), -1));
    fd = iface_join_multicast("lo");
    cr_assert(ge(int, fd, 0));
    close(fd);
}

Test(iface, what_the_kernel_dropped_is_summed_over_readings)
{
    struct sockaddr_ll addr = {.sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL)};
    int small = 1, fd;
    char frame[1000] = {0};
    struct iface_sockets d;
    uint64_t first;

    rig_new_network();
    rig_lo_up();
    addr.sll_ifindex = (int)if_nametoindex("lo");
    iface_sockets_find(&d, "lo");
    cr_assert(eq(uint, d.n_fds, 0)); /* nobody listens there yet */
    fd = socket(AF_PACKET, SOCK_RAW, htons(ETH_P_ALL));
    cr_assert(eq(int, setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof(small)), 0));
    cr_assert(eq(int, bind(fd, (struct sockaddr *)&addr, sizeof(addr)), 0));
    iface_sockets_find(&d, "lo");
    cr_assert(eq(uint, d.n_fds, 1));
    cr_assert(eq(u64, iface_sockets_drops(&d), 0));
    for (unsigned i = 0; i < 100; i++)
        send(fd, frame, sizeof(frame), 0);
    first = iface_sockets_drops(&d);
    cr_assert(lt(u64, 0, first));
    cr_assert(eq(u64, iface_sockets_drops(&d), first));
    for (unsigned i = 0; i < 100; i++)
        send(fd, frame, sizeof(frame), 0);
    cr_assert(lt(u64, first, iface_sockets_drops(&d)));
    close(fd);
}

Test(iface, a_widened_socket_takes_more_than_a_ring_of_frames)
{
    struct sockaddr_ll addr = {.sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL)};
    struct iface_sockets s;
    socklen_t len = sizeof(int);
    int fd, bytes = 0;

    rig_new_network();
    rig_lo_up();
    addr.sll_ifindex = (int)if_nametoindex("lo");
    fd = socket(AF_PACKET, SOCK_RAW, htons(ETH_P_ALL));
    cr_assert(eq(int, bind(fd, (struct sockaddr *)&addr, sizeof(addr)), 0));
    iface_sockets_find(&s, "lo");
    iface_sockets_widen(&s);
    cr_assert(eq(int, getsockopt(fd, SOL_SOCKET, SO_SNDBUF, &bytes, &len), 0));
    cr_assert(ge(int, bytes, 4096 * 4096));
    close(fd);
}
