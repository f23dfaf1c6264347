/* SPDX-License-Identifier: BSD-3-Clause */
#include "conf/forecast.h"

#include "scenario_rig.h"

static struct conf_rig r;
static struct forecast f;

static void
forecast(const char *line)
{
    cr_assert(zero(int, rig_finish(&r, line)), "%s", r.fail.text);
    forecast_class(&f, &r.conf, 0, 1500);
}

/* Packets and bytes each way of one connection, as runs over loopback have them. */
static const struct {
    const char *line;
    unsigned sent, sent_bytes, received, received_bytes;
} rows[] = {
    {"run --rate 1k", 3, 206, 2, 140},
    {"run --rate 1k --hold 1s", 4, 272, 2, 140},
    {"run --rate 1k --close rst", 3, 206, 1, 74},
    {"run --rate 1k --close peer", 3, 206, 3, 206},
    {"run --rate 1k --vlan 7", 3, 206 + 3 * 4, 2, 140 + 2 * 4},
    {"run --rate 1k --vlan 100.7", 3, 206 + 3 * 8, 2, 140 + 2 * 8},
    {"run --rate 1k --timestamps no", 3, 66 + 2 * 54, 2, 66 + 54},
    {"run --rate 1k tcp://[2001:2::8000:1]:80", 3, 206 + 3 * 20, 2, 140 + 2 * 20},
    {"run --rate 1k --send 100 --receive 200", 4, 206 + 66 + 100, 3, 140 + 66 + 200},
};

Test(forecast, what_has_no_estimates_is_exact)
{
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        forecast(rows[i].line);
        cr_expect(eq(dbl, f.sent.packets, rows[i].sent), "%s", rows[i].line);
        cr_expect(eq(dbl, f.sent.bytes, rows[i].sent_bytes), "%s", rows[i].line);
        cr_expect(eq(dbl, f.received.packets, rows[i].received), "%s", rows[i].line);
        cr_expect(eq(dbl, f.received.bytes, rows[i].received_bytes), "%s", rows[i].line);
        cr_expect(not(f.estimates_tls || f.estimates_body || f.estimates_acks), "%s", rows[i].line);
    }
}

Test(forecast, rate_and_hold_say_how_many_are_open)
{
    forecast("run --rate 2k --hold 3s");
    cr_expect(eq(dbl, f.starts, 2000));
    cr_expect(eq(dbl, f.open, 6000));
    forecast("run");
    cr_expect(zero(dbl, f.starts));
}

Test(forecast, what_is_estimated_is_said_to_be)
{
    forecast("run --rate 1k http://198.19.0.1/100");
    cr_expect(not(f.estimates_tls || f.estimates_body || f.estimates_acks));
    forecast("run --rate 1k http://198.19.0.1/20k");
    cr_expect(f.estimates_acks);
    forecast("run --rate 1k tls://198.19.0.1:443");
    cr_expect(f.estimates_tls);
    forecast("run --device x --local 198.18.0.10/15 --rate 1k http://198.19.0.1/100");
    cr_expect(f.estimates_body);
}

Test(forecast, a_handshake_that_was_tried_is_what_counts)
{
    static const uint32_t flights[] = {1500, 3000, 80};
    double usual;

    forecast("run --rate 1k tls://198.19.0.1:443");
    usual = f.received.bytes;
    memcpy(r.conf.classes[0].handshake_flights, flights, sizeof(flights));
    forecast_class(&f, &r.conf, 0, 1500);
    cr_expect(lt(dbl, usual + 1000, f.received.bytes));
    cr_expect(lt(dbl, 1580, f.sent.bytes));
}

Test(forecast, a_class_has_its_share_of_the_rate)
{
    cr_assert(zero(int, rig_scenario(&r, rig_finish,
                                     "load: {rate: 400}\nclasses: [{name: a, weight: 3, urls: "
                                     "'tcp://198.19.0.1:80'}, {name: b, urls: "
                                     "'tcp://198.19.0.1:81'}]\n",
                                     "run FILE")),
              "%s", r.fail.text);
    forecast_class(&f, &r.conf, 0, 1500);
    cr_expect(eq(dbl, f.starts, 300));
    conf_fini(&r.conf);
}
