/* SPDX-License-Identifier: BSD-3-Clause */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "base/units.h"
#include "messages.h"

/* Ports 40000 to 80, sequence number 0x11223344: all that RFC 792 promises. */
static const uint8_t QUOTED_TCP[8] = {0x9c, 0x40, 0, 80, 0x11, 0x22, 0x33, 0x44};

/* An error that quotes the first @quoted_len bytes of the packet in @quoted; @word is the second
 * one of its header. */
static struct frame
error4(uint8_t code, uint32_t word, const struct frame *quoted, size_t quoted_len)
{
    uint8_t message[100] = {3, code};

    put32(message + 4, word);
    memcpy(message + 8, quoted->bytes + quoted->l3_off, quoted_len);
    return icmp4(message, 8 + quoted_len);
}

static struct frame
error6(uint8_t type, uint8_t code, uint32_t word, const struct frame *quoted, size_t quoted_len)
{
    uint8_t message[100] = {type, code};

    put32(message + 4, word);
    memcpy(message + 8, quoted->bytes + quoted->l3_off, quoted_len);
    return icmp6(message, 8 + quoted_len);
}

static struct frame
unreachable4(uint8_t code, const struct frame *quoted, size_t quoted_len)
{
    return error4(code, 0, quoted, quoted_len);
}

static struct frame
unreachable6(uint8_t code, const struct frame *quoted, size_t quoted_len)
{
    return error6(1, code, 0, quoted, quoted_len);
}

static struct frame
our_segment4(void)
{
    uint8_t tcp[20] = {0};

    memcpy(tcp, QUOTED_TCP, 8);
    return frame_v4(-1, PROTO_TCP, LOCAL, REMOTE, tcp, 20);
}

static struct frame
our_segment6(void)
{
    uint8_t tcp[20] = {0};

    memcpy(tcp, QUOTED_TCP, 8);
    return frame_v6(-1, PROTO_TCP, LOCAL6, REMOTE6, tcp, 20);
}

Test(icmp, echo_messages_are_told_apart)
{
    static const struct {
        uint8_t type, type6;
        int kind;
    } rows[] = {{8, 128, ICMP_KIND_ECHO_REQUEST}, {0, 129, ICMP_KIND_ECHO_REPLY},
                {13, 130, ICMP_KIND_OTHER},       {128, 8, ICMP_KIND_OTHER},
                {135, 5, ICMP_KIND_OTHER},        {4, 127, ICMP_KIND_OTHER}};

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        uint8_t message[12];
        struct frame f;

        memcpy(message, ECHO, 12);
        message[0] = rows[i].type;
        f = icmp4(message, 12);
        cr_assert(eq(int, parse(&f).kind, rows[i].kind), "row %zu", i);
        message[0] = rows[i].type6;
        f = icmp6(message, 12);
        cr_assert(eq(int, parse(&f).kind, rows[i].kind), "row %zu", i);
    }
}

static void
expect_quote4(const struct icmp_quote *quote)
{
    cr_assert(eq(u64, quote->local.lo, LOCAL));
    cr_assert(eq(u64, quote->remote.lo, REMOTE));
    cr_assert(eq(int, quote->local_port, 40000));
    cr_assert(eq(int, quote->remote_port, 80));
    cr_assert(eq(u32, quote->seq, 0x11223344));
}

static void
expect_quote6(const struct icmp_quote *quote)
{
    cr_assert(quote->local.is_v6);
    cr_assert(eq(u64, quote->local.lo, 0x10));
    cr_assert(eq(u64, quote->remote.lo, 0xabcd20));
    cr_assert(eq(int, quote->local_port, 40000));
    cr_assert(eq(int, quote->remote_port, 80));
    cr_assert(eq(u32, quote->seq, 0x11223344));
}

Test(icmp, an_unreachable_of_any_code_but_fragmentation_needed_names_our_segment)
{
    struct frame quoted = our_segment4();

    for (uint8_t code = 0; code <= 15; code++) {
        struct frame f = error4(code, 1400, &quoted, 28);
        struct icmp_msg m = parse(&f);

        if (code == 4)
            continue;
        cr_assert(eq(int, m.kind, ICMP_KIND_UNREACHABLE));
        cr_assert(eq(int, m.code, code));
        expect_quote4(&m.quote);
    }
}

Test(icmp, an_icmpv6_unreachable_names_our_segment)
{
    struct frame quoted = our_segment6();

    for (uint8_t code = 0; code <= 8; code++) {
        struct frame f = unreachable6(code, &quoted, 48);
        struct icmp_msg m = parse(&f);

        cr_assert(eq(int, m.kind, ICMP_KIND_UNREACHABLE));
        cr_assert(eq(int, m.code, code));
        expect_quote6(&m.quote);
    }
}

Test(icmp, a_quoted_header_with_options_is_skipped)
{
    struct frame quoted = our_segment4(), f;
    uint8_t *ip = quoted.bytes + 14;

    memmove(ip + 24, ip + 20, 20);
    ip[0] = 0x46;
    f = unreachable4(1, &quoted, 32);
    cr_assert(eq(int, parse(&f).kind, ICMP_KIND_UNREACHABLE));
    cr_assert(eq(u32, parse(&f).quote.seq, 0x11223344));
    f = unreachable4(1, &quoted, 31);
    cr_assert(eq(int, parse(&f).kind, ICMP_KIND_BAD));
}

Test(icmp, a_quotation_cut_short_is_bad)
{
    struct frame quoted4 = our_segment4(), quoted6 = our_segment6(), f;

    for (size_t len = 0; len < 28; len++) {
        f = unreachable4(1, &quoted4, len);
        cr_assert(eq(int, parse(&f).kind, ICMP_KIND_BAD), "%zu bytes", len);
        f = error4(4, 1400, &quoted4, len);
        cr_assert(eq(int, parse(&f).kind, ICMP_KIND_BAD), "%zu bytes, too big", len);
        f = error4(4, 0, &quoted4, len);
        cr_assert(eq(int, parse(&f).kind, ICMP_KIND_BAD), "%zu bytes, too big, no MTU", len);
    }
    for (size_t len = 0; len < 48; len++) {
        f = unreachable6(1, &quoted6, len);
        cr_assert(eq(int, parse(&f).kind, ICMP_KIND_BAD), "%zu bytes", len);
        f = error6(2, 0, 1400, &quoted6, len);
        cr_assert(eq(int, parse(&f).kind, ICMP_KIND_BAD), "%zu bytes, too big", len);
    }
}

/* What is changed in the quoted IP header, and what becomes of the message: of an unreachable, and
 * of a too big the same. */
struct quote_row {
    uint8_t off, value;
    int kind;
};

static int
of_too_big(int of_unreachable)
{
    return of_unreachable == ICMP_KIND_UNREACHABLE ? ICMP_KIND_TOO_BIG : of_unreachable;
}

Test(icmp, a_quotation_of_what_we_did_not_send_is_not_for_us)
{
    static const struct quote_row rows4[] = {
        {0, 0x65, ICMP_KIND_BAD},         {0, 0x44, ICMP_KIND_BAD},
        {9, 17, ICMP_KIND_OTHER},         /* not TCP */
        {7, 1, ICMP_KIND_OTHER},          /* not the first fragment */
        {15, 11, ICMP_KIND_OTHER},        /* another source than the error's destination */
        {6, 0x60, ICMP_KIND_UNREACHABLE}, /* the first fragment has the ports */
    };
    static const struct quote_row rows6[] = {
        {0, 0x40, ICMP_KIND_BAD},
        {6, 58, ICMP_KIND_OTHER},
        {6, 60, ICMP_KIND_OTHER}, /* an extension header: not ours */
        {23, 0x11, ICMP_KIND_OTHER},
    };
    struct frame quoted, f;

    for (size_t i = 0; i < ARRAY_LEN(rows4); i++) {
        quoted = our_segment4();
        quoted.bytes[14 + rows4[i].off] = rows4[i].value;
        f = unreachable4(1, &quoted, 28);
        cr_assert(eq(int, parse(&f).kind, rows4[i].kind), "v4 row %zu", i);
        f = error4(4, 1400, &quoted, 28);
        cr_assert(eq(int, parse(&f).kind, of_too_big(rows4[i].kind)), "v4 row %zu, too big", i);
    }
    for (size_t i = 0; i < ARRAY_LEN(rows6); i++) {
        quoted = our_segment6();
        quoted.bytes[14 + rows6[i].off] = rows6[i].value;
        f = unreachable6(1, &quoted, 48);
        cr_assert(eq(int, parse(&f).kind, rows6[i].kind), "v6 row %zu", i);
        f = error6(2, 0, 1400, &quoted, 48);
        cr_assert(eq(int, parse(&f).kind, of_too_big(rows6[i].kind)), "v6 row %zu, too big", i);
    }
}

Test(icmp, fragmentation_needed_gives_the_next_links_mtu_and_our_segment)
{
    struct frame quoted = our_segment4();
    struct frame f = error4(4, 1400, &quoted, 28);
    struct icmp_msg m = parse(&f);

    cr_assert(eq(int, m.kind, ICMP_KIND_TOO_BIG));
    cr_assert(eq(u32, m.mtu, 1400));
    expect_quote4(&m.quote);
}

Test(icmp, an_icmpv6_packet_too_big_gives_the_next_links_mtu_and_our_segment)
{
    struct frame quoted = our_segment6();
    struct frame f = error6(2, 0, 1400, &quoted, 48);
    struct icmp_msg m = parse(&f);

    cr_assert(eq(int, m.kind, ICMP_KIND_TOO_BIG));
    cr_assert(eq(u32, m.mtu, 1400));
    expect_quote6(&m.quote);
}

Test(icmp, the_code_of_an_icmpv6_packet_too_big_is_not_looked_at)
{
    struct frame quoted = our_segment6(), f = error6(2, 255, 1400, &quoted, 48);

    cr_assert(eq(int, parse(&f).kind, ICMP_KIND_TOO_BIG));
}

Test(icmp, a_too_big_behind_a_vlan_tag_is_read_the_same)
{
    struct packet_rx rx = {.vlan = 7, .stripped_vlan = -1};
    struct frame quoted = our_segment4(), f = error4(4, 1400, &quoted, 28);
    struct icmp_msg m;
    struct packet p;

    f = frame_v4(7, PROTO_ICMP, REMOTE, LOCAL, f.bytes + f.l4_off, 36);
    packet_parse(&p, guarded_copy(f.bytes, f.len), (uint32_t)f.len, &rx);
    icmp_parse(&p, &m);
    cr_assert(eq(int, m.kind, ICMP_KIND_TOO_BIG));
    cr_assert(eq(u32, m.mtu, 1400));
    expect_quote4(&m.quote);

    quoted = our_segment6();
    f = error6(2, 0, 1300, &quoted, 48);
    f = frame_v6(7, PROTO_ICMP6, REMOTE6, LOCAL6, f.bytes + f.l4_off, 56);
    packet_parse(&p, guarded_copy(f.bytes, f.len), (uint32_t)f.len, &rx);
    icmp_parse(&p, &m);
    cr_assert(eq(int, m.kind, ICMP_KIND_TOO_BIG));
    cr_assert(eq(u32, m.mtu, 1300));
    expect_quote6(&m.quote);
}

/* The second word of the header, and the MTU it means, 0: it is nonsense. */
struct mtu_row {
    uint32_t word, mtu;
};

Test(icmp, an_ipv4_mtu_is_16_bits_and_68_at_least)
{
    static const struct mtu_row rows[] = {
        {1, 0},          {67, 0},           {68, 68},
        {1500, 1500},    {65535, 65535},    {0xffff0044, 68}, /* the rest is unused, or a length */
        {0xffff0043, 0}, {0x00080578, 1400}};
    struct frame quoted = our_segment4();

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct frame f = error4(4, rows[i].word, &quoted, 28);
        struct icmp_msg m = parse(&f);

        cr_assert(eq(int, m.kind, rows[i].mtu > 0 ? ICMP_KIND_TOO_BIG : ICMP_KIND_BAD), "row %zu",
                  i);
        if (rows[i].mtu > 0)
            cr_assert(eq(u32, m.mtu, rows[i].mtu));
    }
}

Test(icmp, an_ipv6_mtu_is_32_bits_and_1280_at_least)
{
    static const struct mtu_row rows[] = {
        {0, 0},       {68, 0},        {1279, 0},      {1280, 1280},
        {1500, 1500}, {65536, 65536}, {65600, 65600}, {UINT32_MAX, UINT32_MAX}};
    struct frame quoted = our_segment6();

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct frame f = error6(2, 0, rows[i].word, &quoted, 48);
        struct icmp_msg m = parse(&f);

        cr_assert(eq(int, m.kind, rows[i].mtu > 0 ? ICMP_KIND_TOO_BIG : ICMP_KIND_BAD), "row %zu",
                  i);
        if (rows[i].mtu > 0)
            cr_assert(eq(u32, m.mtu, rows[i].mtu));
    }
}

Test(icmp, a_router_that_tells_no_mtu_means_the_plateau_below_the_quoted_packet)
{
    static const struct {
        unsigned quoted_len;
        uint32_t mtu; /* 0: it is nonsense */
    } rows[] = {{65535, 32000}, {32001, 32000}, {32000, 17914}, {17914, 8166}, {9000, 8166},
                {8166, 4352},   {4352, 2002},   {2002, 1492},   {1500, 1492},  {1493, 1492},
                {1492, 1006},   {1006, 508},    {508, 296},     {296, 68},     {69, 68},
                {68, 0},        {67, 0},        {0, 0}};

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct frame quoted = our_segment4(), f;
        struct icmp_msg m;

        put16(quoted.bytes + 16, rows[i].quoted_len);
        f = error4(4, 0, &quoted, 28);
        m = parse(&f);
        cr_assert(eq(int, m.kind, rows[i].mtu > 0 ? ICMP_KIND_TOO_BIG : ICMP_KIND_BAD), "row %zu",
                  i);
        if (rows[i].mtu > 0)
            cr_assert(eq(u32, m.mtu, rows[i].mtu), "row %zu", i);
    }
}

Test(icmp, a_told_mtu_counts_whatever_length_is_quoted)
{
    struct frame quoted = our_segment4(), f;

    put16(quoted.bytes + 16, 0);
    f = error4(4, 1400, &quoted, 28);
    cr_assert(eq(u32, parse(&f).mtu, 1400));
}

Test(icmp, a_too_big_of_the_other_ip_version_is_not_for_us)
{
    struct frame quoted4 = our_segment4(), quoted6 = our_segment6(), f;

    f = error6(2, 0, 1400, &quoted4, 48);
    cr_assert(eq(int, parse(&f).kind, ICMP_KIND_BAD));
    f = error4(4, 1400, &quoted6, 48);
    cr_assert(eq(int, parse(&f).kind, ICMP_KIND_BAD));
    f = error6(3, 4, 1400, &quoted6, 48); /* time exceeded, where v4 has the unreachable */
    cr_assert(eq(int, parse(&f).kind, ICMP_KIND_TIME_EXCEEDED));
}

Test(icmp, a_solicitation_gives_its_target_and_the_askers_mac)
{
    struct frame f = icmp6(SOLICIT, 32);
    struct icmp_msg m = parse(&f);

    cr_assert(eq(int, m.kind, ICMP_KIND_NEIGH_SOLICIT));
    cr_assert(eq(u64, m.neigh.target.hi, UINT64_C(0x2001000200000000)));
    cr_assert(eq(u64, m.neigh.target.lo, 0x10));
    cr_assert(m.neigh.has_mac);
    cr_assert(zero(int, memcmp(m.neigh.mac, PEER_MAC, 6)));

    f = icmp6(SOLICIT, 24);
    m = parse(&f);
    cr_assert(eq(int, m.kind, ICMP_KIND_NEIGH_SOLICIT));
    cr_assert(zero(int, m.neigh.has_mac));
}

Test(icmp, an_advertisement_gives_its_target_mac_and_flags)
{
    struct frame f = icmp6(ADVERT, 32);
    struct icmp_msg m = parse(&f);

    cr_assert(eq(int, m.kind, ICMP_KIND_NEIGH_ADVERT));
    cr_assert(eq(u64, m.neigh.target.lo, 0xabcd20));
    cr_assert(m.neigh.has_mac);
    cr_assert(zero(int, memcmp(m.neigh.mac, PEER_MAC, 6)));
    cr_assert(m.neigh.is_router);
    cr_assert(m.neigh.is_solicited);
    cr_assert(m.neigh.overrides);

    f.bytes[f.l4_off + 4] = 0;
    fix_l4_csum(&f);
    m = parse(&f);
    cr_assert(zero(int, m.neigh.is_router));
    cr_assert(zero(int, m.neigh.is_solicited));
    cr_assert(zero(int, m.neigh.overrides));
}

/* RFC 4861 7.1.1 and 7.1.2, rule by rule; @off counts from the message's first byte. */
struct rule_row {
    const char *rule;
    uint8_t off, value, len;
    int kind;
};

static const struct rule_row RULES[] = {
    {"as it is", 0, 0, 32, -1},
    {"code is 0", 1, 1, 32, ICMP_KIND_BAD},
    {"24 bytes at least", 0, 0, 23, ICMP_KIND_BAD},
    {"target is not multicast", 8, 0xff, 32, ICMP_KIND_BAD},
    {"no option of length 0", 25, 0, 32, ICMP_KIND_BAD},
    {"no option beyond the end", 25, 2, 32, ICMP_KIND_BAD},
    {"no half option", 0, 0, 31, ICMP_KIND_BAD},
    {"no single byte of an option", 0, 0, 25, ICMP_KIND_BAD},
    {"another option is skipped", 24, 14, 32, -1},
    {"a group has no MAC", 26, 3, 32, ICMP_KIND_BAD},
};

static void
check_rules(const uint8_t *message, int good)
{
    for (size_t i = 0; i < ARRAY_LEN(RULES); i++) {
        const struct rule_row *row = &RULES[i];
        uint8_t changed[32];
        struct frame f;

        memcpy(changed, message, 32);
        if (row->off > 0)
            changed[row->off] = row->value;
        f = icmp6(changed, row->len);
        cr_assert(eq(int, parse(&f).kind, row->kind < 0 ? good : row->kind), "%s", row->rule);
    }
}

Test(icmp, a_solicitation_that_breaks_a_rule_is_bad)
{
    check_rules(SOLICIT, ICMP_KIND_NEIGH_SOLICIT);
}

Test(icmp, an_advertisement_that_breaks_a_rule_is_bad)
{
    check_rules(ADVERT, ICMP_KIND_NEIGH_ADVERT);
}

Test(icmp, a_forwarded_neighbour_message_is_bad)
{
    struct frame f = icmp6(SOLICIT, 32);

    f.bytes[21] = 254; /* hop limit */
    cr_assert(eq(int, parse(&f).kind, ICMP_KIND_BAD));
    f = icmp6(ADVERT, 32);
    f.bytes[21] = 64;
    cr_assert(eq(int, parse(&f).kind, ICMP_KIND_BAD));
}

Test(icmp, an_all_zero_mac_in_an_option_is_bad)
{
    uint8_t message[32];
    struct frame f;

    memcpy(message, SOLICIT, 32);
    memset(message + 26, 0, 6);
    f = icmp6(message, 32);
    cr_assert(eq(int, parse(&f).kind, ICMP_KIND_BAD));
}

Test(icmp, a_solicitation_from_no_address_asks_the_group_and_names_no_mac)
{
    struct frame f = frame_v6(-1, PROTO_ICMP6, UNSPECIFIED6, GROUP6, SOLICIT, 24);

    cr_assert(eq(int, parse(&f).kind, ICMP_KIND_NEIGH_SOLICIT));
    f = frame_v6(-1, PROTO_ICMP6, UNSPECIFIED6, GROUP6, SOLICIT, 32);
    cr_assert(eq(int, parse(&f).kind, ICMP_KIND_BAD));
    f = frame_v6(-1, PROTO_ICMP6, UNSPECIFIED6, LOCAL6, SOLICIT, 24);
    cr_assert(eq(int, parse(&f).kind, ICMP_KIND_BAD));
    f = frame_v6(-1, PROTO_ICMP6, UNSPECIFIED6, ALL_NODES6, SOLICIT, 24);
    cr_assert(eq(int, parse(&f).kind, ICMP_KIND_BAD));
}

Test(icmp, an_advertisement_to_a_group_is_not_solicited)
{
    struct frame f = frame_v6(-1, PROTO_ICMP6, REMOTE6, ALL_NODES6, ADVERT, 32);

    cr_assert(eq(int, parse(&f).kind, ICMP_KIND_BAD));
    f.bytes[f.l4_off + 4] = 0xa0;
    fix_l4_csum(&f);
    cr_assert(eq(int, parse(&f).kind, ICMP_KIND_NEIGH_ADVERT));
}
