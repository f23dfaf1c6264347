/* SPDX-License-Identifier: BSD-3-Clause */
/* See doctor.h. */
#include "app/doctor.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/console.h"
#include "report/ink.h"
#include "report/json_doctor.h"
#include "report/json_head.h"
#include "report/outfile.h"
#include "report/text_doctor.h"
#include "sess/payload.h"

struct io_opts
doctor_io_opts(const struct conf *c)
{
    return (struct io_opts){
        .device = c->device,
        .eal = c->eal,
        .lcores = c->lcores,
        .payload_bytes = PAYLOAD_BYTES,
        .no_offload = !c->offload,
        .mtu = (uint16_t)c->mtu,
    };
}

int
doctor_report(const struct conf *c, const struct result *r, struct fail *f)
{
    FILE *out = outfile_is_stdout(c->json) ? console_stream() : stdout;
    bool is_terminal = isatty(fileno(out)) == 1;

    text_doctor_print(out, r->doctor,
                      ink_is_wanted(is_terminal, getenv("NO_COLOR"), getenv("TERM")));
    if (c->json[0] == '\0')
        return 0;
    return outfile_write(JSON_OPTION, c->json, json_doctor_write, r, f);
}
