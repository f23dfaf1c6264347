/* SPDX-License-Identifier: BSD-3-Clause */
#include "metrics/accept.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <criterion/parameterized.h>

struct row {
    char field[256];
    enum exposition_form form;
};

static struct row rows[] = {
    {"", EXPOSITION_PROMETHEUS},
    {"*/*", EXPOSITION_PROMETHEUS},
    {"text/html, */*;q=0.1", EXPOSITION_PROMETHEUS},
    {"text/plain", EXPOSITION_PROMETHEUS},
    {"text/plain;version=0.0.4", EXPOSITION_PROMETHEUS},
    {"application/openmetrics-text", EXPOSITION_OPENMETRICS},
    {"APPLICATION/OpenMetrics-Text; Version=1.0.0", EXPOSITION_OPENMETRICS},
    {"application/openmetrics-text; version=\"1.0.0\"; charset=utf-8", EXPOSITION_OPENMETRICS},
    /* Prometheus 2.42 and 3.0 */
    {"application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,"
     "text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
     EXPOSITION_OPENMETRICS},
    {"application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,"
     "text/plain;version=0.0.4;q=0.6,*/*;q=0.1",
     EXPOSITION_PROMETHEUS},
    {"text/plain;version=0.0.4;q=1,*/*;q=0.1", EXPOSITION_PROMETHEUS},
    {"application/openmetrics-text;q=0", EXPOSITION_PROMETHEUS},
    {"application/openmetrics-text;q=0.5, text/plain;q=0.5", EXPOSITION_OPENMETRICS},
    {"application/openmetrics-text;q=0.499, text/plain;q=0.5", EXPOSITION_PROMETHEUS},
    {"application/openmetrics-text;q=0.5, */*", EXPOSITION_PROMETHEUS},
    {"*/*, application/openmetrics-text;q=0.5, text/plain;q=0.2", EXPOSITION_OPENMETRICS},
    {"text/*;q=0.2, application/openmetrics-text;q=0.3, */*;q=0.9", EXPOSITION_OPENMETRICS},
    {"application/openmetrics-text;version=2.0.0", EXPOSITION_PROMETHEUS},
    /* What is no such field harms nobody. */
    {",,;;q=,;=\"", EXPOSITION_PROMETHEUS},
    {"application/openmetrics-text;x=\",text/plain;q=1", EXPOSITION_OPENMETRICS},
    {"application/openmetrics-text;q=9999999999", EXPOSITION_OPENMETRICS},
};

ParameterizedTestParameters(accept, the_form_that_is_wanted_most_is_chosen)
{
    return cr_make_param_array(struct row, rows, sizeof(rows) / sizeof(rows[0]));
}

ParameterizedTest(struct row *row, accept, the_form_that_is_wanted_most_is_chosen)
{
    cr_assert(eq(int, accept_form(row->field), row->form), "%s", row->field);
}

Test(accept, without_the_field_it_is_prometheus)
{
    cr_assert(eq(int, accept_form(NULL), EXPOSITION_PROMETHEUS));
}
