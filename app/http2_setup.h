/* SPDX-License-Identifier: BSD-3-Clause */
/* What HTTP/2 needs of what the user asked of HTTP (proto/http2_kit.h). Control thread, before the
 * workers run. */
#pragma once

#include "base/fail.h"
#include "base/role.h"
#include "conf/conf.h"
#include "proto/http2_kit.h"

/**
 * Make the kits of the roles of this process that speak HTTP/2 in a class, in @kits, zeroed memory
 * that has to last as long as @opts, whose requests are made: it then points there. @return 0, or
 * -1 with @f set.
 */
int http2_setup_init(struct http2_kit kits[static ROLE_COUNT], struct http_opts *opts,
                     const struct conf *conf, unsigned class_idx, struct fail *f);
void http2_setup_fini(struct http2_kit kits[static ROLE_COUNT]);
