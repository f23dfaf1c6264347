/* SPDX-License-Identifier: BSD-3-Clause */
/* See value.h: addresses. */
#include "conf/value.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "conf/safety.h"
#include "wire/vlan.h"

static const char RANGE_FORM[] = "write ADDRESS/LENGTH or FIRST-LAST/LENGTH, e.g. "
                                 "198.18.0.10-198.18.3.250/15 or 2001:2::10-2001:2::ffff/48";

int
value_address(const char *text, struct ip_addr *a, struct value_why *why)
{
    struct ip_addr addr;

    if (ip_parse(text, &addr) < 0)
        return value_refuse(why,
                            "'%.60s' is not an address; write one IPv4 or IPv6 address, e.g. "
                            "198.18.0.1 or 2001:2::1",
                            text);
    if (!ip_is_unicast(&addr))
        return value_refuse(why, "'%.60s' is not the address of one host; write a unicast address",
                            text);
    *a = addr;
    return 0;
}

int
value_mac(const char *text, uint8_t mac[static 6], struct value_why *why)
{
    static const uint8_t none[6];
    unsigned b[6];
    uint8_t bytes[6];
    int used = 0;

    if (strlen(text) != 17 || strspn(text, "0123456789abcdefABCDEF:") != 17 ||
        sscanf(text, "%2x:%2x:%2x:%2x:%2x:%2x%n", &b[0], &b[1], &b[2], &b[3], &b[4], &b[5],
               &used) != 6 ||
        used != 17)
        return value_refuse(why,
                            "'%.60s' is not a MAC address; write six pairs of digits, e.g. "
                            "02:00:00:00:00:01",
                            text);
    for (int i = 0; i < 6; i++)
        bytes[i] = (uint8_t)b[i];
    if ((bytes[0] & 1) != 0 || memcmp(bytes, none, 6) == 0)
        return value_refuse(
            why,
            "'%.60s' is not the MAC address of one station; the first byte is even, "
            "and not all are 0",
            text);
    memcpy(mac, bytes, 6);
    return 0;
}

const char *
value_format_vlan(int vlan, char buf[static VALUE_TEXT_MAX])
{
    if (vlan_is_stacked(vlan))
        snprintf(buf, VALUE_TEXT_MAX, "%d.%d", vlan_outer(vlan), vlan_inner(vlan));
    else
        snprintf(buf, VALUE_TEXT_MAX, "%d", vlan);
    return buf;
}

const char *
value_format_mac(const uint8_t mac[static 6], char buf[static VALUE_TEXT_MAX])
{
    snprintf(buf, VALUE_TEXT_MAX, "%02x:%02x:%02x:%02x:%02x:%02x", mac[0], mac[1], mac[2], mac[3],
             mac[4], mac[5]);
    return buf;
}

/* @text is what follows the slash, NULL without one. */
static int
read_prefix_len(const char *text, bool is_v6, uint8_t *len, struct value_why *why)
{
    unsigned max = is_v6 ? 128 : 32;
    unsigned n = 0;

    if (text == NULL) {
        *len = (uint8_t)max;
        return 0;
    }
    for (const char *p = text; *p != '\0'; p++) {
        if (!isdigit((unsigned char)*p) || (n = n * 10 + (unsigned)(*p - '0')) > max) {
            n = 0;
            break;
        }
    }
    if (n == 0)
        return value_refuse(why,
                            "'/%.60s' is not a prefix length; an IPv%c address allows /1 to /%u",
                            text, is_v6 ? '6' : '4', max);
    *len = (uint8_t)n;
    return 0;
}

/* Addresses in [@first, @last]; 0 when there are more than the limit. */
static uint32_t
count_addresses(const struct ip_addr *first, const struct ip_addr *last)
{
    uint64_t lo = last->lo - first->lo;
    uint64_t hi = last->hi - first->hi - (last->lo < first->lo);

    return hi != 0 || lo >= VALUE_ADDRESSES_MAX ? 0 : (uint32_t)lo + 1;
}

/* A host cannot have the first or the last address of an IPv4 subnet (RFC 1122 3.2.1.3); a /31 has
 * neither (RFC 3021). */
static int
check_subnet_ends(const struct ip_addr *first, const struct ip_addr *last, unsigned prefix_len,
                  struct value_why *why)
{
    uint64_t host_bits = prefix_len <= 30 ? UINT64_C(0xffffffff) >> prefix_len : 0;
    char text[IP_TEXT_MAX];

    if (first->is_v6 || host_bits == 0)
        return 0;
    if ((first->lo & host_bits) == 0)
        return value_refuse(why, "%s is the network address of its /%u; begin one address higher",
                            ip_format(first, text), prefix_len);
    if ((last->lo & host_bits) == host_bits)
        return value_refuse(why, "%s is the broadcast address of its /%u; end one address lower",
                            ip_format(last, text), prefix_len);
    return 0;
}

static int
make_range(struct ip_range *r, const char *text, const struct ip_addr *first,
           const struct ip_addr *last, const char *slash, struct value_why *why)
{
    uint8_t prefix_len = 0;
    uint32_t count;

    if (first->is_v6 != last->is_v6)
        return value_refuse(why, "'%.100s' mixes IPv4 and IPv6; both ends must be of one family",
                            text);
    if (read_prefix_len(slash, first->is_v6, &prefix_len, why) < 0)
        return -1;
    if (last->hi < first->hi || (last->hi == first->hi && last->lo < first->lo))
        return value_refuse(why, "'%.100s' ends before it starts; write the lower address first",
                            text);
    count = count_addresses(first, last);
    if (count == 0)
        return value_refuse(why, "'%.100s' has too many addresses; at most %" PRIu32 " are allowed",
                            text, VALUE_ADDRESSES_MAX);
    if (slash != NULL && !ip_in_prefix(last, first, prefix_len))
        return value_refuse(
            why,
            "'%.100s' leaves its own /%u; both ends must lie in one prefix, so give a "
            "shorter prefix length or split the range",
            text, prefix_len);
    if (!ip_is_unicast(first) || !ip_is_unicast(last))
        return value_refuse(why, "'%.100s' is not for hosts; write unicast addresses", text);
    if (check_subnet_ends(first, last, prefix_len, why) < 0)
        return -1;
    *r = (struct ip_range){.first = *first, .count = count, .prefix_len = prefix_len};
    return 0;
}

int
value_range(const char *text, struct ip_range *r, struct value_why *why)
{
    char copy[2 * IP_TEXT_MAX + 8];
    struct ip_addr first, last;
    char *slash, *dash;

    if (strlen(text) >= sizeof(copy))
        return value_refuse(why, "'%.100s' is not a range of addresses; %s", text, RANGE_FORM);
    memcpy(copy, text, strlen(text) + 1);
    if ((slash = strchr(copy, '/')) != NULL)
        *slash++ = '\0';
    if ((dash = strchr(copy, '-')) != NULL)
        *dash++ = '\0';
    if (ip_parse(copy, &first) < 0 || ip_parse(dash != NULL ? dash : copy, &last) < 0)
        return value_refuse(why, "'%.100s' is not a range of addresses; %s", text, RANGE_FORM);
    return make_range(r, text, &first, &last, slash, why);
}

const char *
value_format_range(const struct ip_range *r, char buf[static VALUE_RANGE_TEXT_MAX])
{
    struct ip_addr last = ip_add(&r->first, r->count - 1);
    char from[IP_TEXT_MAX], to[IP_TEXT_MAX];

    ip_format(&r->first, from);
    ip_format(&last, to);
    if (r->count == 1)
        snprintf(buf, VALUE_RANGE_TEXT_MAX, "%s/%u", from, r->prefix_len);
    else if (!ip_in_prefix(&last, &r->first, r->prefix_len)) /* it was given without */
        snprintf(buf, VALUE_RANGE_TEXT_MAX, "%s-%s", from, to);
    else
        snprintf(buf, VALUE_RANGE_TEXT_MAX, "%s-%s/%u", from, to, r->prefix_len);
    return buf;
}
