/* SPDX-License-Identifier: BSD-3-Clause */
/* What the user says about HTTP/2: whether it fits together. */
#pragma once

#include "conf/conf.h"

bool conf_is_http2(const struct proto_ops *proto);

/** Whether connections of the class speak HTTP/2: a client's all, a server's those that want to. */
bool conf_speaks_http2(const struct conf *c, unsigned class_idx);

/** Check the options of HTTP/2 in a class whose protocol is known. @return 0, or -1 with @f set. */
int conf_finish_http2(const struct conf *c, unsigned class_idx, struct fail *f);
