/* SPDX-License-Identifier: BSD-3-Clause */
/* Root is for opening a device. Before the first packet the process becomes another user, all of
 * its threads, and keeps no capability: --user, else whoever called sudo. */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

#include "base/fail.h"
#include "conf/conf.h"
#include "io/io.h"

struct privilege {
    bool drops;    /* there is somebody to become */
    bool is_asked; /* by --user: then it is done, or the run does not begin */
    uid_t uid;
    gid_t gid;
    char name[64];    /* of the account, or its number */
    bool has_account; /* its further groups are known */
};

/* Where the choice comes from. */
struct privilege_facts {
    uid_t euid;                      /* of this process */
    const char *user;                /* --user; "" for none */
    const char *sudo_uid, *sudo_gid; /* of the environment; NULL: not there */
};

/** Whom to become. Only root becomes anybody. @return 0, or -1 with @f (EXIT_USAGE): there is no
 * such user, or this one may not become another */
int privilege_choose(struct privilege *p, const struct privilege_facts *facts, struct fail *f);

/** The same of this process, by its environment and @user. */
int privilege_choose_own(struct privilege *p, const char *user, struct fail *f);

/** What has to be possible at the end: files written and removed. */
struct privilege_needs {
    const struct conf *conf;             /* its reports are to be written */
    const char *sockets[IO_DEVICES_MAX]; /* are to be removed; "" and NULL for none */
    const char *keeps;                   /* why root cannot be left at all; NULL: it can */
};

/**
 * Become that user, in all threads and for good. Where that user could not do what is needed at the
 * end, a run that was asked for it does not begin, and one that was not stays root.
 *
 * @param[out] note  what to tell the user; "" for nothing
 * @return 0, or -1 with @f
 */
int privilege_drop(const struct privilege *p, const struct privilege_needs *needs, char *note,
                   size_t size, struct fail *f);
