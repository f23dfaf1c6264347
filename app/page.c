/* SPDX-License-Identifier: BSD-3-Clause */
/* See page.h. */
#include "app/page.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "app/streams.h"
#include "report/earlier.h"
#include "report/html.h"
#include "report/outfile.h"

static const char JSON_ENDING[] = ".json";

/* "result.html" of "result.json". @return @place, or what the user said */
static const char *
place_of(const struct conf *c, char place[static PATH_MAX])
{
    const char *path = c->results.paths[0];
    size_t length = strlen(path), ending = strlen(JSON_ENDING);

    if (c->html[0] != '\0')
        return c->html;
    if (length > ending && strcmp(path + length - ending, JSON_ENDING) == 0)
        length -= ending;
    snprintf(place, PATH_MAX, "%.*s.html", (int)length, path);
    return place;
}

int
page_of_file(const struct conf *c, struct fail *f)
{
    char place[PATH_MAX];
    const char *path = place_of(c, place);
    struct outfile o;
    json_t *root;
    int err;

    if (html_check(f) < 0 || outfile_check(HTML_OPTION, path, f) < 0)
        return -1;
    root = earlier_load(c->results.paths[0], f);
    if (root == NULL)
        return -1;
    err = outfile_begin(&o, HTML_OPTION, path, true, f);
    if (err == 0) {
        err = html_write_json(o.out, root, f);
        if (err == 0)
            err = outfile_end(&o, f);
        else
            outfile_abandon(&o);
    }
    json_decref(root);
    if (err == 0 && !outfile_is_stdout(path))
        printf("%s\n", path);
    return err == 0 ? streams_flush(f) : -1;
}
