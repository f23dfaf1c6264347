/* SPDX-License-Identifier: BSD-3-Clause */
/* An HTTP server for one page, /metrics: the newest snapshot of a board. It only reads (GET and
 * HEAD), in a thread of its own, and nobody can make it hold more than a bounded part of the
 * process: SERVER_CLIENTS_MAX connections, some memory for each, a rendered page of each form, and
 * those that slow clients have yet to take. Who neither sends nor takes anything for
 * SERVER_IDLE_S is let go of; when connections become few, so is whoever has kept its own busy for
 * longest without a request that was answered. */
#pragma once

#include <stdint.h>

#include "base/fail.h"
#include "conf/monitoring.h"
#include "metrics/board.h"

#define SERVER_CLIENTS_MAX 32
#define SERVER_IDLE_S      10

struct MHD_Daemon;
struct MHD_Response;

struct metrics_server {
    int fd; /* that listens; -1: there is none, or it is the daemon's */
    struct metrics_board *board;
    struct MHD_Daemon *daemon; /* NULL: it does not serve */
    /* -- its thread's -- */
    struct metrics_snapshot *shown; /* what the pages are of; NULL: none yet */
    struct MHD_Response *pages[2];  /* by enum exposition_form; NULL: to be made */
    struct MHD_Response *wrong_path, *wrong_method, *no_memory;
    uint64_t n_moves; /* connections that came, and requests that were answered */
    struct server_client {
        int fd;         /* -1: none */
        uint64_t moved; /* n_moves when it came, or was answered last */
    } clients[SERVER_CLIENTS_MAX];
};

/** Nothing listens. */
void metrics_server_init(struct metrics_server *s);

/** Listen at @at, so that it is known before a run that this works. Nobody is answered yet.
 * @return 0, or -1 with @f (EXIT_HOST) */
int metrics_server_listen(struct metrics_server *s, const struct conf_listen *at, struct fail *f);

/** Where it listens: "127.0.0.1:9464", "[::1]:9464". @return @buf */
#define SERVER_PLACE_MAX (IP_TEXT_MAX + 16)
const char *metrics_server_place(const struct metrics_server *s, char buf[static SERVER_PLACE_MAX]);

/** Answer from now on with what @board has. @return 0, or -1 with @f (EXIT_HOST) */
int metrics_server_begin(struct metrics_server *s, struct metrics_board *board, struct fail *f);

/** Stop listening and answering; connections are closed. */
void metrics_server_fini(struct metrics_server *s);
