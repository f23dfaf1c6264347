/* SPDX-License-Identifier: BSD-3-Clause */
/* See emit.h. */
#include "wire/emit.h"

#include <assert.h>
#include <netinet/in.h>
#include <stddef.h>
#include <string.h>

#include <rte_ether.h>

#include "base/units.h"
#include "wire/bytes.h"
#include "wire/csum.h"
#include "wire/frame.h"

enum {
    L2_MAX = RTE_ETHER_HDR_LEN + 2 * RTE_VLAN_HLEN,
    TCP_HDR_MIN = 20,
    TCP_HDR_MAX = 60,
    SYN_TS_OFF = 28,  /* of the timestamp's value in a SYN, from the TCP header: behind the MSS */
    TS_OFF = 24,      /* in other segments: behind NOP NOP 8 10 */
    SACK_HDR_LEN = 4, /* NOP NOP 5 length, before the blocks (RFC 2018 3) */
    SACK_BLOCK_LEN = 8,
    /* Copied whole, whatever the form: a few more bytes cost less than a length. */
    COPY_V4 = 84,
    COPY_V6 = 112,
};

static_assert(L2_MAX + IPV4_HDR_LEN + 40 <= COPY_V4, "largest v4 SYN");
static_assert(L2_MAX + IPV6_HDR_LEN + 40 <= COPY_V6, "largest v6 SYN");
static_assert(COPY_V6 <= EMIT_FRAME_MAX, "a frame's room");
static_assert(L2_MAX + IPV6_HDR_LEN + TCP_HDR_MAX <= EMIT_FRAME_MAX,
              "a frame's room with SACK blocks");
static_assert((SEG_OPT_SACK_OK | SEG_OPT_TS | SEG_OPT_WSCALE) == EMIT_FORM_PLAIN - 1,
              "SYN forms are option bits");

/* Options of a SYN in the order Linux sends them, NOPs before, so that the timestamps lie on words.
 * @return their length. */
static size_t
put_syn_options(uint8_t *opt, unsigned options, uint16_t mss, uint8_t wscale)
{
    size_t len = 4;

    store_be32(opt, 0x02040000U | mss);
    if (options & SEG_OPT_TS) {
        store_be32(opt + len, options & SEG_OPT_SACK_OK ? 0x0402080a : 0x0101080a);
        len += 12;
    } else if (options & SEG_OPT_SACK_OK) {
        store_be32(opt + len, 0x01010402);
        len += 4;
    }
    if (options & SEG_OPT_WSCALE) {
        store_be32(opt + len, 0x01030300U | wscale);
        len += 4;
    }
    return len;
}

static void
template_init(struct emit_template *t, const struct emit_opts *opts, bool is_v6, unsigned form)
{
    static const uint8_t no_mac[6];
    static const struct ip_addr no_addr;
    size_t ip_len = ip_hdr_len(is_v6), tcp_len = TCP_HDR_MIN;
    uint16_t most = (uint16_t)(opts->mtu - ip_len - TCP_HDR_MIN);
    uint16_t mss = opts->mss != 0 && opts->mss < most ? opts->mss : most;
    uint8_t *ip = t->bytes + frame_l2_len(opts->vlan), *tcp = ip + ip_len;

    if (form < EMIT_FORM_PLAIN) {
        tcp_len += put_syn_options(tcp + TCP_HDR_MIN, form, mss, opts->wscale);
    } else if (form == EMIT_FORM_TS) {
        store_be32(tcp + TCP_HDR_MIN, 0x0101080a); /* RFC 7323 appendix A */
        tcp_len += 12;
    }
    t->tcp_fixed[12] = (uint8_t)(tcp_len / 4 << 4);
    t->l2_len = frame_l2_len(opts->vlan);
    t->ts_off = form < EMIT_FORM_PLAIN ? SYN_TS_OFF : TS_OFF;
    t->offload_ipv4_csum = opts->offload_ipv4_csum;
    t->offload_tcp_csum = opts->offload_tcp_csum;

    if (is_v6) {
        frame_put_l2(t->bytes, no_mac, opts->src_mac, opts->vlan, RTE_ETHER_TYPE_IPV6);
        frame_put_ipv6(ip, &no_addr, &no_addr, IPPROTO_TCP, (uint16_t)tcp_len, FRAME_TTL);
    } else {
        frame_put_l2(t->bytes, no_mac, opts->src_mac, opts->vlan, RTE_ETHER_TYPE_IPV4);
        frame_put_ipv4(ip, &no_addr, &no_addr, IPPROTO_TCP, (uint16_t)tcp_len, FRAME_TTL);
        memset(ip + 10, 0, 2);
        t->l3_sum = csum_words(ip, IPV4_HDR_LEN);
    }
    t->l4_sum = csum_pseudo(IPPROTO_TCP, (uint16_t)tcp_len);
    if (!opts->offload_tcp_csum)
        t->l4_sum += csum_words(tcp, tcp_len);
    t->len = (uint16_t)(frame_l2_len(opts->vlan) + ip_len + tcp_len);
    t->ip_len = (uint16_t)(is_v6 ? tcp_len : ip_len + tcp_len);
}

void
emit_init(struct emit *e, const struct emit_opts *opts)
{
    assert(opts->mtu > IPV6_HDR_LEN + TCP_HDR_MIN);

    *e = (struct emit){
        .l2_len = frame_l2_len(opts->vlan),
        .offload_ipv4_csum = opts->offload_ipv4_csum,
        .offload_tcp_csum = opts->offload_tcp_csum,
    };
    for (unsigned form = 0; form < EMIT_FORMS; form++) {
        template_init(&e->templates[0][form], opts, false, form);
        template_init(&e->templates[1][form], opts, true, form);
    }
}

static inline unsigned
form_of(const struct seg *s)
{
    if (s->flags & SEG_SYN)
        return s->options & (EMIT_FORM_PLAIN - 1);
    return s->options & SEG_OPT_TS ? EMIT_FORM_TS : EMIT_FORM_PLAIN;
}

/* The first 16 bytes of the TCP header of @s, without the template's; @numbers are its first four,
 * in network order. */
static inline bytes16
tcp_fixed(const struct seg *s, bytes16 numbers)
{
    static_assert(offsetof(struct seg, window) == 16 && offsetof(struct seg, src_port) == 24 &&
                      offsetof(struct seg, dst_port) == 26 && offsetof(struct seg, flags) == 28,
                  "the shuffle's places");
    const bytes16 mask = {0xff, 0xff, 0xff, 0xff, 0, 0xff, 0xff, 0xff, 0, 0, 0, 0, 0, 0, 0, 0};
    bytes16 rest = load_bytes16(&s->window);

    if (__BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__)
        rest = (bytes16){rest[8], rest[9], rest[10], rest[11], 0, rest[12], rest[0], rest[1]};
    else /* ports, 0, flags, window */
        rest =
            __builtin_shufflevector(rest, rest, 9, 8, 11, 10, 0, 12, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0) &
            mask;
    return (bytes16)__builtin_shufflevector((words4)rest, (words4)numbers, 0, 4, 5, 1);
}

/* Write what varies of the TCP header at @tcp. @return its sum with @sum, of less than 63 bits. */
static inline uint64_t
put_tcp(const struct emit_template *t, const struct seg *s, uint64_t sum, uint8_t *restrict tcp)
{
    static_assert(offsetof(struct seg, seq) == 0 && offsetof(struct seg, ts_ecr) == 12,
                  "it begins with seq, ack, ts_val, ts_ecr");
    typedef uint64_t pair __attribute__((vector_size(16)));
    bytes16 numbers = load_bytes16(s), fixed;

    if (__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__)
        numbers = swap_words4(numbers);
    fixed = tcp_fixed(s, numbers) | load_bytes16(t->tcp_fixed);
    memcpy(tcp, &fixed, sizeof(fixed));
    sum = csum_add(csum_add(sum, ((pair)fixed)[0]), ((pair)fixed)[1]);
    if ((s->options & SEG_OPT_TS) == 0)
        return sum;
    memcpy(tcp + t->ts_off, (const uint8_t *)&numbers + 8, 8);
    return csum_add(sum, ((pair)numbers)[1]);
}

/* The IPv4 addresses as they lie in memory. */
struct be32_addresses {
    uint32_t local, remote;
};

/* Write the IPv4 addresses, the length with @more bytes, and the header's checksum unless the port
 * does. @return the addresses' sum. */
static inline uint64_t
put_ipv4(const struct emit_template *t, const struct emit_path *path, uint16_t more,
         uint8_t *restrict ip)
{
    struct be32_addresses a = {htobe32((uint32_t)path->local.lo),
                               htobe32((uint32_t)path->remote.lo)};
    uint64_t addresses = (uint64_t)a.local + a.remote;
    uint64_t sum = t->l3_sum + addresses;
    uint16_t csum;

    memcpy(ip + 12, &a, sizeof(a));
    if (more > 0) {
        store_be16(ip + 2, (uint16_t)(t->ip_len + more));
        sum += htobe16(more);
    }
    if (!t->offload_ipv4_csum) {
        csum = csum_finish(sum);
        memcpy(ip + 10, &csum, sizeof(csum));
    }
    return addresses;
}

/* The same for IPv6, which has no checksum. */
static inline uint64_t
put_ipv6(const struct emit_template *t, const struct emit_path *path, uint16_t more,
         uint8_t *restrict ip)
{
    store_be16(ip + 4, (uint16_t)(t->ip_len + more));
    store_be64(ip + 8, path->local.hi);
    store_be64(ip + 16, path->local.lo);
    store_be64(ip + 24, path->remote.hi);
    store_be64(ip + 32, path->remote.lo);
    return csum_addresses_v6(&path->local, &path->remote);
}

/* Write the headers that the template has, with @more bytes behind them that sum to @more_sum.
 * @return where the TCP header is. Adding to a length adds the same to a sum: in ones' complement
 * that holds for swapped bytes too, as long as the length stays in its 16 bits. Nothing else points
 * to @out, which saves the compiler from reading everything again after each store. */
static inline uint8_t *
put_headers(const struct emit_template *t, bool is_v6, const struct emit_path *path,
            const struct seg *s, uint16_t more, uint64_t more_sum, uint8_t *restrict out)
{
    uint8_t *ip = out + t->l2_len, *tcp = ip + ip_hdr_len(is_v6);
    uint64_t addresses, sum, whole;
    uint16_t csum;

    assert(t->ip_len + more <= UINT16_MAX);
    assert(s->tso_segsz == 0 || t->offload_tcp_csum);

    memcpy(out, t->bytes, is_v6 ? COPY_V6 : COPY_V4);
    addresses = is_v6 ? put_ipv6(t, path, more, ip) : put_ipv4(t, path, more, ip);
    memcpy(out, path->peer_mac, 6);

    sum = t->l4_sum + addresses;
    if (more > 0)
        sum += htobe16(more);
    whole = put_tcp(t, s, csum_add(sum, more_sum), tcp);
    if (likely(!t->offload_tcp_csum))
        csum = csum_finish(whole);
    else if (s->tso_segsz == 0)
        csum = csum_fold(sum); /* the port adds the rest and inverts */
    else
        csum = csum_fold(csum_pseudo(IPPROTO_TCP, 0) + addresses); /* the port adds lengths, too */
    memcpy(tcp + 16, &csum, sizeof(csum));
    return tcp;
}

/* Write the option, and the NOPs that bring its blocks to words. @return its length. */
static uint16_t
put_sack(uint8_t *opt, const struct seg *s, size_t room)
{
    size_t n = u64_min(s->n_sack, (room - SACK_HDR_LEN) / SACK_BLOCK_LEN);

    assert(s->n_sack > 0);
    assert(s->n_sack <= SEG_SACK_MAX);

    store_be32(opt, (uint32_t)(0x01010502 + n * SACK_BLOCK_LEN));
    for (size_t i = 0; i < n; i++) {
        store_be32(opt + SACK_HDR_LEN + i * SACK_BLOCK_LEN, s->sack[i].begin);
        store_be32(opt + SACK_HDR_LEN + i * SACK_BLOCK_LEN + 4, s->sack[i].end);
    }
    return (uint16_t)(SACK_HDR_LEN + n * SACK_BLOCK_LEN);
}

/* The blocks lie behind the template's header as payload does, and are summed like it: only the
 * data offset is another one. */
static uint16_t __attribute__((noinline))
emit_with_sack(const struct emit_template *t, const struct emit_path *path, const struct seg *s,
               uint64_t sum, uint8_t *out)
{
    unsigned hdr_len = s->options & SEG_OPT_TS ? TCP_HDR_MIN + 12 : TCP_HDR_MIN;
    uint8_t opt[TCP_HDR_MAX - TCP_HDR_MIN], *tcp;
    uint16_t len = put_sack(opt, s, TCP_HDR_MAX - hdr_len);

    assert(s->payload_len + len <= UINT16_MAX);

    sum = csum_partial(opt, len, csum_add(sum, htobe16((uint16_t)(len / 4 << 12))));
    tcp = put_headers(t, path->local.is_v6, path, s, (uint16_t)(s->payload_len + len), sum, out);
    tcp[12] = (uint8_t)((hdr_len + len) / 4 << 4);
    memcpy(tcp + hdr_len, opt, len);
    return (uint16_t)(t->len + len);
}

/* Without blocks, by family, and without payload where that saves the most: functions of their own,
 * so that each has all registers for itself and looks for its template once. */
static uint16_t __attribute__((noinline))
emit_v4(const struct emit_template *t, const struct emit_path *path, const struct seg *s,
        uint64_t payload_sum, uint8_t *out)
{
    put_headers(t, false, path, s, s->payload_len, payload_sum, out);
    return t->len;
}

static uint16_t __attribute__((noinline))
emit_bare_v4(const struct emit_template *t, const struct emit_path *path, const struct seg *s,
             uint8_t *out)
{
    put_headers(t, false, path, s, 0, 0, out);
    return t->len;
}

static uint16_t __attribute__((noinline))
emit_v6(const struct emit_template *t, const struct emit_path *path, const struct seg *s,
        uint64_t payload_sum, uint8_t *out)
{
    put_headers(t, true, path, s, s->payload_len, payload_sum, out);
    return t->len;
}

uint16_t
emit_tcp(const struct emit *e, const struct emit_path *path, const struct seg *s,
         uint64_t payload_sum, uint8_t *out)
{
    const struct emit_template *t = &e->templates[path->local.is_v6][form_of(s)];

    if (unlikely((s->options & SEG_OPT_SACK) != 0 && (s->flags & SEG_SYN) == 0))
        return emit_with_sack(t, path, s, payload_sum, out);
    if (path->local.is_v6)
        return emit_v6(t, path, s, payload_sum, out);
    if (s->payload_len == 0)
        return emit_bare_v4(t, path, s, out);
    return emit_v4(t, path, s, payload_sum, out);
}
