/* SPDX-License-Identifier: BSD-3-Clause */
/* What the Accept field of a request asks for (RFC 9110 12.5.1). Pure. */
#pragma once

#include "metrics/exposition.h"

/** The form that a request gets whose field is @accept: OpenMetrics where that is wanted by its
 * name, and no less than text is. NULL: there is no such field. */
enum exposition_form accept_form(const char *accept);
