/* SPDX-License-Identifier: BSD-3-Clause */
/* See core.h. */
#include "sess/core.h"

#include "base/pages.h"

int
core_init(struct core *c, const struct core_opts *opts, uint32_t n_records, uint64_t now_ns)
{
    *c = (struct core){.opts = *opts, .n_records = n_records};
    if (opts->close == SESS_CLOSE_PEER)
        c->opts.hold_ns = 0; /* the peer decides how long it lasts */
    emit_init(&c->emit, &opts->emit);
    c->tcp.params = &c->opts.tcp;
    c->tcp.stat = opts->stat;
    tcp_ctx_turn(&c->tcp, now_ns);
    c->records = pages_map((size_t)n_records * sizeof(c->records[0]));
    if (c->records == NULL)
        return -1;
    if (wheel_init(&c->wheel, &c->records[0].timer, now_ns) < 0)
        goto unmap_records;
    return 0;

unmap_records:
    pages_unmap(c->records, (size_t)n_records * sizeof(c->records[0]));
    c->records = NULL;
    return -1;
}

void
core_fini(struct core *c)
{
    wheel_fini(&c->wheel);
    pages_unmap(c->records, (size_t)c->n_records * sizeof(c->records[0]));
    c->records = NULL;
}

void
core_refuse(struct core *c, const struct packet *p)
{
    struct emit_path path;
    struct seg answer;

    if (!tcp_refuse(&p->seg, &answer))
        return;
    core_reverse(p, &path);
    if (core_send(c, &path, &answer))
        STAT_COUNT(c->opts.stat, resets_sent);
}

void
core_stray(struct core *c, const struct packet *p)
{
    STAT_COUNT(c->opts.stat, stray);
    core_refuse(c, p);
}

void
core_fail(struct core *c, enum stat_failure cause)
{
    c->n_open--;
    STAT_COUNT(c->opts.stat, failed);
    c->opts.stat->now->failures[cause]++;
}

static void
count_end(struct core *c, unsigned events)
{
    if ((events & TCP_EV_CLOSED) != 0 || ((events & TCP_EV_RESET) != 0 && c->opts.reset_closes)) {
        c->n_open--;
        STAT_COUNT(c->opts.stat, closed);
    } else if ((events & TCP_EV_REFUSED) != 0) {
        core_fail(c, FAILURE_refused);
    } else if ((events & TCP_EV_RESET) != 0) {
        core_fail(c, FAILURE_reset);
    } else if ((events & TCP_EV_OPEN_TIMEOUT) != 0) {
        core_fail(c, FAILURE_timeout);
    } else {
        core_fail(c, FAILURE_close_timeout);
    }
}

bool
core_close(struct core *c, struct record *r)
{
    if (c->opts.close == SESS_CLOSE_RST) {
        tcp_abort(&r->tcp);
        count_end(c, TCP_EV_CLOSED);
        return true;
    }
    tcp_close(&r->tcp, &c->tcp);
    return false;
}

bool
core_act(struct core *c, uint32_t idx, struct record *r, unsigned events)
{
    if ((events & TCP_EV_ESTABLISHED) != 0) {
        STAT_COUNT(c->opts.stat, established);
        hist_record(&c->opts.stat->now->connect, c->tcp.now_ns - r->began_ns);
        if (r->tcp.state == TCPS_ESTABLISHED && c->opts.close != SESS_CLOSE_PEER) {
            if (c->opts.hold_ns > 0)
                wheel_arm(&c->wheel, idx, c->tcp.now_ns + c->opts.hold_ns);
            else if (core_close(c, r))
                return true;
        }
    }
    if ((events & TCP_EV_OVER) != 0) {
        count_end(c, events);
        return true;
    }
    if (r->tcp.state == TCPS_CLOSE_WAIT) /* the peer closed, as asked for or before us */
        tcp_close(&r->tcp, &c->tcp);
    return false;
}

void
core_arm(struct core *c, uint32_t idx, struct record *r)
{
    uint64_t deadline_ns = tcp_deadline_ns(&r->tcp, &c->tcp);

    if (deadline_ns != TIME_NEVER)
        wheel_arm(&c->wheel, idx, deadline_ns);
    else if (r->tcp.state != TCPS_ESTABLISHED || c->opts.hold_ns == 0)
        wheel_cancel(&r->timer);
}
