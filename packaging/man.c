/* SPDX-License-Identifier: BSD-3-Clause */
/* See pages.h. The form is scdoc(5)'s. */
#include <string.h>

#include "base/units.h"
#include "conf/options.h"
#include "conf/url.h"
#include "pages.h"
#include "proto/registry.h"
#include "version.h"

static const char *const group_titles[] = {
    [GROUP_DEVICE] = "DEVICE AND ADDRESSES",
    [GROUP_LOAD] = "LOAD",
    [GROUP_CONNECTION] = "CONNECTION",
    [GROUP_PAYLOAD] = "PAYLOAD",
    [GROUP_HTTP] = "HTTP",
    [GROUP_TCP] = "TCP",
    [GROUP_TLS] = "TLS",
    [GROUP_OUTPUT] = "OUTPUT",
    [GROUP_OTHER] = "OTHER OPTIONS",
};

/* Text in which nothing is markup. */
static void
put_text(FILE *out, const char *text)
{
    for (; *text != '\0'; text++) {
        if (strchr("\\*_#<[|", *text) != NULL)
            fputc('\\', out);
        fputc(*text, out);
    }
}

static void
put_bold(FILE *out, const char *text)
{
    fputc('*', out);
    put_text(out, text);
    fputc('*', out);
}

static void
put_synopsis(FILE *out)
{
    fputs("# SYNOPSIS\n\n"
          "*shakedown run* \\[_FILE_] \\[_URL_ ...] \\[_options_]++\n"
          "*shakedown serve* \\[_FILE_] \\[_options_]++\n"
          "*shakedown check* \\[_FILE_] \\[_URL_ ...] \\[_options_]++\n"
          "*shakedown doctor* \\[_options_]++\n"
          "*shakedown ctl* _SOCKET_ *rate* _R_ | *stop* | *snapshot*++\n"
          "*shakedown report* _RESULT_ \\[_options_]++\n"
          "*shakedown merge* _RESULT_ _RESULT_ ... \\[_options_]++\n"
          "*shakedown compare* _RESULT_ ... \\[*vs* _RESULT_ ...] \\[_options_]++\n"
          "*shakedown rfc9411* _PLAN_ \\[_options_]++\n"
          "*shakedown help* | *version*\n\n",
          out);
}

static void
put_commands(FILE *out)
{
    fputs("# DESCRIPTION\n\n"
          "shakedown opens TCP and TLS connections and sends requests at a paced rate, with a TCP "
          "of its own on DPDK, and says in the end whether the target or the generator was the "
          "limit. Without a URL it is both sides on the in-process device loopback, for which no "
          "network card is needed.\n\n"
          "*run*\n\tgenerate load and show how it goes\n\n"
          "*serve*\n\tbe the target\n\n"
          "*check*\n\texplain the plan in words and numbers; send nothing\n\n"
          "*doctor*\n\twhat the host and the device lack, and the command that mends it\n\n"
          "*ctl*\n\tchange the rate of a run with *--control*, stop it, or have its figures so "
          "far\n\n"
          "*report*\n\twrite a page with charts of an earlier result\n\n"
          "*merge*\n\tmake one result of those of several processes that ran side by side\n\n"
          "*compare*\n\ttell what of two runs, or two groups of runs, differs beyond noise\n\n"
          "*rfc9411*\n\tmake the tests of RFC 9411 that a plan (YAML) asks for, and a report; what "
          "was interrupted goes on where it was\n\n"
          "_FILE_ is a scenario (YAML), or an earlier result, whose scenario runs again; options "
          "given beside it count instead of what it says.\n\n",
          out);
}

static void
put_urls(FILE *out)
{
    fputs("# URLS\n\n", out);
    for (unsigned i = 0; i < 2 * proto_registry_count; i++) {
        const struct proto_ops *p = proto_registry[i / 2];
        bool is_tls = i % 2 != 0;
        char form[URL_FORMS_MAX];

        if ((is_tls ? p->secure_scheme : p->scheme) == NULL)
            continue;
        put_bold(out, url_form(p, is_tls, form));
        fputs("\n\t", out);
        put_text(out, p->help);
        fputs(is_tls ? ", over TLS\n\n" : "\n\n", out);
    }
    fputs("Several URLs get equal shares of the connections.\n\n", out);
}

static void
put_option(FILE *out, const struct conf_option *o)
{
    char words[OPTION_WORDS_MAX];

    put_bold(out, o->name);
    if (o->metavar != NULL) {
        fputs(" _", out);
        put_text(out, o->metavar);
        fputc('_', out);
    }
    if (o->letter != NULL) {
        fputs(", ", out);
        put_bold(out, o->letter);
    }
    fputs("\n\t", out);
    put_text(out, o->help);
    fputs(". ", out);
    if (*option_default_words(o, words) != '\0') {
        fputs("Default: ", out);
        put_text(out, words);
        fputs(". ", out);
    }
    if (*option_range_words(o, words) != '\0') {
        fputs("Allowed: ", out);
        put_text(out, words);
        fputs(". ", out);
    }
    fprintf(out, "For %s", option_commands_words(o, " and ", words));
    if (o->key != NULL) {
        fputs("; in a scenario: ", out);
        put_text(out, o->key);
    }
    fputs(".\n\n", out);
}

static void
put_options(FILE *out)
{
    fputs("# OPTIONS\n\n"
          "*--name* _VALUE_ and *--name*=_VALUE_ are the same. Values carry units: durations ns, "
          "us, ms, s, m, h and d, also several as in 1m30s, and without a unit seconds; counts "
          "and rates k, M and G, powers of 1000; bytes also KiB, MiB, GiB and TiB.\n\n",
          out);
    for (size_t group = 0; group < ARRAY_LEN(group_titles); group++) {
        fprintf(out, "## %s\n\n", group_titles[group]);
        for (int i = 0; i < OPTION_ROWS; i++)
            if (conf_options[i].group == group)
                put_option(out, &conf_options[i]);
    }
}

static void
put_rest(FILE *out)
{
    fputs("# EXIT STATUS\n\n"
          "*0*\n\tthe run took place, and met its criteria\n\n"
          "*1*\n\ta criterion was not met, every connection failed, or nothing was begun\n\n"
          "*2*\n\ta mistake in the command line or the scenario; nothing was sent\n\n"
          "*3*\n\tthe host or the network is not ready\n\n"
          "*130*\n\tinterrupted; the result was written\n\n"
          "# FILES\n\n"
          "_/usr/share/doc/shakedown/examples/_\n\tscenarios with comments\n\n"
          "_/usr/share/doc/shakedown/_\n\tthe pages on devices, scenarios, counters and "
          "measuring\n\n"
          "# EXAMPLES\n\n"
          "Both sides in one process:\n\n"
          "\t*shakedown run --duration 10s*\n\n"
          "A target on a network card, 200,000 connections a second for half a minute:\n\n"
          "\t*shakedown run tcp://198.19.0.1:80 --device 0000:3b:00.0 --local "
          "198.18.0.10-198.18.3.250/15 --rate 200k --duration 30s*\n\n"
          "What of this host is not ready for it:\n\n"
          "\t*shakedown doctor --device 0000:3b:00.0*\n",
          out);
}

void
man_write(FILE *out)
{
    fprintf(out,
            "shakedown(1) \"shakedown %s\" \"User commands\"\n\n"
            "# NAME\n\nshakedown - load generator for servers, load balancers and firewalls\n\n",
            SHAKEDOWN_VERSION);
    put_synopsis(out);
    put_commands(out);
    put_urls(out);
    put_options(out);
    put_rest(out);
}
