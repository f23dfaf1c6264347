/* SPDX-License-Identifier: BSD-3-Clause */
#include "app/tls_setup.h"

#include "../conf/conf_rig.h"
#include "tls/mem.h"

static struct conf_rig r;
static struct tls_setup setup;
static struct tls_opts client, server;

static void
set_up(const char *line)
{
    cr_assert(eq(int, rig_finish(&r, line), 0), "%s", r.fail.text);
    cr_assert(eq(int, tls_setup_init(&setup, &r.conf, 0, &r.fail), 0), "%s", r.fail.text);
    tls_setup_opts(&setup, ROLE_CLIENT, &client);
    tls_setup_opts(&setup, ROLE_SERVER, &server);
}

static void
tear_down(void)
{
    tls_setup_fini(&setup);
}

TestSuite(tls_setup, .fini = tear_down);

Test(tls_setup, both_versions_are_spoken_unless_one_is_asked_for)
{
    static const struct {
        const char *line;
        int min, max;
    } rows[] = {
        {"run tls://198.19.0.1:443", TLS_1_2, TLS_1_3},
        {"run tls://198.19.0.1:443 --tls-versions 1.2", TLS_1_2, TLS_1_2},
        {"run tls://198.19.0.1:443 --tls-versions 1.3", TLS_1_3, TLS_1_3},
    };

    for (unsigned i = 0; i < RIG_ROWS(rows); i++) {
        set_up(rows[i].line);
        cr_expect(eq(int, client.version_min, rows[i].min), "%s", rows[i].line);
        cr_expect(eq(int, client.version_max, rows[i].max), "%s", rows[i].line);
        cr_expect(eq(int, server.version_min, rows[i].min), "%s", rows[i].line);
        tls_setup_fini(&setup);
    }
    set_up(rows[0].line);
}

Test(tls_setup, what_was_not_given_is_left_to_openssl)
{
    set_up("run tls://198.19.0.1:443");
    cr_assert(eq(ptr, (void *)client.ciphers, NULL));
    cr_assert(eq(ptr, (void *)client.groups, NULL));
    cr_assert(eq(ptr, (void *)client.alpn, NULL));
    cr_assert(eq(ptr, (void *)client.keylog, NULL));
}

Test(tls_setup, an_address_has_no_name_but_a_certificate_must_be_for_it)
{
    set_up("run tls://198.19.0.1:443");
    cr_assert(eq(uint, client.n_targets, 1));
    cr_assert(eq(ptr, (void *)client.targets[0].sni, NULL));
    cr_assert(eq(str, (char *)client.targets[0].host, "198.19.0.1"));
    cr_assert(client.targets[0].host_is_address);
}

Test(tls_setup, names_that_were_given_take_turns)
{
    set_up("run tls://198.19.0.1:443 --sni a.example,b.example");
    cr_assert(eq(uint, client.n_names, 2));
    cr_assert(eq(str, (char *)client.names[0], "a.example"));
    cr_assert(eq(str, (char *)client.names[1], "b.example"));
}

Test(tls_setup, no_name_is_sent_where_none_is_wanted)
{
    set_up("run tls://198.19.0.1:443 --sni off");
    cr_assert(eq(uint, client.n_names, 0));
    cr_assert(eq(ptr, (void *)client.targets[0].sni, NULL));
}

Test(tls_setup, on_loopback_the_certificate_is_the_servers)
{
    set_up("run tls://198.19.0.1:443");
    cr_assert(ne(ptr, (void *)server.identity, NULL));
    cr_assert(eq(ptr, (void *)client.identity, NULL));
}

Test(tls_setup, on_loopback_the_client_verifies)
{
    set_up("run tls://198.19.0.1:443");
    r.conf.classes[0].tls.verify = true;
    tls_setup_opts(&setup, ROLE_CLIENT, &client);
    tls_setup_opts(&setup, ROLE_SERVER, &server);
    cr_assert(client.verifies);
    cr_assert(not(server.verifies));
}

Test(tls_setup, on_loopback_the_client_logs_the_keys)
{
    set_up("run tls://198.19.0.1:443 --keylog /dev/null");
    cr_assert(eq(str, (char *)client.keylog, "/dev/null"));
    cr_assert(eq(ptr, (void *)server.keylog, NULL));
}

Test(tls_setup, servers_can_resume_what_another_one_gave_a_ticket_for)
{
    struct tls_opts other;

    set_up("run tls://198.19.0.1:443");
    tls_setup_opts(&setup, ROLE_SERVER, &other);
    cr_assert(eq(int, memcmp(server.ticket_secret, other.ticket_secret, TLS_TICKET_SECRET), 0));
}

Test(tls_setup, what_openssl_does_not_take_is_found_before_a_packet_is_sent)
{
    cr_assert(eq(int, rig_finish(&r, "run tls://198.19.0.1:443 --groups nonsense"), 0), "%s",
              r.fail.text);
    cr_assert(eq(int, tls_setup_init(&setup, &r.conf, 0, &r.fail), -1));
    cr_assert(strstr(r.fail.text, "nonsense") != NULL, "%s", r.fail.text);
}

Test(tls_setup, a_class_has_its_own_targets)
{
    cr_assert(eq(int,
                 rig_finish(&r, "run tls://198.19.0.1:443 tls://198.19.0.2:443 "
                                "tls://198.19.0.3:443"),
                 0),
              "%s", r.fail.text);
    r.conf.classes[1] = r.conf.classes[0];
    r.conf.n_classes = 2;
    r.conf.targets[1].class_idx = r.conf.targets[2].class_idx = 1;
    cr_assert(eq(int, tls_setup_init(&setup, &r.conf, 1, &r.fail), 0), "%s", r.fail.text);
    tls_setup_opts(&setup, ROLE_CLIENT, &client);
    cr_assert(eq(uint, setup.first_target, 1));
    cr_assert(eq(uint, client.n_targets, 2));
    cr_assert(eq(str, (char *)client.targets[0].host, "198.19.0.2"));
}

/* Where OpenSSL's memory is counted at all (tls/mem.h). */
static bool
measures(const char *line, uint64_t bytes[static ROLE_COUNT])
{
    set_up(line);
    tls_setup_measure(&setup, &r.conf.classes[0]);
    memcpy(bytes, r.conf.classes[0].handshake_bytes, sizeof(r.conf.classes[0].handshake_bytes));
    tls_setup_fini(&setup);
    return bytes[ROLE_CLIENT] > 0;
}

/* Before main(): Criterion's own libraries use OpenSSL. */
static __attribute__((constructor)) void
install(void)
{
    (void)tls_mem_install();
}

Test(tls_setup, a_handshake_is_measured_on_both_sides_of_a_loopback)
{
    uint64_t bytes[ROLE_COUNT];

    if (measures("run tls://198.19.0.1:443 --verify yes", bytes)) {
        cr_assert(lt(u64, 20000, bytes[ROLE_CLIENT]));
        cr_assert(lt(u64, 20000, bytes[ROLE_SERVER]));
        cr_assert(lt(u64, bytes[ROLE_CLIENT], 1000000));
    }
    set_up("run tls://198.19.0.1:443");
}

Test(tls_setup, a_handshake_with_a_target_is_measured_whatever_ciphers_it_is_to_take)
{
    static const char *const more[] = {"",
                                       " --tls-versions 1.2 --ciphers ECDHE-RSA-AES128-GCM-SHA256",
                                       " --tls-versions 1.3 --groups P-384"};
    uint64_t bytes[ROLE_COUNT];
    char line[256];

    for (unsigned i = 0; i < RIG_ROWS(more); i++) {
        snprintf(line, sizeof(line), "run " RIG_LOCAL "tls://198.19.0.1:443%s", more[i]);
        if (measures(line, bytes))
            cr_assert(lt(u64, 20000, bytes[ROLE_CLIENT]), "%s", line);
    }
    set_up("run tls://198.19.0.1:443");
}
