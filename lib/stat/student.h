/* SPDX-License-Identifier: BSD-3-Clause */
/* Student's t distribution: how far a mean of few measurements may be off by chance. Pure. */
#pragma once

/** The value that @df degrees of freedom (> 0, fractions too) stay below with probability @p, 0 <
 * @p < 1. At most 1e-9 of it off, and 1e6 at most. */
double student_quantile(double p, double df);
