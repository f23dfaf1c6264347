/* SPDX-License-Identifier: BSD-3-Clause */
/* See registry.h. */
#include "report/registry.h"

#include <string.h>

#include "base/units.h"
#include "report/json.h"
#include "report/text.h"

const struct report_format report_formats[] = {
    {"text", "the summary, for people", text_write},
    {"json", "one JSON object, docs/result.schema.json", json_write},
};

const size_t n_report_formats = ARRAY_LEN(report_formats);

const struct report_format *
report_format_find(const char *name)
{
    for (size_t i = 0; i < n_report_formats; i++)
        if (strcmp(report_formats[i].name, name) == 0)
            return &report_formats[i];
    return NULL;
}
