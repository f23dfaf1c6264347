/* SPDX-License-Identifier: BSD-3-Clause */
/* The text of a virtual device, "NAME,KEY=VALUE,...". Pure. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/** Copy the value of @key among the arguments behind the first comma of @text into @value, cut to
 * @size. @return whether the key is there. */
bool vdev_argument(const char *text, const char *key, char *value, size_t size);
