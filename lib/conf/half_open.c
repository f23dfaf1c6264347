/* SPDX-License-Identifier: BSD-3-Clause */
/* See half_open.h. */
#include "conf/half_open.h"

#include "conf/options.h"
#include "conf/safety.h"

/* Less, and a SYN-ACK that is sent again might come too late to be seen: the first is due after a
 * second (RFC 6298 2). */
static const uint64_t WATCH_MIN_NS = 2 * NS_PER_SEC;

/* Linux gives up a SYN-ACK after it was sent again five times: 1 + 2 + 4 + 8 + 16 + 32 s
 * (tcp_synack_retries). FreeBSD and Windows are done sooner. */
static const uint64_t FORGOTTEN_NS = 64 * NS_PER_SEC;

/* What such a connection never comes to. */
static int
check_alone(const struct conf_class *k, struct fail *f)
{
    const char *option = k->hold_ns > 0               ? "--hold"
                         : k->confirm != CONFIRM_NONE ? "--confirm"
                         : k->proxy != PROXY_NONE     ? "--proxy-protocol"
                         : k->send_bytes > 0          ? "--send"
                         : k->receive_bytes > 0       ? "--receive"
                                                      : NULL;

    if (k->is_tls || k->proto->has_path)
        return fail_set(f, EXIT_USAGE,
                        "--half-open: a connection that never opens carries neither TLS nor "
                        "requests; give a tcp:// URL");
    if (option != NULL)
        return fail_set(f, EXIT_USAGE,
                        "%s: with --half-open it would be ignored, for no connection opens; leave "
                        "one of the two out",
                        option);
    return 0;
}

int
half_open_check(const struct conf *c, const struct conf_class *k, struct fail *f)
{
    char text[VALUE_TEXT_MAX];

    if (k->half_open_ns == 0)
        return 0;
    if (k->half_open_ns < WATCH_MIN_NS)
        return fail_set(f, EXIT_USAGE,
                        "--half-open: in %s no target sends a SYN-ACK again; allowed is 2s to 30m, "
                        "or 0s for connections that are opened",
                        value_format_duration(k->half_open_ns, text));
    if (!conf_is_open_loop(c))
        return fail_set(f, EXIT_USAGE,
                        "--half-open: such a load is bounded by its rate; give --rate, or a rate "
                        "for each class");
    if (!c->owns_target && !c->is_loopback)
        return fail_set(f, EXIT_USAGE,
                        "--half-open: it may keep others from the target; say that this is "
                        "agreed with --i-own-the-target");
    return check_alone(k, f);
}

int
half_open_check_targets(const struct conf *c, struct fail *f)
{
    for (unsigned i = 0; i < c->n_targets; i++) {
        const struct conf_target *t = &c->targets[i];

        if (c->classes[t->class_idx].half_open_ns > 0 && !ip_is_lab(&t->addr))
            return fail_set(f, EXIT_USAGE,
                            "'%.100s': --half-open is for private, benchmark and documentation "
                            "address space only, whatever --allow-public says",
                            t->url);
    }
    return 0;
}

void
half_open_rest(struct conf *c)
{
    if (conf_has_half_open(c) && !c->given[OPTION_REUSE])
        c->reuse_ns = FORGOTTEN_NS;
}
