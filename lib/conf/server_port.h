/* SPDX-License-Identifier: BSD-3-Clause */
/* The second port of a run with a device under test in the middle: whether what is said of it fits
 * the rest. Pure. */
#pragma once

#include "conf/conf.h"

/** Whether options of it are complete, and none is given without it. @return 0, or -1 with @f set
 * (EXIT_USAGE) */
int server_port_check(const struct conf *c, struct fail *f);

/** Whether its addresses may be there, beside those of the clients' port. @return as above */
int server_port_check_addresses(const struct conf *c, struct fail *f);
