/* SPDX-License-Identifier: BSD-3-Clause */
/* From what the user asked of HTTP in a class to what each side is told: the requests to each
 * target, as bytes or as pieces that are filled in. Control thread, before the workers run. */
#pragma once

#include "app/http2_setup.h"
#include "app/http_files.h"
#include "base/fail.h"
#include "base/role.h"
#include "conf/conf.h"
#include "proto/http_opts.h"

struct http_setup {
    struct http_opts opts;         /* for both sides */
    struct http_request *requests; /* [target of the class * paths + path]; NULL: no client speaks
                                      HTTP */
    uint8_t *bytes;                /* what they are made of, */
    struct http_piece *pieces;     /* and of what */
    uint8_t *order;                /* of the paths */
    struct http_table table;       /* of --csv-data */
    struct http2_kit http2[ROLE_COUNT]; /* of the roles that speak HTTP/2 */
};

/** Work it out for a class of @conf that speaks HTTP, and read the files. @return 0, or -1 with @f
 * set, nothing left. */
int http_setup_init(struct http_setup *s, const struct conf *conf, unsigned class_idx,
                    struct fail *f);
void http_setup_fini(struct http_setup *s);
