/* SPDX-License-Identifier: BSD-3-Clause */
/* See hints_tls.h. Alerts are named as in RFC 8446 6.2, reasons as OpenSSL words them; both stand
 * in the tally, which is of the side that totals are of. */
#include "report/hints_tls.h"

#include <string.h>

#include "base/units.h"
#include "report/own_lists.h"

/* A core that left TLS work in one busy turn of so many was a limit; once in a while is none. */
static const uint64_t BEHIND_TURNS = 100;
/* Two connections at once are enough for that on a core that has time; this one had not. */
static const double BUSY_MIN = 0.75;

static bool
has_failed_by(const struct result *r, enum stat_failure cause)
{
    return r->totals.failures[cause] > 0;
}

/* Whether one of the names, which NULL ends, came. */
static bool
has_any(const struct tls_rows *rows, const char *const *names)
{
    for (; *names != NULL; names++)
        for (unsigned i = 0; i < rows->n; i++)
            if (strcmp(rows->rows[i].name, *names) == 0)
                return true;
    return false;
}

/* No version, cipher, group or signature in common. */
static bool
has_nothing_in_common(const struct tls_rows *alerts)
{
    static const char *const names[] = {"handshake_failure", "protocol_version",
                                        "insufficient_security", NULL};

    return has_any(alerts, names);
}

static bool
is_about_certificate(const struct tls_rows *alerts)
{
    static const char *const names[] = {
        "bad_certificate",     "unsupported_certificate", "certificate_revoked",
        "certificate_expired", "certificate_unknown",     "unknown_ca",
        "access_denied",       "certificate_required",    NULL};

    return has_any(alerts, names);
}

/* OpenSSL's words; only those about the first connection of each cause are kept. */
static bool
openssl_says(const struct result *r, enum tls_cause cause, const char *words)
{
    return strstr(r->tls.examples[cause], words) != NULL;
}

static bool
openssl_refused(const struct result *r, const char *words)
{
    return openssl_says(r, TLS_CAUSE_ALERT_SENT, words) || openssl_says(r, TLS_CAUSE_OTHER, words);
}

/* What OpenSSL says of bytes that are no TLS. */
static bool
met_plain_text(const struct result *r)
{
    static const char *const words[] = {"wrong version number", "http request",
                                        "https proxy request"};

    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (openssl_refused(r, words[i]))
            return true;
    return false;
}

static bool
wants_plain_text_explained(const struct result *r)
{
    return (has_failed_by(r, FAILURE_tls) || has_failed_by(r, FAILURE_tls_alert_sent)) &&
           met_plain_text(r);
}

/* In TLS 1.2 the server's key has to lie on one of the groups, too (RFC 8422 5.1). Servers that
 * have no other go on all the same; OpenSSL as a client then refuses. */
static bool
met_another_curve(const struct result *r)
{
    return openssl_refused(r, "wrong curve");
}

static bool
wants_groups_of_certificate(const struct result *r)
{
    return met_another_curve(r) && own_list_is_set(r, OWN_GROUPS);
}

static bool
wants_curve_of_certificate(const struct result *r)
{
    return met_another_curve(r) && !own_list_is_set(r, OWN_GROUPS);
}

static bool
wants_other_sigalgs(const struct result *r)
{
    return openssl_refused(r, "wrong signature type");
}

/* A server that answers with a protocol it was not offered. */
static bool
wants_alpn_it_selects(const struct result *r)
{
    return openssl_refused(r, "bad extension") && own_list_is_set(r, OWN_ALPN);
}

static bool
wants_alpn_it_knows(const struct result *r)
{
    static const char *const names[] = {"no_application_protocol", NULL};

    return has_failed_by(r, FAILURE_tls_alert) && has_any(&r->tls.alerts_received, names);
}

static bool
wants_name_it_knows(const struct result *r)
{
    static const char *const names[] = {"unrecognized_name", NULL};

    return has_failed_by(r, FAILURE_tls_alert) && has_any(&r->tls.alerts_received, names);
}

static bool
wants_cipher_offered(const struct result *r)
{
    return openssl_refused(r, "wrong cipher returned");
}

/* Whether OpenSSL's words name one option. */
static bool
is_about_one_list(const struct result *r)
{
    return met_another_curve(r) || wants_other_sigalgs(r) || wants_alpn_it_selects(r) ||
           wants_cipher_offered(r);
}

static bool
target_has_nothing_in_common(const struct result *r)
{
    return has_failed_by(r, FAILURE_tls_alert) && has_nothing_in_common(&r->tls.alerts_received);
}

static bool
wants_lists_of_target(const struct result *r)
{
    return target_has_nothing_in_common(r) && own_lists_are_set(r);
}

static bool
wants_common_ground(const struct result *r)
{
    return target_has_nothing_in_common(r) && !own_lists_are_set(r);
}

static bool
wants_client_certificate(const struct result *r)
{
    return has_failed_by(r, FAILURE_tls_alert) && is_about_certificate(&r->tls.alerts_received);
}

static bool
wants_targets_log(const struct result *r)
{
    return has_failed_by(r, FAILURE_tls_alert) && !target_has_nothing_in_common(r) &&
           !wants_client_certificate(r) && !wants_alpn_it_knows(r) && !wants_name_it_knows(r);
}

static bool
wants_clients_log(const struct result *r)
{
    return has_failed_by(r, FAILURE_tls_alert) && !wants_client_certificate(r);
}

static bool
has_refused(const struct result *r)
{
    return has_failed_by(r, FAILURE_tls_alert_sent) && !met_plain_text(r) && !is_about_one_list(r);
}

static bool
wants_wider_choice(const struct result *r)
{
    return has_refused(r) && has_nothing_in_common(&r->tls.alerts_sent);
}

static bool
wants_own_lists_wider(const struct result *r)
{
    return wants_wider_choice(r) && own_lists_are_set(r);
}

static bool
wants_default_lists_wider(const struct result *r)
{
    return wants_wider_choice(r) && !own_lists_are_set(r);
}

static bool
wants_sound_peer(const struct result *r)
{
    return has_refused(r) && !has_nothing_in_common(&r->tls.alerts_sent);
}

static bool
wants_no_lists_first(const struct result *r)
{
    return wants_sound_peer(r) && own_lists_are_set(r);
}

static bool
wants_peer_compared(const struct result *r)
{
    return wants_sound_peer(r) && !own_lists_are_set(r);
}

static bool
wants_trust(const struct result *r)
{
    return has_failed_by(r, FAILURE_tls_untrusted);
}

static bool
wants_whole_handshake(const struct result *r)
{
    return has_failed_by(r, FAILURE_tls_closed);
}

static bool
wants_any_answer(const struct result *r)
{
    return has_failed_by(r, FAILURE_tls_timeout) && r->totals.counters[CTR_tls_handshakes] == 0;
}

static bool
wants_fewer_handshakes(const struct result *r)
{
    return has_failed_by(r, FAILURE_tls_timeout) && r->totals.counters[CTR_tls_handshakes] > 0;
}

static bool
wants_talking_clients(const struct result *r)
{
    return has_failed_by(r, FAILURE_tls_timeout);
}

static bool
wants_openssl_words(const struct result *r)
{
    return has_failed_by(r, FAILURE_tls) && !met_plain_text(r) && !is_about_one_list(r);
}

static bool
wants_tls_cores(const struct result *r)
{
    for (unsigned i = 0; i < r->n_cores; i++) {
        const struct stat_block *b = &r->cores[i].total;

        if (b->counters[CTR_tls_backlog] > b->counters[CTR_busy_polls] / BEHIND_TURNS &&
            report_busy(b) > BUSY_MIN)
            return true;
    }
    return false;
}

/* One handshake in so many may come to something else without a word. */
static const uint64_t ONE_IN = 10;

static bool
gave_no_session(const struct result *r)
{
    return r->totals.counters[CTR_tls_resume_offered] == 0;
}

static bool
lacked_sessions(const struct result *r)
{
    const uint64_t *c = r->totals.counters;

    return c[CTR_tls_handshakes] > 0 &&
           c[CTR_tls_resume_due] - c[CTR_tls_resume_offered] > c[CTR_tls_resume_due] / ONE_IN;
}

static bool
wants_tickets(const struct result *r)
{
    return lacked_sessions(r) && gave_no_session(r) && r->totals.counters[CTR_tls_resume_due] > 1;
}

static bool
wants_sessions_sooner(const struct result *r)
{
    return lacked_sessions(r) && !gave_no_session(r);
}

static bool
wants_sessions_accepted(const struct result *r)
{
    const uint64_t *c = r->totals.counters;
    uint64_t offered = c[CTR_tls_resume_offered];

    return c[CTR_tls_handshakes] > 0 && offered > c[CTR_tls_resumed] &&
           offered - c[CTR_tls_resumed] > offered / ONE_IN;
}

/* Once in ten handshakes. */
static bool
wants_other_share(const struct result *r)
{
    const uint64_t *c = r->totals.counters;

    return c[CTR_tls_hello_retries] > c[CTR_tls_handshakes] / ONE_IN;
}

const struct hint hints_tls[] = {
    {"own_key_share", HINT_RUN, wants_other_share,
     "The target asked for another key share than came (HelloRetryRequest, tls_hello_retries): "
     "each "
     "of these handshakes took a round trip and a second ClientHello more. A share goes out for "
     "the "
     "first of --groups: put the one first that was agreed on, or with OpenSSL 3.5 mark all that "
     "are to have one, '*P-256:*X25519MLKEM768'.",
     NULL},
    {"no_tickets", HINT_RUN, wants_tickets,
     "--resume had nothing to resume: the target gave no session, neither a ticket nor, in TLS "
     "1.2, a session id. Does it have tickets or a session cache switched on? See whether one "
     "comes:",
     "{s_client}"},
    {"own_resume_early", HINT_RUN, wants_sessions_sooner,
     "Many connections that were to resume a session (tls_resume_due) had none to offer yet "
     "(tls_resume_offered): they began before the target's first one had come, or more at once "
     "than it gives. That is not the target's refusal. Fewer --connections, or a longer run, make "
     "their share smaller.",
     NULL},
    {"sessions_refused", HINT_RUN, wants_sessions_accepted,
     "The target refused sessions that were offered to it (tls_resume_offered, tls_resumed). Has "
     "it several processes or machines without a common ticket key, a small session cache, or "
     "short ticket lifetimes?",
     NULL},
    {"own_scheme", HINT_RUN, wants_plain_text_explained,
     "The target answers in plain text: that port does not speak TLS. Is it the one for HTTP? With "
     "tcp:// in the URL it is loaded as it is. What it says shows:",
     "{s_client}"},
    {"plain_clients", HINT_SERVE, wants_plain_text_explained,
     "What came to this server was no TLS: its clients speak plain text, such as HTTP. Have them "
     "use tls:// or https://, or serve without TLS.",
     NULL},
    {"own_groups", HINT_RUN, wants_groups_of_certificate,
     "--groups is the reason: in TLS 1.2 it also says on which curves a server's key may lie (RFC "
     "8422 5.1), and the target's is on another one. Add the curve of its certificate, or leave "
     "--groups out. This run had {lists}. The same by hand, which fails too:",
     "{s_client}"},
    {"certificate_curve", HINT_RUN, wants_curve_of_certificate,
     "The target's certificate is on a curve that OpenSSL does not offer unless it is told to: "
     "give that curve with --groups. The same by hand:",
     "{s_client}"},
    {"own_sigalgs", HINT_RUN, wants_other_sigalgs,
     "The target signed with an algorithm that this side does not take: look at --sigalgs first. "
     "This run had {lists}. The same by hand:",
     "{s_client}"},
    {"own_sigalgs", HINT_SERVE, wants_other_sigalgs,
     "Clients signed with an algorithm that this side does not take: look at --sigalgs.", NULL},
    {"own_alpn", HINT_RUN, wants_alpn_it_selects,
     "--alpn is the reason: the target answers with a protocol that was not offered, and this side "
     "refuses that (RFC 7301 3.2). Offer the one it speaks, or leave --alpn out. This run had "
     "{lists}. What it answers shows:",
     "{s_client}"},
    {"own_alpn", HINT_RUN, wants_alpn_it_knows,
     "The target speaks none of the protocols in --alpn: compare them with what it serves, or "
     "leave --alpn out. This run had {lists}. The same by hand:",
     "{s_client}"},
    {"own_sni", HINT_RUN, wants_name_it_knows,
     "The target knows no such name: compare --sni, or the name in the URL, with what it serves.",
     "{s_client}"},
    {"own_ciphers", HINT_RUN, wants_cipher_offered,
     "The target chose a cipher that was not offered: look at --ciphers (TLS 1.2) and "
     "--ciphersuites (TLS 1.3) first. This run had {lists}. The same by hand:",
     "{s_client}"},
    {"own_lists", HINT_RUN, wants_lists_of_target,
     "The target takes nothing of what this run offers, which is not OpenSSL's own choice: "
     "{lists}. Leave these out, or compare them with what the target is set to. In TLS 1.2 "
     "--groups also says on which curves its key may lie. The same by hand:",
     "{s_client}"},
    {"nothing_in_common", HINT_RUN, wants_common_ground,
     "The target found no version, cipher or group that both sides take. Compare --tls-versions, "
     "--ciphers (TLS 1.2), --ciphersuites (TLS 1.3), --groups and --sigalgs with what it is set "
     "to. With TLS 1.2 handshake_failure may also say that it wants a certificate: --cert. What it "
     "takes shows:",
     "{s_client}"},
    {"own_certificate", HINT_RUN, wants_client_certificate,
     "The target wants a client certificate, or another one: give one that was signed by a CA that "
     "it trusts, and that is still valid, with --cert and --key.",
     NULL},
    {"targets_alert", HINT_RUN, wants_targets_log,
     "The target ended TLS with the alert above; its log may say why. One handshake by hand:",
     "{s_client}"},
    {"clients_trust", HINT_SERVE, wants_client_certificate,
     "Clients do not trust this server's certificate: give them the CA that signed it, or serve "
     "one that they trust with --cert and --key.",
     NULL},
    {"clients_alert", HINT_SERVE, wants_clients_log,
     "Clients ended TLS with the alerts above; their own messages may say why. Compare "
     "--tls-versions, --ciphers, --ciphersuites and --groups with what they take.",
     NULL},
    {"own_lists", HINT_BOTH, wants_own_lists_wider,
     "This side found nothing in what the {peer} offers or chose that it may take, which is not "
     "OpenSSL's own choice: {lists}. Leave these out, or add what the {peer} takes.",
     NULL},
    {"nothing_in_common", HINT_BOTH, wants_default_lists_wider,
     "This side found no version, cipher or group in what the {peer} offers or chose that it may "
     "take: look at --tls-versions, --ciphers (TLS 1.2), --ciphersuites (TLS 1.3), --groups and "
     "--sigalgs.",
     NULL},
    {"own_lists", HINT_RUN, wants_no_lists_first,
     "This side refused what came, with the alert above. Try without the lists of its own first: "
     "{lists}. Only if that fails too, the target, or a middlebox on the way, does not speak TLS "
     "as it should. The same by hand:",
     "{s_client}"},
    {"wrong_tls", HINT_RUN, wants_peer_compared,
     "This side refused what came as wrong TLS, with the alert above. Does the target, or a "
     "middlebox on the way, speak TLS as it should? Compare with:",
     "{s_client}"},
    {"wrong_tls", HINT_SERVE, wants_sound_peer,
     "This side refused what came as wrong TLS, with the alert above. Does the client, or a "
     "middlebox on the way, speak TLS as it should?",
     NULL},
    {"own_trust", HINT_RUN, wants_trust,
     "The target's certificate is not trusted, for the reasons above. Is --ca the file of the CA "
     "that signed it? Is the name that --sni asks for in it? Is this machine's clock right (date)? "
     "See, with -CAfile and that file added:",
     "{s_client}"},
    {"own_trust", HINT_SERVE, wants_trust,
     "Clients' certificates are not trusted, for the reasons above. Is --ca the file of the CA "
     "that signed them? Is this machine's clock right (date)?",
     NULL},
    {"closed_in_handshake", HINT_RUN, wants_whole_handshake,
     "The target closed in the middle of the handshake and did not say why: is that port one of "
     "TLS, or the plain one? If the command below succeeds, the target is overloaded: try a lower "
     "--rate or --connections.",
     "{s_client}"},
    {"closed_in_handshake", HINT_SERVE, wants_whole_handshake,
     "Clients closed in the middle of the handshake: they gave up waiting (are the cores above "
     "busy? use more --lcores), or did not like what they were answered.",
     NULL},
    {"no_tls_answer", HINT_RUN, wants_any_answer,
     "Not one TLS handshake was completed in time: does that port speak TLS at all? One by hand:",
     "{s_client}"},
    {"slow_handshakes", HINT_RUN, wants_fewer_handshakes,
     "Some TLS handshakes took longer than --tls-timeout: there are more at once than can be "
     "computed, by the target or, if they are busy above, by the cores here. Try a lower --rate or "
     "--connections.",
     NULL},
    {"slow_handshakes", HINT_SERVE, wants_talking_clients,
     "Clients connected and did not complete a TLS handshake in time: do they speak TLS (tls://, "
     "https://)? If they do, look at their cores and at those above.",
     NULL},
    {"openssl", HINT_RUN, wants_openssl_words,
     "TLS failed for the reason that OpenSSL gives above. One handshake by hand:", "{s_client}"},
    {"openssl", HINT_SERVE, wants_openssl_words,
     "TLS failed for the reason that OpenSSL gives above.", NULL},
    {"own_cores_tls", HINT_RUN, wants_tls_cores,
     "A core of this machine had more TLS to compute than it could: its limit was measured, not "
     "the target's. Use more --lcores, or a lower --rate.",
     NULL},
    {"own_cores_tls", HINT_SERVE, wants_tls_cores,
     "A core of this machine had more TLS to compute than it could: its limit was measured, not "
     "the clients'. Use more --lcores.",
     NULL},
    {0},
};
