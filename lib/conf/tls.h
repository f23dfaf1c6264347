/* SPDX-License-Identifier: BSD-3-Clause */
/* What a user says about TLS: the form of its lists, and how it fits together. Reads no file and
 * makes nothing of OpenSSL's lists: only the context that is made of them can tell. */
#pragma once

#include "conf/conf.h"
#include "conf/value.h"

/** "h2,http/1.1", each name 1 to 255 bytes, together TLS_ALPN_MAX on the wire (RFC 7301 3.1). */
int conf_check_alpn(const char *text, struct value_why *why);

/** "auto", "off", or "a.example,b.example": host names, TLS_SNI_MAX at most (RFC 6066 3). */
int conf_check_sni(const char *text, struct value_why *why);

/**
 * Fill in what follows from other values of TLS in class @class_idx (whether serve accepts it, a
 * certificate's key, verification), and check that all of it fits together and that its files can
 * be read, or written. Before any name is looked up.
 *
 * @return 0, or -1 with @f set to EXIT_USAGE
 */
int conf_finish_tls(struct conf *c, unsigned class_idx, struct fail *f);
