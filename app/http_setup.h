/* SPDX-License-Identifier: BSD-3-Clause */
/* From what the user asked of HTTP in a class to what each side is told: the bytes of a request to
 * each target. Control thread, before the workers run. */
#pragma once

#include "base/fail.h"
#include "base/role.h"
#include "conf/conf.h"
#include "proto/http_opts.h"

struct http_setup {
    struct http_opts opts;         /* for both sides */
    struct http_request *requests; /* [target of the class]; NULL: no client speaks HTTP */
    uint8_t *bytes;                /* what they are made of */
};

/** The most that a body may have. */
#define HTTP_BODY_MAX (UINT64_C(256) << 20)

/** Work it out for a class of @conf that speaks HTTP, and read the body's file. @return 0, or -1
 * with @f set, nothing left. */
int http_setup_init(struct http_setup *s, const struct conf *conf, unsigned class_idx,
                    struct fail *f);
void http_setup_fini(struct http_setup *s);
