/* SPDX-License-Identifier: BSD-3-Clause */
/* TLS alerts by the names that RFC 8446 6 (and RFC 5246 7.2 for older ones) gives them. */
#pragma once

#include <stdint.h>

/** @return the name of @description; NULL: it has none. */
const char *tls_alert_name(uint8_t description);
