/* SPDX-License-Identifier: BSD-3-Clause */
/* Values as a user writes them, with units, and back to text. Pure. Every parser takes the whole
 * text or nothing: it returns 0, or -1 with the result untouched and @why saying what was found and
 * what is allowed, as the rest of a sentence that begins with the option's name. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wire/addr.h"

#define VALUE_PORT_SET_BYTES (65536 / 8)

/* More addresses than this in one range, or in all of them together, is taken for a slip. */
#define VALUE_ADDRESSES_MAX (UINT32_C(1) << 24)

struct value_why {
    char text[384];
    bool is_too_large; /* of a number: beyond what any of its kind may be */
};

/**
 * Set @why and return -1.
 */
int value_refuse(struct value_why *why, const char *fmt, ...)
    __attribute__((format(printf, 2, 3), cold));

/** "10s", "1.5ms", "1m30s", units ns us ms s m h d; a number alone is seconds, as load generators
 * have it (wrk, h2load). Never TIME_NEVER. */
int value_duration(const char *text, uint64_t *ns, struct value_why *why);

/** "200k", "1.5M", units k M G (powers of 1000) or none; must come out whole. */
int value_count(const char *text, uint64_t *count, struct value_why *why);

/** A count per second: "200k", "200k/s" or "0.5", in thousandths. */
int value_rate(const char *text, uint64_t *milli, struct value_why *why);

/** "10G": bits per second, units k M G T (powers of 1000) or none; must come out whole. */
int value_bit_rate(const char *text, uint64_t *bps, struct value_why *why);

/** "1500", "64KiB", "1M": units KiB MiB GiB TiB (powers of 1024), k M G (powers of 1000), B or
 * none; must come out whole. */
int value_bytes(const char *text, uint64_t *bytes, struct value_why *why);

/* What a result shows in the place of credentials. */
#define VALUE_SECRET "***"

#define VALUE_SHARE_ALL 1000000

/** "never", "always" or "12.5%": parts of a million, VALUE_SHARE_ALL at most; must come out whole.
 */
int value_share(const char *text, uint32_t *ppm, struct value_why *why);

/** yes true on, no false off. */
int value_bool(const char *text, bool *b, struct value_why *why);

/** "80" or "80,443,8000-8100", ports 1 to 65535, as a bit set that holds these and no others. */
int value_port_set(const char *text, uint8_t set[static VALUE_PORT_SET_BYTES],
                   struct value_why *why);

/** "1024-65535" or "5000": one run of ports, both ends inclusive. */
int value_port_range(const char *text, uint16_t *first, uint16_t *last, struct value_why *why);

/** "200-399" or "200", 100 to 999. @return 0, or -1 with @why set. */
int value_statuses(const char *text, uint16_t *first, uint16_t *last, struct value_why *why);

/** One unicast address, without a prefix length. */
int value_address(const char *text, struct ip_addr *a, struct value_why *why);

/** The MAC of one station: "02:00:00:00:00:01". */
int value_mac(const char *text, uint8_t mac[static 6], struct value_why *why);

/**
 * Local addresses: "198.18.0.10/15" or "198.18.0.10-198.18.3.250/15". Without a prefix length the
 * range counts as /32 or /128: then nothing but the address itself is on-link. With one, all
 * addresses must lie in it, and none may be the network or broadcast address of an IPv4 prefix of
 * 30 bits or less.
 */
int value_range(const char *text, struct ip_range *r, struct value_why *why);

static inline bool
value_port_is_set(const uint8_t set[static VALUE_PORT_SET_BYTES], uint16_t port)
{
    return (set[port / 8] >> (port % 8) & 1) != 0;
}

/* As value_port_set() reads it. @return to be freed; NULL: out of memory */
char *value_format_port_set(const uint8_t set[static VALUE_PORT_SET_BYTES]);

#define VALUE_RANGE_TEXT_MAX (2 * IP_TEXT_MAX + 8)

/* As value_range() reads it, always with a prefix length. @buf is also returned. */
const char *value_format_range(const struct ip_range *r, char buf[static VALUE_RANGE_TEXT_MAX]);

#define VALUE_TEXT_MAX 32

/* The shortest exact form: "200k", "1500M", "64KiB", "90s". TIME_NEVER is "never". @buf is also
 * returned. */
const char *value_format_count(uint64_t count, char buf[static VALUE_TEXT_MAX]);
/** "7", or "100.7" of two tags; as wire/vlan.h has it, not untagged. @return @buf */
const char *value_format_vlan(int vlan, char buf[static VALUE_TEXT_MAX]);

const char *value_format_mac(const uint8_t mac[static 6], char buf[static VALUE_TEXT_MAX]);
const char *value_format_rate(uint64_t milli, char buf[static VALUE_TEXT_MAX]); /* "0.5" */
const char *value_format_plain(uint64_t n, char buf[static VALUE_TEXT_MAX]);    /* never with k */
const char *value_format_size(uint64_t bytes, char buf[static VALUE_TEXT_MAX]);
const char *value_format_duration(uint64_t ns, char buf[static VALUE_TEXT_MAX]);

/* "never", "always", "12.5%". */
const char *value_format_share(uint32_t ppm, char buf[static VALUE_TEXT_MAX]);

/* Rounded for reading: "1.5 GiB", "640 MiB", "12 KiB". */
const char *value_format_bytes(uint64_t bytes, char buf[static VALUE_TEXT_MAX]);
