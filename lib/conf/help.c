/* SPDX-License-Identifier: BSD-3-Clause */
/* See help.h. */
#include "conf/help.h"

#include <string.h>

#include "base/wrap.h"
#include "conf/options.h"
#include "conf/url.h"
#include "proto/registry.h"

static const char *const group_names[] = {
    [GROUP_DEVICE] = "Device and addresses",
    [GROUP_LOAD] = "Load",
    [GROUP_CONNECTION] = "Connection",
    [GROUP_PAYLOAD] = "Payload",
    [GROUP_HTTP] = "HTTP",
    [GROUP_TCP] = "TCP",
    [GROUP_TLS] = "TLS",
    [GROUP_OUTPUT] = "Output",
    [GROUP_OTHER] = "Other",
};

static const struct wrap help_layout = {.indent = 24, .width = WRAP_TERMINAL};
static const struct wrap page_layout = {.indent = 2, .width = 120};

static void
print_option(FILE *out, const struct conf_option *o)
{
    char def[OPTION_WORDS_MAX], text[2 * OPTION_WORDS_MAX];
    bool has_def = *option_default_words(o, def) != '\0';
    int at;

    at = fprintf(out, "  %s%s%s%s%s", o->name, o->metavar != NULL ? " " : "",
                 o->metavar != NULL ? o->metavar : "", o->letter != NULL ? ", " : "",
                 o->letter != NULL ? o->letter : "");
    snprintf(text, sizeof(text), "%s%s%s%s%s", o->help, has_def ? " [" : "", def,
             has_def ? "]" : "", o->commands == ON_SERVE ? " (serve only)" : "");
    wrap_write(out, &help_layout, text, at);
}

/* A line or two for each scheme of a URL; its form stands between @before and @after. */
static void
print_schemes(FILE *out, const char *before, const char *after, const struct wrap *l)
{
    for (unsigned i = 0; i < 2 * proto_registry_count; i++) {
        const struct proto_ops *p = proto_registry[i / 2];
        bool is_tls = i % 2 != 0;
        char form[URL_FORMS_MAX], text[OPTION_WORDS_MAX];
        int at;

        if ((is_tls ? p->secure_scheme : p->scheme) == NULL)
            continue;
        at = fprintf(out, "%s%s%s", before, url_form(p, is_tls, form), after);
        snprintf(text, sizeof(text), "%s%s", p->help, is_tls ? ", over TLS" : "");
        wrap_write(out, l, text, at);
    }
}

void
conf_usage(FILE *out)
{
    fputs(
        "usage: shakedown run [FILE] [URL ...] [options]    generate load, and show how it goes\n"
        "       shakedown serve [FILE] [options]            be the target\n"
        "       shakedown check [FILE] [URL ...] [options]  explain the plan; send nothing\n"
        "       shakedown doctor [options]                  what the host and the device lack\n"
        "       shakedown ctl SOCKET rate R | stop | snapshot   to a run with --control SOCKET\n"
        "       shakedown report RESULT                     an HTML page of an earlier result\n"
        "       shakedown merge RESULT RESULT ...           results of several processes into one\n"
        "       shakedown compare RESULT ... vs RESULT ...  what differs beyond noise\n"
        "       shakedown rfc9411 PLAN                      the tests of RFC 9411, and their "
        "report\n"
        "       shakedown help | version                    also as --help, --version\n",
        out);
}

void
conf_help(FILE *out)
{
    conf_usage(out);
    fputs("\n"
          "A URL is one of\n",
          out);
    print_schemes(out, "  ", "", &help_layout);
    fputs("FILE is a scenario, docs/SCENARIO.md, or an earlier result, whose scenario runs again;\n"
          "options given beside it count instead of what it says.\n"
          "Several URLs get equal shares of the connections. Without a URL, shakedown run is\n"
          "both client and server on the in-process device loopback.\n",
          out);
    for (size_t group = 0; group < ARRAY_LEN(group_names); group++) {
        fprintf(out, "\n%s:\n", group_names[group]);
        for (int i = 0; i < OPTION_ROWS; i++)
            if (conf_options[i].group == group)
                print_option(out, &conf_options[i]);
    }
    fputs(
        "\n"
        "Values carry units: 10s 200ms 50us, 200k 1M, and bytes also 64KiB 1MiB.\n"
        "A duration without a unit is in seconds; 1m30s is 90s.\n"
        "--name VALUE and --name=VALUE are the same.\n"
        "\n"
        "Examples:\n"
        "  shakedown run\n"
        "  shakedown run --send 1k --receive 64KiB\n"
        "  shakedown run tls://198.19.0.1:443 --tls-versions 1.3 --resume 50%\n"
        "  shakedown run tcp://198.19.0.1:80 --device 0000:3b:00.0 \\\n"
        "      --local 198.18.0.10-198.18.3.250/15 --rate 200k --duration 30s\n"
        "  shakedown serve --device net_af_packet0,iface=veth1 --local 198.19.0.1/15 --listen 80\n"
        "  shakedown serve --device net_af_packet0,iface=veth1 --local 198.19.0.1/15 --tls\n"
        "  shakedown serve --device memif:/run/x.sock --local 198.19.0.1/15   # two processes:\n"
        "  shakedown run tcp://198.19.0.1:80 --device memif:/run/x.sock \\\n"
        "      --local 198.18.0.10-198.18.3.250/15\n"
        "\n"
        "Exit status: 0 ran, 1 every connection failed, 2 usage, 3 host or network not ready,\n"
        "130 interrupted.\n",
        out);
}

/* "* `--rate R` (`load.rate`; run, check)" and then what it means, its default, what is allowed. */
static void
print_entry(FILE *out, const struct conf_option *o)
{
    char def[OPTION_WORDS_MAX], range[OPTION_WORDS_MAX], text[3 * OPTION_WORDS_MAX];
    bool has_def = *option_default_words(o, def) != '\0';
    bool has_range = *option_range_words(o, range) != '\0';

    fprintf(out, "* `%s%s%s`", o->name, o->metavar != NULL ? " " : "",
            o->metavar != NULL ? o->metavar : "");
    if (o->letter != NULL)
        fprintf(out, ", `%s`", o->letter);
    fputs(" (", out);
    if (o->key != NULL)
        fprintf(out, "`%s`; ", o->key);
    fprintf(out, "%s)\\\n", option_commands_words(o, ", ", text));
    snprintf(text, sizeof(text), "%s.%s%s%s%s%s%s", o->help, has_def ? " Default: " : "", def,
             has_def ? "." : "", has_range ? " Allowed: " : "", range, has_range ? "." : "");
    wrap_write(out, &page_layout, text, 0);
}

void
conf_options_markdown(FILE *out)
{
    fputs("# Options\n"
          "\n"
          "This page is generated from the option table in `lib/conf/options.h`; do not edit it.\n"
          "After each option come its key, for `--set KEY=VALUE`, and the commands that take it.\n"
          "Values carry units: durations `ns us ms s m h d`, also several as in `1m30s`, counts "
          "and rates `k M G` (powers of\n1000), bytes also `KiB MiB GiB TiB` (powers of 1024). A "
          "duration without a unit is in seconds, as with wrk and\nh2load: `0.5` is `500ms`. Where "
          "an option is given by its name and with `--set`, the later one counts.\n"
          "\n## URLs\n\n",
          out);
    print_schemes(out, "* `", "`:", &page_layout);
    for (size_t group = 0; group < ARRAY_LEN(group_names); group++) {
        fprintf(out, "\n## %s\n\n", group_names[group]);
        for (int i = 0; i < OPTION_ROWS; i++)
            if (conf_options[i].group == group)
                print_entry(out, &conf_options[i]);
    }
}
