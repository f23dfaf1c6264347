/* SPDX-License-Identifier: BSD-3-Clause */
/* See earlier_json.h: what only some runs have. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/units.h"
#include "report/earlier_json.h"
#include "report/json_icmp.h"
#include "report/rows.h"

/* -- TLS ----------------------------------------------------------------------------------- */

static void
read_rows(struct tls_rows *rows, const json_t *o)
{
    const char *name;
    json_t *count;

    json_object_foreach((json_t *)o, name, count)
    {
        if (strcmp(name, "others") == 0)
            rows->others += (uint64_t)json_integer_value(count);
        else
            tls_rows_count(rows, name, (uint64_t)json_integer_value(count));
    }
}

static struct tls_spread
read_spread(const json_t *o)
{
    return (struct tls_spread){.count = earlier_count(o, "count"),
                               .sum = earlier_count(o, "sum"),
                               .min = earlier_count(o, "min"),
                               .max = earlier_count(o, "max")};
}

static void
read_sizes(struct tls_tally *t, const json_t *o)
{
    for (enum tls_kind kind = 0; kind < TLS_KINDS; kind++) {
        const json_t *sizes = json_object_get(o, tls_kind_names[kind]);

        for (enum tls_size size = 0; size < TLS_SIZE_COUNT; size++)
            t->sizes[kind][size] = read_spread(json_object_get(sizes, tls_size_names[size]));
    }
}

void
earlier_tls(struct result *r, const json_t *o)
{
    const json_t *examples = json_object_get(o, "examples"), *memory = json_object_get(o, "memory");

    r->has_tls = json_is_object(o);
    for (size_t i = 0; i < n_tls_tally_names; i++)
        read_rows((struct tls_rows *)((char *)&r->tls + tls_tally_names[i].offset),
                  json_object_get(o, tls_tally_names[i].name));
    read_sizes(&r->tls, json_object_get(o, "sizes"));
    for (enum lane_kind kind = 0; kind < LANE_KINDS; kind++)
        r->tls.batches[kind] =
            read_spread(json_object_get(json_object_get(o, "batches"), lane_kind_names[kind]));
    for (int cause = TLS_CAUSE_NONE + 1; cause < TLS_CAUSES; cause++)
        tls_tally_example(
            &r->tls, (enum tls_cause)cause,
            earlier_text(examples, stat_failure_names[tls_cause_failures[cause]].name));
    r->tls.handshake_bytes = earlier_count(memory, "handshake_bytes");
    r->tls.idle_bytes = earlier_count(memory, "idle_bytes");
}

/* -- HTTP ---------------------------------------------------------------------------------- */

static uint16_t
copy_text(char *to, size_t room, const char *text)
{
    size_t length = u64_min(strlen(text), room);

    memcpy(to, text, length);
    return (uint16_t)length;
}

void
earlier_http(struct result *r, const json_t *o)
{
    const json_t *examples = json_object_get(o, "examples"), *count;
    const char *status;

    r->has_http = json_is_object(o);
    json_object_foreach(json_object_get(o, "statuses"), status, count)
    {
        unsigned long n = strtoul(status, NULL, 10);

        if (n < HTTP_STATUSES)
            r->http.statuses[n] = (uint64_t)json_integer_value(count);
    }
    for (unsigned i = HTTP_FAILED_NOT + 1; i < HTTP_FAILURE_COUNT; i++) {
        const json_t *from =
            json_object_get(examples, http_counters[http_failure_counters[i]].name);
        struct http_example *e = &r->http.examples[i];

        if (from == NULL)
            continue;
        e->head_len = copy_text(e->head, sizeof(e->head), earlier_text(from, "head"));
        e->body_len = copy_text(e->body, sizeof(e->body), earlier_text(from, "body"));
        e->is_cut = earlier_flag(from, "is_cut");
        r->http.n_kept++;
    }
}

/* -- the network --------------------------------------------------------------------------- */

void
earlier_steering(struct result *r, const json_t *o)
{
    (void)steering_read(&r->steering, earlier_text(o, "mode"), earlier_text(o, "why"));
}

void
earlier_icmp(struct result *r, const json_t *list)
{
    const json_t *o;
    size_t i;

    json_array_foreach(list, i, o)
    {
        for (unsigned kind = 0; kind < ICMP_ERROR_KINDS; kind++) {
            struct icmp_origin *e = &r->icmp[kind];

            if (strcmp(earlier_text(o, "kind"), json_icmp_kinds[kind]) != 0 ||
                ip_parse(earlier_text(o, "from"), &e->from) < 0)
                continue;
            e->is_set = true;
            e->type = (uint8_t)earlier_count(o, "type");
            e->code = (uint8_t)earlier_count(o, "code");
        }
    }
}

static void
read_direction(struct middle_count *c, struct middle_seen *s, const json_t *o)
{
    const json_t *changed = json_object_get(o, "changed");

    for (enum middle_kind k = 0; k < MIDDLE_KINDS; k++) {
        const json_t *kind = json_object_get(o, middle_kind_names[k]);

        c->sent[k] = earlier_count(kind, "sent");
        c->arrived[k] = earlier_count(kind, "arrived");
    }
    s->matched = earlier_count(o, "matched");
    s->unmatched_sent = earlier_count(o, "unmatched_sent");
    s->unmatched_arrived = earlier_count(o, "unmatched_arrived");
    for (enum middle_change i = 0; i < MIDDLE_CHANGE_COUNT; i++)
        s->changed[i] = earlier_count(changed, middle_change_names[i]);
    (void)earlier_hist(&s->delay, json_object_get(o, "delay"));
}

void
earlier_middle(struct result *r, const json_t *o)
{
    if (!json_is_object(o) || (r->middle = malloc(sizeof(*r->middle))) == NULL)
        return;
    middle_tally_init(r->middle, (uint32_t)earlier_count(o, "sample"));
    r->middle->untold = earlier_count(o, "untold");
    for (enum middle_direction d = 0; d < MIDDLE_DIRECTIONS; d++)
        read_direction(&r->middle->counts[d], &r->middle->seen[d],
                       json_object_get(o, middle_direction_names[d]));
}
