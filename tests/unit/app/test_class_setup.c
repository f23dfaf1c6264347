/* SPDX-License-Identifier: BSD-3-Clause */
#include "app/class_setup.h"

#include "../conf/conf_rig.h"
#include "base/units.h"

static struct conf_rig r;

static struct sess_class
class_of(const char *line, enum role role)
{
    cr_assert(eq(int, rig_finish(&r, line), 0), "%s: %s", line, r.fail.text);
    return class_setup(&r.conf, 0, role);
}

Test(class_setup, a_client_is_told_what_was_asked_for)
{
    struct sess_class c = class_of("run --send 100 --receive 2000 --hold 3s --data-timeout 7s "
                                   "--close peer",
                                   ROLE_CLIENT);

    cr_assert(eq(str, (char *)c.proto->name, "bytes"));
    cr_assert(not(c.proto_opts.is_server));
    cr_assert(eq(u64, c.proto_opts.send_bytes, 100));
    cr_assert(eq(u64, c.proto_opts.expect_bytes, 2000));
    cr_assert(eq(u64, c.hold_ns, 3 * NS_PER_SEC));
    cr_assert(eq(u32, c.stall_us, 7000000));
    cr_assert(eq(int, c.close, CLOSE_PEER));
    cr_assert(eq(u32, c.n_exchanges, 1));
}

Test(class_setup, a_server_is_told_what_was_asked_for)
{
    struct sess_class c = class_of("serve " RIG_LOCAL "--bytes 1M --after 100", ROLE_SERVER);

    cr_assert(eq(str, (char *)c.proto->name, "bytes"));
    cr_assert(c.proto_opts.is_server);
    cr_assert(eq(u64, c.proto_opts.send_bytes, 1000000));
    cr_assert(eq(u64, c.proto_opts.after_bytes, 100));
}

Test(class_setup, a_server_that_echoes_speaks_echo)
{
    struct sess_class c = class_of("serve " RIG_LOCAL "--echo", ROLE_SERVER);

    cr_assert(eq(str, (char *)c.proto->name, "echo"));
}

Test(class_setup, loopbacks_server_sends_what_the_client_expects)
{
    struct sess_class c = class_of("run --send 100 --receive 2000", ROLE_SERVER);

    cr_assert(eq(u64, c.proto_opts.send_bytes, 2000));
    cr_assert(eq(u64, c.proto_opts.after_bytes, 100));
    c = class_of("run --send 100", ROLE_SERVER);
    cr_assert(eq(u64, c.proto_opts.send_bytes, 0));
    cr_assert(eq(u64, c.proto_opts.after_bytes, 0));
}

Test(class_setup, loopbacks_server_waits_for_a_client_that_closes_and_closes_for_one_that_waits)
{
    static const struct {
        const char *line;
        enum close_mode client, server;
        bool reset_closes;
    } rows[] = {
        {"run --close fin", CLOSE_FIN, CLOSE_PEER, false},
        {"run --close rst", CLOSE_RST, CLOSE_PEER, true},
        {"run --close peer", CLOSE_PEER, CLOSE_FIN, false},
    };

    for (unsigned i = 0; i < RIG_ROWS(rows); i++) {
        struct sess_class client = class_of(rows[i].line, ROLE_CLIENT);
        struct sess_class server = class_of(rows[i].line, ROLE_SERVER);

        cr_expect(eq(int, client.close, rows[i].client), "%s", rows[i].line);
        cr_expect(eq(int, server.close, rows[i].server), "%s", rows[i].line);
        cr_expect(eq(int, server.reset_closes, rows[i].reset_closes), "%s", rows[i].line);
    }
}

Test(class_setup, loopbacks_server_leaves_giving_up_on_tls_to_the_client)
{
    const char *line = "run tls://198.19.0.1:443 --tls-timeout 4s";

    cr_assert(eq(u64, class_of(line, ROLE_CLIENT).tls_timeout_ns, 4 * NS_PER_SEC));
    cr_assert(eq(u64, class_of(line, ROLE_SERVER).tls_timeout_ns, 0));
    cr_assert(eq(u64,
                 class_of("serve " RIG_LOCAL "--tls --tls-timeout 4s", ROLE_SERVER).tls_timeout_ns,
                 4 * NS_PER_SEC));
}

Test(class_setup, a_class_knows_the_first_of_its_targets)
{
    class_of("run tcp://198.19.0.1:80 tcp://198.19.0.2:80 tcp://198.19.0.3:80", ROLE_CLIENT);
    r.conf.classes[1] = r.conf.classes[0];
    r.conf.n_classes = 2;
    r.conf.targets[2].class_idx = 1;
    cr_assert(eq(u32, class_setup(&r.conf, 0, ROLE_CLIENT).first_target, 0));
    cr_assert(eq(u32, class_setup(&r.conf, 1, ROLE_CLIENT).first_target, 2));
}
