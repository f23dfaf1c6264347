/* SPDX-License-Identifier: BSD-3-Clause */
#include "report/hints_ends.h"

#include <stdlib.h>

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "base/units.h"
#include "report/hints.h"
#include "sample.h"

static struct sample s;

/* A run of one core without anything that calls for advice. */
static void
begin(enum role role)
{
    sample_init(&s);
    s.r.n_cores = 1;
    s.r.cores[0].role = role;
    stat_block_init(&s.r.cores[0].total, TIME_NEVER);
    s.r.cores[0].total.counters[CTR_established] = 100;
}

static bool
advises(const char *part)
{
    char *text = NULL;
    size_t length;
    FILE *out = open_memstream(&text, &length);
    bool has_it;

    report_result_sum(&s.r);
    (void)hints_write(out, &s.r);
    fclose(out);
    has_it = strstr(text, part) != NULL;
    free(text);
    return has_it;
}

Test(hints_ends, every_end_that_the_target_is_the_cause_of_brings_its_own_advice)
{
    static const struct {
        enum stat_failure cause;
        const char *advice;
    } rows[] = {
        {FAILURE_reset, "The target reset connections that were established"},
        {FAILURE_close_timeout, "never acknowledged the FIN"},
        {FAILURE_peer_not_closed, "acknowledged the FIN and kept its own side open"},
        {FAILURE_hold_cut_short, "closed connections before --hold was over"},
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        for (size_t k = 0; k < ARRAY_LEN(rows); k++) {
            begin(ROLE_CLIENT);
            s.r.cores[0].total.failures[rows[i].cause] = 1;
            cr_assert(eq(int, advises(rows[k].advice), i == k), "%s", rows[k].advice);
        }
    }
}

Test(hints_ends, a_server_is_not_told_what_its_clients_might_do)
{
    begin(ROLE_SERVER);
    for (enum stat_failure i = FAILURE_reset; i <= FAILURE_hold_cut_short; i++)
        s.r.cores[0].total.failures[i] = i == FAILURE_unreachable ? 0 : 1;
    s.r.cores[0].total.counters[CTR_synack_repeated] = 1;
    cr_assert(not(advises("what may help")));
}

Test(hints_ends, what_is_open_at_the_end_is_said_by_what_it_waits_for)
{
    begin(ROLE_CLIENT);
    s.r.cores[0].total.open = s.r.cores[0].total.open_by[OPEN_securing] = 1;
    cr_assert(advises("under way when --drain was over"));
    cr_assert(not(advises("held when --drain was over")));
    begin(ROLE_CLIENT);
    s.r.cores[0].total.open = s.r.cores[0].total.open_by[OPEN_holding] = 1;
    cr_assert(not(advises("under way when --drain was over")));
    cr_assert(advises("held when --drain was over"));
    s.r.interrupted = true;
    cr_assert(not(advises("--drain was over")));
    s.r.interrupted = false;
    s.conf.stop = STOP_NOW;
    cr_assert(not(advises("--drain was over")));
}

Test(hints_ends, a_repeated_syn_ack_is_the_cause_of_payload_that_is_not_acknowledged)
{
    begin(ROLE_CLIENT);
    s.r.cores[0].total.failures[FAILURE_data_timeout] = 1;
    cr_assert(advises("try --mss 536"));
    s.r.cores[0].total.counters[CTR_synack_repeated] = 1;
    cr_assert(not(advises("try --mss 536")));
    cr_assert(advises("nstat -az TcpExtListenOverflows"));
}
