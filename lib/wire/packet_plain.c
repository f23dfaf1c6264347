/* SPDX-License-Identifier: BSD-3-Clause */
/* See packet.h: the frames that are many, in straight lines. Nothing that could be wrong is told
 * from anything that is rare: whatever is not of one of the shapes below, with all sums right, is
 * for packet_parse_any() to say. */
#include <assert.h>
#include <netinet/in.h>
#include <stddef.h>

#include <rte_ether.h>

#include "base/units.h"
#include "wire/bytes.h"
#include "wire/csum.h"
#include "wire/packet.h"
#include "wire/vlan.h"

enum {
    IP_OFF = RTE_ETHER_HDR_LEN,
    TCP_OFF = IP_OFF + IPV4_HDR_LEN,
    SHAPE_OFF = 12,  /* from Ethernet's type on */
    TCP_PLAIN = 20,  /* bytes of the TCP header without options, */
    TCP_TS = 32,     /* with a timestamp as Linux, the BSDs and emit.c send it, */
    TCP_SYN = 40,    /* and with all that they offer with a SYN */
    WSCALE_MAX = 14, /* RFC 7323 2.3 */
};

/* Type, version and length of the header; the packet's length where it is the same for all; what
 * tells a fragment, and the protocol. As they lie in memory, from SHAPE_OFF on. */
#define SHAPE(len)                                                                                 \
    {                                                                                              \
        0x08, 0, 0x45, [4] = 0, len, [8] = 0, 0, 0, IPPROTO_TCP                                    \
    }
#define SHAPE_MASK(len)                                                                            \
    {                                                                                              \
        0xff, 0xff, 0xff, [4] = len, len, [8] = 0x3f, 0xff, 0, 0xff                                \
    }
static const uint8_t BARE_SHAPE[16] = SHAPE(IPV4_HDR_LEN + TCP_TS);
static const uint8_t SYN_SHAPE[16] = SHAPE(IPV4_HDR_LEN + TCP_SYN);
static const uint8_t LEN_MASK[16] = SHAPE_MASK(0xff);
static const uint8_t ANY_SHAPE[16] = SHAPE(0);
static const uint8_t ANY_MASK[16] = SHAPE_MASK(0);

static inline uint64_t
load64(const uint8_t *p)
{
    uint64_t w;

    memcpy(&w, p, sizeof(w));
    return w;
}

static inline bool
has_shape(const uint8_t *frame, const uint8_t shape[static 16], const uint8_t mask[static 16])
{
    const uint8_t *at = frame + SHAPE_OFF;

    return (((load64(at) & load64(mask)) ^ load64(shape)) |
            ((load64(at + 8) & load64(mask + 8)) ^ load64(shape + 8))) == 0;
}

/* Of no tag, in one buffer, on a machine that the shuffles below are for. */
static inline bool
is_plain(const struct packet_rx *rx)
{
    return __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ &&
           (rx->stripped_vlan > 0 ? rx->stripped_vlan : VLAN_UNTAGGED) == rx->vlan &&
           rx->ext_len == 0;
}

/* By a source's first byte: one host (RFC 1122 3.2.1.3), see is_unicast() in packet.c. */
static const bool is_of_hosts[256] = {
    [1 ... 126] = true, [128 ... 223] = true, [240 ... 254] = true};

/* The sum of a TCP header of one of the lengths; below 2^37. */
static inline uint64_t
sum_header(const uint8_t *tcp, uint32_t tcp_len)
{
    csum_pair sums = csum_load_pair(tcp);
    uint32_t word;

    if (tcp_len == TCP_PLAIN) {
        memcpy(&word, tcp + 16, sizeof(word));
        return sums[0] + sums[1] + word;
    }
    sums += csum_load_pair(tcp + 16);
    return sums[0] + sums[1] + (tcp_len == TCP_SYN ? csum_halves(load64(tcp + 32)) : 0);
}

/* Of IP, and of TCP with @tcp_len bytes of header and @l4_len in all; @sum is the payload's. */
static inline bool
sums_hold(const uint8_t *frame, uint32_t tcp_len, uint32_t l4_len, uint64_t sum,
          const struct packet_rx *rx)
{
    csum_pair ip = csum_load_pair(frame + IP_OFF + 4); /* its last half is of the addresses */
    uint32_t first;

    memcpy(&first, frame + IP_OFF, sizeof(first));
    if (!rx->l3_checksum_verified && !csum_is_valid(ip[0] + ip[1] + first))
        return false;
    if (rx->l4_checksum_verified)
        return true;
    return csum_is_valid(csum_add(sum, ip[1] + csum_pseudo(IPPROTO_TCP, (uint16_t)l4_len) +
                                           sum_header(frame + TCP_OFF, tcp_len)));
}

static inline void
take_addresses(struct packet *p, const uint8_t *frame)
{
    uint64_t both = load_be64(frame + IP_OFF + 12);

    p->src = (struct ip_addr){.lo = both >> 32};
    p->dst = (struct ip_addr){.lo = (uint32_t)both};
}

/* The TCP header, without what a SYN alone has: two shuffles, for struct seg begins with seq, ack,
 * ts_val, ts_ecr and goes on with what is here. */
static inline void
take_header(struct packet *p, const uint8_t *frame, uint32_t tcp_len, uint32_t payload_len)
{
    static_assert(offsetof(struct seg, seq) == 0 && offsetof(struct seg, ack) == 4 &&
                      offsetof(struct seg, ts_val) == 8 && offsetof(struct seg, ts_ecr) == 12,
                  "the first shuffle's places");
    static_assert(offsetof(struct seg, window) == 16 && offsetof(struct seg, src_port) == 24 &&
                      offsetof(struct seg, dst_port) == 26 && offsetof(struct seg, flags) == 28 &&
                      offsetof(struct seg, options) == 29 && offsetof(struct seg, payload) == 32,
                  "the second shuffle's places");
    /* What the second has of the header; congestion notification is not spoken. */
    const bytes16 mask = {0xff, 0xff, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0x3f, 0, 0, 0};
    const bytes16 options = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, SEG_OPT_TS, 0, 0};
    bytes16 fixed = load_bytes16(frame + TCP_OFF), numbers, rest;
    words4 ts = {0};

    if (tcp_len == TCP_TS)
        ts = (words4)load_bytes16(frame + TCP_OFF + 16);
    else if (tcp_len == TCP_SYN)
        ts = (words4)load_bytes16(frame + TCP_OFF + 20);
    numbers = swap_words4((bytes16)__builtin_shufflevector((words4)fixed, ts, 1, 2, 6, 7));
    rest = __builtin_shufflevector(fixed, fixed, 15, 14, 0, 0, 0, 0, 0, 0, 1, 0, 3, 2, 13, 0, 0, 0);
    rest &= mask;
    if (tcp_len != TCP_PLAIN)
        rest |= options;
    memcpy(&p->seg, &numbers, sizeof(numbers));
    memcpy(&p->seg.window, &rest, sizeof(rest));
    if (payload_len > 0)
        p->seg.payload_len = (uint16_t)payload_len;
    p->seg.payload = frame + TCP_OFF + tcp_len;
}

/* Take a segment of one of the shapes, with @payload_len bytes that sum to @sum. @return whether
 * its source may have sent it and its sums are right. */
static inline __attribute__((always_inline)) bool
take(struct packet *p, const uint8_t *frame, uint32_t tcp_len, uint32_t payload_len, uint64_t sum,
     const struct packet_rx *rx)
{
    if (!is_of_hosts[frame[IP_OFF + 12]] ||
        !sums_hold(frame, tcp_len, tcp_len + payload_len, sum, rx))
        return false;
    p->frame = frame;
    p->l3_off = IP_OFF;
    p->l4_off = TCP_OFF;
    p->l4_len = (uint16_t)(tcp_len + payload_len);
    p->kind = PACKET_TCP;
    p->network = 0;
    take_addresses(p, frame);
    take_header(p, frame, tcp_len, payload_len);
    return true;
}

/* The word of the TCP header with its length; and that length with nothing reserved in use. */
static inline bool
has_hdr_len(const uint8_t *frame, uint32_t tcp_len)
{
    return frame[TCP_OFF + 12] == tcp_len / 4 << 4;
}

static inline bool
has_timestamp(const uint8_t *frame)
{
    return has_hdr_len(frame, TCP_TS) && load_be32(frame + TCP_OFF + 20) == 0x0101080a;
}

static inline bool
is_bare(const uint8_t *frame, uint32_t len)
{
    return len >= TCP_OFF + TCP_TS && has_shape(frame, BARE_SHAPE, LEN_MASK) &&
           has_timestamp(frame);
}

/* MSS, SACK, timestamp, window scale. */
static inline bool
is_syn(const uint8_t *frame, uint32_t len)
{
    const uint8_t *opt = frame + TCP_OFF + TCP_PLAIN;

    return len >= TCP_OFF + TCP_SYN && has_hdr_len(frame, TCP_SYN) &&
           has_shape(frame, SYN_SHAPE, LEN_MASK) && (frame[TCP_OFF + 13] & SEG_SYN) != 0 &&
           (load_be64(opt) & UINT64_C(0xffff0000ffffffff)) == UINT64_C(0x020400000402080a) &&
           load_be32(opt + 16) >> 8 == 0x010303;
}

static void __attribute__((noinline))
parse_syn(struct packet *p, const uint8_t *frame, uint32_t len, const struct packet_rx *rx)
{
    const uint8_t *opt = frame + TCP_OFF + TCP_PLAIN;
    uint8_t wscale = opt[19];

    if (unlikely(!take(p, frame, TCP_SYN, 0, 0, rx))) {
        packet_parse_any(p, frame, len, rx);
        return;
    }
    p->seg.options = SEG_OPT_MSS | SEG_OPT_SACK_OK | SEG_OPT_TS | SEG_OPT_WSCALE;
    p->seg.mss = load_be16(opt + 2);
    p->seg.wscale = wscale < WSCALE_MAX ? wscale : WSCALE_MAX;
}

/* The payload's length and the header's, in a frame that both are within; @return false: they are
 * not, or it is of another shape. */
static inline bool
find_lengths(const uint8_t *frame, uint32_t len, uint32_t *tcp_len, uint32_t *payload_len)
{
    uint32_t total_len;

    if (len < TCP_OFF + TCP_PLAIN || !has_shape(frame, ANY_SHAPE, ANY_MASK))
        return false;
    total_len = load_be16(frame + IP_OFF + 2);
    *tcp_len = frame[TCP_OFF + 12] >> 4 << 2;
    *payload_len = total_len - IPV4_HDR_LEN - *tcp_len;
    return total_len >= IPV4_HDR_LEN + *tcp_len && IP_OFF + total_len <= len;
}

/* With payload, or without a timestamp: a sum of any length is a call, which a bare segment is not
 * to pay for. */
static void __attribute__((noinline))
parse_other(struct packet *p, const uint8_t *frame, uint32_t len, const struct packet_rx *rx)
{
    uint32_t tcp_len, payload_len;
    uint64_t sum = 0;
    bool is_taken = false;

    if (find_lengths(frame, len, &tcp_len, &payload_len) && is_plain(rx)) {
        if (payload_len > 0 && !rx->l4_checksum_verified)
            sum = csum_partial(frame + TCP_OFF + tcp_len, payload_len, 0);
        if (tcp_len == TCP_TS && has_timestamp(frame))
            is_taken = take(p, frame, TCP_TS, payload_len, sum, rx);
        else if (tcp_len == TCP_PLAIN)
            is_taken = take(p, frame, TCP_PLAIN, payload_len, sum, rx);
    }
    if (unlikely(!is_taken))
        packet_parse_any(p, frame, len, rx);
}

void
packet_parse(struct packet *p, const uint8_t *frame, uint32_t len, const struct packet_rx *rx)
{
    if (likely(is_bare(frame, len) && is_plain(rx))) {
        if (unlikely(!take(p, frame, TCP_TS, 0, 0, rx)))
            packet_parse_any(p, frame, len, rx);
    } else if (is_syn(frame, len) && is_plain(rx)) {
        parse_syn(p, frame, len, rx);
    } else {
        parse_other(p, frame, len, rx);
    }
}
