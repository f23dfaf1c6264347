/* SPDX-License-Identifier: BSD-3-Clause */
/* See classes.h. */
#include "conf/classes.h"

#include <ctype.h>
#include <string.h>

#include "conf/http2.h"
#include "conf/options.h"

static const struct conf_option weight_option = {
    .type = TYPE_COUNT, .name = "weight", .min = 1, .max = 1000000};

enum classes_share
classes_share_by_key(const char *key)
{
    static const char *const names[][CLASSES_SHARES] = {
        {"rate", "request_rate", "weight"},
        {"load.rate", "load.request_rate", "weight"},
    };

    for (unsigned i = 0; i < CLASSES_SHARES; i++)
        if (strcmp(key, names[0][i]) == 0 || strcmp(key, names[1][i]) == 0)
            return i;
    return CLASSES_SHARES;
}

const struct conf_option *
classes_share_option(enum classes_share share)
{
    if (share == SHARE_WEIGHT)
        return &weight_option;
    return &conf_options[share == SHARE_RATE ? OPTION_RATE : OPTION_REQUEST_RATE];
}

uint64_t *
classes_share_of(struct conf_class *k, enum classes_share share)
{
    switch (share) {
    case SHARE_RATE:
        return &k->rate_milli;
    case SHARE_REQUEST_RATE:
        return &k->request_rate_milli;
    case SHARE_WEIGHT:
    case CLASSES_SHARES:
        break;
    }
    return &k->weight;
}

bool
classes_is_name(const char *name)
{
    size_t length = strlen(name);

    for (const char *p = name; *p != '\0'; p++)
        if (!isalnum((unsigned char)*p) && *p != '-' && *p != '_')
            return false;
    return length > 0 && length < CONF_NAME_MAX;
}

static const struct conf_target *
first_target(const struct conf *c, unsigned class_idx)
{
    for (unsigned i = 0; i < c->n_targets; i++)
        if (c->targets[i].class_idx == class_idx)
            return &c->targets[i];
    return NULL;
}

/* -- what is said of all ------------------------------------------------------------------- */

bool
classes_may_confirm(const struct conf_class *k, const struct proto_ops *proto, uint64_t n_exchanges,
                    enum conf_confirm confirm)
{
    if (confirm == CONFIRM_PAYLOAD)
        return proto->has_requests || (k->receive_bytes > 0 && n_exchanges == 1);
    return confirm != CONFIRM_CLOSE || k->close != CLOSE_RST;
}

/* Whether @row says something to what the class speaks. */
static bool
fits(const struct conf *c, unsigned class_idx, const struct conf_class *all, int row)
{
    const struct conf_target *t = first_target(c, class_idx);
    const struct conf_class *k = &c->classes[class_idx];

    switch (row) {
    case OPTION_SEND:
    case OPTION_RECEIVE:
        return !t->proto->has_path;
    case OPTION_REQUESTS:
    case OPTION_THINK:
        return t->proto->has_path || k->send_bytes > 0 || k->receive_bytes > 0;
    case OPTION_STREAMS:
    case OPTION_H2_WINDOW:
    case OPTION_H2_CONNECTION_WINDOW:
        return conf_is_http2(t->proto);
    case OPTION_CONFIRM:
        return all->confirm == CONFIRM_NONE ||
               classes_may_confirm(k, t->proto, k->given[OPTION_REQUESTS] ? k->requests : 1,
                                   all->confirm);
    default:
        return conf_options[row].group == GROUP_TLS    ? t->is_tls
               : conf_options[row].group == GROUP_HTTP ? t->proto->has_path
                                                       : true;
    }
}

static void
inherit_row(struct conf *c, const struct conf_class *all, int row, bool rules)
{
    bool fits_any = false;

    for (unsigned i = 0; i < c->n_classes; i++)
        fits_any |= fits(c, i, all, row);
    for (unsigned i = 0; i < c->n_classes; i++)
        if ((rules || !c->classes[i].given[row]) && (!fits_any || fits(c, i, all, row)))
            option_copy(&c->classes[i], all, row);
}

/* In the table's order, so that what a class sends is known before how often; and what it may be
 * confirmed by behind both. */
void
classes_inherit(struct conf *c, const struct conf_class *all, const bool *rules)
{
    static_assert((int)OPTION_SEND < (int)OPTION_REQUESTS, "the order of the table");

    for (int row = 0; row < OPTION_ROWS; row++)
        if (conf_options[row].is_of_class && all->given[row] && row != OPTION_CONFIRM)
            inherit_row(c, all, row, rules[row]);
    if (all->given[OPTION_CONFIRM])
        inherit_row(c, all, OPTION_CONFIRM, rules[OPTION_CONFIRM]);
}

/* -- rates and weights --------------------------------------------------------------------- */

/* The rates of one kind add up to the run's. @return how many classes have one */
static unsigned
add_rates(struct conf *c, enum classes_share share, uint64_t *sum)
{
    unsigned n = 0;

    *sum = 0;
    for (unsigned i = 0; i < c->n_classes; i++) {
        uint64_t milli = *classes_share_of(&c->classes[i], share);

        n += milli > 0;
        *sum += milli;
    }
    return n;
}

/* What the run says of a rate that each class says for itself; NULL: nothing. */
static const char *
said_of_all(const struct conf *c, enum classes_share share)
{
    if (share == SHARE_REQUEST_RATE)
        return c->given[OPTION_REQUEST_RATE] ? "--request-rate" : NULL;
    if (c->given[OPTION_RATE])
        return "--rate";
    return c->given[OPTION_SHAPE] ? "--shape" : NULL;
}

static int
finish_rates(struct conf *c, enum classes_share share, uint64_t *of_run, struct fail *f)
{
    const char *key = classes_share_option(share)->key, *option = said_of_all(c, share);
    const char *what = share == SHARE_RATE ? "rate" : "request_rate";
    uint64_t sum;
    unsigned n = add_rates(c, share, &sum);

    if (n == 0)
        return 0;
    if (n < c->n_classes)
        return fail_set(f, EXIT_USAGE,
                        "classes: some have a %s and some have none; give each a %s, or each a "
                        "weight and %s",
                        what, what, key);
    if (option != NULL)
        return fail_set(f, EXIT_USAGE,
                        "%s: each class has a %s of its own; leave them out, and give weights",
                        option, what);
    if (sum > classes_share_option(share)->max)
        return fail_set(f, EXIT_USAGE, "classes: all rates together are more than 1G a second");
    *of_run = sum;
    return 0;
}

int
classes_finish(struct conf *c, struct fail *f)
{
    if (finish_rates(c, SHARE_RATE, &c->rate_milli, f) < 0)
        return -1;
    return finish_rates(c, SHARE_REQUEST_RATE, &c->request_rate_milli, f);
}

/* A share ends where the next begins, so that together they are all of it. */
uint64_t
classes_request_rate_milli(const struct conf *c, unsigned class_idx)
{
    unsigned __int128 before = 0, until = 0, whole = 0;

    if (c->n_classes <= 1 || c->request_rate_milli == 0)
        return c->request_rate_milli;
    for (unsigned i = 0; i < c->n_classes; i++) {
        whole += conf_class_weight(&c->classes[i]);
        before += i < class_idx ? conf_class_weight(&c->classes[i]) : 0;
        until += i <= class_idx ? conf_class_weight(&c->classes[i]) : 0;
    }
    return (uint64_t)(c->request_rate_milli * until / whole -
                      c->request_rate_milli * before / whole);
}

/* -- both sides ---------------------------------------------------------------------------- */

/* Whether a server that does what @a expects does what @b expects, too. */
static bool
is_served_alike(const struct conf_class *a, const struct conf_class *b)
{
    return a->proto == b->proto && !a->is_tls && !b->is_tls && a->proto->has_path &&
           a->close == b->close && a->hold_ns == b->hold_ns;
}

int
classes_check_ports(const struct conf *c, struct fail *f)
{
    for (unsigned i = 0; conf_has_both_sides(c) && i < c->n_targets; i++) {
        const struct conf_target *t = &c->targets[i];

        for (unsigned j = 0; j < i; j++) {
            const struct conf_target *other = &c->targets[j];
            const struct conf_class *k = &c->classes[other->class_idx];

            if (other->port != t->port || other->class_idx == t->class_idx ||
                is_served_alike(k, &c->classes[t->class_idx]))
                continue;
            return fail_set(f, EXIT_USAGE,
                            "'%.100s': %s, where this program answers, a port is of one "
                            "class, and class %s has port %u; give another, e.g. :%u",
                            t->url, c->is_loopback ? "on loopback" : "behind the device", k->name,
                            t->port, t->port < 60000 ? t->port + 1000u : 1024);
        }
    }
    return 0;
}
