/* SPDX-License-Identifier: BSD-3-Clause */
/* What the user named as device, understood and checked before EAL starts, so that what is missing
 * can be said in the user's words rather than in EAL's. */
#pragma once

#include <net/if.h>
#include <stdbool.h>

#include "base/fail.h"
#include "io/machine.h"
#include "io/memif.h"
#include "io/pci.h"

enum device_kind {
    DEVICE_LOOPBACK, /* the pair inside this process */
    DEVICE_PCI,
    DEVICE_VDEV,
};

/* What the device has to do with a kernel interface. */
enum device_iface {
    DEVICE_IFACE_NONE,
    DEVICE_IFACE_USED, /* frames go through one that exists */
    DEVICE_IFACE_MADE, /* the driver makes it, so nobody may have it yet */
};

/* Who decides how long frames may be. */
enum device_mtu {
    DEVICE_MTU_PORT,  /* ethdev, which knows what the driver takes */
    DEVICE_MTU_IFACE, /* the kernel's interface: ethdev knows of no more than 1500 */
    DEVICE_MTU_ANY,   /* nobody: ethdev's limit is not the driver's */
};

/* How the loopback with several queues a side spreads TCP over them. All but the first are there to
 * try what is done about devices that do not spread, or do not do as they say. */
enum device_rss {
    DEVICE_RSS_TRUE,   /* by the hash it describes */
    DEVICE_RSS_HIDDEN, /* by another one, and it describes none */
    DEVICE_RSS_WRONG,  /* by another one than it describes */
};

/* Where a driver departs from what ethdev describes. None for a NIC. */
struct device_quirks {
    bool peer_is_kernel; /* frames come from a kernel's virtual interface: TCP's checksum may have
                            been left to a NIC */
    enum device_mtu mtu_by;
    uint32_t long_frame_bytes; /* and so may segmentation: as long a frame comes whole; 0: none
                                  does that is longer than the MTU allows */
    bool mac_is_kernels; /* the MAC it reports is that of the kernel's end: ours must be another */
    bool tso_no_v6;      /* it segments in software, and IPv4 only: IPv6 would leave as it is */
    bool tso_len_is_frame; /* it takes the MTU for the longest frame to segment to: with longer
                              segments it transmits nothing any more */
};

struct device {
    enum device_kind kind;
    enum device_rss rss_mode;   /* with DEVICE_LOOPBACK */
    int mute_queue, deaf_queue; /* the same: of the client's, one that swallows what is sent, and
                                   one that loses what comes to it, as some drivers' do; -1 */
    bool csum_offload; /* the same: it fills and verifies checksums, as NICs do, and frames are
                  taken for intact */
    enum device_iface iface_role;
    struct device_quirks quirks;
    char name[64];  /* ethdev's: "net_af_packet0", "0000:3b:00.0"; "" for loopback */
    char args[768]; /* EAL's: the name, the user's arguments, and defaults where there were none */
    char iface[IF_NAMESIZE]; /* "" without one */
    bool is_af_packet;
    uint32_t frame_bytes; /* device_size(): a packet buffer has to hold so many; */
    struct memif memif;   /* with the driver net_memif */
    bool makes_mac;       /* the driver makes a MAC up, and the user names none */
    bool runs_lacp;       /* it bonds other devices, in mode 4 */
    bool needs_pci;       /* the PCI bus must be scanned */
    bool needs_single_file_segments;
    bool closes_as_root;   /* it leaves something in the kernel that only root takes away */
    char socket[128];      /* at which the driver awaits its peer while it is probed; "" for none */
    char peer_socket[128]; /* at which the peer has to be then; "" for none */
    struct pci_needs pci;  /* with DEVICE_PCI; device_check() sets it */
    uint64_t ring_bytes;   /* of af_packet's rings, which are locked memory; 0 for others */
    uint64_t shared_bytes; /* of a memif's, made by this process for long frames; 0 for others */
};

/**
 * Understand @text. Loopback has @n_queues; @serves is what a memif's part follows from.
 *
 * @return 0, or -1 with @f set (EXIT_USAGE): what @text was perhaps meant to be
 */
int device_parse(struct device *d, const char *text, unsigned n_queues, bool serves,
                 struct fail *f);

struct device_wants {
    unsigned n_queues;
    uint32_t frame_bytes;    /* that the MTU allows, with all headers */
    bool takes_long;         /* frames may come that are longer, if the device brings such */
    uint64_t ring_bytes_max; /* memory for rings */
};

/** Decide how long the frames are that packet buffers and rings are made for. Pure. */
void device_size(struct device *d, const struct device_wants *wants);

/**
 * See whether the device is there, up, free of kernel drivers that stand in the way, and within
 * this process's privileges. @root is put before /sys and /dev ("" for the real ones).
 *
 * @return 0, or -1 with @f set (EXIT_HOST): what is wrong and the command that mends it
 */
int device_check(struct device *d, const struct machine *m, const char *root, struct fail *f);

/** The same for the MTU that the user asks for, where a kernel's interface decides. */
int device_check_mtu(const struct device *d, unsigned mtu, struct fail *f);
