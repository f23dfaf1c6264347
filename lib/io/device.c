/* SPDX-License-Identifier: BSD-3-Clause */
/* See device.h. */
#include "io/device.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/device_name.h"
#include "base/suggest.h"
#include "base/units.h"
#include "io/af_packet.h"
#include "io/iface.h"
#include "io/pci.h"
#include "io/vdev.h"

static const char DEVICE_FORMS[] =
    "use loopback, memif:PATH, a PCI address such as 0000:3b:00.0, or a DPDK vdev "
    "such as net_af_packet0,iface=eth0";

struct driver {
    const char *name; /* a vdev's name begins with it */
    enum device_iface iface_role;
    bool is_memif;
    bool is_af_packet; /* its rings are sized by arguments */
    bool makes_mac;    /* at random, or always the same */
    bool is_bonding;
    bool needs_pci; /* stands on PCI devices */
    bool needs_single_file_segments;
    bool closes_as_root;  /* takes its program off the interface */
    bool has_peer_socket; /* at path=: with server=1 it waits there, else somebody has to */
    struct device_quirks quirks;
};

/* All of net_tap was found with DPDK 22.11. */
#define TAP_QUIRKS                                                                                 \
    {                                                                                              \
        .peer_is_kernel = true, .mac_is_kernels = true, .tso_no_v6 = true,                         \
        .tso_len_is_frame = true                                                                   \
    }

/* What a kernel sends to a veth, a tap or a virtio device may be meant for a NIC to finish. */
#define OF_A_KERNEL                                                                                \
    {                                                                                              \
        .peer_is_kernel = true                                                                     \
    }

/* And the driver reads it as it is, from a packet socket; of a frame net_pcap asks libpcap for
 * RTE_ETHER_MAX_JUMBO_FRAME_LEN bytes. */
#define PACKET_SOCKET                                                                              \
    {                                                                                              \
        .peer_is_kernel = true, .mtu_by = DEVICE_MTU_IFACE,                                        \
        .long_frame_bytes = AF_PACKET_FRAME_MAX                                                    \
    }
#define LIBPCAP                                                                                    \
    {                                                                                              \
        .peer_is_kernel = true, .long_frame_bytes = 16128                                          \
    }

static const struct driver drivers[] = {
    {.name = "net_af_packet",
     .iface_role = DEVICE_IFACE_USED,
     .is_af_packet = true,
     .quirks = PACKET_SOCKET},
    {.name = "eth_af_packet",
     .iface_role = DEVICE_IFACE_USED,
     .is_af_packet = true,
     .quirks = PACKET_SOCKET},
    {.name = "net_af_xdp",
     .iface_role = DEVICE_IFACE_USED,
     .closes_as_root = true,
     .quirks = OF_A_KERNEL},
    {.name = "net_tap", .iface_role = DEVICE_IFACE_MADE, .makes_mac = true, .quirks = TAP_QUIRKS},
    {.name = "eth_tap", .iface_role = DEVICE_IFACE_MADE, .makes_mac = true, .quirks = TAP_QUIRKS},
    {.name = "net_memif",
     .is_memif = true,
     .makes_mac = true,
     .quirks = {.mtu_by = DEVICE_MTU_ANY}},
    {.name = "net_virtio_user",
     .makes_mac = true,
     .needs_single_file_segments = true,
     .has_peer_socket = true,
     .quirks = OF_A_KERNEL},
    {.name = "virtio_user",
     .makes_mac = true,
     .needs_single_file_segments = true,
     .has_peer_socket = true,
     .quirks = OF_A_KERNEL},
    {.name = "net_vhost", .makes_mac = true, .quirks = OF_A_KERNEL},
    {.name = "eth_vhost", .makes_mac = true, .quirks = OF_A_KERNEL},
    {.name = "net_pcap", .makes_mac = true, .quirks = LIBPCAP},
    {.name = "eth_pcap", .makes_mac = true, .quirks = LIBPCAP},
    {.name = "net_null", .makes_mac = true},
    {.name = "eth_null", .makes_mac = true},
    {.name = "net_ring", .makes_mac = true},
    {.name = "eth_ring", .makes_mac = true},
    {.name = "net_softnic"},
    {.name = "net_bonding", .is_bonding = true, .needs_pci = true},
    {.name = "net_failsafe", .needs_pci = true},
    {.name = "net_vdev_netvsc", .needs_pci = true},
};

static const struct driver *
find_driver(const char *name)
{
    for (unsigned i = 0; i < ARRAY_LEN(drivers); i++) {
        if (strncmp(name, drivers[i].name, strlen(drivers[i].name)) == 0)
            return &drivers[i];
    }
    return NULL;
}

/* The known name within two slips of @name without its number; NULL when none is that near. */
static const char *
nearest_name(const char *name)
{
    const char *nearest = NULL;
    unsigned least = 3, distance;
    char stem[64];
    size_t len = strlen(name);

    while (len > 0 && isdigit((unsigned char)name[len - 1]))
        len--;
    snprintf(stem, sizeof(stem), "%.*s", (int)len, name);
    if ((distance = suggest_distance(stem, DEVICE_LOOPBACK_NAME)) < least) {
        least = distance;
        nearest = DEVICE_LOOPBACK_NAME;
    }
    for (unsigned i = 0; i < ARRAY_LEN(drivers); i++) {
        if ((distance = suggest_distance(stem, drivers[i].name)) < least) {
            least = distance;
            nearest = drivers[i].name;
        }
    }
    return nearest;
}

static int
fail_unknown(const char *text, const char *name, struct fail *f)
{
    const char *nearest = nearest_name(name);
    struct iface iface;

    if (iface_find(&iface, name))
        return fail_set(f, EXIT_USAGE,
                        "device \"%s\" is a kernel interface; to send through it use "
                        "net_af_packet0,iface=%s",
                        text, name);
    if (nearest != NULL)
        return fail_set(f, EXIT_USAGE, "device \"%s\" is unknown: did you mean %s%s? Otherwise %s",
                        text, nearest, device_name_is_loopback(nearest) ? "" : "0", DEVICE_FORMS);
    return fail_set(f, EXIT_USAGE, "device \"%s\" is unknown: %s", text, DEVICE_FORMS);
}

static int
parse_vdev(struct device *d, struct fail *f)
{
    const char *text = d->args;
    const struct driver *driver;
    char mac[32];
    char server[8];
    char mode[8];

    snprintf(d->name, sizeof(d->name), "%.*s", (int)strcspn(text, ","), text);
    driver = find_driver(d->name);
    if (driver == NULL)
        return fail_unknown(text, d->name, f);
    d->kind = DEVICE_VDEV;
    d->iface_role = driver->iface_role;
    d->makes_mac = driver->makes_mac && !vdev_argument(text, "mac", mac, sizeof(mac));
    d->needs_pci = driver->needs_pci;
    d->runs_lacp = driver->is_bonding && vdev_argument(text, "mode", mode, sizeof(mode)) &&
                   strcmp(mode, "4") == 0;
    d->is_af_packet = driver->is_af_packet;
    d->needs_single_file_segments = driver->needs_single_file_segments;
    d->closes_as_root = driver->closes_as_root;
    d->quirks = driver->quirks;
    if (driver->has_peer_socket) {
        bool is_server =
            vdev_argument(text, "server", server, sizeof(server)) && strcmp(server, "1") == 0;

        (void)vdev_argument(text, "path", is_server ? d->socket : d->peer_socket,
                            sizeof(d->socket));
    }
    if (driver->is_memif)
        return memif_parse(&d->memif, text, f);
    if (driver->iface_role == DEVICE_IFACE_NONE)
        return 0;
    if (!vdev_argument(text, "iface", d->iface, sizeof(d->iface)) || d->iface[0] == '\0') {
        if (driver->iface_role == DEVICE_IFACE_MADE)
            return 0; /* the driver picks a free name */
        return fail_set(
            f, EXIT_USAGE,
            "device \"%s\" does not say which kernel interface to use: write %s,iface=NAME", text,
            d->name);
    }
    return 0;
}

/* Whether the @len bytes at @at are @argument, its comma included. */
static bool
is_argument(const char *at, size_t len, const char *argument)
{
    return strlen(argument) == len && strncmp(at, argument, len) == 0;
}

/* Whether they are @argument with the number of one of several queues, which goes to @queue. */
static bool
is_queue_argument(const char *at, size_t len, const char *argument, unsigned n_queues, int *queue)
{
    size_t prefix = strlen(argument);
    char *end;
    unsigned long n;

    if (len <= prefix || strncmp(at, argument, prefix) != 0 || !isdigit((unsigned char)at[prefix]))
        return false;
    n = strtoul(at + prefix, &end, 10);
    if (end != at + len || n_queues < 2 || n >= n_queues)
        return false;
    *queue = (int)n;
    return true;
}

/* @args: what follows "loopback". */
static int
parse_loopback(struct device *d, const char *args, unsigned n_queues, struct fail *f)
{
    const char *at = args;

    d->kind = DEVICE_LOOPBACK;
    d->mute_queue = d->deaf_queue = -1;
    while (*at != '\0') {
        size_t len = 1 + strcspn(at + 1, ",");

        if (is_argument(at, len, ",csum=yes"))
            d->csum_offload = true;
        else if (is_argument(at, len, ",rss=no"))
            d->rss_mode = DEVICE_RSS_HIDDEN;
        else if (is_argument(at, len, ",rss=wrong"))
            d->rss_mode = DEVICE_RSS_WRONG;
        else if (!is_queue_argument(at, len, ",mute=", n_queues, &d->mute_queue) &&
                 !is_queue_argument(at, len, ",deaf=", n_queues, &d->deaf_queue))
            return fail_set(
                f, EXIT_USAGE,
                "device \"loopback%s\": \"%.*s\" is none of its arguments; allowed are "
                "csum=yes, rss=no, rss=wrong and, with several --lcores, mute=QUEUE and "
                "deaf=QUEUE, counted from 0",
                args, (int)len - 1, at + 1);
        at += len;
    }
    return 0;
}

int
device_parse(struct device *d, const char *text, unsigned n_queues, bool serves, struct fail *f)
{
    *d = (struct device){0};
    /* What defaults add is shorter than the last quarter. */
    if (strlen(text) >= sizeof(d->args) * 3 / 4)
        return fail_set(f, EXIT_USAGE, "device: the text is longer than %zu bytes",
                        sizeof(d->args) * 3 / 4 - 1);
    if (text[0] == '\0')
        return fail_set(f, EXIT_USAGE, "device: no device is named; %s", DEVICE_FORMS);
    if (device_name_is_loopback(text))
        return parse_loopback(d, text + strlen(DEVICE_LOOPBACK_NAME), n_queues, f);
    if (pci_parse(d->name, sizeof(d->name), text)) {
        d->kind = DEVICE_PCI;
        d->needs_pci = true;
        snprintf(d->args, sizeof(d->args), "%s%s", d->name, text + strcspn(text, ","));
        return 0;
    }
    if (!memif_expand(d->args, sizeof(d->args), text, serves))
        strcpy(d->args, text);
    return parse_vdev(d, f);
}

/* Both ways for each queue; the client makes them for both. */
static void
size_memif(struct device *d, const struct device_wants *wants)
{
    uint32_t bytes = memif_size(d->args, sizeof(d->args), wants->frame_bytes);
    char log2[8];

    if (bytes == 0)
        return;
    d->frame_bytes = bytes - 8; /* and packet buffers become as long as those */
    if (!d->memif.is_server && vdev_argument(d->args, "rsize", log2, sizeof(log2)))
        d->shared_bytes = (UINT64_C(2) * wants->n_queues * bytes) << (strtoul(log2, NULL, 10) & 15);
}

/* Where memory does not allow rings for long frames those are cut off, counted, and what to switch
 * off is said. */
void
device_size(struct device *d, const struct device_wants *wants)
{
    struct af_packet_wants rings_wants = {.n_queues = wants->n_queues,
                                          .frame_bytes = wants->frame_bytes,
                                          .bytes_max = wants->ring_bytes_max};
    struct af_packet_rings rings;
    char args[sizeof(d->args)];

    d->frame_bytes = wants->frame_bytes;
    if (wants->takes_long && d->quirks.long_frame_bytes > wants->frame_bytes)
        d->frame_bytes = rings_wants.frame_bytes = d->quirks.long_frame_bytes;
    if (d->memif.is_memif)
        size_memif(d, wants);
    if (!d->is_af_packet)
        return;
    strcpy(args, d->args);
    af_packet_size(args, sizeof(args), &rings_wants, &rings);
    if (rings.bytes > wants->ring_bytes_max) {
        rings_wants.frame_bytes = wants->frame_bytes;
        strcpy(args, d->args);
        af_packet_size(args, sizeof(args), &rings_wants, &rings);
    }
    strcpy(d->args, args);
    d->frame_bytes = rings.buffer_bytes;
    d->ring_bytes = rings.bytes;
}

static int
check_used_iface(const struct device *d, const struct machine *m, struct fail *f)
{
    struct iface iface;
    char names[256];

    if (!iface_find(&iface, d->iface)) {
        iface_list(names, sizeof(names));
        return fail_set(f, EXIT_HOST, "device %s: there is no interface \"%s\" here; there are: %s",
                        d->name, d->iface, names);
    }
    if (!iface.is_up)
        return fail_set(f, EXIT_HOST,
                        "device %s: interface %s is down; bring it up with: ip link set %s up",
                        d->name, d->iface, d->iface);
    if (m->has_net_raw && m->has_net_admin)
        return 0;
    return fail_set(f, EXIT_HOST,
                    "device %s: to use interface %s it needs CAP_NET_RAW, and CAP_NET_ADMIN to set "
                    "its mode; this process lacks %s. Run as root, which --user leaves again, or "
                    "grant them (AmbientCapabilities= of a systemd unit)",
                    d->name, d->iface,
                    m->has_net_raw     ? "CAP_NET_ADMIN"
                    : m->has_net_admin ? "CAP_NET_RAW"
                                       : "both");
}

static int
check_made_iface(const struct device *d, const struct machine *m, struct fail *f)
{
    struct iface iface;

    if (d->iface[0] != '\0' && iface_find(&iface, d->iface))
        return fail_set(
            f, EXIT_HOST,
            "device %s: interface %s is busy: it exists already; choose another iface= or end "
            "the program that made it",
            d->name, d->iface);
    if (!m->has_net_admin)
        return fail_set(f, EXIT_HOST,
                        "device %s: to make an interface this process lacks CAP_NET_ADMIN. Run as "
                        "root, which --user leaves again, or grant it (AmbientCapabilities= of a "
                        "systemd unit)",
                        d->name);
    return 0;
}

int
device_check(struct device *d, const struct machine *m, const char *root, struct fail *f)
{
    switch (d->kind) {
    case DEVICE_LOOPBACK:
        return 0;
    case DEVICE_PCI:
        return pci_check(d->name, m, root, &d->pci, f);
    case DEVICE_VDEV:
        break;
    }
    switch (d->iface_role) {
    case DEVICE_IFACE_NONE:
        return d->memif.is_memif ? memif_check(&d->memif, f) : 0;
    case DEVICE_IFACE_USED:
        return check_used_iface(d, m, f);
    case DEVICE_IFACE_MADE:
        return check_made_iface(d, m, f);
    }
    return 0;
}

/* The user's interface is not for us to change. */
int
device_check_mtu(const struct device *d, unsigned mtu, struct fail *f)
{
    struct iface iface;

    if (d->iface_role != DEVICE_IFACE_USED || !iface_find(&iface, d->iface) || iface.mtu >= mtu)
        return 0;
    return fail_set(f, EXIT_HOST,
                    "--mtu: interface %s has an MTU of %u, and %u is asked for; raise it with: ip "
                    "link set %s mtu %u",
                    d->iface, iface.mtu, mtu, d->iface, mtu);
}
