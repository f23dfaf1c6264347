/* SPDX-License-Identifier: BSD-3-Clause */
#include "report/rows.h"

#include <string.h>

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "base/units.h"

static struct conf conf;
static struct stat_block b;
static struct hist scratch;

Test(rows, names_are_unique_over_the_lists_and_all_protocols)
{
    cr_assert(le(uint, counter_rows(), STAT_COUNTERS_MAX));
    cr_assert(le(uint, latency_rows(), STAT_LATENCIES_MAX));
    for (unsigned i = 0; i < counter_rows(); i++)
        for (unsigned j = 0; j < i; j++)
            cr_assert(ne(str, (char *)counter_name(i).name, (char *)counter_name(j).name));
    for (unsigned i = 0; i < latency_rows(); i++)
        for (unsigned j = 0; j < i; j++)
            cr_assert(ne(str, (char *)latency_name(i).name, (char *)latency_name(j).name));
}

Test(rows, those_of_protocols_follow_in_the_order_of_their_registry)
{
    static const struct proto_counter first[] = {{"a", "first"}, {"b", "second"}};
    static const struct proto_counter third[] = {{"c", "third"}};
    static const struct proto_latency waits[] = {{.name = "wait", .from = "here", .to = "there"}};
    static const struct proto_ops one = {.name = "one", .counters = first, .n_counters = 2};
    static const struct proto_ops none = {.name = "none"};
    static const struct proto_ops two = {
        .name = "two", .counters = third, .n_counters = 1, .latencies = waits, .n_latencies = 1};
    const struct proto_ops *const protos[] = {&one, &none, &two};
    struct stat_latency_name wait = proto_latency_name(protos, 0);

    cr_assert(eq(str, (char *)proto_counter_name(protos, 1).name, "b"));
    cr_assert(eq(str, (char *)proto_counter_name(protos, 1).unit, "one"));
    cr_assert(eq(str, (char *)proto_counter_name(protos, 2).name, "c"));
    cr_assert(eq(str, (char *)proto_counter_name(protos, 2).meaning, "third"));
    cr_assert(eq(str, (char *)wait.name, "wait"));
    cr_assert(eq(str, (char *)wait.to, "there"));
    cr_assert(eq(uint, wait.interval, LAT_COUNT), "a column of its own");
}

Test(rows, an_interval_has_the_samples_of_rows_without_a_column_of_their_own)
{
    stat_block_init(&b, 0);
    hist_record(&b.latency[LAT_tls], 10);
    hist_record(&b.latency[LAT_tls_resumed], 30);
    hist_record(&b.latency[LAT_connect], 50);
    cr_assert(latency_has_interval(LAT_tls));
    cr_assert(not(latency_has_interval(LAT_tls_resumed)));
    cr_assert(eq(u64, latency_interval(&b, LAT_tls, &scratch)->count, 2));
    cr_assert(eq(u64, latency_interval(&b, LAT_tls, &scratch)->max_ns, 30));
    cr_assert(eq(u64, b.latency[LAT_tls].count, 1), "the block stays as it is");
    cr_assert(
        eq(ptr, (void *)latency_interval(&b, LAT_connect, &scratch), &b.latency[LAT_connect]));
}

Test(rows, a_need_is_met_by_what_any_class_asks_for)
{
    conf.n_classes = 2;
    cr_assert(need_is_met(NEED_nothing, &conf));
    cr_assert(not(need_is_met(NEED_rate, &conf)));
    cr_assert(not(need_is_met(NEED_tls, &conf)));
    cr_assert(not(need_is_met(NEED_payload, &conf)));
    conf.load = load_plan_constant(10);
    conf.classes[1].is_tls = true;
    conf.classes[1].receive_bytes = 1;
    cr_assert(need_is_met(NEED_rate, &conf));
    cr_assert(need_is_met(NEED_tls, &conf));
    cr_assert(need_is_met(NEED_payload, &conf));
    cr_assert(need_is_met(NEED_rx_payload, &conf));
    cr_assert(not(need_is_met(NEED_tx_payload, &conf)));
    conf.classes[0].echo = true;
    cr_assert(need_is_met(NEED_tx_payload, &conf));
}

Test(rows, every_need_has_a_name)
{
    for (int i = 0; i < NEED_COUNT; i++)
        cr_assert(ne(ptr, (void *)need_names[i], NULL));
}
