/* SPDX-License-Identifier: BSD-3-Clause */
#include "report/registry.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "report/json.h"
#include "report/text.h"

Test(registry, formats_are_found_by_name)
{
    cr_assert(report_format_find("text")->write == text_write);
    cr_assert(report_format_find("json")->write == json_write);
    cr_assert(eq(ptr, (void *)report_format_find("xml"), NULL));
    cr_assert(eq(ptr, (void *)report_format_find(""), NULL));
}

Test(registry, every_format_is_complete)
{
    for (size_t i = 0; i < n_report_formats; i++) {
        cr_assert(ne(str, (char *)report_formats[i].name, ""));
        cr_assert(ne(str, (char *)report_formats[i].meaning, ""));
        cr_assert(report_formats[i].write != NULL);
    }
}
