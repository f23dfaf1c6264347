/* SPDX-License-Identifier: BSD-3-Clause */
/* See forecast.h. */
#include "conf/forecast.h"

#include <string.h>

#include "base/units.h"
#include "conf/http2.h"
#include "load/load_plan.h"
#include "proto/http_answer.h"
#include "wire/frame.h"

/* The flights of a handshake that nobody has tried: TLS 1.3 of OpenSSL 3.0 on its defaults, with a
 * P-256 certificate, and tickets. */
static const uint32_t usual_flights[CONF_FLIGHTS] = {257, 1050, 128, 250};

/* A request's head beside its path and fields, and an answer's. */
static const double REQUEST_HEAD_BYTES = 60, ANSWER_HEAD_BYTES = 150;

/* HTTP/2: the preface and settings once a connection; then heads are indexed. */
static const double H2_BEGIN_BYTES = 90, H2_HEAD_BYTES = 45;

/* What all of a class's segments have. */
struct shape {
    double header; /* bytes of Ethernet, IP and TCP headers, of a segment that is no SYN */
    double syn;    /* of a SYN */
    double mss;
};

/* How much of the class's starts go over IPv6, through VLAN tags of so many bytes. */
static struct shape
shape_of(const struct conf *c, unsigned class_idx, unsigned mtu)
{
    double n = 0, ip = 0, l2 = 0, options = c->timestamps ? 12 : 0;
    struct shape s;

    for (unsigned i = 0; i < c->n_routes; i++) {
        const struct conf_target *t = &c->targets[c->routes[i].target];
        unsigned vlan = c->networks[c->routes[i].network].vlan;
        double weight = (double)c->turn_weights[c->routes[i].turn], in_turn = 0;

        if (t->class_idx != class_idx)
            continue;
        for (unsigned k = 0; k < c->n_routes; k++)
            in_turn += c->routes[k].turn == c->routes[i].turn;
        n += weight / in_turn;
        ip += weight / in_turn * (t->addr.is_v6 ? 40 : 20);
        l2 += weight / in_turn * frame_l2_len(vlan != 0 ? (int)vlan : VLAN_UNTAGGED);
    }
    ip = n > 0 ? ip / n : 20;
    l2 = n > 0 ? l2 / n : 14;
    s = (struct shape){.header = l2 + ip + 20 + options,
                       .syn = l2 + ip + 20 + (c->timestamps ? 20 : 12),
                       .mss = mtu - ip - 20 - options};
    if (c->mss > 0 && c->mss < s.mss)
        s.mss = c->mss;
    return s;
}

/* So many bytes of payload in segments, each second of which the other side acknowledges. */
static void
add_payload(struct forecast *f, struct forecast_way *way, struct forecast_way *back,
            const struct shape *s, double bytes)
{
    double segments = (double)(uint64_t)((bytes + s->mss - 1) / s->mss);
    double acks = (double)(uint64_t)(segments / 2);

    way->packets += segments;
    way->bytes += segments * s->header + bytes;
    if (segments > 1) {
        f->estimates_acks = true;
        back->packets += acks;
        back->bytes += acks * s->header;
    }
}

static void
add_bare(struct forecast_way *way, const struct shape *s, double n)
{
    way->packets += n;
    way->bytes += n * s->header;
}

/* The body of the answer to the class's first path; @return false: it is not known. */
static bool
find_body(const struct conf *c, unsigned class_idx, double *bytes)
{
    for (unsigned i = 0; i < c->n_targets; i++) {
        const char *path = c->targets[i].path;
        struct http_answer a;

        if (c->targets[i].class_idx != class_idx)
            continue;
        *bytes = FORECAST_BODY_BYTES;
        if (!conf_has_both_sides(c))
            return false;
        a = http_answer_to(path, (uint32_t)strcspn(path, "?"), c->classes[class_idx].answer_bytes,
                           false);
        *bytes = (double)a.body_bytes;
        return !a.echoes;
    }
    return false;
}

static double
path_bytes(const struct conf *c, unsigned class_idx)
{
    for (unsigned i = 0; i < c->n_targets; i++)
        if (c->targets[i].class_idx == class_idx)
            return (double)(strlen(c->targets[i].path) + strlen(c->targets[i].host));
    return 0;
}

/* What one exchange is, each way. */
static void
exchange_bytes(struct forecast *f, const struct conf *c, unsigned class_idx, double *sent,
               double *received)
{
    const struct conf_class *k = &c->classes[class_idx];
    bool is_http2 = conf_is_http2(k->proto);

    *sent = (double)k->send_bytes;
    *received = (double)k->receive_bytes;
    if (!k->proto->has_path)
        return;
    f->estimates_body = !find_body(c, class_idx, received);
    *received += is_http2 ? H2_HEAD_BYTES : ANSWER_HEAD_BYTES;
    *sent = (is_http2 ? H2_HEAD_BYTES : REQUEST_HEAD_BYTES + path_bytes(c, class_idx)) +
            (double)strlen(k->http.fields) + (double)k->http.body_bytes;
    if (k->http.body[0] != '@')
        *sent += (double)strlen(k->http.body);
}

static void
add_exchanges(struct forecast *f, const struct conf *c, unsigned class_idx, const struct shape *s)
{
    const struct conf_class *k = &c->classes[class_idx];
    double sent, received, n = k->requests > 0 ? (double)k->requests : 1;

    exchange_bytes(f, c, class_idx, &sent, &received);
    if (sent + received <= 0)
        return;
    f->requests = (double)k->requests;
    for (double i = 0; i < n && i < 10000; i++) {
        add_payload(f, &f->sent, &f->received, s, sent);
        add_payload(f, &f->received, &f->sent, s, received);
    }
    if (conf_is_http2(k->proto)) {
        add_payload(f, &f->sent, &f->received, s, H2_BEGIN_BYTES);
        add_payload(f, &f->received, &f->sent, s, H2_BEGIN_BYTES);
    }
}

/* SYN and close; the ACK that ends the handshake rides on what follows at once. */
static void
add_ends(struct forecast *f, const struct conf_class *k, const struct shape *s, bool has_payload)
{
    bool rides = k->piggyback && (has_payload || (k->hold_ns == 0 && k->close == CLOSE_FIN));

    f->sent.packets += 1;
    f->sent.bytes += s->syn;
    f->received.packets += 1;
    f->received.bytes += s->syn;
    add_bare(&f->sent, s, rides ? 0 : 1);
    switch (k->close) {
    case CLOSE_RST:
        add_bare(&f->sent, s, 1);
        return;
    case CLOSE_FIN:
        add_bare(&f->sent, s, 2);
        add_bare(&f->received, s, 1);
        return;
    case CLOSE_PEER:
        add_bare(&f->sent, s, 1);
        add_bare(&f->received, s, 2);
        return;
    case CLOSE_MODES:
        return;
    }
}

/* The server's first flight is written in two: ServerHello, and what takes longer to compute. */
static void
add_handshake(struct forecast *f, const struct conf_class *k, const struct shape *s)
{
    const uint32_t *flights = k->handshake_flights[0] > 0 ? k->handshake_flights : usual_flights;

    f->estimates_tls = true;
    for (unsigned i = 0; i < CONF_FLIGHTS && flights[i] > 0; i++) {
        bool is_sent = i % 2 == 0;

        if (i == 1) {
            add_payload(f, &f->received, &f->sent, s, flights[i] / 2);
            add_payload(f, &f->received, &f->sent, s, flights[i] - flights[i] / 2);
        } else {
            add_payload(f, is_sent ? &f->sent : &f->received, is_sent ? &f->received : &f->sent, s,
                        flights[i]);
        }
        if (!is_sent && i > 1 && (i + 1 == CONF_FLIGHTS || flights[i + 1] == 0))
            add_bare(&f->sent, s, 1); /* acknowledges tickets */
    }
}

static double
share_of(const struct conf *c, unsigned class_idx)
{
    double all = 0, own = (double)conf_class_weight(&c->classes[class_idx]);

    for (unsigned i = 0; i < c->n_classes; i++)
        all += (double)conf_class_weight(&c->classes[i]);
    return all > 0 ? own / all : 1;
}

void
forecast_class(struct forecast *f, const struct conf *c, unsigned class_idx, unsigned mtu)
{
    const struct conf_class *k = &c->classes[class_idx];
    struct shape s = shape_of(c, class_idx, mtu);
    bool has_payload = k->is_tls || conf_class_has_payload(c, k, ROLE_CLIENT);

    *f = (struct forecast){.starts = 0};
    if (c->load.n > 0)
        f->starts = (double)load_plan_peak(&c->load) * share_of(c, class_idx);
    if (c->rate_milli > 0 && c->load.n > 0)
        f->starts = (double)c->rate_milli / 1000 * share_of(c, class_idx);
    f->open = f->starts *
              (double)(k->hold_ns + (k->requests > 1 ? (k->requests - 1) * k->think_ns : 0)) / 1e9;
    add_ends(f, k, &s, has_payload);
    if (k->is_tls)
        add_handshake(f, k, &s);
    add_exchanges(f, c, class_idx, &s);
}
