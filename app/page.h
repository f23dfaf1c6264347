/* SPDX-License-Identifier: BSD-3-Clause */
/* `shakedown report`: the page of an earlier result. Nothing is sent. */
#pragma once

#include "base/fail.h"
#include "conf/conf.h"

/** Write it to --html, or beside the result. @return 0, or -1 with @f set */
int page_of_file(const struct conf *c, struct fail *f);
