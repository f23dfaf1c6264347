/* SPDX-License-Identifier: BSD-3-Clause */
/* The connections of a recorder: found by their tuple, in a list by what may become of them. For
 * recorder.c, and for whoever reads what it hands over. One worker owns it. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/siphash.h"
#include "capture/frames.h"
#include "wire/addr.h"

struct recorder_tuple {
    struct ip_addr local, remote;
    uint16_t local_port, remote_port;
};

/* Bytes of TLS secrets that are kept of a connection: TLS 1.3 has five lines of at most 195. */
#define RECORDER_SECRETS_BYTES 1280

/* How far a connection has come. The lists of struct recorder_table are by it. */
enum recorder_state {
    RECORDER_FREE,
    RECORDER_ASKING,   /* not answered yet, or without a frame; in no list */
    RECORDER_ANSWERED, /* by the last frame, the longest silent first */
    RECORDER_ENDED,    /* by its end: to be handed over a while later */
    RECORDER_HANDED,   /* another thread reads it */
    RECORDER_STATES
};

/* How a connection ended. */
enum recorder_end {
    RECORDER_FAILED,
    RECORDER_CLOSED,
    RECORDER_OPEN,      /* it was open when the recording ended */
    RECORDER_NEIGHBORS, /* no connection: ARP and neighbor discovery of the time */
};

struct recorder_conn {
    struct recorder_tuple tuple;
    struct frame_list frames;
    uint64_t number;   /* of the connections that this recorder has begun to record, from 1 */
    uint64_t ended_ns; /* with RECORDER_ENDED */
    uint32_t isn;      /* of who opened it */
    uint32_t chain;    /* the next one of its hash */
    uint32_t prev, next;
    uint32_t secrets; /* in struct recorder_table; SLAB_NONE: none */
    uint16_t secrets_len;
    uint8_t state;      /* enum recorder_state */
    uint8_t end;        /* enum recorder_end, with RECORDER_ENDED and RECORDER_HANDED */
    uint8_t cause;      /* enum stat_failure, with RECORDER_FAILED */
    bool is_answered;   /* something has come from the peer, on a server the ACK of its SYN-ACK */
    bool is_closing;    /* a FIN or RST is among its frames */
    bool lacks_secrets; /* for some of them there was no memory */
};

struct recorder_list {
    uint32_t first, last;
};

struct recorder_table {
    struct slab conns;
    struct slab secrets;
    struct frame_store store;
    uint32_t *heads; /* by hash */
    uint32_t mask;
    struct siphash_key key; /* peers choose tuples */
    struct recorder_list lists[RECORDER_STATES];
    uint64_t n_lost; /* connections that gave way altogether */
};

struct recorder_table_opts {
    uint32_t n_conns; /* a power of two */
    uint32_t n_cells;
    bool has_secrets;
    struct siphash_key key;
};

/** @return 0, or -1 without memory. */
int recorder_table_init(struct recorder_table *t, const struct recorder_table_opts *o);
void recorder_table_fini(struct recorder_table *t);

/** A number that the tuple and @more give, and nobody else can foresee. */
uint64_t recorder_table_hash(const struct recorder_table *t, const struct recorder_tuple *tuple,
                             uint64_t more);

/** @return the connection of @tuple; SLAB_NONE: there is none. */
uint32_t recorder_table_find(const struct recorder_table *t, const struct recorder_tuple *tuple);

/** A new one, RECORDER_ASKING; one that has been silent longest gives way where there is no place.
 * @return its index, or SLAB_NONE: none may give way. @tuple NULL: it cannot be found. */
uint32_t recorder_table_add(struct recorder_table *t, const struct recorder_tuple *tuple);

/** Put it into the list of @state, at the end, out of the one that it is in. */
void recorder_table_move(struct recorder_table *t, uint32_t idx, enum recorder_state state);

/** It is not found any more. */
void recorder_table_hide(struct recorder_table *t, uint32_t idx);

/** Its memory is free again; it is in the table still, or was hidden. */
void recorder_table_drop(struct recorder_table *t, uint32_t idx);

/** Put @d to the frames of @idx. Where memory is full others of RECORDER_ANSWERED lose theirs, the
 * longest silent first; it is left out when there are none. */
void recorder_table_add_frame(struct recorder_table *t, uint32_t idx, const struct frame_data *d);

/** Put @line and an end of line to the secrets of @idx. */
void recorder_table_add_secret(struct recorder_table *t, uint32_t idx, const char *line);

static inline struct recorder_conn *
recorder_table_at(const struct recorder_table *t, uint32_t idx)
{
    return slab_at(&t->conns, idx);
}
