/* SPDX-License-Identifier: BSD-3-Clause */
/* Exchanges that are under way at once on a connection whose protocol carries several (struct
 * proto_multi): when each should have begun and when it did, by the number that the protocol knows
 * it by. They lie behind the protocol's state, in classes that have such a protocol. */
#pragma once

#include "sess/channel.h"

struct exchange {
    uint64_t intended_ns; /* from here its latencies count */
    uint64_t written_ns;  /* when it was handed to the protocol; 0: none is under way here */
    bool is_again;        /* it was on another connection before */
};

/* How many are under way is session.n_under_way. */
struct exchanges {
    uint16_t n_slots;
    uint16_t free; /* the first free slot, SLOT_NONE: there is none; the next one's number is in its
                      intended_ns */
    struct exchange slot[];
};

#define SLOT_NONE UINT16_MAX

/* Those of a client's connection that may have several. */
static inline struct exchanges *
exchanges_of(const struct conn *n)
{
    return (struct exchanges *)((char *)n->session + n->core->exchanges_offset);
}

/** Bytes for @n_slots; 0 for a class without any. */
static inline size_t
exchanges_bytes(uint32_t n_slots)
{
    return n_slots == 0 ? 0 : sizeof(struct exchanges) + n_slots * sizeof(struct exchange);
}

/** Of @proto as a class is told; 0: its exchanges follow one another, or the peer begins them. */
uint32_t exchanges_slots(const struct proto_ops *proto, const struct proto_opts *o);

/** Find out whether several may be under way on a new connection (session.is_multi), and begin with
 * none. */
void exchanges_init(struct conn *n);

/** Count what has happened to them, as the protocol tells. */
void exchanges_settle(struct conn *n);

/** Begin those that are due, as many as the protocol takes. @return whether any began. */
bool exchanges_begin(struct conn *n);

/** Nothing more will come: of those that are under way the protocol tells what has become, if it
 * can; the others stay. */
void exchanges_end(struct conn *n);

/** Whether none will begin any more. */
bool exchanges_are_over(const struct conn *n);

/** Whether there is no room for the next one although none is under way: the peer allows none now.
 */
bool exchanges_are_barred(const struct conn *n);
