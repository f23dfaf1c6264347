/* SPDX-License-Identifier: BSD-3-Clause */
/* See terminal.h. */
#include "ui/terminal.h"

#include <langinfo.h>
#include <locale.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define NCURSES_WIDECHAR 1
#include <curses.h>
#include <term.h>

#include "base/units.h"
#include "ui/rescue.h"
#include "ui/screen.h"

/* What ncurses waits for the rest of an arrow key's sequence, behind an Esc. */
static const int ESCAPE_MS = 1;

static const struct {
    attr_t attributes;
    short colour; /* -1: the terminal's own */
} inks[UI_INKS] = {
    [UI_PLAIN] = {A_NORMAL, -1},
    [UI_STRONG] = {A_BOLD, -1},
    [UI_FAINT] = {A_DIM, -1},
    [UI_GOOD] = {A_NORMAL, COLOR_GREEN},
    [UI_WARNING] = {A_BOLD, COLOR_YELLOW},
    [UI_BAD] = {A_BOLD, COLOR_RED},
    [UI_BAR] = {A_REVERSE, -1},
};

bool
terminal_can(void)
{
    bool can;
    int err;

    if (setupterm(NULL, STDOUT_FILENO, &err) != OK)
        return false;
    can = cursor_address != NULL && clear_screen != NULL && exit_attribute_mode != NULL;
    (void)del_curterm(cur_term);
    return can;
}

bool
terminal_is_ours(int fd)
{
    return tcgetpgrp(fd) == getpgrp();
}

/* -- what gives it back -------------------------------------------------------------------- */

static struct terminal *writing_reset; /* tputs() has no place for an argument */

static int
add_reset(int byte)
{
    struct terminal *t = writing_reset;

    if (t->reset_bytes < sizeof(t->reset))
        t->reset[t->reset_bytes++] = (char)byte;
    return byte;
}

static void
make_reset(struct terminal *t)
{
    const char *const parts[] = {exit_attribute_mode, t->has_ink ? orig_pair : NULL, keypad_local,
                                 cursor_normal, exit_ca_mode};

    writing_reset = t;
    t->reset_bytes = 0;
    for (size_t i = 0; i < ARRAY_LEN(parts); i++)
        if (parts[i] != NULL)
            tputs(parts[i], 1, add_reset);
    add_reset('\r');
    rescue_by(t->reset, t->reset_bytes);
}

/* -- open and close ------------------------------------------------------------------------ */

/* One pair of colours for each ink that has one. */
static bool
begin_colours(void)
{
    if (!has_colors() || start_color() == ERR || use_default_colors() == ERR)
        return false;
    for (short i = 0; i < UI_INKS; i++)
        if (inks[i].colour >= 0)
            init_pair((short)(i + 1), inks[i].colour, -1);
    return true;
}

bool
terminal_open(struct terminal *t, bool has_ink)
{
    *t = (struct terminal){0};
    if (!rescue_begin(STDOUT_FILENO))
        return false;
    setlocale(LC_CTYPE, "");
    t->is_ascii = strcmp(nl_langinfo(CODESET), "UTF-8") != 0;
    t->screen = newterm(NULL, stdout, stdin);
    if (t->screen == NULL) {
        rescue_end();
        return false;
    }
    t->has_ink = has_ink && begin_colours();
    make_reset(t);
    cbreak();
    noecho();
    nonl();
    curs_set(0);
    typeahead(-1);
    nodelay(stdscr, TRUE);
    keypad(stdscr, TRUE);
    set_escdelay(ESCAPE_MS);
    return true;
}

void
terminal_close(struct terminal *t)
{
    if (t->screen == NULL)
        return;
    endwin();
    rescue_end();
    delscreen(t->screen);
    t->screen = NULL;
    setlocale(LC_CTYPE, "C");
}

void
terminal_step_aside(struct terminal *t)
{
    endwin();
    t->is_away = true;
}

/* -- pictures and keys --------------------------------------------------------------------- */

void
terminal_size(struct terminal *t, unsigned *rows, unsigned *cols)
{
    struct winsize size;

    (void)t;
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_row > 0 && size.ws_col > 0 &&
        (size.ws_row != LINES || size.ws_col != COLS))
        resizeterm(size.ws_row, size.ws_col);
    *rows = (unsigned)LINES;
    *cols = (unsigned)COLS;
}

static void
show_cell(const struct terminal *t, unsigned row, unsigned col, const struct canvas_cell *cell)
{
    wchar_t text[2] = {cell->glyph, L'\0'};
    attr_t attributes = inks[cell->ink].attributes;
    short pair = t->has_ink && inks[cell->ink].colour >= 0 ? (short)(cell->ink + 1) : 0;
    cchar_t c;

    if (setcchar(&c, text, attributes, pair, NULL) == OK)
        mvadd_wch((int)row, (int)col, &c);
}

static bool
takes_something(void)
{
    struct pollfd out = {.fd = STDOUT_FILENO, .events = POLLOUT};

    return poll(&out, 1, 0) == 1 && (out.revents & POLLOUT) != 0;
}

bool
terminal_show(struct terminal *t, const struct canvas *c)
{
    t->is_away = rescue_was_stopped() || t->is_away;
    if (!terminal_is_ours(STDOUT_FILENO) || !takes_something())
        return false;
    if (t->is_away) {
        endwin(); /* so that the next refresh takes it back */
        clearok(curscr, TRUE);
        t->is_away = false;
    }
    for (unsigned row = 0; row < c->rows; row++)
        for (unsigned col = 0; col < c->cols; col++)
            show_cell(t, row, col, &c->cells[row][col]);
    refresh();
    return true;
}

int
terminal_key(struct terminal *t)
{
    int key;

    if (t->is_away || !terminal_is_ours(STDIN_FILENO) || (key = getch()) == ERR)
        return -1;
    switch (key) {
    case '\r':
    case KEY_ENTER:
        return SCREEN_KEY_ENTER;
    case 8:
    case 127:
    case KEY_BACKSPACE:
        return SCREEN_KEY_BACKSPACE;
    case KEY_BTAB:
    case KEY_LEFT:
        return SCREEN_KEY_BACK_TAB;
    case KEY_RIGHT:
        return SCREEN_KEY_TAB;
    case KEY_UP:
        return '+';
    case KEY_DOWN:
        return '-';
    default:
        return key < 0x80 ? key : SCREEN_KEY_OTHER;
    }
}
