/* SPDX-License-Identifier: BSD-3-Clause */
/* The sender's scoreboard: what is in flight, as extents of sequence numbers that share their fate.
 * Extents are in order and without gaps; the first begins at SND.UNA, the last ends at SND.NXT.
 * What was sent in one go is one extent, so that there are few: bytes are split off only where the
 * peer's selective acknowledgements or our retransmissions draw a line. The caller owns the array.
 * Pure.
 *
 * Section numbers are RFC 8985 (RACK-TLP). */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/seq.h"
#include "wire/seg.h"

enum extent_flag {
    EXTENT_SACKED = 0x1,        /* the peer has it (it may take that back: RFC 2018 8) */
    EXTENT_LOST = 0x2,          /* to be sent again; never together with SACKED */
    EXTENT_RETRANSMITTED = 0x4, /* sent more than once: no round-trip time can be told (Karn) */
};

struct extent {
    uint32_t end;     /* the number after its last */
    uint32_t sent_us; /* when it was sent last */
    uint8_t flags;    /* enum extent_flag */
};

/* A view of the caller's array. */
struct scoreboard {
    struct extent *extent;
    unsigned n, capacity;
    uint32_t una; /* where the first begins */
};

/* 6.2, RACK_sent_after: what ends at @a_end and was sent at @a_us went out later than b. */
static inline bool
rack_sent_after(uint32_t a_us, uint32_t a_end, uint32_t b_us, uint32_t b_end)
{
    return seq_gt(a_us, b_us) || (a_us == b_us && seq_gt(a_end, b_end));
}

/** Bytes that are neither with the peer nor lost: what loads the network. */
uint32_t sb_in_flight(const struct scoreboard *sb);

/** Where extent @i begins. */
static inline uint32_t
sb_begin(const struct scoreboard *sb, unsigned i)
{
    return i == 0 ? sb->una : sb->extent[i - 1].end;
}

/** Append [the last end, @end), sent now. The last extent takes it in when it is short and was sent
 * in the same stretch of @grain_us, or when there is no room (> 0) for another; with it the later
 * instant: losses are then found later, never too early, and a round trip is measured too short by
 * less than that. */
void sb_append(struct scoreboard *sb, uint32_t end, uint32_t now_us, uint32_t grain_us);

/** What a segment told about deliveries; the caller fills the first three and zeroes the rest. */
struct sb_delivered {
    uint32_t now_us;
    uint32_t
        min_rtt_us;   /* retransmitted sooner than this: it was the first copy that arrived (6.2) */
    uint32_t fack;    /* RACK.fack: sb_fack() before the segment */
    uint32_t bytes;   /* newly delivered: acknowledged, or selectively acknowledged */
    uint32_t sent_us; /* of the extent sent last among them, with has_latest (6.2 step 2) */
    uint32_t end;     /* its end */
    bool has_latest;
    bool is_retransmitted; /* that one was sent more than once */
    bool has_reordered; /* something never retransmitted lay before what had been delivered earlier:
                           the path reorders (6.2 step 3) */
};

/** The end of the last extent that the peer has; SND.UNA: none. */
uint32_t sb_fack(const struct scoreboard *sb);

/** SND.UNA moves to @ack: drop what lies before. Adds to @d. */
void sb_acked(struct scoreboard *sb, uint32_t ack, struct sb_delivered *d);

/* Whoever needs another line and has no room joins neighbours of the same fate, those first that
 * were sent least apart. What is said about "no room" below is about when that is not possible
 * either. */

/** The peer has @block, which lies within what is in flight (cut it before). Adds to @d. @return
 * false when there was no room to say so: the block is forgotten, as if it had not come. */
bool sb_sacked(struct scoreboard *sb, struct seg_range block, struct sb_delivered *d);

/**
 * 6.2 step 5: mark as lost what was sent before @latest (sent_us, end, is_retransmitted: what was
 * sent last of all that were delivered, now or earlier), and at least @wait_us ago (the round-trip
 * time plus the reordering window).
 *
 * @param[out] lost bytes newly marked
 * @return how long until all that were sent before it would be, 0: none waits
 */
uint32_t sb_detect_lost(struct scoreboard *sb, const struct sb_delivered *latest, uint32_t wait_us,
                        uint32_t now_us, uint32_t *lost);

/** Mark [SND.UNA, @end) as lost where it is not with the peer: duplicate ACKs without SACK say so,
 * or the timer. @return bytes newly marked. */
uint32_t sb_mark_lost(struct scoreboard *sb, uint32_t end);

/** Forget all selective acknowledgements (RFC 2018 8). */
void sb_forget_sacks(struct scoreboard *sb);

/** The first range to be sent again. @return false: none is. */
bool sb_next_lost(const struct scoreboard *sb, struct seg_range *r);

/** [@begin, @end) goes out again, now. It lies in one extent that is not SACKED. */
void sb_retransmitted(struct scoreboard *sb, uint32_t begin, uint32_t end, uint32_t now_us);

/** Bytes that the peer has beyond SND.UNA. */
uint32_t sb_sacked_bytes(const struct scoreboard *sb);
