/* SPDX-License-Identifier: BSD-3-Clause */
/* See json_doctor.h. */
#include "report/json_doctor.h"

#include "io/doctor.h"
#include "report/json_head.h"

static json_t *
row_json(struct json_tree *t, const struct doctor_row *row)
{
    json_t *o = json_object();

    tree_put(t, o, "name", tree_text(row->name));
    tree_put(t, o, "state", tree_text(doctor_state_name(row->state)));
    tree_put(t, o, "text", tree_text(row->text));
    tree_put(t, o, "command", row->command[0] != '\0' ? tree_text(row->command) : json_null());
    return o;
}

static json_t *
rows_json(struct json_tree *t, const struct doctor *d)
{
    json_t *a = json_array();

    for (unsigned i = 0; i < DOCTOR_COUNT; i++)
        if (d->rows[i].is_looked_at)
            tree_append(t, a, row_json(t, &d->rows[i]));
    return a;
}

int
json_doctor_write(FILE *out, const struct result *r, struct fail *f)
{
    struct json_tree t = {0};
    json_t *o = json_object();

    json_head_put_tool(&t, o, JSON_DOCTOR_SCHEMA_NAME, r);
    tree_put(&t, o, "device", tree_text(r->doctor->device));
    tree_put(&t, o, "state", tree_text(doctor_state_name(doctor_worst(r->doctor))));
    tree_put(&t, o, "rows", rows_json(&t, r->doctor));
    return json_head_dump(&t, o, out, f);
}
