/* SPDX-License-Identifier: BSD-3-Clause */
/* Payload of so many bytes each way. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <string.h>

#include "proto/registry.h"

static const struct proto_ops *p;
static struct proto_opts opts;
static uint64_t state[PROTO_STATE_MAX / 8];

static void
set_up(void)
{
    p = proto_by_name("bytes");
    opts = (struct proto_opts){0};
    memset(state, 0, sizeof(state));
}

TestSuite(bytes, .init = set_up);

static void
begin(void)
{
    p->begin(state, &opts, 0);
    p->start(state, &opts, true);
}

static void
comes(uint32_t n)
{
    p->input(state, &opts, &(struct proto_span){NULL, n});
}

static uint32_t
goes(uint32_t max)
{
    struct proto_span out;

    return p->output(state, &opts, max, &out);
}

static enum proto_status
status(bool has_ended)
{
    return p->status(state, &opts, has_ended);
}

Test(bytes, nothing_is_planned_unless_something_is_to_be_sent_or_to_come)
{
    cr_assert(not(p->is_planned(&opts)));
    opts.after_bytes = 5;
    cr_assert(not(p->is_planned(&opts)));
    opts.send_bytes = 1;
    cr_assert(p->is_planned(&opts));
    opts = (struct proto_opts){.expect_bytes = 1};
    cr_assert(p->is_planned(&opts));
}

Test(bytes, what_is_to_be_sent_goes_out_as_there_is_room)
{
    opts.send_bytes = 1000;
    begin();
    cr_assert(eq(int, status(false), PROTO_SENDS));
    cr_assert(eq(u32, goes(600), 600));
    cr_assert(eq(u32, goes(600), 400));
    cr_assert(eq(int, status(false), PROTO_DONE));
    cr_assert(zero(u32, goes(600)));
}

Test(bytes, an_exchange_is_done_when_all_was_sent_and_all_has_come)
{
    opts.send_bytes = 100;
    opts.expect_bytes = 200;
    begin();
    cr_assert(eq(u32, goes(1000), 100));
    cr_assert(eq(int, status(false), PROTO_AWAITS));
    comes(199);
    cr_assert(eq(int, status(false), PROTO_AWAITS));
    comes(1);
    cr_assert(eq(int, status(false), PROTO_DONE));
}

Test(bytes, an_answer_is_sent_once_the_request_has_come)
{
    opts = (struct proto_opts){.is_server = true, .send_bytes = 500, .after_bytes = 100};
    begin();
    comes(99);
    cr_assert(zero(u32, goes(1000)));
    comes(1);
    cr_assert(eq(u32, goes(1000), 500));
    cr_assert(eq(int, status(false), PROTO_DONE));
}

Test(bytes, a_peer_that_ends_before_all_has_come_has_cut_it_short)
{
    opts.expect_bytes = 100;
    begin();
    comes(99);
    cr_assert(eq(int, status(true), PROTO_TRUNCATED));
}

Test(bytes, a_request_that_ends_too_early_has_no_answer_and_is_no_failure)
{
    opts = (struct proto_opts){.is_server = true, .send_bytes = 500, .after_bytes = 100};
    begin();
    comes(99);
    cr_assert(eq(int, status(true), PROTO_IDLE));
    cr_assert(zero(u32, goes(1000)));
}

Test(bytes, what_came_too_early_belongs_to_the_next_exchange)
{
    opts = (struct proto_opts){.is_server = true, .send_bytes = 10, .after_bytes = 100};
    begin();
    comes(250);
    for (int i = 0; i < 2; i++) {
        cr_assert(eq(u32, goes(1000), 10));
        cr_assert(eq(int, status(false), PROTO_DONE));
        p->start(state, &opts, true);
    }
    cr_assert(eq(int, status(false), PROTO_AWAITS));
    comes(50);
    cr_assert(eq(u32, goes(1000), 10));
}

Test(bytes, a_short_exchange_can_be_told_in_numbers)
{
    struct proto_single single;

    opts = (struct proto_opts){.send_bytes = 7, .expect_bytes = 9};
    cr_assert(p->single(&opts, &single));
    cr_assert(eq(u32, single.send_bytes, 7));
    cr_assert(eq(u64, single.await_bytes, 9));
    cr_assert(single.expects && !single.answers);
    opts = (struct proto_opts){.is_server = true, .send_bytes = 9, .after_bytes = 7};
    cr_assert(p->single(&opts, &single));
    cr_assert(single.answers && !single.expects);
    opts.send_bytes = 65536;
    cr_assert(not(p->single(&opts, &single)));
}

Test(bytes, it_goes_on_where_the_numbers_had_got_to)
{
    opts = (struct proto_opts){.is_server = true, .send_bytes = 9, .after_bytes = 7};
    p->begin(state, &opts, 0);
    p->resume(state, &opts, false, false);
    cr_assert(eq(int, status(false), PROTO_AWAITS));
    p->resume(state, &opts, false, true);
    cr_assert(eq(u32, goes(100), 9));
    p->resume(state, &opts, true, true);
    cr_assert(eq(int, status(false), PROTO_DONE));
}
