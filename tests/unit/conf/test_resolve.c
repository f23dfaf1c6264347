/* SPDX-License-Identifier: BSD-3-Clause */
#include "conf_rig.h"

#include "conf/resolve.h"

static struct conf_rig r;

/* A resolver that knows "both.example" (IPv6 first), "six.example" and "four.example". */
static unsigned
lookup(const char *host, struct ip_addr out[static RESOLVE_ADDRESSES_MAX], const char **why)
{
    unsigned n = 0;

    if (strcmp(host, "both.example") == 0 || strcmp(host, "six.example") == 0)
        ip_parse("2001:2::8000:1", &out[n++]);
    if (strcmp(host, "both.example") == 0 || strcmp(host, "four.example") == 0)
        ip_parse("198.19.0.1", &out[n++]);
    *why = "Name or service not known";
    return n;
}

/* A resolver that must not be asked. */
static unsigned
never(const char *host, struct ip_addr out[static RESOLVE_ADDRESSES_MAX], const char **why)
{
    (void)out;
    (void)why;
    cr_assert(false, "asked for %s", host);
    return 0;
}

Test(resolve, a_name_becomes_its_address)
{
    cr_assert(eq(int, rig_parse(&r, "run tcp://four.example:80"), 0));
    cr_assert(eq(int, conf_resolve(&r.conf, lookup, &r.fail), 0));
    cr_assert(eq(u64, r.conf.targets[0].addr.lo, 0xc6130001));
    cr_assert(eq(str, r.conf.targets[0].url, "tcp://four.example:80"));
}

Test(resolve, the_family_of_the_local_addresses_is_preferred)
{
    cr_assert(eq(int, rig_parse(&r, "run --local 198.18.0.10/15 tcp://both.example:80"), 0));
    cr_assert(eq(int, conf_resolve(&r.conf, lookup, &r.fail), 0));
    cr_assert(not(r.conf.targets[0].addr.is_v6));
}

Test(resolve, without_local_addresses_the_first_answer_counts)
{
    cr_assert(eq(int, rig_parse(&r, "run tcp://both.example:80"), 0));
    cr_assert(eq(int, conf_resolve(&r.conf, lookup, &r.fail), 0));
    cr_assert(r.conf.targets[0].addr.is_v6);
}

Test(resolve, a_family_without_local_addresses_is_still_reported_as_found)
{
    cr_assert(eq(int, rig_parse(&r, "run --local 198.18.0.10/15 tcp://six.example:80"), 0));
    cr_assert(eq(int, conf_resolve(&r.conf, lookup, &r.fail), 0));
    cr_assert(r.conf.targets[0].addr.is_v6);
}

/* -- --resolve -------------------------------------------------------------------------------- */

Test(resolve, a_name_that_the_user_gave_an_address_for_is_not_asked_for)
{
    cr_assert(eq(int,
                 rig_parse(&r, "run http://Www.example:8080/x https://www.example/ "
                               "--resolve www.EXAMPLE:8080:198.19.0.9 "
                               "--resolve www.example:443:[2001:2::8000:9]"),
                 0));
    cr_assert(eq(int, conf_resolve(&r.conf, never, &r.fail), 0), "%s", r.fail.text);
    cr_assert(eq(u64, r.conf.targets[0].addr.lo, 0xc6130009));
    cr_assert(eq(u64, r.conf.targets[1].addr.lo, 0x80000009));
    cr_assert(eq(str, r.conf.targets[0].host, "Www.example"));
}

Test(resolve, of_two_addresses_that_of_a_family_that_is_there_counts)
{
    cr_assert(eq(int,
                 rig_parse(&r, "run tcp://www.example:80 --local 198.18.0.10/15 "
                               "--resolve www.example:80:2001:2::8000:9 "
                               "--resolve www.example:80:198.19.0.9"),
                 0));
    cr_assert(eq(int, conf_resolve(&r.conf, never, &r.fail), 0), "%s", r.fail.text);
    cr_assert(eq(u64, r.conf.targets[0].addr.lo, 0xc6130009));
}

Test(resolve, an_address_that_no_url_asks_for_is_a_slip)
{
    static const char *const lines[] = {
        "run tcp://www.example:80 --resolve www.example:81:198.19.0.9",
        "run tcp://www.example:80 --resolve ww.example:80:198.19.0.9",
        "run tcp://198.19.0.1:80 --resolve www.example:80:198.19.0.9",
    };

    for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
        cr_assert(eq(int, rig_parse(&r, lines[i]), 0));
        cr_assert(eq(int, conf_resolve(&r.conf, lookup, &r.fail), -1), "%s", lines[i]);
        cr_assert(eq(int, r.fail.status, EXIT_USAGE));
        cr_assert(strstr(r.fail.text, "--resolve: no URL has the host name") != NULL, "%s",
                  r.fail.text);
    }
}

Test(resolve, what_is_no_address_for_a_name_is_refused)
{
    static const char *const bad[] = {
        "www.example",
        "www.example:80",
        "www.example:80:",
        "www.example:0:198.19.0.9",
        "www.example:65536:198.19.0.9",
        "www.example:http:198.19.0.9",
        ":80:198.19.0.9",
        "198.19.0.1:80:198.19.0.9",
        "www.example:80:other.example",
        "www.example:80:[198.19.0.9]",
        "www.example:80:224.0.0.1",
        "www.example:80:198.19.0.9,198.19.0.10",
        "-www:80:198.19.0.9",
    };
    char line[256];

    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        snprintf(line, sizeof(line), "run tcp://www.example:80 --resolve %s", bad[i]);
        cr_assert(eq(int, rig_parse(&r, line), -1), "%s", bad[i]);
        cr_assert(strstr(r.fail.text, "write NAME:PORT:ADDRESS") != NULL, "%s", r.fail.text);
    }
}

Test(resolve, numeric_targets_need_no_resolver)
{
    cr_assert(eq(int, rig_parse(&r, "run tcp://198.19.0.1:80 tcp://[2001:2::8000:1]:80"), 0));
    cr_assert(eq(int, conf_resolve(&r.conf, never, &r.fail), 0));
    cr_assert(eq(u64, r.conf.targets[0].addr.lo, 0xc6130001));
}

Test(resolve, an_unknown_name_is_a_usage_error_that_names_it)
{
    cr_assert(eq(int, rig_parse(&r, "run tcp://four.example:80 tcp://none.example:80"), 0));
    cr_assert(eq(int, conf_resolve(&r.conf, lookup, &r.fail), -1));
    cr_assert(eq(int, r.fail.status, EXIT_USAGE));
    cr_assert(strstr(r.fail.text,
                     "the host name none.example cannot be resolved (Name or service not "
                     "known)") != NULL,
              "%s", r.fail.text);
}

Test(resolve, the_systems_resolver_reads_numbers_of_both_families)
{
    struct ip_addr found[RESOLVE_ADDRESSES_MAX];
    const char *why = "";

    cr_assert(eq(uint, resolve_host("198.19.0.1", found, &why), 1));
    cr_assert(eq(u64, found[0].lo, 0xc6130001));
    cr_assert(eq(uint, resolve_host("2001:2::1", found, &why), 1));
    cr_assert(found[0].is_v6);
}

/* A label longer than 63 bytes is refused without asking any server. */
Test(resolve, the_systems_resolver_says_why_it_found_nothing)
{
    struct ip_addr found[RESOLVE_ADDRESSES_MAX];
    const char *why = "";
    char host[101];

    memset(host, 'a', 100);
    host[100] = '\0';
    cr_assert(eq(uint, resolve_host(host, found, &why), 0));
    cr_assert(lt(sz, 0, strlen(why)));
}
