/* SPDX-License-Identifier: BSD-3-Clause */
/* `shakedown doctor`: how it opens a device, and how it says what it saw (io/doctor.h). */
#pragma once

#include "conf/conf.h"
#include "io/doctor.h"
#include "io/io.h"
#include "report/result.h"

/** As a run that carries payload, so that the port shows all of its offloads. */
struct io_opts doctor_io_opts(const struct conf *c);

/**
 * Print r->doctor for people, to standard output unless that is to be JSON, and write the JSON that
 * was asked for.
 *
 * @return 0, or -1 with @f set (EXIT_HOST)
 */
int doctor_report(const struct conf *c, const struct result *r, struct fail *f);
