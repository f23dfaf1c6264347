/* SPDX-License-Identifier: BSD-3-Clause */
/* See http_run.h. */
#include "proto/http_run.h"

#include <assert.h>
#include <string.h>

#include "base/units.h"

void
http_run_init(struct http_run *run, unsigned worker, unsigned n_workers, uint64_t seed)
{
    run->next_number = worker + 1;
    run->next_row = run->next_place = worker;
    run->stride = n_workers;
    run->rng.state = seed + worker;
}

void
http_run_fini(struct http_run *run, const struct http_opts *o)
{
    while (run->n_digests > 0)
        o->digest->drop(run->digests[--run->n_digests]);
}

void *
http_digest_take(struct http_run *run, const struct http_opts *o)
{
    void *digest;

    if (run->n_digests == 0)
        return o->digest->begin();
    digest = run->digests[--run->n_digests];
    o->digest->restart(digest);
    return digest;
}

void
http_digest_give(struct http_run *run, const struct http_opts *o, void **digest)
{
    if (*digest == NULL)
        return;
    if (run->n_digests < HTTP_PADS)
        run->digests[run->n_digests++] = *digest;
    else
        o->digest->drop(*digest);
    *digest = NULL;
}

size_t
http_next_request(struct http_run *run, const struct http_opts *o, uint32_t target)
{
    uint64_t place;

    if (o->n_paths <= 1)
        return target;
    place = run->next_place % o->n_order;
    run->next_place = place + run->stride;
    return (size_t)target * o->n_paths + o->order[place];
}

static bool
has_expected_body(const struct http_opts *o, uint64_t n_body, void *digest)
{
    uint8_t sum[HTTP_DIGEST_BYTES];

    if (o->expect_bytes != HTTP_ANY_LENGTH && n_body != o->expect_bytes)
        return false;
    if (o->digest == NULL)
        return true;
    if (digest == NULL)
        return false;
    o->digest->end(digest, sum);
    return memcmp(sum, o->expect_digest, sizeof(sum)) == 0;
}

enum http_failure
http_judge(const struct http_opts *o, uint16_t status, uint64_t n_body, void *digest)
{
    if (status < o->expect_first || status > o->expect_last)
        return HTTP_FAILED_unexpected_status;
    return has_expected_body(o, n_body, digest) ? HTTP_FAILED_NOT : HTTP_FAILED_wrong_body;
}

uint8_t
http_pad_take(struct http_run *run)
{
    int i;

    if (run->pads_used == UINT32_MAX)
        return HTTP_PAD_NONE;
    i = __builtin_ctz(~run->pads_used);
    run->pads_used |= UINT32_C(1) << i;
    run->pads[i].len = 0;
    return (uint8_t)(i + 1);
}

void
http_pad_give(struct http_run *run, uint8_t *no)
{
    if (*no == HTTP_PAD_NONE)
        return;
    assert((run->pads_used >> (*no - 1) & 1) != 0);

    run->pads_used &= ~(UINT32_C(1) << (*no - 1));
    *no = HTTP_PAD_NONE;
}

void
http_pad_add(struct http_pad *pad, const void *bytes, size_t len)
{
    len = u64_min(len, HTTP_PAD_BYTES - pad->len);
    memcpy(pad->bytes + pad->len, bytes, len);
    pad->len += (uint32_t)len;
}
