/* SPDX-License-Identifier: BSD-3-Clause */
/* See choice.h. */
#include "ui/choice.h"

#include <stddef.h>
#include <string.h>

static const char *
obstacle(const struct choice_facts *f)
{
    if (!f->out_is_terminal)
        return "what people read goes to no terminal";
    if (!f->in_is_terminal)
        return "standard input is no terminal, and keys come from there";
    if (f->term == NULL || f->term[0] == '\0')
        return "TERM is not set";
    if (strcmp(f->term, "dumb") == 0)
        return "TERM=dumb has no screen";
    if (!f->is_known)
        return "the terminal that TERM names is not known here, or cannot move its cursor";
    if (!f->is_foreground)
        return "the terminal is another process's, this one being in the background";
    return NULL;
}

enum conf_ui
choice_of(enum conf_ui asked, const struct choice_facts *facts, const char **why)
{
    const char *wrong = obstacle(facts);

    *why = NULL;
    switch (asked) {
    case UI_LINE:
    case UI_NONE:
        return asked;
    case UI_AUTO:
        return wrong == NULL ? UI_TUI : UI_LINE;
    case UI_TUI:
        break;
    }
    *why = wrong;
    return wrong == NULL ? UI_TUI : UI_LINE;
}
