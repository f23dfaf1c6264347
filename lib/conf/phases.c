/* SPDX-License-Identifier: BSD-3-Clause */
/* See phases.h. */
#include "conf/phases.h"

#include "conf/options.h"

const char *const conf_phase_names[PHASE_COUNT] = {
    [PHASE_INIT] = "init",       [PHASE_RAMP_UP] = "ramp_up",     [PHASE_WARM_UP] = "warm_up",
    [PHASE_SUSTAIN] = "sustain", [PHASE_RAMP_DOWN] = "ramp_down",
};

static uint64_t
length_of(const struct conf *c, enum conf_phase_id id)
{
    switch (id) {
    case PHASE_INIT:
        return c->init_ns;
    case PHASE_RAMP_UP:
        return c->ramp_up_ns;
    case PHASE_WARM_UP:
        return c->warm_up_ns;
    case PHASE_SUSTAIN:
        return c->sustain_ns != 0 ? c->sustain_ns : c->duration_ns;
    case PHASE_RAMP_DOWN:
        return c->ramp_down_ns;
    case PHASE_COUNT:
        break;
    }
    return 0;
}

static uint64_t
add_ns(uint64_t ns, uint64_t more_ns)
{
    return more_ns > TIME_NEVER - ns ? TIME_NEVER : ns + more_ns;
}

bool
conf_has_phases(const struct conf *c)
{
    return c->init_ns > 0 || c->ramp_up_ns > 0 || c->warm_up_ns > 0 || c->ramp_down_ns > 0;
}

struct conf_phase
conf_phase(const struct conf *c, enum conf_phase_id id)
{
    struct conf_phase p = {0, length_of(c, PHASE_INIT)};

    for (enum conf_phase_id i = PHASE_INIT; i < id; i++) {
        p.begin_ns = p.end_ns;
        p.end_ns = add_ns(p.begin_ns, length_of(c, i + 1));
    }
    return p;
}

enum conf_phase_id
conf_phase_at(const struct conf *c, uint64_t ns)
{
    for (enum conf_phase_id i = PHASE_INIT; i < PHASE_RAMP_DOWN; i++)
        if (ns < conf_phase(c, i).end_ns)
            return i;
    return c->ramp_down_ns > 0 ? PHASE_RAMP_DOWN : PHASE_SUSTAIN;
}

uint64_t
conf_load_ns(const struct conf *c)
{
    return conf_phase(c, PHASE_RAMP_DOWN).end_ns;
}

bool
conf_ramps_bound(const struct conf *c)
{
    return c->load.n == 0 && c->request_load.n == 0;
}

/* @part of @whole of @n, one at least. */
static uint64_t
share_of(uint64_t n, uint64_t part, uint64_t whole)
{
    uint64_t share = (uint64_t)((unsigned __int128)n * part / whole);

    return share > 0 ? share : 1;
}

uint64_t
conf_bound_at(const struct conf *c, uint64_t ns)
{
    enum conf_phase_id id = conf_phase_at(c, ns);
    struct conf_phase p = conf_phase(c, id);
    uint64_t length_ns = p.end_ns - p.begin_ns;

    switch (id) {
    case PHASE_INIT:
        return 0;
    case PHASE_RAMP_UP:
        return share_of(c->connections, ns - p.begin_ns, length_ns);
    case PHASE_RAMP_DOWN:
        return ns < p.end_ns ? share_of(c->connections, p.end_ns - ns, length_ns) : 1;
    case PHASE_WARM_UP:
    case PHASE_SUSTAIN:
    case PHASE_COUNT:
        break;
    }
    return c->connections;
}

static void
add_segment(struct load_plan *p, uint64_t until_ns, uint64_t from, uint64_t to)
{
    if (until_ns > (p->n == 0 ? 0 : p->seg[p->n - 1].until_ns))
        p->seg[p->n++] = (struct load_segment){until_ns, from, to};
}

/* @p is one rate for ever. */
static void
put_phases(struct load_plan *p, const struct conf *c)
{
    uint64_t rate = p->seg[0].rate_from;

    *p = (struct load_plan){0};
    add_segment(p, conf_phase(c, PHASE_INIT).end_ns, 0, 0);
    add_segment(p, conf_phase(c, PHASE_RAMP_UP).end_ns, 0, rate);
    if (c->ramp_down_ns == 0) {
        add_segment(p, TIME_NEVER, rate, rate);
        return;
    }
    add_segment(p, conf_phase(c, PHASE_SUSTAIN).end_ns, rate, rate);
    add_segment(p, conf_phase(c, PHASE_RAMP_DOWN).end_ns, rate, 0);
    add_segment(p, TIME_NEVER, 0, 0);
}

/* The phase that changes the load; NULL: none does. */
static const char *
changing_phase(const struct conf *c)
{
    if (c->init_ns > 0)
        return "--init";
    if (c->ramp_up_ns > 0)
        return "--ramp-up";
    return c->ramp_down_ns > 0 ? "--ramp-down" : NULL;
}

static int
finish_plan(struct load_plan *p, const struct conf *c, struct fail *f)
{
    const char *option = changing_phase(c);

    if (p->n == 0 || option == NULL)
        return 0;
    if (!load_plan_is_even(p))
        return fail_set(f, EXIT_USAGE,
                        "%s: --shape %s has a course of its own; leave one of the two out "
                        "(--warm-up goes with both)",
                        option, c->shape.text);
    if (p->per_ns != 0)
        return fail_set(f, EXIT_USAGE,
                        "%s: the rate has to be a whole number per second then; write another, or "
                        "leave %s out",
                        option, option);
    put_phases(p, c);
    return 0;
}

/* Whether the file says it; else the command line does. */
static bool
is_of_file(const struct conf *c, int row)
{
    return c->places[row].line > 0;
}

/* Two names of one length: what the command line says counts, under either. */
static int
finish_sustain(struct conf *c, struct fail *f)
{
    bool has_both = c->given[OPTION_SUSTAIN] && c->given[OPTION_DURATION];

    if (c->sustain_ns == 0)
        return 0;
    if (has_both && is_of_file(c, OPTION_SUSTAIN) && !is_of_file(c, OPTION_DURATION)) {
        c->sustain_ns = c->duration_ns;
        return 0;
    }
    if (has_both && is_of_file(c, OPTION_SUSTAIN) == is_of_file(c, OPTION_DURATION) &&
        c->duration_ns != c->sustain_ns)
        return fail_set(f, EXIT_USAGE,
                        "--sustain: --duration is another length of the same phase; give one of "
                        "the two");
    c->duration_ns = c->sustain_ns;
    return 0;
}

int
phases_finish(struct conf *c, struct fail *f)
{
    if (finish_sustain(c, f) < 0)
        return -1;
    for (unsigned i = 0; i < c->n_classes; i++)
        if (finish_plan(&c->classes[i].request_load, c, f) < 0)
            return -1;
    return finish_plan(&c->load, c, f) < 0 ? -1 : finish_plan(&c->request_load, c, f);
}
