/* SPDX-License-Identifier: BSD-3-Clause */
/* An earlier result, read again from what json.h has written: so that it can be merged with others,
 * compared with them, or shown. All that its JSON tells is as it was; of latencies and counts
 * nothing is lost. Control thread. */
#pragma once

#include <jansson.h>

#include "base/fail.h"
#include "conf/conf.h"
#include "report/result.h"

struct earlier {
    const char *path;     /* the caller's */
    struct conf conf;     /* of its scenario, see conf_finish_earlier() */
    struct result result; /* without criteria and search */
    bool has_search;      /* the run was a search for the maximum */
    json_t *root;         /* all of it; has the strings of @result */
};

/**
 * Read the result in the file @path, which has to last as long as what is read.
 *
 * @return it, to be given to earlier_free(); NULL with @f set: the file is not there (EXIT_USAGE),
 *         is no JSON, or no result of this schema, or says what cannot be
 */
struct earlier *earlier_read(const char *path, struct fail *f);
void earlier_free(struct earlier *e);

/** Read @n of them into @list. @return 0, or -1 with @f set and nothing left in it */
int earlier_read_all(struct earlier *list[], const char *const paths[], unsigned n, struct fail *f);
void earlier_free_all(struct earlier *list[], unsigned n);

/** The scenario of a result, to be given to earlier_conf_free(). @return NULL: it cannot be read,
 * or there is no memory */
struct conf *earlier_conf(const json_t *root);
void earlier_conf_free(struct conf *c);

/** Read only the JSON, and see that it is a result. @return a reference; NULL with @f set */
json_t *earlier_load(const char *path, struct fail *f);
