/* SPDX-License-Identifier: BSD-3-Clause */
/* See hints_tls.h. Alerts are named as in RFC 8446 6.2, reasons as OpenSSL words them; both stand
 * in the tally, which is of the side that totals are of. */
#include "report/hints_tls.h"

#include <string.h>

#include "base/units.h"

/* A core that left TLS work in one busy turn of so many was a limit; once in a while is none. */
static const uint64_t BEHIND_TURNS = 100;
/* Two connections at once are enough for that on a core that has time; this one had not. */
static const double BUSY_MIN = 0.75;

static bool
client_failed_by(const struct result *r, enum stat_failure cause)
{
    return report_result_totals_role(r) == ROLE_CLIENT && r->totals.failures[cause] > 0;
}

static bool
server_failed_by(const struct result *r, enum stat_failure cause)
{
    return report_result_totals_role(r) == ROLE_SERVER && r->totals.failures[cause] > 0;
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

static bool
is_about_names(const struct tls_rows *alerts)
{
    static const char *const names[] = {"unrecognized_name", "no_application_protocol", NULL};

    return has_any(alerts, names);
}

/* What OpenSSL says of bytes that are no TLS; only the first connection's words are kept. */
static bool
met_plain_text(const struct result *r)
{
    static const char *const words[] = {"wrong version number", "http request",
                                        "https proxy request"};

    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (strstr(r->tls.examples[TLS_CAUSE_OTHER], words[i]) != NULL ||
            strstr(r->tls.examples[TLS_CAUSE_ALERT_SENT], words[i]) != NULL)
            return true;
    return false;
}

static bool
wants_tls_port(const struct result *r)
{
    return (client_failed_by(r, FAILURE_tls) || client_failed_by(r, FAILURE_tls_alert_sent)) &&
           met_plain_text(r);
}

static bool
wants_tls_clients(const struct result *r)
{
    return (server_failed_by(r, FAILURE_tls) || server_failed_by(r, FAILURE_tls_alert_sent)) &&
           met_plain_text(r);
}

static bool
wants_common_ground(const struct result *r)
{
    return client_failed_by(r, FAILURE_tls_alert) && has_nothing_in_common(&r->tls.alerts_received);
}

static bool
wants_client_certificate(const struct result *r)
{
    return client_failed_by(r, FAILURE_tls_alert) && is_about_certificate(&r->tls.alerts_received);
}

static bool
wants_names(const struct result *r)
{
    return client_failed_by(r, FAILURE_tls_alert) && is_about_names(&r->tls.alerts_received);
}

static bool
wants_targets_log(const struct result *r)
{
    return client_failed_by(r, FAILURE_tls_alert) && !wants_common_ground(r) &&
           !wants_client_certificate(r) && !wants_names(r);
}

static bool
wants_clients_trust(const struct result *r)
{
    return server_failed_by(r, FAILURE_tls_alert) && is_about_certificate(&r->tls.alerts_received);
}

static bool
wants_clients_log(const struct result *r)
{
    return server_failed_by(r, FAILURE_tls_alert) && !wants_clients_trust(r);
}

static bool
wants_wider_choice(const struct result *r)
{
    return r->totals.failures[FAILURE_tls_alert_sent] > 0 && !met_plain_text(r) &&
           has_nothing_in_common(&r->tls.alerts_sent);
}

static bool
wants_sound_peer(const struct result *r)
{
    return r->totals.failures[FAILURE_tls_alert_sent] > 0 && !met_plain_text(r) &&
           !has_nothing_in_common(&r->tls.alerts_sent);
}

static bool
wants_trust(const struct result *r)
{
    return client_failed_by(r, FAILURE_tls_untrusted);
}

static bool
wants_trust_in_clients(const struct result *r)
{
    return server_failed_by(r, FAILURE_tls_untrusted);
}

static bool
wants_whole_handshake(const struct result *r)
{
    return client_failed_by(r, FAILURE_tls_closed);
}

static bool
wants_patient_clients(const struct result *r)
{
    return server_failed_by(r, FAILURE_tls_closed);
}

static bool
wants_any_answer(const struct result *r)
{
    return client_failed_by(r, FAILURE_tls_timeout) && r->totals.counters[CTR_tls_handshakes] == 0;
}

static bool
wants_fewer_handshakes(const struct result *r)
{
    return client_failed_by(r, FAILURE_tls_timeout) && r->totals.counters[CTR_tls_handshakes] > 0;
}

static bool
wants_talking_clients(const struct result *r)
{
    return server_failed_by(r, FAILURE_tls_timeout);
}

static bool
wants_openssl_words(const struct result *r)
{
    return r->totals.failures[FAILURE_tls] > 0 && !met_plain_text(r);
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

const struct hint hints_tls[] = {
    {wants_tls_port, "  The target answers in plain text: that port does not speak TLS. Is it the "
                     "one for HTTP? With\n"
                     "  tcp:// in the URL it is loaded as it is. What it says shows:\n"
                     "      openssl s_client -connect ADDRESS:PORT\n"},
    {wants_tls_clients,
     "  What came to this server was no TLS: its clients speak plain text, such as HTTP. Have\n"
     "  them use tls:// or https://, or serve without TLS.\n"},
    {wants_common_ground,
     "  The target found no version, cipher or group that both sides take. Compare tls.versions,\n"
     "  tls.ciphers (TLS 1.2), tls.ciphersuites (TLS 1.3), tls.groups and tls.sigalgs with what "
     "it\n"
     "  is set to. With TLS 1.2 handshake_failure may also say that it wants a certificate: "
     "tls.cert.\n"
     "  What it takes shows: openssl s_client -connect ADDRESS:PORT\n"},
    {wants_client_certificate,
     "  The target wants a client certificate, or another one: give one that was signed by a CA\n"
     "  that it trusts, and that is still valid, with tls.cert and tls.key.\n"},
    {wants_names, "  The target knows no such name or protocol: compare tls.sni and tls.alpn with "
                  "what it serves.\n"},
    {wants_targets_log,
     "  The target ended TLS with the alert above; its log may say why. One handshake by hand:\n"
     "      openssl s_client -connect ADDRESS:PORT\n"},
    {wants_clients_trust,
     "  Clients do not trust this server's certificate: give them the CA that signed it, or\n"
     "  serve one that they trust with tls.cert and tls.key.\n"},
    {wants_clients_log,
     "  Clients ended TLS with the alerts above; their own messages may say why. Compare\n"
     "  tls.versions, tls.ciphers, tls.ciphersuites and tls.groups with what they take.\n"},
    {wants_wider_choice,
     "  This side found no version, cipher or group in what the other side offers or chose that "
     "it\n"
     "  may take: look at tls.versions, tls.ciphers (TLS 1.2), tls.ciphersuites (TLS 1.3), "
     "tls.groups\n"
     "  and tls.sigalgs.\n"},
    {wants_sound_peer,
     "  This side refused what came as wrong TLS, with the alert above. Does the other side, or a\n"
     "  middlebox on the way, speak TLS as it should? For a target, compare with:\n"
     "      openssl s_client -connect ADDRESS:PORT\n"},
    {wants_trust, "  The target's certificate is not trusted, for the reasons above. Is tls.ca the "
                  "file of the CA that\n"
                  "  signed it? Is the name that tls.sni asks for in it? Is this machine's clock "
                  "right (date)? See:\n"
                  "      openssl s_client -connect ADDRESS:PORT -CAfile FILE\n"},
    {wants_trust_in_clients, "  Clients' certificates are not trusted, for the reasons above. Is "
                             "tls.ca the file of the CA\n"
                             "  that signed them? Is this machine's clock right (date)?\n"},
    {wants_whole_handshake,
     "  The target closed in the middle of the handshake and did not say why: is that port one of\n"
     "  TLS, or the plain one? If openssl s_client -connect ADDRESS:PORT succeeds, the target is\n"
     "  overloaded: try a lower --rate or --connections.\n"},
    {wants_patient_clients,
     "  Clients closed in the middle of the handshake: they gave up waiting (are the cores above\n"
     "  busy? use more --lcores), or did not like what they were answered.\n"},
    {wants_any_answer, "  Not one TLS handshake was completed in time: does that port speak TLS at "
                       "all? One by hand:\n"
                       "      openssl s_client -connect ADDRESS:PORT\n"},
    {wants_fewer_handshakes,
     "  Some TLS handshakes took longer than timeout.tls: there are more at once than can be\n"
     "  computed, by the target or, if they are busy above, by the cores here. Try a lower --rate "
     "or\n"
     "  --connections.\n"},
    {wants_talking_clients, "  Clients connected and did not complete a TLS handshake in time: do "
                            "they speak TLS (tls://,\n"
                            "  https://)? If they do, look at their cores and at those above.\n"},
    {wants_openssl_words,
     "  TLS failed for the reason that OpenSSL gives above. With a target, one handshake by hand:\n"
     "      openssl s_client -connect ADDRESS:PORT\n"},
    {wants_tls_cores,
     "  A core of this machine had more TLS to compute than it could: its limit was measured, not\n"
     "  the other side's. Use more --lcores, or a lower --rate.\n"},
    {NULL, NULL},
};
