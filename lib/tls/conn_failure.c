/* SPDX-License-Identifier: BSD-3-Clause */
#include "tls/conn_failure.h"

#include <stdio.h>

#include <openssl/err.h>
#include <openssl/x509v3.h>

#include "tls/alert.h"

/* OpenSSL's first words, and the check of a certificate that did not hold. Its queue is empty
 * afterwards. */
static void
keep_example(struct tls_conn *c, unsigned long error)
{
    char text[TLS_EXAMPLE_MAX];
    const char *data, *reason = ERR_reason_error_string(error);
    int flags = 0;

    if (c->ctx->tally.examples[c->cause][0] == '\0') {
        ERR_peek_error_all(NULL, NULL, NULL, &data, &flags);
        if (c->cause == TLS_CAUSE_UNTRUSTED)
            data = X509_verify_cert_error_string(SSL_get_verify_result(c->ssl));
        else if (error == 0 || (flags & ERR_TXT_STRING) == 0)
            data = "";
        if (error == 0)
            reason = "the other side closed";
        snprintf(text, sizeof(text), "%s%s%s", reason != NULL ? reason : "unknown error",
                 data[0] != '\0' ? ": " : "", data);
        tls_tally_example(&c->ctx->tally, (enum tls_cause)c->cause, text);
    }
    ERR_clear_error();
}

static void
count_alert(struct tls_conn *c, bool is_sent)
{
    struct tls_tally *y = &c->ctx->tally;
    uint8_t description = is_sent ? c->alert_out : c->alert_in;
    const char *known = tls_alert_name(description);
    char name[TLS_TALLY_NAME / 2], leg[TLS_TALLY_NAME];

    if (known != NULL)
        snprintf(name, sizeof(name), "%s", known);
    else
        snprintf(name, sizeof(name), "alert_%u", description);
    tls_rows_count(is_sent ? &y->alerts_sent : &y->alerts_received, name, 1);
    snprintf(leg, sizeof(leg), "%s, %s", is_sent ? "sent" : "received",
             c->is_done ? "after it" : tls_leg_names[tls_legs_now(&c->legs)]);
    tls_rows_count(&y->alert_legs, leg, 1);
}

/* In TLS 1.3 an alert is an error whatever level it claims (RFC 8446 6), so tls_on_info() may have
 * passed it over. @return its description; 0: it was none. */
static uint8_t
alert_of(unsigned long error)
{
    int reason = ERR_GET_LIB(error) == ERR_LIB_SSL ? ERR_GET_REASON(error) : 0;
    int description = reason - SSL_AD_REASON_OFFSET;

    return (uint8_t)(description > 0 && description <= UINT8_MAX ? description : 0);
}

static enum tls_cause
cause_of(const struct tls_conn *c, unsigned long error)
{
    if (SSL_get_verify_result(c->ssl) != X509_V_OK)
        return TLS_CAUSE_UNTRUSTED;
    if (c->alert_in != 0)
        return TLS_CAUSE_ALERT_RECEIVED;
    if (error == 0)
        return TLS_CAUSE_CLOSED;
    return c->alert_out != 0 ? TLS_CAUSE_ALERT_SENT : TLS_CAUSE_OTHER;
}

unsigned
tls_conn_fail(struct tls_conn *c)
{
    unsigned long error = ERR_peek_error();
    struct tls_tally *y = &c->ctx->tally;

    if (c->alert_in == 0)
        c->alert_in = alert_of(error);
    c->cause = (uint8_t)cause_of(c, error);
    if (c->cause == TLS_CAUSE_UNTRUSTED)
        error = ERR_peek_last_error(); /* the first may be of the signature's arithmetic */
    if (c->alert_in != 0)
        count_alert(c, false);
    if (c->alert_out != 0)
        count_alert(c, true);
    if (c->cause == TLS_CAUSE_UNTRUSTED)
        tls_rows_count(&y->untrusted, X509_verify_cert_error_string(SSL_get_verify_result(c->ssl)),
                       1);
    keep_example(c, error);
    return TLS_EV_FAILED;
}
