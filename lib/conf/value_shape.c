/* SPDX-License-Identifier: BSD-3-Clause */
/* See value_shape.h. */
#include "conf/value_shape.h"

#include <stdio.h>
#include <string.h>

#include "base/units.h"

static const char *
form_words(enum load_form form)
{
    switch (form) {
    case LOAD_FORM_NONE:
        return "";
    case LOAD_FORM_RANGE:
        return ":R..R/T";
    case LOAD_FORM_LIST:
        return ":R,R,.../T";
    }
    return "";
}

const char *
value_shape_forms(char *buf, size_t size)
{
    size_t used = 0;

    buf[0] = '\0';
    for (unsigned i = 0; i < load_shapes_count && used < size; i++)
        used += (size_t)snprintf(buf + used, size - used, "%s%s%s",
                                 i == 0                       ? ""
                                 : i + 1 == load_shapes_count ? " or "
                                                              : ", ",
                                 load_shapes[i]->name, form_words(load_shapes[i]->form));
    return buf;
}

static int
refuse(const char *text, struct value_why *why)
{
    char forms[256];

    return value_refuse(why,
                        "'%.60s' is not a load shape; write %s, with rates R and a time T, e.g. "
                        "ramp:10k..100k/30s",
                        text, value_shape_forms(forms, sizeof(forms)));
}

/* Cut the text @*rest at the first @mark. @return what stands before it; NULL: there is none, and
 * nothing has changed. */
static char *
cut(char **rest, const char *mark)
{
    char *begin = *rest, *end = strstr(begin, mark);

    if (end == NULL)
        return NULL;
    *end = '\0';
    *rest = end + strlen(mark);
    return begin;
}

static int
take_rate(const char *text, struct load_args *args, struct value_why *why)
{
    if (args->n_rates == LOAD_RATES_MAX)
        return value_refuse(why, "more than %d rates are too many", LOAD_RATES_MAX);
    return value_rate(text, &args->rates_milli[args->n_rates++], why);
}

/* @rest: "R,R,R", or "R..R" with @mark "..", which has exactly two. */
static int
take_rates(char *rest, const char *mark, struct load_args *args, struct value_why *why)
{
    char *one;

    while ((one = cut(&rest, mark)) != NULL)
        if (take_rate(one, args, why) < 0)
            return -1;
    return take_rate(rest, args, why);
}

/* @rest: what stands behind the colon. */
static int
take_args(char *rest, const char *text, struct value_shape *s, struct value_why *why)
{
    bool is_range = s->shape->form == LOAD_FORM_RANGE;
    char *rates = cut(&rest, "/");

    if (rates == NULL || strchr(rest, '/') != NULL) /* "10k/s" has its own */
        return refuse(text, why);
    if (take_rates(rates, is_range ? ".." : ",", &s->args, why) < 0 ||
        value_duration(rest, &s->args.ns, why) < 0)
        return -1;
    if (is_range && s->args.n_rates != 2)
        return refuse(text, why);
    if (s->args.ns == 0)
        return value_refuse(why, "'%.60s' takes no time; write one above 0 behind the /", text);
    return 0;
}

int
value_shape(const char *text, struct value_shape *s, struct value_why *why)
{
    struct value_shape new = {0};
    char copy[VALUE_SHAPE_TEXT_MAX], *rest = copy, *name;

    if (strlen(text) >= sizeof(copy))
        return value_refuse(why, "longer than %zu characters", sizeof(copy) - 1);
    strcpy(copy, text);
    strcpy(new.text, text);
    name = cut(&rest, ":");
    new.shape = load_shape_by_name(name != NULL ? name : text);
    if (new.shape == NULL || (name != NULL) != (new.shape->form != LOAD_FORM_NONE))
        return refuse(text, why);
    if (name != NULL && take_args(rest, text, &new, why) < 0)
        return -1;
    *s = new;
    return 0;
}
