/* SPDX-License-Identifier: BSD-3-Clause */
#include "conf/help.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdlib.h>
#include <string.h>

#include "conf/options.h"

#define TEXT_MAX 65536

/* What @print writes; each call has a buffer of its own. */
static char *
text_of(void (*print)(FILE *))
{
    char *text = calloc(1, TEXT_MAX);
    FILE *out = fmemopen(text, TEXT_MAX, "w");

    cr_assert(out != NULL);
    print(out);
    fclose(out);
    return text;
}

static unsigned
count(const char *text, const char *word)
{
    unsigned n = 0;

    for (; (text = strstr(text, word)) != NULL; text++)
        n++;
    return n;
}

Test(help, every_option_has_a_line_of_its_own)
{
    char *text = text_of(conf_help);

    for (int i = 0; i < OPTION_ROWS; i++) {
        char line[64];

        snprintf(line, sizeof(line), "\n  %s ", conf_options[i].name);
        cr_expect(eq(uint, count(text, line), 1), "%s", conf_options[i].name);
    }
    free(text);
}

Test(help, it_shows_commands_groups_defaults_and_examples)
{
    static const char *const parts[] = {
        "shakedown run",
        "shakedown serve",
        "shakedown check",
        "help | version ",
        "\nLoad:\n",
        "\nPayload:\n",
        "\nTCP:\n",
        "\nTLS:\n",
        "\n  tls://ADDRESS[:PORT]  connect",
        ", over TLS",
        "200k 1M, and bytes also 64KiB",
        "[256KiB;",
        "[10s;",
        "\nExamples:\n",
        "Exit status:",
        "(serve",
        "[loopback]",
        "net_af_packet0,iface=veth0 [loopback]\n",
    };
    char *text = text_of(conf_help);

    for (size_t i = 0; i < ARRAY_LEN(parts); i++)
        cr_expect(strstr(text, parts[i]) != NULL, "'%s' is missing", parts[i]);
    cr_expect(eq(uint, count(strstr(text, "Examples:"), "\n  shakedown "), 8));
    free(text);
}

Test(help, the_docs_tell_how_bytes_are_written_and_bounded)
{
    static const char *const parts[] = {
        "bytes also `KiB MiB GiB TiB` (powers of 1024)",
        "* `--send B` (`send`; run, check)\\\n"
        "  payload bytes to send on each connection. Default: 0. Allowed: 0 to 1TiB.\n",
        "(`tcp.window`; run, check, serve)\\\n",
        " Default: 256KiB; TLS without payload: 64KiB. Allowed: 4KiB to 4MiB, a power of\n  two.\n",
        "* `--echo` (`serve.echo`; serve)\\\n",
        "\n## TLS\n",
        " Default: both. Allowed: both, 1.2 or 1.3.\n",
        " Default: never. Allowed: never, always, or 0% to 100%.\n",
        "* `--vlan N` (`local.vlan`; run, check, serve)\\\n"
        "  VLAN ID of all packets; OUTER.INNER: two tags, 802.1ad before 802.1Q (QinQ). Default:",
        "untagged. Allowed:",
        "* `--set KEY=VALUE` (run, check, serve, doctor)\\\n",
    };
    char *text = text_of(conf_options_markdown);

    for (size_t i = 0; i < ARRAY_LEN(parts); i++)
        cr_expect(strstr(text, parts[i]) != NULL, "'%s' is missing", parts[i]);
    free(text);
}

Test(help, lines_are_short_and_end_without_blanks)
{
    char *text = text_of(conf_help);

    for (char *line = strtok(text, "\n"); line != NULL; line = strtok(NULL, "\n")) {
        cr_expect(le(sz, strlen(line), 90), "%s", line);
        cr_expect(ne(chr, line[strlen(line) - 1], ' '), "'%s'", line);
    }
    free(text);
}

Test(help, usage_is_the_beginning_of_help)
{
    char *usage = text_of(conf_usage), *help = text_of(conf_help);

    cr_assert(eq(int, strncmp(help, usage, strlen(usage)), 0));
    free(usage);
    free(help);
}

Test(help, the_docs_have_one_entry_for_each_option_in_lines_of_120_characters)
{
    char *text = text_of(conf_options_markdown);

    for (int i = 0; i < OPTION_ROWS; i++) {
        char start[64];

        snprintf(start, sizeof(start), "\n* `%s%s", conf_options[i].name,
                 conf_options[i].metavar != NULL ? " " : "`");
        cr_expect(eq(uint, count(text, start), 1), "%s", conf_options[i].name);
    }
    for (char *line = strtok(text, "\n"); line != NULL; line = strtok(NULL, "\n"))
        cr_expect(le(sz, strlen(line), 120), "%s", line);
    free(text);
}
