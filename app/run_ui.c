/* SPDX-License-Identifier: BSD-3-Clause */
/* See run_ui.h. */
#include "app/run_ui.h"

#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "app/run_progress.h"
#include "app/run_rate.h"
#include "base/console.h"
#include "conf/value.h"
#include "ui/screen.h"
#include "ui/terminal.h"
#include "ui/view_take.h"

/* Between two pictures, unless a key is pressed or a second ends. */
static const uint64_t PICTURE_NS = 500 * NS_PER_MS;

/* What + and - do to a rate: a tenth. */
enum { STEP_UP = 11, STEP_DOWN = 10 };

/* What is said on the console meanwhile, by whatever thread; it is written there in the end. */
struct said {
    pthread_mutex_t lock;
    char text[16384];
    size_t bytes, seen; /* of which the view has so many */
    unsigned lost;      /* pieces for which there was no room */
};

struct run_ui {
    struct terminal terminal;
    struct canvas canvas;
    struct screen screen;
    struct view_taker taker;
    struct view live, still; /* as it is; as it was when it was paused */
    struct said said;
    bool is_stale;     /* there is something to draw */
    uint64_t next_ns;  /* when to draw at the latest */
    double second_t_s; /* the end of the last second */
    bool wants_rate;   /* which waits for another change: */
    uint64_t wanted_milli;
};

/* -- what is said -------------------------------------------------------------------------- */

static void
take_said(void *arg, const char *text, size_t bytes)
{
    struct said *s = arg;

    pthread_mutex_lock(&s->lock);
    if (bytes > sizeof(s->text) - s->bytes) {
        s->lost++;
    } else {
        memcpy(s->text + s->bytes, text, bytes);
        s->bytes += bytes;
    }
    pthread_mutex_unlock(&s->lock);
}

/* Whole lines become messages of the view. */
static void
show_said(struct run_ui *ui)
{
    struct said *s = &ui->said;
    char *end;

    pthread_mutex_lock(&s->lock);
    while ((end = memchr(s->text + s->seen, '\n', s->bytes - s->seen)) != NULL) {
        view_take_message(&ui->live, s->text + s->seen);
        s->seen = (size_t)(end - s->text) + 1;
        ui->is_stale = true;
    }
    pthread_mutex_unlock(&s->lock);
}

static void
write_said(const struct said *s)
{
    fwrite(s->text, 1, s->bytes, console_stream());
    if (s->lost > 0)
        fprintf(console_stream(), "shakedown: note: %u more messages are lost\n", s->lost);
}

/* -- open and close ------------------------------------------------------------------------ */

void
run_ui_open(struct run *run)
{
    struct run_ui *ui;

    run_progress_begin(run);
    if (run->opts->ui != UI_TUI)
        return;
    ui = calloc(1, sizeof(*ui));
    if (ui == NULL)
        return;
    pthread_mutex_init(&ui->said.lock, NULL);
    view_take_init(&ui->taker, &ui->live, run->result);
    view_take_search(&ui->live, run->result);
    fflush(stdout);
    if (!console_divert(take_said, &ui->said) ||
        !terminal_open(&ui->terminal, run->opts->has_ink)) {
        console_undivert();
        free(ui);
        return;
    }
    ui->is_stale = true;
    run->ui = ui;
}

void
run_ui_close(struct run *run)
{
    struct run_ui *ui = run->ui;

    console_status("");
    if (ui == NULL)
        return;
    run->ui = NULL;
    terminal_close(&ui->terminal);
    console_undivert();
    write_said(&ui->said);
    free(ui);
}

void
run_ui_step_aside(struct run *run)
{
    if (run->ui == NULL)
        return;
    terminal_step_aside(&run->ui->terminal);
    run->ui->is_stale = true;
}

/* -- keys ---------------------------------------------------------------------------------- */

static void __attribute__((format(printf, 2, 3))) say(struct run_ui *ui, const char *fmt, ...)
{
    va_list args;

    va_start(args, fmt);
    vsnprintf(ui->screen.message, sizeof(ui->screen.message), fmt, args);
    va_end(args);
    ui->is_stale = true;
}

/* As soon as a change that is under way has come. */
static void
change_rate(struct run *run, struct run_ui *ui)
{
    struct result_rate_change change;
    char to[VALUE_TEXT_MAX];

    if (!ui->wants_rate || !run_rate_change(run, ui->wanted_milli, &change))
        return;
    ui->wants_rate = false;
    say(ui, "%s/s from %.1f s on", value_format_rate(change.to_milli, to), change.t_s);
}

static void
want_rate(const struct run *run, struct run_ui *ui, const char *text)
{
    struct fail f;

    ui->wants_rate = run_rate_read(run, text, &ui->wanted_milli, &f) == 0;
    if (!ui->wants_rate)
        say(ui, "%s", f.text);
}

/* By a step, from the rate as it is about to be. Less than one in a thousand seconds is none. */
static void
step_rate(const struct run *run, struct run_ui *ui, bool is_up)
{
    uint64_t from = ui->wants_rate ? ui->wanted_milli : run_rate_milli(run);
    uint64_t to = is_up ? (from * STEP_UP + STEP_DOWN / 2) / STEP_DOWN
                        : (from * STEP_DOWN + STEP_UP / 2) / STEP_UP;
    char text[VALUE_TEXT_MAX];

    to = is_up && to == from ? from + 1 : to;
    want_rate(run, ui, value_format_rate(u64_min(to, 1000 * LOAD_RATE_MAX), text));
}

static void
stop(struct run *run, struct run_ui *ui)
{
    if (!run->result->interrupted)
        run_interrupt(run);
    say(ui, "The load stops, and what is open drains; Ctrl-C ends it at once");
}

static void
take_key(struct run *run, struct run_ui *ui, int key)
{
    bool was_paused = ui->screen.is_paused;
    char rate[SCREEN_TYPED_MAX + 1];

    switch (screen_key(&ui->screen, &ui->live, key, rate)) {
    case SCREEN_WISH_NONE:
        break;
    case SCREEN_WISH_FASTER:
    case SCREEN_WISH_SLOWER:
        step_rate(run, ui, key == '+');
        break;
    case SCREEN_WISH_RATE:
        want_rate(run, ui, rate);
        break;
    case SCREEN_WISH_STOP:
        stop(run, ui);
        break;
    }
    if (ui->screen.is_paused && !was_paused)
        ui->still = ui->live;
    ui->is_stale = true;
}

/* -- pictures ------------------------------------------------------------------------------ */

static void
draw(struct run *run, struct run_ui *ui, uint64_t now_ns)
{
    struct view *v = &ui->live;
    struct fail f;
    unsigned rows, cols;

    run_progress(run, &v->progress);
    v->may_change_rate = run_rate_may_change(run, &f) == 0;
    v->t_s = schedule_start_ns(&run->schedule) == TIME_NEVER ? -1 : fmax(run_s(run), 0);
    terminal_size(&ui->terminal, &rows, &cols);
    canvas_clear(&ui->canvas, rows, cols, ui->terminal.is_ascii);
    screen_draw(&ui->canvas, ui->screen.is_paused ? &ui->still : v, &ui->screen);
    if (terminal_show(&ui->terminal, &ui->canvas))
        ui->is_stale = false;
    ui->next_ns = now_ns + PICTURE_NS;
}

void
run_ui_look(struct run *run)
{
    struct run_ui *ui = run->ui;
    uint64_t now_ns = run_now_ns(run);
    int key;

    if (ui == NULL) {
        if (run->opts->ui == UI_LINE)
            run_status_look(run);
        return;
    }
    while ((key = terminal_key(&ui->terminal)) >= 0)
        take_key(run, ui, key);
    change_rate(run, ui);
    show_said(ui);
    if (ui->is_stale || now_ns >= ui->next_ns)
        draw(run, ui, now_ns);
}

/* What was asked for at the end of the second; negative: a closed loop, or a server. */
static double
rate_asked(const struct run *run)
{
    const struct searching *s = &run->searching;

    if (!run->sampler.has_role[ROLE_CLIENT] || !course_has_rate(&run->course))
        return -1;
    if (run_now_ns(run) >= schedule_stop_ns(&run->schedule))
        return 0;
    if (s->state != SEARCHING_OFF) /* trials may be shorter than a second */
        return s->state == SEARCHING_TRIES ? (double)s->trial.opts.rate_milli / 1000 : 0;
    return (double)run_rate_milli(run) / 1000;
}

void
run_ui_second(struct run *run, const struct result_interval *second)
{
    struct run_ui *ui = run->ui;
    bool is_search = run->searching.state != SEARCHING_OFF;
    uint64_t measured_ns;
    struct result *measured;
    struct view_facts facts;

    if (ui == NULL) {
        console_status(""); /* a row comes */
        return;
    }
    measured = is_search ? NULL : run_measured_so_far(run, PHASE_COUNT, &measured_ns);
    if (measured != NULL)
        measured->is_running = true;
    facts = (struct view_facts){.second = second,
                                .second_s = second->t_s - ui->second_t_s,
                                .asked = rate_asked(run),
                                .measured = measured,
                                .criteria = is_search ? NULL : run->opts->criteria};
    ui->second_t_s = second->t_s;
    view_take_second(&ui->taker, &ui->live, &facts);
    ui->is_stale = true;
}

void
run_ui_trial(struct run *run)
{
    if (run->ui == NULL) {
        console_status("");
        return;
    }
    view_take_search(&run->ui->live, run->result);
    run->ui->is_stale = true;
}
