/* SPDX-License-Identifier: BSD-3-Clause */
/* See screen.h. */
#include "ui/screen.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/units.h"
#include "ui/pane.h"

/* Above the panes: title, progress, tabs; below: keys. */
enum { ROWS_ABOVE = 3, ROWS_BELOW = 1 };

/* -- drawing ------------------------------------------------------------------------------- */

static void
draw_too_small(struct canvas *c)
{
    struct canvas_area all = canvas_all(c);
    char text[128];

    snprintf(text, sizeof(text),
             "This terminal has %u columns and %u rows; the live screen takes "
             "at least %u and %u.",
             c->cols, c->rows, SCREEN_COLS_MIN, SCREEN_ROWS_MIN);
    canvas_paragraph(c, &all, 0, 0, UI_PLAIN, text);
}

static void
draw_title(struct canvas *c, const struct canvas_area *a, const struct view *v,
           const struct screen *s)
{
    char text[64];

    canvas_text(c, a, 0, 0, UI_BAR, v->title);
    canvas_ink(c, a, 0, UI_BAR);
    snprintf(text, sizeof(text), " %s%.1f s ", s->is_paused ? "PAUSED at " : "", v->t_s);
    if (v->t_s >= 0)
        canvas_right(c, a, 0, s->is_paused ? UI_WARNING : UI_BAR, text);
}

static void
draw_tabs(struct canvas *c, const struct canvas_area *a, const struct pane *const panes[],
          unsigned n, unsigned chosen)
{
    unsigned col = 0;

    for (unsigned i = 0; i < n; i++)
        col = canvas_print(c, a, 2, col, i == chosen ? UI_BAR : UI_FAINT, " %s ", panes[i]->name);
}

static void
draw_help(struct canvas *c, const struct canvas_area *a)
{
    static const char *const lines[] = {
        "Keys",
        "  p, Space        let the view stand still; the run goes on",
        "  +, -            a tenth more load, or as much less",
        "  20k, Enter      load of another rate: 500, 20k, 1.5M; Esc: not after all",
        "  Tab, Shift-Tab  the next pane, the one before",
        "  s, q            stop the load; what is open drains, then the summary comes",
        "  Ctrl-C          the same; once more: end at once",
        "  ?               these lines; any key: back",
        "",
        "Charts have a column a second, the newest at the right, and their own scale.",
    };

    for (unsigned i = 0; i < ARRAY_LEN(lines); i++)
        canvas_text(c, a, i, 0, i == 0 ? UI_STRONG : UI_PLAIN, lines[i]);
}

static void
draw_keys(struct canvas *c, const struct canvas_area *a, const struct view *v,
          const struct screen *s)
{
    if (s->typed[0] != '\0')
        canvas_print(c, a, 0, 0, UI_STRONG, "New rate: %s_   Enter: have it   Esc: not", s->typed);
    else if (s->message[0] != '\0')
        canvas_text(c, a, 0, 0, UI_WARNING, s->message);
    else
        canvas_print(c, a, 0, 0, UI_FAINT, "p %s  %sTab panes  s stop  ? help",
                     s->is_paused ? "go on" : "pause",
                     v->may_change_rate ? "+ - rate  0-9 new rate  " : "");
}

void
screen_draw(struct canvas *c, const struct view *v, const struct screen *s)
{
    const struct pane *panes[PANES_MAX];
    unsigned n = panes_of(v, panes), chosen = s->pane < n ? s->pane : 0;
    struct canvas_area all = canvas_all(c), body = all, below = all;

    if (c->rows < SCREEN_ROWS_MIN || c->cols < SCREEN_COLS_MIN) {
        draw_too_small(c);
        return;
    }
    body.row = ROWS_ABOVE;
    body.rows = c->rows - ROWS_ABOVE - ROWS_BELOW;
    below.row = c->rows - ROWS_BELOW;
    below.rows = ROWS_BELOW;
    draw_title(c, &all, v, s);
    progress_draw(c, &all, 1, &v->progress);
    draw_tabs(c, &all, panes, n, chosen);
    if (s->shows_help)
        draw_help(c, &body);
    else
        panes[chosen]->draw(c, &body, v);
    draw_keys(c, &below, v, s);
}

/* -- keys ---------------------------------------------------------------------------------- */

static void
turn_pane(struct screen *s, const struct view *v, unsigned by)
{
    const struct pane *panes[PANES_MAX];
    unsigned n = panes_of(v, panes);

    s->pane = ((s->pane < n ? s->pane : 0) + by + n) % n;
}

/* Of a number with its unit; a unit ends none that has not begun. */
static bool
is_of_number(const struct screen *s, int key)
{
    if (key >= '0' && key <= '9')
        return true;
    return s->typed[0] != '\0' && key > 0 && key < 0x80 && strchr(".kKmMgG", key) != NULL;
}

static void
type(struct screen *s, int key)
{
    size_t n = strlen(s->typed);

    if (n < SCREEN_TYPED_MAX) {
        s->typed[n] = (char)key;
        s->typed[n + 1] = '\0';
    }
}

/* While a rate is typed. */
static enum screen_wish
go_on_typing(struct screen *s, int key, char rate[static SCREEN_TYPED_MAX + 1])
{
    switch (key) {
    case SCREEN_KEY_ENTER:
        snprintf(rate, SCREEN_TYPED_MAX + 1, "%s", s->typed);
        s->typed[0] = '\0';
        return SCREEN_WISH_RATE;
    case SCREEN_KEY_BACKSPACE:
        s->typed[strlen(s->typed) - 1] = '\0';
        break;
    case SCREEN_KEY_ESCAPE:
        s->typed[0] = '\0';
        break;
    default: /* a key that a number has no use for */
        break;
    }
    return SCREEN_WISH_NONE;
}

static enum screen_wish
act(struct screen *s, const struct view *v, int key)
{
    switch (key) {
    case SCREEN_KEY_TAB:
        turn_pane(s, v, 1);
        break;
    case SCREEN_KEY_BACK_TAB:
        turn_pane(s, v, -1U);
        break;
    case 'p':
    case ' ':
        s->is_paused = !s->is_paused;
        break;
    case '?':
    case 'h':
        s->shows_help = true;
        break;
    case '+':
        return SCREEN_WISH_FASTER;
    case '-':
        return SCREEN_WISH_SLOWER;
    case 's':
    case 'q':
        return SCREEN_WISH_STOP;
    default: /* nothing is on it */
        break;
    }
    return SCREEN_WISH_NONE;
}

enum screen_wish
screen_key(struct screen *s, const struct view *v, int key, char rate[static SCREEN_TYPED_MAX + 1])
{
    bool had_help = s->shows_help;

    s->message[0] = '\0';
    s->shows_help = false;
    if (is_of_number(s, key)) {
        type(s, key);
        return SCREEN_WISH_NONE;
    }
    if (s->typed[0] != '\0')
        return go_on_typing(s, key, rate);
    if (had_help && (key == '?' || key == 'h'))
        return SCREEN_WISH_NONE;
    return act(s, v, key);
}
