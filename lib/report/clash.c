/* SPDX-License-Identifier: BSD-3-Clause */
/* See clash.h. */
#include "report/clash.h"

#include <unistd.h>

#include "base/units.h"
#include "conf/options.h"
#include "report/destination.h"

/* Options of a class that name a file; of a body only "@FILE" does. */
static const int files_read[] = {OPTION_CA, OPTION_CERT, OPTION_KEY, OPTION_CSV, OPTION_BODY};

static int
refuse(const struct clash_report *r, const char *who, const char *why, struct fail *f)
{
    return fail_set(f, EXIT_USAGE, "%s %.300s: %s %s", r->option, r->path, who, why);
}

/* Whether @path, "" for none, leads where @to does. What cannot be found is somebody else's to
 * complain of. */
static bool
leads_to(const struct destination *to, const char *path)
{
    struct destination other;

    return path[0] != '\0' && destination_find(&other, path) == 0 &&
           destination_is_same(to, &other);
}

static int
check_report(const struct clash_report *r, const struct destination *to,
             const struct clash_report *first, struct fail *f)
{
    struct destination other;

    if (destination_find(&other, first->path) != 0)
        return 0;
    if (destination_is_same(to, &other))
        return to->fd == STDOUT_FILENO
                   ? refuse(r, first->option,
                            "has standard output already; give one of them a file", f)
                   : refuse(r, first->option, "writes to it already; give each its own file", f);
    if (to->fd == DESTINATION_CONSOLE && other.fd == STDOUT_FILENO)
        return refuse(r, first->option,
                      "has standard output, so text for people goes there; give one of them a file",
                      f);
    return 0;
}

static int
check_keylog(const struct clash_report *r, const struct destination *to, const struct conf *c,
             struct fail *f)
{
    for (unsigned i = 0; i < c->n_classes; i++)
        if (leads_to(to, option_field(c, i, OPTION_KEYLOG)))
            return refuse(r, "--keylog", "writes to it already; give each its own file", f);
    return 0;
}

static int
check_read(const struct clash_report *r, const struct destination *to, const struct conf *c,
           struct fail *f)
{
    static const char WHY[] = "is read from it, and would be lost; give another file";

    if (leads_to(to, c->source.name))
        return refuse(r, "the scenario", WHY, f);
    for (unsigned i = 0; i < c->n_classes; i++) {
        for (size_t k = 0; k < ARRAY_LEN(files_read); k++) {
            const char *path = option_field(c, i, files_read[k]);

            if (files_read[k] == OPTION_BODY)
                path = path[0] == '@' ? path + 1 : "";
            if (leads_to(to, path))
                return refuse(r, conf_options[files_read[k]].name, WHY, f);
        }
    }
    return 0;
}

int
clash_check(const struct clash_report *reports, size_t n, const struct conf *c, struct fail *f)
{
    for (size_t i = 0; i < n; i++) {
        struct destination to;

        if (destination_find(&to, reports[i].path) != 0)
            continue;
        for (size_t k = 0; k < n; k++)
            if (k != i && (k < i || to.fd == DESTINATION_CONSOLE) &&
                check_report(&reports[i], &to, &reports[k], f) < 0)
                return -1;
        if (check_keylog(&reports[i], &to, c, f) < 0 || check_read(&reports[i], &to, c, f) < 0)
            return -1;
    }
    return 0;
}
