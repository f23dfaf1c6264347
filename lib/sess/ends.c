/* SPDX-License-Identifier: BSD-3-Clause */
/* See ends.h, and core.h for handshakes. */
#include "sess/ends.h"

#include "capture/recorder.h"

static void __attribute__((noinline))
tell_recorder(struct core *c, const struct record *r, enum stat_failure cause)
{
    struct emit_path path;
    struct port_pair ports;

    c->path(c, (uint32_t)(r - c->records), &path, &ports);
    recorder_fail(c->opts.recorder,
                  &(struct recorder_tuple){.local = path.local,
                                           .remote = path.remote,
                                           .local_port = ports.local,
                                           .remote_port = ports.remote},
                  (uint8_t)cause, c->tcp.now_ns);
}

void __attribute__((noinline)) core_fail(struct core *c, const struct sess_class *k,
                                         const struct record *r, enum stat_failure cause)
{
    if (unlikely(c->opts.recorder != NULL))
        tell_recorder(c, r, cause);
    c->n_open--;
    STAT_COUNT(k->stat, failed);
    k->stat->now->failures[cause]++;
    if (c->opts.late != NULL && !c->requests.is_paced && late_has(c->opts.late, r->began_ns))
        STAT_COUNT(c->opts.stat, late_failures);
}

/* Of an end that is no close. */
static enum stat_failure
cause_of(unsigned events)
{
    if ((events & TCP_EV_REFUSED) != 0)
        return FAILURE_refused;
    if ((events & TCP_EV_RESET) != 0)
        return FAILURE_reset;
    if ((events & TCP_EV_OPEN_TIMEOUT) != 0)
        return FAILURE_timeout;
    if ((events & TCP_EV_DATA_TIMEOUT) != 0)
        return FAILURE_data_timeout;
    return (events & TCP_EV_PEER_TIMEOUT) != 0 ? FAILURE_peer_not_closed : FAILURE_close_timeout;
}

void
core_note_lost_request(struct core *c, uint64_t began_ns)
{
    if (c->opts.late != NULL && c->requests.is_paced && late_has(c->opts.late, began_ns))
        STAT_COUNT(c->opts.stat, late_failures);
}

void
core_count_any_end(struct core *c, const struct sess_class *k, const struct record *r,
                   unsigned events)
{
    if ((events & (TCP_EV_REFUSED | TCP_EV_OPEN_TIMEOUT | TCP_EV_OPENING)) != 0)
        core_note_opening(c, k, -1);
    if ((events & TCP_EV_CLOSED) != 0 || ((events & TCP_EV_RESET) != 0 && k->reset_closes)) {
        c->n_open--;
        STAT_COUNT(k->stat, closed);
    } else {
        core_fail(c, k, r, cause_of(events));
    }
}

void
core_count_handshakes(struct core *c)
{
    for (unsigned i = 0; i < c->n_handshakes; i++) {
        const struct core_handshake *h = &c->handshakes[i];

        stat_latency(h->stat, h->is_resumed ? LAT_tls_resumed : LAT_tls,
                     c->tcp.now_ns - h->began_ns);
    }
    c->n_handshakes = 0;
}

void
core_count_handshake_later(struct core *c, struct stats *stat, uint64_t began_ns, bool is_resumed)
{
    if (c->n_handshakes == CORE_HANDSHAKES_MAX)
        core_count_handshakes(c);
    c->handshakes[c->n_handshakes++] = (struct core_handshake){stat, began_ns, is_resumed};
}
