/* SPDX-License-Identifier: BSD-3-Clause */
/* What a worker does for --pcap: whatever passes is shown to a recorder, in the order in which the
 * engine has it; what the recorder hands over goes to the writer (pcap_writer.h) by a ring, and
 * comes back by another. A worker without it has w->recording NULL, and pays a branch a burst.
 *
 *     worker: frames -> recorder -out-> writer: file
 *                          ^------back----+
 *
 * Only the worker's own thread calls these. */
#pragma once

#include <rte_mbuf.h>
#include <rte_ring.h>

#include "app/recording_opts.h"
#include "capture/recorder.h"
#include "io/io.h"
#include "sess/outbox.h"
#include "sess/server.h"

struct worker;

struct recording {
    struct recorder recorder;
    struct rte_ring *out, *back;      /* of indices of the recorder's connections */
    struct rte_mbuf *burst[IO_BURST]; /* that is about to be taken in */
    unsigned n_seen;                  /* frames of the outbox that are recorded */
    unsigned n_asked; /* connections of which the engine is to say whether they are over
                       */
    uint32_t asked[2 * OUTBOX_BUFS];
};

/** Take memory. @return 0, or -1 when there is none. */
int recording_init(struct recording *c, const struct recording_opts *o);
void recording_fini(struct recording *c);

/** Begin, with the load. */
void recording_begin(struct worker *w);

/** A burst of @n is about to be taken in; what others are to have of it may be taken out before. */
void recording_note_burst(struct worker *w, struct rte_mbuf *const *mbufs, unsigned n);

/** In place of engine_input(), of the burst that was noted, and that the port had at @received_ns.
 */
void recording_input(struct worker *w, const struct packet *packets, const struct server_burst *b,
                     unsigned n, uint64_t received_ns);

/** A received frame that is not TCP, or broken. */
void recording_other(struct worker *w, struct rte_mbuf *m, const struct packet *p,
                     uint64_t received_ns);

/** Parse a frame without a look at checksums. */
void recording_parse(const struct worker *w, const struct frame_data *d, struct packet *p);

/** The outbox is about to be handed to the port. */
void recording_submit(struct worker *w);

/** Hand over what is due, take back what the writer needs no more. */
void recording_poll(struct worker *w, uint64_t now_ns);

/** The load has ended; what is still open is about to be reset. */
void recording_end(struct worker *w);

/** Everything that was sent is recorded: hand over all that is left. */
void recording_leave(struct worker *w);

/** tls_opts.on_secret; @arg is the worker. */
void recording_secret(void *arg, const struct tls_conn *t, const char *line);
