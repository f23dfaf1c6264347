/* SPDX-License-Identifier: BSD-3-Clause */
/* The only place that calls EAL and ethdev: from a device's name to queues that workers poll.
 * Set-up is slow path and runs on the control thread; a queue belongs to one worker. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <rte_ethdev.h>
#include <rte_mbuf.h>
#include <rte_memzone.h>

#include "base/fail.h"
#include "flow/rss.h"
#include "io/eal_log.h"
#include "io/link.h"
#include "io/machine.h"
#include "io/traces.h"

#define IO_BURST 64

struct dev_ops;
struct rss_loopback;
struct handoff_end;

/* What a port that filters has to let pass. */
#define IO_VLANS_MAX 17
struct io_vlans {
    uint16_t ids[IO_VLANS_MAX]; /* of the first tag */
    unsigned n;                 /* 0: frames have none */
    bool are_stacked;           /* some have a second one behind it */
};

/* A port each: of loopback both are one device's, of a run with a device in the middle each side
 * has its own. */
#define IO_DEVICES_MAX 2

struct io_opts {
    const char *device;        /* "loopback", PCI address, vdev string */
    const char *server_device; /* the servers' port, [1], when device is the clients' only, which is
                                  then not loopback; NULL: there is one device */
    const char *eal;           /* extra EAL arguments, "" for none */
    bool is_shared;  /* other DPDK processes may attach to this one and look; on huge pages */
    unsigned lcores; /* workers a side: queue pairs of each port; loopback runs twice as many */
    bool serves;     /* the server's part: it makes a memif's socket, and takes CPUs from the
                        last one down, for a generator on the same machine takes the first ones */
    unsigned mbufs;  /* packet buffers per queue; 0: chosen */
    uint16_t mtu;    /* of the ports; 0: 1500, or theirs if that is less */
    struct io_vlans vlans;  /* of frames */
    bool needs_multicast;   /* IPv6 is spoken: neighbour solicitations must come in */
    uint32_t payload_bytes; /* of struct io's payload; 0: none */
    bool copies_payload; /* frames up to the MTU are copied into buffers, on loopback too; without
                            it nothing there is longer than a handshake's frames */
    bool takes_long; /* payload is received, or TLS: a kernel may send frames longer than the MTU */
    uint8_t mac[6];  /* of a port whose device would make one up at random; */
    uint8_t server_mac[6]; /* the same of server_device's */
    bool mac_is_asked;     /* of any */
    bool no_offload; /* ask the port for nothing: checksums in software, frames of one segment */
};

/* The ports of a process that has both sides. Where it has one, that is [0]. */
enum { IO_PORT_CLIENT, IO_PORT_SERVER };

struct io_port_info {
    uint16_t port_id;
    uint8_t mac[6];
    uint16_t mtu;
    bool tx_ipv4_csum, tx_tcp_csum; /* offloads that are switched on */
    bool rx_ipv4_csum, rx_tcp_csum;
    bool tx_multi_seg;      /* a frame may end in an external segment, io_tx_put_ext() */
    bool tx_tso;            /* and the port segments it; implies tx_multi_seg and tx_tcp_csum */
    uint16_t tso_max;       /* with tx_tso: bytes that one external segment may have */
    uint16_t tso_segsz_max; /* with tx_tso: bytes of payload in the longest segment the port can
                           make; no longer one is asked for, see struct io_ext */
    bool peer_is_kernel;   /* it may leave to a NIC what there is none for: to fill checksums in, to
   cut   frames to the MTU */
    bool csum_is_emulated; /* loopback: frames with offloaded checksums come verified to the other
                            * side
                            */
    bool has_rss; /* received TCP is spread by what rss says, if the device does as it says */
    struct rss_opts rss;
    char driver[64];
};

/* A device that is open. */
struct io_device {
    const struct dev_ops *ops;     /* io/dev.h: what the device's kind does its own way */
    unsigned port;                 /* the first of its ports; only loopback has another */
    char name[64];                 /* ethdev's name of it, "loopback" */
    char iface[16];                /* the kernel interface under the device; "" without one */
    unsigned ifindex;              /* its index: another that has its name is not it */
    struct iface_sockets *sockets; /* af_packet's, io/iface.h; NULL without interface */
    struct memif_link *memif_link; /* a memif's, io/memif_link.h; NULL elsewhere */
    int lock_fd;                   /* keeps a device from being used twice; -1 */
    int multicast_fd;              /* keeps a kernel interface's multicast filter open; -1 */
    int promiscuous_fd;            /* the same for frames to another MAC than its own; -1 */
    char socket[128];              /* that a driver made, to be removed at the end; "" for none */
    bool runs_lacp;                /* it bonds others in mode 4 */
    bool closes_as_root;           /* what opening it did to the kernel only root undoes */
};

struct io {
    struct io_device devices[IO_DEVICES_MAX];
    unsigned n_devices;
    struct io_port_info ports[2]; /* [0] the client's (or the only one), [1] the server's */
    unsigned n_ports;
    bool is_loopback;                  /* both sides are in this process */
    unsigned n_queues;                 /* per port */
    unsigned n_workers;                /* n_ports * n_queues */
    struct rte_mempool *pools[64];     /* by worker */
    struct rte_mempool *ext_pools[64]; /* by worker: what points into the payload; NULL where the
                                      port takes one segment only */
    uint8_t *payload; /* io_opts.payload_bytes, zeroed, the same for all workers: to be
                         filled before they start and left alone then; NULL: none */
    const struct rte_memzone *payload_zone; /* where it lies */
    struct rss_loopback
        *rss_loopback; /* between loopback's sides when they have several queues; NULL elsewhere */
    struct handoff_end *handoff; /* by worker, where ports have several queues; NULL elsewhere */
    unsigned lcores[64];         /* EAL lcore id by worker: port 0's queues first */
    bool shares_cpu[64];         /* by worker: another one runs on its CPU too */
    bool uses_hugepages;
    bool loses_nothing;   /* what the port does not take now, it takes some day */
    bool counts_sent;     /* io_sent() tells what has left the port */
    struct traces traces; /* of opening it, in the file system */
    struct eal_log log;   /* what DPDK and the libraries under it write */
    char note[512];       /* what the user should know although it works; "" */
};

/** The device that has @port. */
static inline unsigned
io_device_of(const struct io *io, unsigned port)
{
    return io->n_devices > 1 ? port : 0;
}

/** Memory that io_open() will take for packets, and that is not on huge pages of its own; 0 where
 * it will refuse. Pure but for names of interfaces. */
uint64_t io_packet_bytes(const struct io_opts *opts, const struct machine *m);

/**
 * Start EAL with arguments that fit the device and the host, find or make the ports, configure and
 * start them. May be called once in a process (EAL's rule).
 *
 * @return 0, or -1 with @f set (EXIT_HOST, or EXIT_USAGE for a device string that is no device) and
 * everything released.
 */
int io_open(struct io *io, const struct io_opts *opts, struct fail *f);

/** From another thread, while io_open() hangs in a driver: take away what it has put into the file
 * system. The process has to leave then. */
void io_abandon(const struct io *io);

/** Before io_open(): wait until whoever the driver connects to while EAL starts (virtio_user's
 * server) is there, at most @timeout_ms. @return 0, also where there is nobody to wait for; or -1
 * with @f (EXIT_HOST): who is missing */
int io_wait_server(const struct io_opts *opts, unsigned timeout_ms, struct fail *f);

/** Whether the link waits for another process that the user may have yet to start (a memif's). */
bool io_awaits_peer(const struct io *io);

/** Wait until every port's link is up, at most @timeout_ms; what serves a memif does not wait, for
 * its peers may come and go. @return 0, or -1 with @f (EXIT_HOST): what is missing */
int io_wait_link(struct io *io, unsigned timeout_ms, struct fail *f);

/** Whether every port's link is up, as far as is known; the peer of a memif is seen by
 * io_poll_control().
 */
bool io_has_link(const struct io *io);

/** What became of a device's link. Where the peer is another process whose going io_poll_control()
 * tells (memif), it stays up. */
enum io_link io_link_state(const struct io *io, unsigned device);

/** Lines of errors that DPDK, drivers and libraries under them have written since io_open() began;
 * the thread of io_poll_control(). @param[out] first  of them, cut, "" for none; lasts as long as
 * @io */
uint64_t io_driver_lines(struct io *io, const char **first);

/** Append to @f's text what DPDK and drivers wrote last, if anything: of what went wrong since. */
void io_explain(struct io *io, struct fail *f);

/** Stop and close ports, clean up EAL; no file is left behind. */
void io_close(struct io *io);

/** Frames that the port, or the kernel interface under it, dropped on receive since it was started:
 * the worker did not fetch them in time. One thread asks. */
uint64_t io_rx_missed(const struct io *io, unsigned port);

/** With io->counts_sent: frames that the first port says it has sent. Many a NIC counts them
 * itself, behind its queues, so that what a queue swallows is missing. */
uint64_t io_sent(const struct io *io);

/**
 * See that no frame lies about in a driver that counts it as sent (af_packet may), and whether a
 * peer has come or gone (memif); take in what drivers wrote. To be called some tens of times a
 * second, by one thread; the workers need not stop.
 *
 * @return whether a peer has gone since the last call
 */
bool io_poll_control(struct io *io);
