/* SPDX-License-Identifier: BSD-3-Clause */
/* See hosts.h. */
#include "conf/hosts.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf/options.h"

/* -- what is written ------------------------------------------------------------------------ */

/* An option of the device that a rank may have to itself: "lcores" is --lcores. */
static int
setting_row(const char *name, size_t length)
{
    char option[64];
    int row;

    snprintf(option, sizeof(option), "--%.*s", (int)length, name);
    row = option_by_name(option);
    return row >= 0 && conf_options[row].group == GROUP_DEVICE && row != OPTION_RESOLVE ? row : -1;
}

static bool
is_name(const char *word, size_t length)
{
    for (size_t i = 0; i < length; i++)
        if (!isalnum((unsigned char)word[i]) && strchr(".-_", word[i]) == NULL)
            return false;
    return length > 0 && length < HOSTS_NAME_MAX && word[0] != '-';
}

static int
add_host(struct hosts *h, const char *word, size_t length, struct value_why *why)
{
    size_t name = strcspn(word, ":,\n");
    unsigned n = 1;
    char *end;

    name = name < length ? name : length;
    if (!is_name(word, name))
        return value_refuse(why,
                            "'%.*s' is no name of a host; write NAME or NAME:RANKS, with commas "
                            "between, e.g. a:2,b,c",
                            (int)length, word);
    if (name < length) {
        unsigned long count = strtoul(word + name + 1, &end, 10);

        if (end != word + length || !isdigit((unsigned char)word[name + 1]) || count == 0 ||
            count > HOSTS_RANKS_MAX)
            return value_refuse(why, "'%.*s': the number of ranks is 1 to %d", (int)length, word,
                                HOSTS_RANKS_MAX);
        n = (unsigned)count;
    }
    if (h->n_ranks + n > HOSTS_RANKS_MAX)
        return value_refuse(why, "more than %d ranks are too many", HOSTS_RANKS_MAX);
    snprintf(h->list[h->n].name, HOSTS_NAME_MAX, "%.*s", (int)name, word);
    h->list[h->n++].n_ranks = n;
    h->n_ranks += n;
    return 0;
}

/* A setting, or the rest of one whose value has a comma in it. */
static int
add_setting(struct hosts_host *host, const char *word, size_t length, bool is_rest,
            struct value_why *why)
{
    size_t used = strlen(host->settings);

    if (used + length + 2 > sizeof(host->settings))
        return value_refuse(why, "'%.*s': the settings of host %.40s are too long", (int)length,
                            word, host->name);
    if (is_rest)
        host->settings[used - 1] = ',';
    snprintf(host->settings + used, sizeof(host->settings) - used, "%.*s\n", (int)length, word);
    return 0;
}

static int
add_word(struct hosts *h, const char *word, size_t length, bool is_first, struct value_why *why)
{
    struct hosts_host *host = h->n > 0 ? &h->list[h->n - 1] : NULL;
    const char *equals = memchr(word, '=', length);
    bool is_setting = equals != NULL && setting_row(word, (size_t)(equals - word)) >= 0;

    if (is_first || equals == NULL) {
        if (h->n == HOSTS_RANKS_MAX)
            return value_refuse(why, "more than %d hosts are too many", HOSTS_RANKS_MAX);
        return add_host(h, word, length, why);
    }
    if (!is_setting && host->settings[0] == '\0')
        return value_refuse(why,
                            "'%.*s' is nothing that a host can be given; it takes options of the "
                            "device, such as device=D, local=A or lcores=N",
                            (int)length, word);
    return add_setting(host, word, length, !is_setting, why);
}

int
hosts_read(const char *text, struct hosts *h, struct value_why *why)
{
    bool is_first = true;

    memset(h, 0, sizeof(*h));
    while (*text != '\0') {
        size_t length = strcspn(text, ",\n");

        if (add_word(h, text, length, is_first, why) < 0)
            return -1;
        is_first = text[length] == '\n';
        text += length + (text[length] != '\0');
    }
    if (h->n == 0)
        return value_refuse(why, "a host is missing; write e.g. a:2,b,c");
    return 0;
}

int
hosts_check(const char *text, struct value_why *why)
{
    struct hosts *h = malloc(sizeof(*h));
    int err = h != NULL ? hosts_read(text, h, why) : value_refuse(why, "not enough memory");

    free(h);
    return err;
}

const struct hosts_host *
hosts_of_rank(const struct hosts *h, unsigned rank)
{
    for (unsigned i = 0; i < h->n; i++) {
        if (rank < h->list[i].n_ranks)
            return &h->list[i];
        rank -= h->list[i].n_ranks;
    }
    return NULL;
}

unsigned
hosts_neighbors(const struct hosts *h, unsigned rank, unsigned *before)
{
    const char *name = hosts_of_rank(h, rank)->name;
    unsigned n = 0;

    *before = 0;
    for (unsigned i = 0; i < h->n_ranks; i++) {
        bool is_neighbor = strcmp(hosts_of_rank(h, i)->name, name) == 0;

        *before += is_neighbor && i < rank;
        n += is_neighbor;
    }
    return n;
}

/* -- what of it is a rank's ----------------------------------------------------------------- */

/* The next setting: its row, and its value as a text of its own. @return NULL: no more */
static const char *
next_setting(const char *at, int *row, char value[static CONF_TEXT_MAX])
{
    size_t length = strcspn(at, "\n"), name = strcspn(at, "=");

    if (*at == '\0')
        return NULL;
    *row = setting_row(at, name);
    snprintf(value, CONF_TEXT_MAX, "%.*s", (int)(length - name - 1), at + name + 1);
    return at + length + 1;
}

static bool
has_setting(const struct hosts_host *host, int row)
{
    char value[CONF_TEXT_MAX];
    int found;

    for (const char *at = host->settings; (at = next_setting(at, &found, value)) != NULL;)
        if (found == row)
            return true;
    return false;
}

static int
apply_settings(struct conf *c, const struct hosts_host *host, struct fail *f)
{
    bool is_begun[OPTION_ROWS] = {false};
    char value[CONF_TEXT_MAX];
    struct value_why why;
    int row;

    if (c->has_networks && has_setting(host, OPTION_LOCAL))
        return fail_set(f, EXIT_USAGE,
                        "--hosts: local of host %s: the scenario's networks have the addresses; "
                        "leave one of the two out",
                        host->name);
    for (const char *at = host->settings; (at = next_setting(at, &row, value)) != NULL;) {
        if (!is_begun[row])
            option_clear(c, 0, row);
        is_begun[row] = true;
        if (option_assign(c, 0, row, value, &why) < 0)
            return fail_set(f, EXIT_USAGE, "--hosts: %s of host %s: %s", conf_options[row].name + 2,
                            host->name, why.text);
        option_set_given(c, 0, row);
    }
    return 0;
}

/* Part @i of @n of each range, in equal parts. */
static int
cut_ranges(struct conf *c, unsigned i, unsigned n, struct fail *f)
{
    for (unsigned k = 0; k < c->local.n; k++) {
        struct ip_range *r = &c->local.range[k];
        uint32_t part = r->count / n;

        if (part == 0)
            return fail_set(f, EXIT_USAGE,
                            "--local: a range of %u addresses cannot be cut in %u parts, one for "
                            "each rank; give a longer one, or each host its own (--hosts "
                            "a,local=A)",
                            r->count, n);
        r->first = ip_add(&r->first, i * part);
        r->count = part;
    }
    return 0;
}

static unsigned
cores_of(const struct conf *c, const struct hosts_host *host, struct fail *f, int *err)
{
    const struct conf_option *o = &conf_options[OPTION_LCORES];
    unsigned lcores = c->lcores;
    char value[CONF_TEXT_MAX];
    struct value_why why;
    int row;

    for (const char *at = host->settings; (at = next_setting(at, &row, value)) != NULL;)
        if (row == OPTION_LCORES && value_types[o->type].parse(o, value, &lcores, &why) < 0)
            *err = fail_set(f, EXIT_USAGE, "--hosts: lcores of host %s: %s", host->name, why.text);
    return lcores;
}

/* Starts go round the cores of all ranks. */
static int
find_share(struct conf *c, const struct hosts *h, unsigned rank, struct fail *f)
{
    struct conf_share share = {.n_ranks = h->n_ranks, .rank = rank};
    int err = 0;

    for (unsigned i = 0; i < h->n_ranks; i++) {
        unsigned cores = cores_of(c, hosts_of_rank(h, i), f, &err);

        share.first += i < rank ? cores : 0;
        share.n = i == rank ? cores : share.n;
        share.of += cores;
    }
    c->share = share;
    return err;
}

static int
take_rank(struct conf *c, const struct hosts *h, unsigned rank, struct fail *f)
{
    const struct hosts_host *host = hosts_of_rank(h, rank);
    unsigned n_common = 0, before = 0;

    for (unsigned i = 0; i < h->n_ranks; i++) {
        bool has_own = has_setting(hosts_of_rank(h, i), OPTION_LOCAL);

        before += !has_own && i < rank;
        n_common += !has_own;
    }
    if (find_share(c, h, rank, f) < 0)
        return -1;
    if (!has_setting(host, OPTION_LOCAL) && cut_ranges(c, before, n_common, f) < 0)
        return -1;
    if (has_setting(host, OPTION_LOCAL) && host->n_ranks > 1) {
        unsigned first = rank;

        while (first > 0 && hosts_of_rank(h, first - 1) == host)
            first--;
        if (apply_settings(c, host, f) < 0)
            return -1;
        return cut_ranges(c, rank - first, host->n_ranks, f);
    }
    return apply_settings(c, host, f);
}

int
hosts_take_rank(struct conf *c, unsigned rank, struct fail *f)
{
    struct hosts *h = malloc(sizeof(*h));
    struct value_why why;
    int err;

    if (h == NULL)
        return fail_set(f, EXIT_HOST, "--hosts: not enough memory");
    if (hosts_read(c->hosts, h, &why) < 0)
        err = fail_set(f, EXIT_USAGE, "--hosts: %s", why.text);
    else if (rank >= h->n_ranks)
        err = fail_set(f, EXIT_USAGE, "--hosts: there are %u ranks in it, and no rank %u",
                       h->n_ranks, rank);
    else
        err = take_rank(c, h, rank, f);
    free(h);
    return err;
}

/* -- its share ------------------------------------------------------------------------------ */

/* A part ends where the next begins, so that together they are all of it. */
static uint64_t
part_of(const struct conf_share *s, uint64_t n)
{
    unsigned __int128 whole = n;

    return (uint64_t)(whole * (s->first + s->n) / s->of - whole * s->first / s->of);
}

static int
take_part(const struct conf *c, const char *option, uint64_t *n, struct fail *f)
{
    uint64_t part = part_of(&c->share, *n);

    if (*n > 0 && part == 0)
        return fail_set(f, EXIT_USAGE,
                        "%s: it is too little for the %u cores of all hosts: rank %u would have "
                        "nothing of it",
                        option, c->share.of, c->share.rank);
    *n = part;
    return 0;
}

int
hosts_take_share(struct conf *c, struct fail *f)
{
    c->whole_load = c->load;
    c->whole_request_load = c->request_load;
    if (take_part(c, "--rate", &c->rate_milli, f) < 0 ||
        take_part(c, "--request-rate", &c->request_rate_milli, f) < 0 ||
        take_part(c, "--requests-total", &c->requests_total, f) < 0 ||
        take_part(c, "--limit-cps", &c->limit_cps, f) < 0 ||
        take_part(c, "--connections", &c->connections, f) < 0)
        return -1;
    for (unsigned i = 0; i < c->n_classes; i++) {
        struct conf_class *k = &c->classes[i];

        k->whole_request_load = k->request_load;
        if (take_part(c, "rate", &k->rate_milli, f) < 0 ||
            take_part(c, "request_rate", &k->request_rate_milli, f) < 0)
            return -1;
    }
    return 0;
}

/* Rounded up: what connections and tuples are planned by. */
void
hosts_scale_plan(const struct conf *c, struct load_plan *plan)
{
    const struct conf_share *s = &c->share;

    if (c->rate_milli > 0)
        return;
    for (unsigned i = 0; i < plan->n; i++) {
        plan->seg[i].rate_from = (plan->seg[i].rate_from * s->n + s->of - 1) / s->of;
        plan->seg[i].rate_to = (plan->seg[i].rate_to * s->n + s->of - 1) / s->of;
    }
}
