/* SPDX-License-Identifier: BSD-3-Clause */
/* One end: an engine with its pools, driven as tcp/tcp.h says and as a worker would, and an
 * application that follows a script. Connections follow each other on the same record and pools. */
#pragma once

#include "sim_check.h"
#include "stat/block.h"
#include "tcp/tcp.h"
#include "wire/emit.h"
#include "wire/packet.h"

struct sim;
struct sim_frame;

enum sim_write {
    SIM_WRITE_AT_ONCE, /* all, once established */
    SIM_WRITE_CHUNKS,  /* 1 to chunk_max bytes every 0 to write_pause_ns */
    SIM_WRITE_ANSWER,  /* all, once `question` bytes have been read */
    SIM_WRITE_ECHO,    /* what has been read, when it has been read */
};

enum sim_read {
    SIM_READ_AT_ONCE,
    SIM_READ_SIPS,  /* 1 to sip_max bytes every 0 to read_pause_ns */
    SIM_READ_LATER, /* nothing for read_pause_ns, then at once */
    SIM_READ_NEVER, /* until the connection is over */
};

enum sim_close {
    SIM_CLOSE_WRITTEN,  /* FIN after all has been written; goes on reading */
    SIM_CLOSE_RECEIVED, /* FIN after all has been written and `expects` bytes have been read */
    SIM_CLOSE_PEER,     /* FIN after the peer's, when all has been written and read */
    SIM_CLOSE_RST,      /* abort close_ns after the handshake, whatever there is */
    SIM_CLOSE_NEVER,    /* and lose patience at last */
};

struct sim_app_opts {
    enum sim_write write;
    uint64_t bytes; /* to write; not with SIM_WRITE_ECHO */
    uint32_t chunk_max;
    uint64_t write_pause_ns;
    uint64_t question;
    enum sim_read read; /* all but AT_ONCE want a host that keeps */
    uint32_t sip_max;
    uint64_t read_pause_ns;
    enum sim_close close;
    uint64_t expects;
    uint64_t close_ns;
    uint64_t patience_ns; /* abort when nothing has happened for so long */
};

/* What other connections have taken, as bits. */
enum sim_poor { SIM_POOR_STREAMS = 1, SIM_POOR_BOARDS = 2, SIM_POOR_BUFFERS = 4 };

struct sim_host_opts {
    struct sim_app_opts app;
    struct tcp_params tcp;
    uint32_t iss;
    unsigned n_opens;  /* active opens, one after the other; 0: listens */
    uint64_t opens_ns; /* the first, since the simulation's beginning */
    uint64_t rest_ns;  /* between an end and the next open, at most */
    uint64_t skew_ns;  /* of this host's clock */
    uint32_t mtu;      /* of its interface, IP bytes */
    unsigned rooms;    /* segments taken in one go; 0: 1 to 64, another number each time */
    unsigned poor_in;  /* enum sim_poor: there is none at first */
    uint64_t poor_ns;  /* for so long */
    uint64_t late_ns;  /* timers fire up to so much later than the wheel has them */
};

/* The application's books for one connection. */
struct sim_app {
    struct sim_app_opts opts;
    uint64_t written, received, read;
    uint64_t key, peer_key;               /* sim_bytes.h */
    uint64_t write_ns, read_ns, abort_ns; /* TIME_NEVER: nothing planned */
    uint64_t alive_ns;                    /* the last thing that happened */
    bool is_established, has_closed, has_aborted, peer_closed, is_over;
};

/* How connections ended. */
enum sim_end {
    SIM_END_CLOSED,
    SIM_END_REFUSED,
    SIM_END_RESET,
    SIM_END_OPEN_TIMEOUT,
    SIM_END_CLOSE_TIMEOUT,
    SIM_END_PEER_TIMEOUT,
    SIM_END_DATA_TIMEOUT,
    SIM_END_ABORTED, /* by the script */
    SIM_END_BORED,   /* by the script: it lost patience */
    SIM_ENDS,
};

extern const char *const sim_end_names[SIM_ENDS];

struct sim_host {
    struct sim_host_opts opts;
    struct tcp_conn conn;
    struct tcp_ctx ctx;
    struct stats stat;
    struct tcp_pools pools;
    struct emit emit;
    struct emit_path path;
    struct sim_app app;
    struct sim_shadow shadow;
    uint64_t timer_ns; /* when the wheel comes to it; TIME_NEVER: not armed */
    uint64_t late_ns;  /* and how much the worker is behind */
    uint64_t app_ns;   /* the application's next act */
    uint64_t rich_ns;  /* when what it is poor in comes back; TIME_NEVER: it is there */
    uint64_t drain_ns; /* when there is room for more output; TIME_NEVER: there is room */
    unsigned n_opens_left, n_begun, n_ended;
    uint64_t n_ends[SIM_ENDS];
    uint64_t last_data_ns;                      /* when payload was delivered last */
    uint64_t received, sent_fresh;              /* payload bytes of all connections */
    uint64_t n_frames, n_payload_segs, n_again; /* sent */
    unsigned n_units_max;                       /* of any connection: sim_check.c */
    uint64_t n_rsts;                            /* sent */
    uint64_t n_escaped;                         /* corrupted frames that the parser took for good */
};

/** @return 0, or -1 without memory. */
int sim_host_init(struct sim *sim, unsigned host, const struct sim_host_opts *opts);
void sim_host_fini(struct sim_host *h);

/** Its next own event: timer, application or room for output. */
uint64_t sim_host_next_ns(const struct sim_host *h);

/** That event, which is due. */
void sim_host_acts(struct sim *sim, unsigned host);

void sim_host_hears(struct sim *sim, unsigned host, const struct sim_frame *frame);

/** ICMP says that the segment that began with @seq was too big for @mtu. */
void sim_host_too_big(struct sim *sim, unsigned host, uint32_t seq, uint32_t mtu);

/** The counter @name of a host. */
#define sim_count(h, name) ((h)->ctx.stat->now->counters[CTR_##name])
