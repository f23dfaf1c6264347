/* SPDX-License-Identifier: BSD-3-Clause */
/* The course of one connection: its bytes cut in all ways, its end, its failures. */
#include "talk.h"

#include "tls/mem.h"

static struct talk t;

TestSuite(conn, .init = talk_set_up, .fini = talk_tear_down, .timeout = 300);

static int installed;

/* Before main(): Criterion's own libraries use OpenSSL. */
static __attribute__((constructor)) void
install(void)
{
    installed = tls_mem_install();
}

/* -- cuts ------------------------------------------------------------------------------------- */

Test(conn, a_handshake_goes_through_a_byte_at_a_time_both_ways)
{
    const struct talk_cut one = {.in = 1, .out = 1};

    for (uint16_t version = TLS_1_2; version <= TLS_1_3; version++) {
        talk_client.version_max = version;
        talk_init(&t);
        talk_begin(&t);
        talk_run_cut(&t, &one, &one);
        talk_expects_done(&t);
        talk_end(&t);
        talk_fini(&t);
    }
}

/* A flight arrives as its first @n bytes and the rest: after both, the handshake is where it would
 * be without a cut. @return the length of the longest flight to the side that is cut. */
static uint32_t
run_with_flights_cut(bool cuts_client, uint32_t n)
{
    struct talk_end *ends[2] = {&t.client, &t.server};
    struct talk_cut first = {.in = n}, all = {0};
    uint32_t longest = 0;

    talk_begin(&t);
    for (int turn = 0; turn < 8; turn++) {
        for (int i = 0; i < 2; i++) {
            bool is_cut = i == !cuts_client;

            longest = is_cut && ends[i]->queued > longest ? ends[i]->queued : longest;
            if (is_cut && n > 0)
                talk_step(ends[i], ends[!i], &first);
            talk_step(ends[i], ends[!i], &all);
        }
    }
    talk_expects_done(&t);
    talk_end(&t);
    return longest;
}

Test(conn, a_handshake_goes_through_whatever_byte_its_flights_are_cut_at)
{
    for (uint16_t version = TLS_1_2; version <= TLS_1_3; version++) {
        talk_client.version_max = version;
        talk_init(&t);
        for (int cuts_client = 0; cuts_client < 2; cuts_client++) {
            uint32_t longest = run_with_flights_cut(cuts_client, 0);

            cr_assert(lt(uint, 100, longest));
            for (uint32_t n = 1; n < longest; n++)
                run_with_flights_cut(cuts_client, n);
        }
        talk_fini(&t);
    }
}

Test(conn, a_handshake_goes_through_wherever_the_rings_end_is)
{
    talk_init(&t);
    for (uint32_t n = 1; n < 1200; n += 7) {
        const struct talk_cut cut = {.in_first = n, .out_first = n, .out = 4096};

        talk_begin(&t);
        talk_run_cut(&t, &cut, &cut);
        talk_expects_done(&t);
        talk_end(&t);
    }
    talk_fini(&t);
}

Test(conn, without_room_nothing_is_lost)
{
    talk_init(&t);
    for (uint32_t room = 1; room < 1200; room += 37) {
        const struct talk_cut little = {.out = room};

        talk_begin(&t);
        talk_run_cut(&t, &little, &little);
        talk_expects_done(&t);
        if (room < 100) /* less than any flight */
            cr_assert(ne(uint, t.client.events & t.server.events & TLS_EV_NO_ROOM, 0));
        talk_end(&t);
    }
    talk_fini(&t);
}

/* -- application data ------------------------------------------------------------------------- */

static void
write_plain(struct talk_end *e, struct talk_end *other, uint32_t n)
{
    static uint8_t text[TLS_RECORD_MAX], room[2 * TLS_RECORD_MAX];
    struct tls_wire w = {.out = {room, room}, .out_room = {sizeof(room), 0}};

    e->conn.wire = &w;
    cr_assert(eq(int, SSL_write(e->conn.ssl, text, (int)n), (int)n));
    e->conn.wire = NULL;
    talk_hand_over(other, room, w.written);
}

Test(conn, application_data_is_counted_and_many_records_take_several_steps)
{
    unsigned steps = 0;

    for (uint16_t version = TLS_1_2; version <= TLS_1_3; version++, steps = 0) {
        talk_client.version_max = version;
        talk_init(&t);
        talk_begin(&t);
        talk_run(&t);
        for (int i = 0; i < 10; i++)
            write_plain(&t.server, &t.client, 1000);
        while ((talk_step(&t.client, &t.server, &(struct talk_cut){0}) & TLS_EV_MORE) != 0)
            steps++;
        cr_assert(eq(u64, t.client.plain, 10000));
        cr_assert(ge(uint, steps, 2));
        cr_assert(zero(uint, t.client.queued));
        cr_assert(zero(uint, talk_step(&t.client, &t.server, &(struct talk_cut){0})));
        talk_end(&t);
        talk_fini(&t);
    }
}

Test(conn, records_as_long_as_can_be_are_taken_in_pieces)
{
    const struct talk_cut pieces = {.in = 1460};

    talk_init(&t);
    talk_begin(&t);
    talk_run(&t);
    for (int i = 0; i < 4; i++)
        write_plain(&t.client, &t.server, TLS_RECORD_MAX);
    talk_run_cut(&t, &pieces, &pieces);
    cr_assert(eq(u64, t.server.plain, 4 * TLS_RECORD_MAX));
    talk_end(&t);
    talk_fini(&t);
}

/* OpenSSL would take the beginning, and be called again for each segment of the rest. */
Test(conn, a_record_is_read_when_it_is_all_there_or_longer_than_what_can_be_kept)
{
    talk_init(&t);
    talk_begin(&t);
    talk_run(&t);
    write_plain(&t.client, &t.server, 3000);
    for (uint32_t n = 0; n <= t.server.queued; n++) {
        uint32_t first = n / 2;
        struct tls_wire w = {.in = {t.server.queue, t.server.queue + first},
                             .in_len = {first, n - first}};

        cr_assert(eq(int, tls_has_input(&t.server.conn, &w, t.server.queued), n == t.server.queued),
                  "%u bytes of %u", n, t.server.queued);
        cr_assert(eq(int, tls_has_input(&t.server.conn, &w, t.server.queued - 1), n >= 5));
        w.in_ends = true;
        cr_assert(tls_has_input(&t.server.conn, &w, t.server.queued));
    }
    talk_end(&t);
    talk_fini(&t);
}

/* Or a peer that stops in the middle of a record would keep the core at work for nothing. */
Test(conn, the_beginning_of_a_record_is_read_once_and_then_the_rest_is_waited_for)
{
    talk_init(&t);
    talk_begin(&t);
    talk_run(&t);
    write_plain(&t.client, &t.server, 1000);
    for (uint32_t n = 1; n < 1000; n += 333) {
        const struct talk_cut piece = {.in = n};

        cr_assert(zero(uint, talk_step(&t.server, &t.client, &piece)));
        cr_assert(zero(u64, t.server.plain));
    }
    cr_assert(zero(uint, talk_step(&t.server, &t.client, &(struct talk_cut){0})));
    cr_assert(eq(u64, t.server.plain, 1000));
    talk_end(&t);
    talk_fini(&t);
}

Test(conn, a_record_that_is_spoilt_ends_the_connection_with_an_alert)
{
    talk_init(&t);
    talk_begin(&t);
    talk_run(&t);
    write_plain(&t.client, &t.server, 100);
    t.server.queue[50] ^= 1;
    talk_run(&t);
    cr_assert(ne(uint, t.server.events & TLS_EV_FAILED, 0));
    cr_assert(eq(int, t.server.conn.cause, TLS_CAUSE_ALERT_SENT));
    cr_assert(eq(int, t.client.conn.cause, TLS_CAUSE_ALERT_RECEIVED));
    cr_assert(eq(u64, talk_count(&t.server.ctx.tally.alerts_sent, "bad_record_mac"), 1));
    cr_assert(eq(u64, talk_count(&t.client.ctx.tally.alerts_received, "bad_record_mac"), 1));
    talk_end(&t);
    talk_fini(&t);
}

/* A peer may ask for new keys at any time; the answer is due before the next that is written (RFC
 * 8446 4.6.3). */
Test(conn, new_keys_are_taken_and_given)
{
    static uint8_t room[512];
    struct tls_wire w = {.out = {room, room}, .out_room = {sizeof(room), 0}};

    talk_init(&t);
    talk_begin(&t);
    talk_run(&t);
    for (int i = 0; i < 3; i++) {
        cr_assert(eq(int, SSL_key_update(t.server.conn.ssl, SSL_KEY_UPDATE_REQUESTED), 1));
        w.written = 0;
        t.server.conn.wire = &w;
        cr_assert(eq(int, SSL_do_handshake(t.server.conn.ssl), 1));
        t.server.conn.wire = NULL;
        talk_hand_over(&t.client, room, w.written);
        cr_assert(zero(uint, talk_step(&t.client, &t.server, &(struct talk_cut){.out = 1})));
        write_plain(&t.client, &t.server, 100);
        write_plain(&t.server, &t.client, 100);
        talk_run(&t);
    }
    cr_assert(eq(u64, t.server.plain, 300));
    cr_assert(eq(u64, t.client.plain, 300));
    talk_end(&t);
    talk_fini(&t);
}

/* -- the end ---------------------------------------------------------------------------------- */

Test(conn, a_goodbye_is_told_from_an_end_without_one)
{
    for (int says = 0; says < 2; says++) {
        talk_client.says_goodbye = says;
        talk_init(&t);
        talk_whole(&t);
        cr_assert(eq(uint, t.server.events & (TLS_EV_GOODBYE | TLS_EV_ENDED),
                     says ? TLS_EV_GOODBYE : TLS_EV_ENDED));
        talk_fini(&t);
    }
}

Test(conn, before_the_handshake_is_done_nobody_says_goodbye)
{
    uint8_t room[256];
    struct tls_wire w = {.out = {room, room}, .out_room = {sizeof(room), 0}};

    talk_init(&t);
    talk_begin(&t);
    talk_step(&t.client, &t.server, &(struct talk_cut){0});
    tls_say_goodbye(&t.client.conn, &w);
    cr_assert(zero(uint, w.written));
    talk_end(&t);
    talk_fini(&t);
}

Test(conn, who_closes_in_mid_handshake_is_told_apart)
{
    talk_init(&t);
    talk_begin(&t);
    talk_step(&t.client, &t.server, &(struct talk_cut){0});
    t.server.queued /= 2;
    t.server.is_closed = t.client.is_closed = true;
    talk_run(&t);
    for (int i = 0; i < 2; i++) {
        struct talk_end *e = i == 0 ? &t.client : &t.server;

        cr_assert(eq(uint, e->events, TLS_EV_FAILED));
        cr_assert(eq(int, e->conn.cause, TLS_CAUSE_CLOSED));
        cr_assert(eq(str, e->ctx.tally.examples[TLS_CAUSE_CLOSED], "the other side closed"));
    }
    talk_end(&t);
    talk_fini(&t);
}

Test(conn, a_close_notify_in_mid_handshake_is_a_close)
{
    static const uint8_t NOTIFY[] = {21, 3, 3, 0, 2, 1, 0};

    talk_init(&t);
    talk_begin(&t);
    talk_hand_over(&t.client, NOTIFY, sizeof(NOTIFY));
    talk_step(&t.client, &t.server, &(struct talk_cut){0});
    cr_assert(eq(uint, t.client.events, TLS_EV_FAILED));
    cr_assert(eq(int, t.client.conn.cause, TLS_CAUSE_CLOSED));
    talk_end(&t);
    talk_fini(&t);
}

/* -- alerts ----------------------------------------------------------------------------------- */

static void
expect_alert(const uint8_t *record, uint32_t n, const char *name)
{
    talk_init(&t);
    talk_begin(&t);
    talk_hand_over(&t.client, record, n);
    talk_step(&t.client, &t.server, &(struct talk_cut){0});
    cr_assert(eq(uint, t.client.events, TLS_EV_FAILED));
    cr_assert(eq(int, t.client.conn.cause, TLS_CAUSE_ALERT_RECEIVED));
    cr_assert(eq(u64, talk_count(&t.client.ctx.tally.alerts_received, name), 1));
    talk_end(&t);
    talk_fini(&t);
}

Test(conn, a_fatal_alert_is_counted_by_its_name)
{
    expect_alert((const uint8_t[]){21, 3, 3, 0, 2, 2, 112}, 7, "unrecognized_name");
}

Test(conn, an_alert_that_no_standard_names_is_counted_by_its_number)
{
    expect_alert((const uint8_t[]){21, 3, 3, 0, 2, 2, 213}, 7, "alert_213");
}

/* RFC 8446 6: in TLS 1.3 they are errors whatever they call themselves. A client may send them in
 * the clear until it has the server's keys. */
Test(conn, an_alert_of_tls_1_3_that_calls_itself_a_warning_is_one_all_the_same)
{
    static const uint8_t WARNING[] = {21, 3, 3, 0, 2, 1, 48};

    talk_init(&t);
    talk_begin(&t);
    talk_step(&t.client, &t.server, &(struct talk_cut){0});
    talk_step(&t.server, &t.client, &(struct talk_cut){0});
    talk_hand_over(&t.server, WARNING, sizeof(WARNING));
    for (int i = 0; i < 4 && t.server.events == 0; i++) /* it may have to wait for a batch */
        talk_step(&t.server, &t.client, &(struct talk_cut){0});
    cr_assert(eq(uint, t.server.events, TLS_EV_FAILED));
    cr_assert(eq(int, t.server.conn.cause, TLS_CAUSE_ALERT_RECEIVED));
    cr_assert(eq(u64, talk_count(&t.server.ctx.tally.alerts_received, "unknown_ca"), 1));
    talk_end(&t);
    talk_fini(&t);
}

/* RFC 5246 7.2.2: in TLS 1.2 a warning changes nothing. */
Test(conn, a_warning_of_tls_1_2_changes_nothing)
{
    static const uint8_t WARNING[] = {21, 3, 3, 0, 2, 1, 112};

    talk_client.version_max = TLS_1_2;
    talk_init(&t);
    talk_begin(&t);
    talk_hand_over(&t.client, WARNING, sizeof(WARNING));
    talk_run(&t);
    talk_expects_done(&t);
    cr_assert(zero(uint, t.client.ctx.tally.alerts_received.n));
    talk_end(&t);
    talk_fini(&t);
}

Test(conn, what_is_not_tls_fails_for_a_reason)
{
    static const char *const ROWS[] = {"HTTP/1.1 400 Bad Request\r\n\r\n",
                                       "SSH-2.0-OpenSSH_9.2\r\n", "220 mail.example ESMTP\r\n",
                                       "\x80\x80\x01\x03\x01\xff\xff", "\x16\x03\x09\x00\x05hello"};

    for (size_t i = 0; i < ARRAY_LEN(ROWS); i++) {
        talk_init(&t);
        talk_begin(&t);
        talk_hand_over(&t.client, (const uint8_t *)ROWS[i], (uint32_t)strlen(ROWS[i]));
        talk_hand_over(&t.server, (const uint8_t *)ROWS[i], (uint32_t)strlen(ROWS[i]));
        t.client.is_closed = t.server.is_closed = true;
        talk_run(&t);
        cr_assert(eq(uint, t.client.events & TLS_EV_FAILED, TLS_EV_FAILED));
        cr_assert(eq(uint, t.server.events & TLS_EV_FAILED, TLS_EV_FAILED));
        cr_assert(ne(chr, t.client.ctx.tally.examples[t.client.conn.cause][0], '\0'));
        talk_end(&t);
        talk_fini(&t);
    }
}

/* -- memory ----------------------------------------------------------------------------------- */

static bool
is_sanitized(void)
{
    void *block = OPENSSL_malloc(1000);
    bool is_counted = tls_mem_in_use() > 0;

    OPENSSL_free(block);
    return !is_counted;
}

static void
expect_level_memory(uint32_t resume_ppm)
{
    uint64_t after_some;

    cr_assert(zero(int, installed));
    talk_client.resume_ppm = resume_ppm;
    talk_init(&t);
    for (int i = 0; i < 200; i++)
        talk_whole(&t);
    after_some = tls_mem_in_use();
    for (int i = 0; i < 1000; i++)
        talk_whole(&t);
    talk_expects_done(&t);
    if (is_sanitized()) /* which keeps malloc(), and finds leaks itself */
        goto out;
    cr_assert(lt(u64, 0, after_some));
    cr_assert(le(u64, tls_mem_in_use(), after_some + 1024));
    cr_assert(lt(u64, 1000, t.client.ctx.tally.handshake_bytes));
    cr_assert(lt(u64, 1000, t.client.ctx.tally.idle_bytes));
    cr_assert(ge(u64, t.client.ctx.tally.handshake_bytes, t.client.ctx.tally.idle_bytes));
    cr_assert(lt(u64, t.client.ctx.tally.handshake_bytes, 1000000));
    cr_assert(lt(u64, 1000, t.server.ctx.tally.handshake_bytes));
    cr_assert(lt(u64, 1000, t.server.ctx.tally.idle_bytes));
out:
    talk_fini(&t);
}

Test(conn, a_thousand_handshakes_leave_no_memory_behind)
{
    expect_level_memory(TLS_RESUME_NEVER);
}

Test(conn, a_thousand_resumptions_leave_no_memory_behind)
{
    expect_level_memory(TLS_RESUME_ALWAYS);
}

Test(conn, connections_that_fail_leave_no_memory_behind)
{
    uint64_t after_some = 0;

    talk_server.version_min = TLS_1_3;
    talk_client.version_max = TLS_1_2;
    talk_init(&t);
    for (int i = 0; i < 300; i++) {
        talk_whole(&t);
        cr_assert(ne(uint, t.client.events & t.server.events & TLS_EV_FAILED, 0));
        if (i == 50)
            after_some = tls_mem_in_use();
    }
    cr_assert(le(u64, tls_mem_in_use(), after_some + 1024));
    talk_fini(&t);
}
