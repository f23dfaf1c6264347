/* SPDX-License-Identifier: BSD-3-Clause */
/* What comes is sent back. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "proto/registry.h"

static const struct proto_opts server = {.is_server = true}, client = {.is_server = false};

Test(echo, it_is_a_servers_business)
{
    const struct proto_ops *p = proto_by_name("echo");

    cr_assert(p->is_planned(&server));
    cr_assert(not(p->is_planned(&client)));
    cr_assert(eq(ptr, (void *)p->scheme, NULL));
}

Test(echo, as_much_goes_back_as_came)
{
    const struct proto_ops *p = proto_by_name("echo");
    uint64_t state[PROTO_STATE_MAX / 8] = {0};
    struct proto_span out;

    p->begin(state, &server, 0);
    p->start(state, &server, true);
    cr_assert(zero(u32, p->output(state, &server, 100, &out)));
    p->input(state, &server, &(struct proto_span){NULL, 150});
    cr_assert(eq(int, p->status(state, &server, false), PROTO_SENDS));
    cr_assert(eq(u32, p->output(state, &server, 100, &out), 100));
    cr_assert(eq(u32, p->output(state, &server, 100, &out), 50));
    cr_assert(eq(int, p->status(state, &server, false), PROTO_AWAITS));
}

Test(echo, it_is_done_when_the_peer_has_ended_and_all_is_sent_back)
{
    const struct proto_ops *p = proto_by_name("echo");
    uint64_t state[PROTO_STATE_MAX / 8] = {0};
    struct proto_span out;

    p->begin(state, &server, 0);
    p->input(state, &server, &(struct proto_span){NULL, 150});
    cr_assert(eq(int, p->status(state, &server, true), PROTO_SENDS));
    (void)p->output(state, &server, 1000, &out);
    cr_assert(eq(int, p->status(state, &server, true), PROTO_IDLE));
}
