/* SPDX-License-Identifier: BSD-3-Clause */
/* The advice about TLS: more rows for the tables of hints.c. */
#pragma once

#include "report/hints.h"

extern const struct hint hints_tls[];
