/* SPDX-License-Identifier: BSD-3-Clause */
/* See pages.h. */
#include <string.h>

#include "base/units.h"
#include "conf/options.h"
#include "conf/url.h"
#include "pages.h"
#include "proto/registry.h"

/* Commands with options of the table, in the order in which help has them, and what each is for.
 * The others are in the texts below. */
static const struct {
    enum conf_command command;
    const char *help;
    bool takes_urls, takes_file;
} commands[] = {
    {CONF_RUN, "generate load", true, true},
    {CONF_SERVE, "be the target", false, true},
    {CONF_CHECK, "explain the plan", true, true},
    {CONF_DOCTOR, "what host and device lack", false, false},
    {CONF_REPORT, "an HTML page of an earlier result", false, true},
    {CONF_MERGE, "results of several processes into one", false, true},
    {CONF_COMPARE, "what differs beyond noise", false, true},
    {CONF_RFC9411, "the tests of RFC 9411, and their report", false, true},
};

static bool
takes_file(const struct conf_option *o)
{
    return o->metavar != NULL &&
           (strcmp(o->metavar, "FILE") == 0 || strcmp(o->metavar, "SOCKET") == 0);
}

/* The words that may follow the option: those of a choice, or yes and no. */
static void
put_words(FILE *out, const struct conf_option *o, const char *before, const char *between,
          const char *after)
{
    static const char *const yes_no[] = {"yes", "no", NULL};
    const char *const *words = o->choices;

    if (words == NULL && o->type == TYPE_BOOL && o->metavar != NULL)
        words = yes_no;
    if (words == NULL)
        return;
    fputs(before, out);
    for (size_t i = 0; words[i] != NULL; i++)
        fprintf(out, "%s%s", i > 0 ? between : "", words[i]);
    fputs(after, out);
}

/* The beginnings of URLs, each with @after behind it. */
static void
put_schemes(FILE *out, const char *after)
{
    for (unsigned i = 0; i < proto_registry_count; i++) {
        const struct proto_ops *p = proto_registry[i];

        if (p->scheme != NULL)
            fprintf(out, "%s://%s", p->scheme, after);
        if (p->secure_scheme != NULL)
            fprintf(out, "%s://%s", p->secure_scheme, after);
    }
}

/* -- bash ------------------------------------------------------------------------------------- */

/* "(--name|-N)", as a pattern of case. */
static void
put_pattern(FILE *out, const struct conf_option *o)
{
    fprintf(out, "    %s", o->name);
    if (o->letter != NULL)
        fprintf(out, "|%s", o->letter);
}

static void
put_bash_options(FILE *out)
{
    for (size_t k = 0; k < ARRAY_LEN(commands); k++) {
        fprintf(out, "    %s) options='", conf_command_names[commands[k].command]);
        for (int i = 0; i < OPTION_ROWS; i++)
            if ((conf_options[i].commands & 1U << commands[k].command) != 0)
                fprintf(out, " %s", conf_options[i].name);
        fputs("' ;;\n", out);
    }
}

static void
put_bash_values(FILE *out)
{
    for (int i = 0; i < OPTION_ROWS; i++) {
        const struct conf_option *o = &conf_options[i];

        if (o->metavar == NULL)
            continue;
        put_pattern(out, o);
        fputs(") ", out);
        put_words(out, o, "words='", " ", "'");
        if (takes_file(o))
            fputs("files=yes", out);
        fputs(" ;;\n", out);
    }
}

void
completion_write_bash(FILE *out)
{
    fputs("# bash completion for shakedown, made from its option table\n"
          "_shakedown()\n"
          "{\n"
          "    local word=$2 before=$3 command=${COMP_WORDS[1]} options= words= files=\n"
          "    COMPREPLY=()\n"
          "    if [ \"$COMP_CWORD\" -eq 1 ]; then\n"
          "        mapfile -t COMPREPLY < <(compgen -W 'run serve check doctor ctl report merge "
          "compare rfc9411 help version' -- \"$word\")\n"
          "        return\n"
          "    fi\n"
          "    [ \"$before\" != = ] || before=${COMP_WORDS[COMP_CWORD-2]} # --name=value\n"
          "    [ \"$word\" != = ] || word=\n"
          "    case $before in\n",
          out);
    put_bash_values(out);
    fputs("    *) files=free ;;\n"
          "    esac\n"
          "    case $command in\n",
          out);
    put_bash_options(out);
    fputs("    ctl) [ \"$COMP_CWORD\" -eq 2 ] || { words='rate stop snapshot' files=no; } ;;\n"
          "    esac\n"
          "    if [ \"$files\" = free ]; then\n"
          "        case $command in run|check) words='",
          out);
    put_schemes(out, " ");
    fputs("' ;; esac\n"
          "        [[ $word != -* ]] || { words=$options files=no; }\n"
          "    fi\n"
          "    mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$word\")\n"
          "    case $files in yes|free)\n"
          "        local found\n"
          "        compopt -o filenames 2>/dev/null\n"
          "        mapfile -t found < <(compgen -f -- \"$word\")\n"
          "        COMPREPLY+=(\"${found[@]}\") ;;\n"
          "    esac\n"
          "}\n"
          "complete -o nosort -F _shakedown shakedown\n",
          out);
}

/* -- zsh -------------------------------------------------------------------------------------- */

/* Text within [ ] and single quotes of a specification. */
static void
put_zsh_text(FILE *out, const char *text)
{
    for (; *text != '\0'; text++) {
        if (*text == '\'')
            fputs("'\\''", out);
        else if (strchr("[]:\\", *text) != NULL)
            fprintf(out, "\\%c", *text);
        else
            fputc(*text, out);
    }
}

static void
put_zsh_option(FILE *out, const struct conf_option *o, const char *name)
{
    fprintf(out, "      '%s%s%s[", o->is_repeatable ? "*" : "", name,
            o->metavar != NULL && name[1] == '-' ? "=" : "");
    put_zsh_text(out, o->help);
    fputc(']', out);
    if (o->metavar != NULL) {
        fputc(':', out);
        put_zsh_text(out, o->metavar);
        fputc(':', out);
        put_words(out, o, "(", " ", ")");
        if (takes_file(o))
            fputs("_files", out);
    }
    fputs("' \\\n", out);
}

void
completion_write_zsh(FILE *out)
{
    fputs("#compdef shakedown\n"
          "# made from shakedown's option table\n"
          "_shakedown_free() {\n"
          "  _alternative 'files:file:_files' 'urls:url:(",
          out);
    put_schemes(out, " ");
    fputs(")'\n"
          "}\n"
          "_shakedown() {\n"
          "  if (( CURRENT == 2 )); then\n"
          "    local -a commands=(\n",
          out);
    for (size_t k = 0; k < ARRAY_LEN(commands); k++)
        fprintf(out, "      '%s:%s'\n", conf_command_names[commands[k].command], commands[k].help);
    fputs("      'ctl:to a run with --control' 'help:all options' 'version:which one this is')\n"
          "    _describe command commands\n"
          "    return\n"
          "  fi\n"
          "  local command=$words[2]\n"
          "  shift words; (( CURRENT-- ))\n"
          "  case $command in\n",
          out);
    for (size_t k = 0; k < ARRAY_LEN(commands); k++) {
        fprintf(out, "  %s)\n    _arguments -s \\\n", conf_command_names[commands[k].command]);
        for (int i = 0; i < OPTION_ROWS; i++) {
            const struct conf_option *o = &conf_options[i];

            if ((o->commands & 1U << commands[k].command) == 0)
                continue;
            put_zsh_option(out, o, o->name);
            if (o->letter != NULL)
                put_zsh_option(out, o, o->letter);
        }
        fprintf(out, "      '*:%s' ;;\n",
                commands[k].takes_urls   ? "scenario or URL:_shakedown_free"
                : commands[k].takes_file ? "file:_files"
                                         : "nothing: ");
    }
    fputs("  ctl) _arguments '1:socket:_files' '2:what:(rate stop snapshot)' '3:rate: ' ;;\n"
          "  esac\n"
          "}\n"
          "_shakedown \"$@\"\n",
          out);
}

/* -- fish ------------------------------------------------------------------------------------- */

static void
put_fish_text(FILE *out, const char *text)
{
    for (; *text != '\0'; text++) {
        if (*text == '\'' || *text == '\\')
            fputc('\\', out);
        fputc(*text, out);
    }
}

static void
put_fish_option(FILE *out, const struct conf_option *o)
{
    fputs("complete -c shakedown -n '__fish_seen_subcommand_from", out);
    for (size_t k = 0; k < ARRAY_LEN(commands); k++)
        if ((o->commands & 1U << commands[k].command) != 0)
            fprintf(out, " %s", conf_command_names[commands[k].command]);
    fprintf(out, "' -l %s", o->name + 2);
    if (o->letter != NULL)
        fprintf(out, " -s %s", o->letter + 1);
    if (o->metavar != NULL)
        fputs(takes_file(o) ? " -r -F" : " -x", out);
    put_words(out, o, " -a '", " ", "'");
    fputs(" -d '", out);
    put_fish_text(out, o->help);
    fputs("'\n", out);
}

void
completion_write_fish(FILE *out)
{
    fputs("# made from shakedown's option table\n", out);
    for (size_t k = 0; k < ARRAY_LEN(commands); k++)
        fprintf(out, "complete -c shakedown -f -n __fish_use_subcommand -a %s -d '%s'\n",
                conf_command_names[commands[k].command], commands[k].help);
    fputs("complete -c shakedown -f -n __fish_use_subcommand -a ctl -d 'to a run with --control'\n"
          "complete -c shakedown -f -n __fish_use_subcommand -a help -d 'all options'\n"
          "complete -c shakedown -f -n __fish_use_subcommand -a version -d 'which one this is'\n"
          "complete -c shakedown -n '__fish_seen_subcommand_from ctl' -a 'rate stop snapshot'\n"
          "complete -c shakedown -n '__fish_seen_subcommand_from run check' -a '",
          out);
    put_schemes(out, " ");
    fputs("'\n", out);
    for (int i = 0; i < OPTION_ROWS; i++)
        put_fish_option(out, &conf_options[i]);
}
