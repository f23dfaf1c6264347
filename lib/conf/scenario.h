/* SPDX-License-Identifier: BSD-3-Clause */
/* A scenario file: the options of the table as keys of a YAML file, nested by the dots in their
 * names, or the scenario of an earlier result. */
#pragma once

#include "conf/conf.h"

/**
 * Read c->source into @c, which is as the command line left it: what that says counts, and the file
 * says the rest.
 *
 * @return 0, or -1 with @f set: points at what is wrong
 */
int scenario_read(struct conf *c, struct fail *f);

/**
 * The same of a part of a file: of the mapping that c->source has at @key of its root.
 */
int scenario_read_part(struct conf *c, const char *key, struct fail *f);

/** What @f says begins with the name of an option, or a URL, of class @class_idx or the run: where
 * the scenario has it, point there. Nothing is done when it points somewhere already. */
void scenario_point(const struct conf *c, unsigned class_idx, struct fail *f);

/** What @f says is about the criterion at @offset of those of class @class_idx, or -1: of the run:
 * point there. Nothing is done where the scenario does not have it; @c may be NULL. */
void scenario_point_criterion(const struct conf *c, int class_idx, size_t offset, struct fail *f);
