/* SPDX-License-Identifier: BSD-3-Clause */
/* Any text is read as a plan of the suite or refused with a reason; of what is read each case has a
 * first step, and that has a scenario. No file is opened and no name resolved. */
#include <stdlib.h>
#include <string.h>

#include "libfyaml_leak.h"
#include "suite/scenario.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
make_first_steps(struct suite *s, const struct suite_plan *p)
{
    struct suite_step step;

    suite_init(s, p);
    for (unsigned i = 0; i < s->cases.n; i++) {
        /* What its load follows from. */
        s->courses[i].value = 1000;
        if (suite_next(s, i, &step)) {
            json_t *o = suite_scenario(p, &s->cases.list[i], &step);

            if (o == NULL)
                abort();
            json_decref(o);
        }
        s->courses[i].end = SUITE_PASSED;
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct suite suite;
    struct suite_plan plan;
    struct fail fail = {0};
    char *text = malloc(size + 1), changes[SUITE_WHY_MAX];

    memcpy(text, data, size);
    text[size] = '\0';
    if (suite_plan_from(&plan, "F", text, size % 2 == 0, &fail) == 0) {
        make_first_steps(&suite, &plan);
        (void)suite_plan_changes(&plan, changes);
        suite_plan_fini(&plan);
    } else if (fail.text[0] == '\0') {
        abort();
    }
    free(text);
    return 0;
}
