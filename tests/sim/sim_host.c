/* SPDX-License-Identifier: BSD-3-Clause */
/* See sim_host.h. */
#include "sim_host.h"

#include <string.h>

#include "base/seq.h"
#include "sim.h"
#include "sim_bytes.h"
#include "time/wheel.h"

enum { ROOMS_MAX = 64, READ_MAX = 65536, IPV4_LEN = 20, IPV6_LEN = 40, TCP_LEN = 20 };

/* Until there is room again for what a full outbox held back. */
static const uint64_t DRAIN_NS = 1000;
/* Until a write that found no stream is tried again. */
static const uint64_t RETRY_NS = 10 * NS_PER_MS;
static const uint64_t PATIENCE_NS = 200 * NS_PER_SEC;

const char *const sim_end_names[SIM_ENDS] = {
    [SIM_END_CLOSED] = "closed",
    [SIM_END_REFUSED] = "refused",
    [SIM_END_RESET] = "reset",
    [SIM_END_OPEN_TIMEOUT] = "open timeout",
    [SIM_END_CLOSE_TIMEOUT] = "close timeout",
    [SIM_END_PEER_TIMEOUT] = "peer timeout",
    [SIM_END_DATA_TIMEOUT] = "data timeout",
    [SIM_END_ABORTED] = "aborted",
    [SIM_END_BORED] = "lost patience",
};

static uint32_t
ip_len(const struct sim *sim)
{
    return sim->opts.is_v6 ? IPV6_LEN : IPV4_LEN;
}

/* -- life ----------------------------------------------------------------------------------------
 */

static struct emit_path
path_of(bool is_v6, unsigned host)
{
    struct ip_addr ends[2] = {{.lo = 0xc6120001}, {.lo = 0xc6130001}}; /* 198.18.0.1, 198.19.0.1 */

    for (unsigned i = 0; is_v6 && i < 2; i++)
        ends[i] = (struct ip_addr){.hi = UINT64_C(0x2001000200000000), .lo = 1 + i, .is_v6 = true};
    return (struct emit_path){
        .local = ends[host], .remote = ends[!host], .peer_mac = {2, 0, 0, 0, 0, 1}};
}

/* There is one of each: number 1. */
static void
takes_away(struct sim_host *h)
{
    if ((h->opts.poor_in & SIM_POOR_STREAMS) != 0)
        (void)slab_take(&h->pools.streams);
    if ((h->opts.poor_in & SIM_POOR_BOARDS) != 0)
        (void)slab_take(&h->pools.overflows);
    if ((h->opts.poor_in & SIM_POOR_BUFFERS) != 0 && h->opts.tcp.buffers_rx)
        (void)slab_take(&h->pools.buffers);
}

static void
gives_back(struct sim_host *h)
{
    h->rich_ns = TIME_NEVER;
    if ((h->opts.poor_in & SIM_POOR_STREAMS) != 0)
        slab_give(&h->pools.streams, 1);
    if ((h->opts.poor_in & SIM_POOR_BOARDS) != 0)
        slab_give(&h->pools.overflows, 1);
    if ((h->opts.poor_in & SIM_POOR_BUFFERS) != 0 && h->opts.tcp.buffers_rx)
        slab_give(&h->pools.buffers, 1);
}

int
sim_host_init(struct sim *sim, unsigned host, const struct sim_host_opts *opts)
{
    struct sim_host *h = &sim->hosts[host];
    const struct tcp_pools_opts pools = {
        .n_streams = 1, /* there is one connection at a time: one more would be a leak */
        .stream_bytes = sizeof(struct tcp_stream),
        .n_buffers = opts->tcp.buffers_rx,
        .buffer_bytes = opts->tcp.buffers_rx ? opts->tcp.rcv_wnd : 0,
    };
    const struct emit_opts emit = {
        .src_mac = {2, 0, 0, 0, 0, 2},
        .vlan = -1,
        .mtu = (uint16_t)opts->mtu,
        .wscale = TCP_RCV_WSCALE,
    };

    memset(h, 0, sizeof(*h));
    h->opts = *opts;
    h->timer_ns = h->app_ns = h->drain_ns = h->rich_ns = TIME_NEVER;
    h->n_opens_left = opts->n_opens;
    if (opts->n_opens > 0)
        h->app_ns = sim->opts.start_ns + opts->opens_ns;
    emit_init(&h->emit, &emit);
    h->path = path_of(sim->opts.is_v6, host);
    h->ctx = (struct tcp_ctx){.params = &h->opts.tcp, .pools = &h->pools};
    h->ctx.stat = &h->stat;
    stat_init(&h->stat, 0);
    if (tcp_pools_init(&h->pools, &pools) < 0)
        return -1;
    if (opts->poor_in != 0) {
        h->rich_ns = sim->opts.start_ns + opts->poor_ns;
        takes_away(h);
    }
    return 0;
}

void
sim_host_fini(struct sim_host *h)
{
    tcp_pools_fini(&h->pools);
}

/* -- output and timer
 * ------------------------------------------------------------------------------ */

/* One segment of the engine; the port's part is to cut what is longer than s->tso_segsz. */
static void
puts_out(struct sim *sim, unsigned host, struct seg *s)
{
    struct sim_host *h = &sim->hosts[host];
    uint32_t sent_max = h->shadow.sent_max, len = s->payload_len;
    struct seg piece;

    if ((s->flags & SEG_SYN) != 0) {
        s->mss = (uint16_t)(h->opts.mtu - ip_len(sim) - TCP_LEN);
        s->wscale = (s->options & SEG_OPT_WSCALE) != 0 ? TCP_RCV_WSCALE : 0;
    }
    sim_check_sent(sim, host, s);
    if (sim->failure != NULL)
        sim_notes_seg(sim, host, "is about to send", s, host, 0);
    h->n_rsts += (s->flags & SEG_RST) != 0;
    piece = *s;
    do {
        piece.payload_len = (uint16_t)(s->tso_segsz > 0 ? u64_min(len, s->tso_segsz) : len);
        len -= piece.payload_len;
        piece.flags = len > 0 ? s->flags & ~(SEG_FIN | SEG_PSH) : s->flags;
        piece.tso_segsz = 0;
        sim_sends(sim, host, &piece,
                  seg_len(&piece) > 0 && h->n_begun > 0 && seq_lt(piece.seq, sent_max));
        piece.seq += piece.payload_len;
    } while (len > 0 && sim->failure == NULL);
}

/* Take what the engine has to send while there is room for it. */
static void
drains(struct sim *sim, unsigned host)
{
    struct sim_host *h = &sim->hosts[host];
    unsigned rooms = h->opts.rooms;
    struct seg s = {0};

    if (rooms == 0)
        rooms = 1 + (unsigned)rng_below(&sim->rng, ROOMS_MAX);
    h->drain_ns = TIME_NEVER;
    for (unsigned n = 0; sim->failure == NULL; n++) {
        if (n == rooms) {
            h->drain_ns = sim->now_ns + DRAIN_NS;
            return;
        }
        if (!tcp_output(&h->conn, &h->ctx, &s))
            return;
        s.src_port = s.dst_port = 0;
        puts_out(sim, host, &s);
    }
}

/* The wheel: the first tick at or after the deadline, at once when that is past, and later when the
 * worker is busy. */
static void
arms(struct sim *sim, struct sim_host *h)
{
    const uint64_t tick_ns = UINT64_C(1) << WHEEL_TICK_SHIFT;
    uint64_t deadline_ns = tcp_deadline_ns(&h->conn, &h->ctx), tick;

    if (h->timer_ns == TIME_NEVER)
        h->late_ns = rng_below(&sim->rng, h->opts.late_ns + 1);
    h->timer_ns = TIME_NEVER;
    if (deadline_ns == TIME_NEVER)
        return;
    tick = (deadline_ns + tick_ns - 1) / tick_ns * tick_ns;
    h->timer_ns = u64_max(tick - h->opts.skew_ns + h->late_ns, sim->now_ns + 1);
}

/* -- the application
 * ------------------------------------------------------------------------------- */

static bool
is_live(const struct sim_host *h)
{
    return h->app.is_established && !h->app.is_over;
}

static void
ends(struct sim *sim, unsigned host, enum sim_end end)
{
    struct sim_host *h = &sim->hosts[host];

    sim_notes(sim, host, sim_end_names[end], 0);
    sim_check(sim, !h->app.is_over, "an end is told twice");
    h->app.is_over = true;
    h->app_ns = TIME_NEVER;
    h->n_ends[end]++;
    h->n_ended++;
}

static void
aborts(struct sim *sim, unsigned host, enum sim_end end)
{
    struct sim_host *h = &sim->hosts[host];

    h->app.has_aborted = true;
    tcp_abort(&h->conn);
    ends(sim, host, end);
}

static void
compares(struct sim *sim, struct sim_host *h, const struct tcp_span *span)
{
    static uint8_t wanted[READ_MAX];

    sim_bytes(h->app.peer_key, h->app.read, wanted, span->len);
    sim_check(sim, memcmp(span->bytes, wanted, span->len) == 0, "bytes are not as they were sent");
}

/* Read the next @n bytes that arrived, all of them known to be there. */
static void
reads(struct sim *sim, unsigned host, uint64_t n)
{
    struct sim_host *h = &sim->hosts[host];
    struct tcp_span span[2];
    uint32_t max, len;

    sim_notes(sim, host, "reads", n);
    while (n > 0 && sim->failure == NULL) {
        max = (uint32_t)u64_min(n, h->opts.tcp.buffers_rx ? READ_MAX : UINT32_MAX);
        if (h->opts.tcp.buffers_rx) {
            len = tcp_peek(&h->conn, &h->ctx, max, span);
            sim_check(sim, len == max && span[0].len + span[1].len == len,
                      "what was told to have come is not there");
            for (unsigned i = 0; sim->failure == NULL && i < 2; i++) {
                compares(sim, h, &span[i]);
                h->app.read += span[i].len;
            }
        } else {
            h->app.read += max;
        }
        if (sim->failure == NULL)
            tcp_consume(&h->conn, &h->ctx, max);
        h->shadow.n_causes++;
        h->shadow.n_units++;
        n -= max;
    }
}

static void
app_reads(struct sim *sim, unsigned host)
{
    struct sim_host *h = &sim->hosts[host];
    struct sim_app *app = &h->app;
    uint64_t unread = app->received - app->read;

    if (unread == 0 || (sim->now_ns < app->read_ns && !app->is_over))
        return;
    if (app->is_over || app->opts.read == SIM_READ_AT_ONCE || app->opts.read == SIM_READ_LATER) {
        reads(sim, host, unread);
    } else if (app->opts.read == SIM_READ_SIPS) {
        reads(sim, host, u64_min(unread, 1 + rng_below(&sim->rng, app->opts.sip_max)));
        app->read_ns = sim->now_ns + 1 + rng_below(&sim->rng, app->opts.read_pause_ns);
    }
}

static uint64_t
to_write(const struct sim_app *app)
{
    switch (app->opts.write) {
    case SIM_WRITE_AT_ONCE:
    case SIM_WRITE_CHUNKS:
        return app->opts.bytes - app->written;
    case SIM_WRITE_ANSWER:
        return app->read >= app->opts.question ? app->opts.bytes - app->written : 0;
    case SIM_WRITE_ECHO:
        return app->read - app->written;
    }
    return 0;
}

static bool
has_more_to_write(const struct sim_app *app)
{
    if (app->opts.write == SIM_WRITE_ECHO)
        return app->written < app->received || !app->peer_closed;
    return app->written < app->opts.bytes;
}

static void
app_writes(struct sim *sim, unsigned host)
{
    struct sim_host *h = &sim->hosts[host];
    struct sim_app *app = &h->app;
    uint64_t n = to_write(app);

    if (n == 0 || sim->now_ns < app->write_ns || app->has_closed ||
        (h->conn.state != TCPS_ESTABLISHED && h->conn.state != TCPS_CLOSE_WAIT))
        return;
    if (app->opts.write == SIM_WRITE_CHUNKS) {
        n = u64_min(n, 1 + rng_below(&sim->rng, app->opts.chunk_max));
        app->write_ns = sim->now_ns + 1 + rng_below(&sim->rng, app->opts.write_pause_ns);
    }
    if (!tcp_send_single(&h->conn, &h->ctx, (uint32_t)u64_min(n, UINT32_MAX)) &&
        !tcp_send(&h->conn, &h->ctx, (uint32_t)n)) {
        sim_notes(sim, host, "finds no stream", 0);
        app->write_ns = sim->now_ns + RETRY_NS;
        return;
    }
    sim_notes(sim, host, "writes", n);
    app->written += n;
    h->shadow.n_units += 2 + (unsigned)(n / h->conn.mss);
}

static bool
wants_to_close(const struct sim_app *app)
{
    if (app->has_closed || (has_more_to_write(app) && app->opts.close != SIM_CLOSE_RST))
        return false;
    switch (app->opts.close) {
    case SIM_CLOSE_WRITTEN:
        return true;
    case SIM_CLOSE_RECEIVED:
        return app->read >= app->opts.expects || app->peer_closed;
    case SIM_CLOSE_PEER:
        return app->peer_closed && (app->read == app->received || app->opts.read == SIM_READ_NEVER);
    case SIM_CLOSE_RST:
    case SIM_CLOSE_NEVER:
        return false;
    }
    return false;
}

/* What the script asks for now; while it is at it, nothing else happens. */
static void
app_acts(struct sim *sim, unsigned host)
{
    struct sim_host *h = &sim->hosts[host];
    struct sim_app *app = &h->app;

    if (app->is_established)
        app_reads(sim, host);
    if (!is_live(h) || sim->failure != NULL)
        return;
    app_writes(sim, host);
    if (sim->now_ns >= app->abort_ns) {
        aborts(sim, host, SIM_END_ABORTED);
    } else if (sim->now_ns - app->alive_ns >= app->opts.patience_ns) {
        aborts(sim, host, SIM_END_BORED);
    } else if (wants_to_close(app)) {
        sim_notes(sim, host, "closes", 0);
        app->has_closed = true;
        h->shadow.n_units++;
        tcp_close(&h->conn, &h->ctx);
    }
    app_reads(sim, host); /* the rest, when that was the end */
}

/* When the script has something to do next. */
static uint64_t
app_next_ns(const struct sim_host *h)
{
    const struct sim_app *app = &h->app;
    uint64_t next_ns = TIME_NEVER;

    if (!is_live(h))
        return TIME_NEVER;
    next_ns = u64_min(app->abort_ns, app->alive_ns + app->opts.patience_ns);
    if (app->read < app->received && app->opts.read != SIM_READ_NEVER)
        next_ns = u64_min(next_ns, app->read_ns);
    if (to_write(app) > 0 && !app->has_closed)
        next_ns = u64_min(next_ns, app->write_ns);
    return next_ns;
}

static void
app_begins(struct sim *sim, unsigned host)
{
    struct sim_host *h = &sim->hosts[host];

    h->app = (struct sim_app){
        .opts = sim->apps[host],
        .key = sim_bytes_key(sim->opts.seed, host, h->conn.snd_una),
        .abort_ns = TIME_NEVER,
        .alive_ns = sim->now_ns,
    };
    if (h->app.opts.patience_ns == 0)
        h->app.opts.patience_ns = PATIENCE_NS;
    h->n_begun++;
    sim_check(sim, h->n_begun == h->n_ended + 1, "begun before the end of the other");
    sim_check_begins(sim, host);
}

static enum sim_end
end_of(unsigned events)
{
    if ((events & TCP_EV_CLOSED) != 0)
        return SIM_END_CLOSED;
    if ((events & TCP_EV_REFUSED) != 0)
        return SIM_END_REFUSED;
    if ((events & TCP_EV_RESET) != 0)
        return SIM_END_RESET;
    if ((events & TCP_EV_OPEN_TIMEOUT) != 0)
        return SIM_END_OPEN_TIMEOUT;
    if ((events & TCP_EV_PEER_TIMEOUT) != 0)
        return SIM_END_PEER_TIMEOUT;
    return (events & TCP_EV_DATA_TIMEOUT) != 0 ? SIM_END_DATA_TIMEOUT : SIM_END_CLOSE_TIMEOUT;
}

static void
app_is_established(struct sim *sim, unsigned host)
{
    struct sim_host *h = &sim->hosts[host];
    struct sim_app *app = &h->app;
    bool is_v6 = sim->opts.is_v6;

    sim_check(sim, !app->is_established, "established twice");
    app->is_established = true;
    if (app->opts.read == SIM_READ_LATER)
        app->read_ns = sim->now_ns + app->opts.read_pause_ns;
    if (app->opts.close == SIM_CLOSE_RST)
        app->abort_ns = sim->now_ns + app->opts.close_ns;
    tcp_limit_mss(&h->conn, is_v6 ? TCP_MSS_DEFAULT_V6 : TCP_MSS_DEFAULT_V4,
                  (uint16_t)(h->opts.mtu - ip_len(sim) - TCP_LEN));
}

/* What a call told, in the order in which it happened. */
static void
app_hears(struct sim *sim, unsigned host, unsigned events)
{
    struct sim_host *h = &sim->hosts[host];
    struct sim_app *app = &h->app;

    if (events != 0)
        app->alive_ns = sim->now_ns;
    if ((events & TCP_EV_ESTABLISHED) != 0)
        app_is_established(sim, host);
    if ((events & TCP_EV_DATA) != 0) {
        sim_check(sim, h->ctx.delivered > 0, "nothing was delivered, and it is told");
        app->received += h->ctx.delivered;
        h->received += h->ctx.delivered;
        if (!tcp_has_stream(&h->conn)) /* it was taken in without one: nothing is kept */
            app->read += h->ctx.delivered;
        h->last_data_ns = sim->now_ns;
    }
    if ((events & TCP_EV_PEER_CLOSED) != 0) {
        sim_check(sim, !app->peer_closed, "the peer closes twice");
        app->peer_closed = true;
    }
    sim_check_events(sim, host, events);
    if ((events & TCP_EV_OVER) != 0)
        ends(sim, host, end_of(events));
    app_acts(sim, host);
}

/* -- events
 * ---------------------------------------------------------------------------------------- */

/* Where the other's stream begins is known once its SYN has been heard. */
static void
learns_irs(struct sim *sim, unsigned host)
{
    struct sim_host *h = &sim->hosts[host];

    if (h->shadow.has_irs || h->conn.state == TCPS_CLOSED || h->conn.state == TCPS_SYN_SENT)
        return;
    h->shadow.has_irs = true;
    h->shadow.irs = h->conn.rcv_nxt - 1;
    h->app.peer_key = sim_bytes_key(sim->opts.seed, !host, h->shadow.irs);
}

/* Once it is over and nothing is owed, the stream goes back, and another connection may begin. */
static void
is_done(struct sim *sim, unsigned host)
{
    struct sim_host *h = &sim->hosts[host];

    if (!h->app.is_over || h->drain_ns != TIME_NEVER || h->n_begun != h->n_ended)
        return;
    tcp_release(&h->conn, &h->ctx);
    if (h->n_opens_left > 0 && h->app_ns == TIME_NEVER)
        h->app_ns = sim->now_ns + 1 + rng_below(&sim->rng, h->opts.rest_ns + 1);
}

/* What a worker does after each event. */
static void
settles(struct sim *sim, unsigned host, bool is_rearmed)
{
    struct sim_host *h = &sim->hosts[host];

    if (sim->failure != NULL)
        return;
    drains(sim, host);
    if (is_rearmed || tcp_has_stream(&h->conn) || tcp_is_closed(&h->conn))
        arms(sim, h);
    if (h->n_begun > h->n_ended)
        h->app_ns = app_next_ns(h);
    is_done(sim, host);
    sim_check_settled(sim, host);
}

static void
opens(struct sim *sim, unsigned host)
{
    struct sim_host *h = &sim->hosts[host];
    uint32_t iss = h->opts.iss;

    if (sim->opts.draw_apps != NULL)
        sim->opts.draw_apps(&sim->rng, sim->apps);
    if (h->n_begun > 0)
        iss = tcp_reopen_iss(&h->conn, h->conn.snd_nxt + (uint32_t)rng_below(&sim->rng, 1000000));
    h->n_opens_left--;
    h->app_ns = TIME_NEVER;
    tcp_open(&h->conn, &h->ctx, iss);
    sim_notes(sim, host, "opens", 0);
    app_begins(sim, host);
    settles(sim, host, true);
}

static void
accepts(struct sim *sim, unsigned host, const struct seg *syn, const struct sim_frame *frame)
{
    struct sim_host *h = &sim->hosts[host];
    uint32_t iss = h->opts.iss;

    if (h->n_begun > 0)
        iss = tcp_reopen_iss(&h->conn, h->conn.snd_nxt + (uint32_t)rng_below(&sim->rng, 1000000));
    tcp_accept(&h->conn, &h->ctx, syn, iss);
    sim_notes(sim, host, "accepts", 0);
    app_begins(sim, host);
    learns_irs(sim, host);
    sim_check_heard(sim, host, syn, frame);
    h->shadow.peer_options = syn->options;
    h->shadow.peer_shift = syn->wscale;
    settles(sim, host, true);
}

static void
refuses(struct sim *sim, unsigned host, const struct seg *s)
{
    struct seg answer;

    if (!tcp_refuse(s, &answer))
        return;
    sim->hosts[host].n_rsts++;
    sim_sends(sim, host, &answer, false);
}

/* Whether nothing can tell that @s, which is forged, is not the other's. */
static bool
is_perfect(const struct sim_host *h, const struct seg *s)
{
    const struct tcp_conn *c = &h->conn;

    if (c->state == TCPS_CLOSED || c->state == TCPS_TIME_WAIT || c->state == TCPS_SYN_SENT)
        return true; /* a connection of its own */
    if ((s->flags & SEG_RST) != 0)
        return s->seq == c->rcv_nxt;
    return s->flags == SEG_ACK && seq_le(s->ack, c->snd_nxt); /* it has been sent meanwhile */
}

static void
hears(struct sim *sim, unsigned host, const struct seg *s, const struct sim_frame *frame)
{
    struct sim_host *h = &sim->hosts[host];
    enum tcp_state before = h->conn.state;
    bool is_syn = (s->flags & (SEG_SYN | SEG_RST | SEG_ACK)) == SEG_SYN;
    unsigned events;

    if (frame->is_forged && is_perfect(h, s))
        return;
    if (h->opts.n_opens == 0 &&
        ((before == TCPS_CLOSED && is_syn) || tcp_may_reopen(&h->conn, s))) {
        while (h->drain_ns != TIME_NEVER && sim->failure == NULL) /* what is owed goes first */
            settles(sim, host, false);
        accepts(sim, host, s, frame);
        return;
    }
    if (before == TCPS_CLOSED) {
        refuses(sim, host, s);
        return;
    }
    sim_check_heard(sim, host, s, frame);
    h->ctx.timer_moved = false;
    events = tcp_input(&h->conn, &h->ctx, s);
    learns_irs(sim, host);
    if ((events & TCP_EV_ANSWER_RST) != 0)
        refuses(sim, host, s);
    app_hears(sim, host, events & ~(unsigned)TCP_EV_ANSWER_RST);
    settles(sim, host, h->ctx.timer_moved);
}

/* A frame with flipped bits that passes for good is dropped here: TCP has no more than 16 bits of
 * checksum, and that is not what is tested. One bit is always found. */
static bool
is_intact(struct sim *sim, struct sim_host *h, const struct sim_frame *f, const struct packet *p)
{
    if (f->n_flips == 0) {
        sim_check(sim, p->kind == PACKET_TCP, "a good frame is not understood");
        return sim->failure == NULL;
    }
    if (p->kind == PACKET_BAD_CHECKSUM)
        STAT_COUNT(h->ctx.stat, bad_checksum);
    else if (p->kind == PACKET_BAD_HEADER)
        STAT_COUNT(h->ctx.stat, bad_header);
    else
        h->n_escaped++;
    sim_check(sim,
              f->n_flips > 1 || sim->opts.is_v6 || p->kind == PACKET_BAD_CHECKSUM ||
                  p->kind == PACKET_BAD_HEADER,
              "a flipped bit is not found");
    return false;
}

void
sim_host_hears(struct sim *sim, unsigned host, const struct sim_frame *frame)
{
    static const struct packet_rx rx = {.vlan = -1, .stripped_vlan = -1};
    struct sim_host *h = &sim->hosts[host];
    struct packet p;

    packet_parse(&p, frame->bytes, frame->len, &rx);
    if (!is_intact(sim, h, frame, &p))
        return;
    sim_check(sim, ip_equal(&p.dst, &h->path.local) && ip_equal(&p.src, &h->path.remote),
              "the addresses changed on the way");
    sim_notes_seg(sim, host, "hears", &p.seg, !host, 0);
    hears(sim, host, &p.seg, frame);
}

void
sim_host_too_big(struct sim *sim, unsigned host, uint32_t seq, uint32_t mtu)
{
    struct sim_host *h = &sim->hosts[host];

    if (h->conn.state == TCPS_CLOSED)
        return;
    sim_notes(sim, host,
              tcp_path_mtu(&h->conn, &h->ctx, seq, mtu, ip_len(sim))
                  ? "believes in a path MTU of"
                  : "does not believe in a path MTU of",
              mtu);
    settles(sim, host, false);
}

static void
times_out(struct sim *sim, unsigned host)
{
    struct sim_host *h = &sim->hosts[host];
    unsigned events;

    sim_notes(sim, host, "times out", 0);
    h->timer_ns = TIME_NEVER;
    h->shadow.n_causes++;
    events = tcp_timeout(&h->conn, &h->ctx);
    app_hears(sim, host, events);
    settles(sim, host, true);
}

static void
app_is_due(struct sim *sim, unsigned host)
{
    struct sim_host *h = &sim->hosts[host];

    if (h->n_begun == h->n_ended) {
        opens(sim, host);
        return;
    }
    h->ctx.timer_moved = false;
    app_acts(sim, host);
    settles(sim, host, h->ctx.timer_moved);
}

uint64_t
sim_host_next_ns(const struct sim_host *h)
{
    return u64_min(u64_min(h->drain_ns, h->rich_ns), u64_min(h->timer_ns, h->app_ns));
}

void
sim_host_acts(struct sim *sim, unsigned host)
{
    struct sim_host *h = &sim->hosts[host];

    if (h->rich_ns <= sim->now_ns)
        gives_back(h);
    else if (h->drain_ns <= sim->now_ns)
        settles(sim, host, false);
    else if (h->timer_ns <= sim->now_ns)
        times_out(sim, host);
    else
        app_is_due(sim, host);
}
