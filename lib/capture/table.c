/* SPDX-License-Identifier: BSD-3-Clause */
/* See table.h. */
#include "capture/table.h"

#include <assert.h>
#include <string.h>

#include "base/pages.h"
#include "base/units.h"

static size_t
heads_bytes(const struct recorder_table *t)
{
    return (t->mask + (size_t)1) * sizeof(t->heads[0]);
}

int
recorder_table_init(struct recorder_table *t, const struct recorder_table_opts *o)
{
    assert((o->n_conns & (o->n_conns - 1)) == 0);

    *t = (struct recorder_table){.mask = o->n_conns - 1, .key = o->key};
    t->heads = pages_map(heads_bytes(t));
    if (t->heads == NULL)
        return -1;
    if (slab_init(&t->conns, o->n_conns, sizeof(struct recorder_conn)) < 0)
        goto unmap;
    if (slab_init(&t->secrets, o->has_secrets ? o->n_conns / 4 : 0, RECORDER_SECRETS_BYTES) < 0)
        goto fini_conns;
    if (frames_init(&t->store, o->n_cells) < 0)
        goto fini_secrets;
    return 0;

fini_secrets:
    slab_fini(&t->secrets);
fini_conns:
    slab_fini(&t->conns);
unmap:
    pages_unmap(t->heads, heads_bytes(t));
    t->heads = NULL;
    return -1;
}

/* Secrets of connections that are still there go with their memory, and are wiped before. */
void
recorder_table_fini(struct recorder_table *t)
{
    for (uint32_t i = 1; i <= t->secrets.n_touched; i++)
        explicit_bzero(slab_at(&t->secrets, i), RECORDER_SECRETS_BYTES);
    frames_fini(&t->store);
    slab_fini(&t->secrets);
    slab_fini(&t->conns);
    pages_unmap(t->heads, heads_bytes(t));
    t->heads = NULL;
}

uint64_t
recorder_table_hash(const struct recorder_table *t, const struct recorder_tuple *u, uint64_t more)
{
    uint64_t words[] = {u->local.hi, u->local.lo, u->remote.hi, u->remote.lo,
                        more << 33 | (uint64_t)u->local_port << 17 | (uint64_t)u->remote_port << 1 |
                            u->local.is_v6};

    return siphash13(t->key, words, ARRAY_LEN(words));
}

static uint32_t *
head_of(const struct recorder_table *t, const struct recorder_tuple *u)
{
    return &t->heads[recorder_table_hash(t, u, 0) & t->mask];
}

static bool
is_same(const struct recorder_tuple *a, const struct recorder_tuple *b)
{
    return a->local_port == b->local_port && a->remote_port == b->remote_port &&
           ip_equal(&a->local, &b->local) && ip_equal(&a->remote, &b->remote);
}

uint32_t
recorder_table_find(const struct recorder_table *t, const struct recorder_tuple *tuple)
{
    uint32_t idx = *head_of(t, tuple);

    while (idx != SLAB_NONE && !is_same(&recorder_table_at(t, idx)->tuple, tuple))
        idx = recorder_table_at(t, idx)->chain;
    return idx;
}

/* -- lists ------------------------------------------------------------------------------------ */

static bool
is_listed(uint8_t state)
{
    return state == RECORDER_ANSWERED || state == RECORDER_ENDED;
}

static void
unlist(struct recorder_table *t, uint32_t idx)
{
    struct recorder_conn *c = recorder_table_at(t, idx);
    struct recorder_list *l = &t->lists[c->state];

    if (!is_listed(c->state))
        return;
    if (c->prev != SLAB_NONE)
        recorder_table_at(t, c->prev)->next = c->next;
    else
        l->first = c->next;
    if (c->next != SLAB_NONE)
        recorder_table_at(t, c->next)->prev = c->prev;
    else
        l->last = c->prev;
}

void
recorder_table_move(struct recorder_table *t, uint32_t idx, enum recorder_state state)
{
    struct recorder_conn *c = recorder_table_at(t, idx);
    struct recorder_list *l = &t->lists[state];

    if (c->state == state && l->last == idx)
        return;
    unlist(t, idx);
    c->state = (uint8_t)state;
    if (!is_listed(c->state))
        return;
    c->next = SLAB_NONE;
    c->prev = l->last;
    if (l->last != SLAB_NONE)
        recorder_table_at(t, l->last)->next = idx;
    else
        l->first = idx;
    l->last = idx;
}

/* -- come and go ------------------------------------------------------------------------------ */

void
recorder_table_hide(struct recorder_table *t, uint32_t idx)
{
    uint32_t *link = head_of(t, &recorder_table_at(t, idx)->tuple);

    while (*link != SLAB_NONE && *link != idx)
        link = &recorder_table_at(t, *link)->chain;
    if (*link == idx)
        *link = recorder_table_at(t, idx)->chain;
}

void
recorder_table_drop(struct recorder_table *t, uint32_t idx)
{
    struct recorder_conn *c = recorder_table_at(t, idx);

    if (c->state != RECORDER_HANDED)
        recorder_table_hide(t, idx);
    unlist(t, idx);
    frames_clear(&t->store, &c->frames);
    if (c->secrets != SLAB_NONE) {
        explicit_bzero(slab_at(&t->secrets, c->secrets), c->secrets_len);
        slab_give(&t->secrets, c->secrets);
    }
    c->state = RECORDER_FREE;
    slab_give(&t->conns, idx);
}

uint32_t
recorder_table_add(struct recorder_table *t, const struct recorder_tuple *tuple)
{
    uint32_t idx = slab_take(&t->conns), *head;

    if (idx == SLAB_NONE && t->lists[RECORDER_ANSWERED].first != SLAB_NONE) {
        recorder_table_drop(t, t->lists[RECORDER_ANSWERED].first);
        t->n_lost++;
        idx = slab_take(&t->conns);
    }
    if (idx == SLAB_NONE)
        return SLAB_NONE;
    *recorder_table_at(t, idx) = (struct recorder_conn){.state = RECORDER_ASKING};
    if (tuple == NULL)
        return idx;
    head = head_of(t, tuple);
    recorder_table_at(t, idx)->tuple = *tuple;
    recorder_table_at(t, idx)->chain = *head;
    *head = idx;
    return idx;
}

/* Whoever has been silent longest, but for @idx, loses its frames. @return false: there is none. */
static bool
make_way(struct recorder_table *t, uint32_t idx)
{
    uint32_t silent = t->lists[RECORDER_ANSWERED].first;
    struct recorder_conn *c;

    if (silent == idx && silent != SLAB_NONE)
        silent = recorder_table_at(t, silent)->next;
    if (silent == SLAB_NONE)
        return false;
    c = recorder_table_at(t, silent);
    c->frames.n_left_out += c->frames.n;
    frames_clear(&t->store, &c->frames);
    recorder_table_move(t, silent, RECORDER_ASKING); /* until its next frame */
    return true;
}

void
recorder_table_add_frame(struct recorder_table *t, uint32_t idx, const struct frame_data *d)
{
    struct recorder_conn *c = recorder_table_at(t, idx);

    while (!frames_add(&t->store, &c->frames, d)) {
        if (!make_way(t, idx)) {
            c->frames.n_left_out++;
            return;
        }
    }
}

void
recorder_table_add_secret(struct recorder_table *t, uint32_t idx, const char *line)
{
    struct recorder_conn *c = recorder_table_at(t, idx);
    size_t len = strlen(line);
    char *to;

    if (c->secrets == SLAB_NONE)
        c->secrets = slab_take(&t->secrets);
    if (c->secrets == SLAB_NONE || c->secrets_len + len + 1 > RECORDER_SECRETS_BYTES) {
        c->lacks_secrets = true;
        return;
    }
    to = (char *)slab_at(&t->secrets, c->secrets) + c->secrets_len;
    memcpy(to, line, len);
    to[len] = '\n';
    c->secrets_len = (uint16_t)(c->secrets_len + len + 1);
}
