/* SPDX-License-Identifier: BSD-3-Clause */
/* See help.h. */
#include "conf/help.h"

#include <string.h>

#include "conf/options.h"

static const int HELP_COLUMN = 24, HELP_WIDTH = 80;

static const char *const group_names[] = {
    [GROUP_DEVICE] = "Device and addresses",
    [GROUP_LOAD] = "Load",
    [GROUP_CONNECTION] = "Each connection",
    [GROUP_PAYLOAD] = "Payload of each connection",
    [GROUP_TCP] = "TCP",
    [GROUP_TLS] = "TLS",
    [GROUP_OUTPUT] = "Output",
    [GROUP_OTHER] = "Other",
};

/* Print @text word by word, each line from HELP_COLUMN; the cursor stands at @at. */
static void
print_wrapped(FILE *out, const char *text, int at)
{
    const char *before = at < HELP_COLUMN ? "" : "\n";

    if (at >= HELP_COLUMN)
        at = 0;
    fprintf(out, "%s%*s", before, HELP_COLUMN - at, "");
    at = HELP_COLUMN;
    while (*text != '\0') {
        int length = (int)strcspn(text, " ");

        if (at > HELP_COLUMN && at + 1 + length > HELP_WIDTH) {
            fprintf(out, "\n%*s", HELP_COLUMN, "");
            at = HELP_COLUMN;
        }
        at += fprintf(out, "%s%.*s", at > HELP_COLUMN ? " " : "", length, text);
        text += length;
        text += strspn(text, " ");
    }
    fputc('\n', out);
}

static void
print_option(FILE *out, const struct conf_option *o)
{
    char def[OPTION_WORDS_MAX], text[2 * OPTION_WORDS_MAX];
    bool has_def = *option_default_words(o, def) != '\0';
    int at;

    at = fprintf(out, "  %s%s%s", o->name, o->metavar != NULL ? " " : "",
                 o->metavar != NULL ? o->metavar : "");
    snprintf(text, sizeof(text), "%s%s%s%s%s", o->help, has_def ? " [" : "", def,
             has_def ? "]" : "", o->commands == ON_SERVE ? " (serve only)" : "");
    print_wrapped(out, text, at);
}

void
conf_usage(FILE *out)
{
    fputs("usage: shakedown run [URL ...] [options]    generate load, print a line a second\n"
          "       shakedown serve [options]            be the target\n"
          "       shakedown check [URL ...] [options]  validate options and host; send nothing\n"
          "       shakedown --help | --version\n",
          out);
}

void
conf_help(FILE *out)
{
    conf_usage(out);
    fputs("\n"
          "A URL is tcp://ADDRESS:PORT (handshake, payload if you say so, close) or\n"
          "tls://ADDRESS:PORT (handshake, TLS handshake, close); several take turns.\n"
          "Without any, shakedown run loads itself over the in-process device loopback.\n",
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
        "Exit status: 0 ran, 1 a criterion failed, 2 usage, 3 host or network not ready,\n"
        "130 interrupted.\n",
        out);
}

/* A bar inside a table cell would end it. */
static void
print_cell(FILE *out, const char *text)
{
    for (; *text != '\0'; text++)
        fprintf(out, *text == '|' ? "\\|" : "%c", *text);
}

static void
print_row(FILE *out, const struct conf_option *o)
{
    char words[OPTION_WORDS_MAX];
    const char *commands = o->commands == ON_ALL     ? "run, check, serve"
                           : o->commands == ON_SERVE ? "serve"
                                                     : "run, check";

    fprintf(out, "| `%s%s", o->name, o->metavar != NULL ? " " : "");
    print_cell(out, o->metavar != NULL ? o->metavar : "");
    fprintf(out, "` | %s%s%s | ", o->key != NULL ? "`" : "", o->key != NULL ? o->key : "",
            o->key != NULL ? "`" : "");
    print_cell(out, option_default_words(o, words));
    fputs(" | ", out);
    print_cell(out, option_range_words(o, words));
    fprintf(out, " | %s | ", commands);
    print_cell(out, o->help);
    fputs(" |\n", out);
}

void
conf_options_markdown(FILE *out)
{
    fputs("# Options\n"
          "\n"
          "This page is generated from the option table in `lib/conf/options.h`; do not edit it.\n"
          "Each option is also a key for `--set KEY=VALUE`. Values carry units: durations `ns us "
          "ms s m h "
          "d`,\ncounts and rates `k M G` (powers of 1000), bytes also `KiB MiB GiB TiB` (powers of "
          "1024).\n",
          out);
    for (size_t group = 0; group < ARRAY_LEN(group_names); group++) {
        fprintf(out,
                "\n## %s\n\n| option | key | default | allowed | commands | meaning |\n"
                "|---|---|---|---|---|---|\n",
                group_names[group]);
        for (int i = 0; i < OPTION_ROWS; i++)
            if (conf_options[i].group == group)
                print_row(out, &conf_options[i]);
    }
}
