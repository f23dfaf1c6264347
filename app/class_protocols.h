/* SPDX-License-Identifier: BSD-3-Clause */
/* What TLS and HTTP of the traffic classes need before a port is opened: files read, certificates
 * made, options that OpenSSL does not take found, secrets guarded. Control thread. */
#pragma once

#include "app/http_setup.h"
#include "app/tls_setup.h"
#include "base/fail.h"
#include "conf/conf.h"

struct class_protocols {
    struct tls_setup tls[CONF_CLASSES_MAX]; /* by class, of those that speak it */
    struct tls_computing computing;
    struct http_setup http[CONF_CLASSES_MAX];
};

/** Fill @p, zeroed memory, for @conf, whose classes learn what their handshakes take. @return 0, or
 * -1 with @f set, nothing left. */
int class_protocols_init(struct class_protocols *p, struct conf *conf, struct fail *f);
void class_protocols_fini(struct class_protocols *p, const struct conf *conf);
