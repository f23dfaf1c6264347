/* SPDX-License-Identifier: BSD-3-Clause */
/* See text_doctor.h. */
#include "report/text_doctor.h"

#include <string.h>

#include "base/wrap.h"
#include "io/doctor.h"
#include "report/ink.h"

enum { STATE_WIDTH = 9, TITLE_WIDTH = 18, COMMAND_INDENT = 2 };

static const struct wrap layout = {.indent = STATE_WIDTH + TITLE_WIDTH, .width = WRAP_TERMINAL};

static const enum ink inks[] = {
    [DOCTOR_OK] = INK_PLAIN,
    [DOCTOR_WARNING] = INK_YELLOW,
    [DOCTOR_STOP] = INK_RED,
};

/* What follows "&&" goes to a line of its own, which a shell takes as it stands. */
static void
print_command(FILE *out, const char *command)
{
    const char *and;

    while ((and = strstr(command, " && ")) != NULL) {
        fprintf(out, "%*s%.*s &&\n", COMMAND_INDENT, "", (int)(and-command), command);
        command = and+4;
    }
    fprintf(out, "%*s%s\n", COMMAND_INDENT, "", command);
}

/* A sentence of a run has its command in it. */
static void
print_row(FILE *out, const struct doctor_row *r, bool has_ink)
{
    const char *command = strstr(r->text, r->command);
    char text[sizeof(r->text)];

    strcpy(text, r->text);
    if (r->command[0] != '\0' && command != NULL)
        text[command - r->text] = '\0';
    fprintf(out, "%s%-*s%s%-*s", ink_begin(has_ink, inks[r->state]), STATE_WIDTH,
            doctor_state_name(r->state), ink_end(has_ink, inks[r->state]), TITLE_WIDTH - 1,
            r->title);
    wrap_write(out, &layout, text, layout.indent - 1);
    if (r->command[0] != '\0')
        print_command(out, r->command);
}

void
text_doctor_print(FILE *out, const struct doctor *d, bool has_ink)
{
    unsigned stops = doctor_count(d, DOCTOR_STOP), warnings = doctor_count(d, DOCTOR_WARNING);

    fprintf(out, "device %s\n\n", d->device);
    for (unsigned i = 0; i < DOCTOR_COUNT; i++)
        if (d->rows[i].is_looked_at)
            print_row(out, &d->rows[i], has_ink);
    if (stops > 0)
        fprintf(out, "\n%u of these would stop a run%s.\n", stops,
                d->rows[DOCTOR_port].is_looked_at ? "" : "; so the port was not tried");
    else
        fprintf(out, "\nNothing here stops a run; %u warning%s.\n", warnings,
                warnings == 1 ? "" : "s");
}
