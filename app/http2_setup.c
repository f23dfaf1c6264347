/* SPDX-License-Identifier: BSD-3-Clause */
/* See http2_setup.h. */
#include "app/http2_setup.h"

#include "conf/http2.h"

static unsigned
n_requests(const struct conf *conf, unsigned class_idx, const struct http_opts *opts)
{
    unsigned n = 0;

    for (unsigned i = 0; i < conf->n_targets; i++)
        n += conf->targets[i].class_idx == class_idx;
    return n * (opts->n_paths > 1 ? opts->n_paths : 1);
}

static int
init_role(struct http2_kit *kit, enum role role, const struct http_opts *opts,
          const struct conf *conf, unsigned class_idx, struct fail *f)
{
    const struct conf_class *k = &conf->classes[class_idx];
    struct http2_kit_opts o = {.is_server = role == ROLE_SERVER,
                               .streams = (uint32_t)k->http.streams,
                               .window_bytes = (uint32_t)k->http.h2_window,
                               .connection_window_bytes = (uint32_t)k->http.h2_connection_window,
                               .is_secure = k->is_tls};

    if (role == ROLE_CLIENT) {
        o.requests = opts->requests;
        o.n_requests = n_requests(conf, class_idx, opts);
    }
    if (http2_kit_init(kit, &o) < 0)
        return fail_set(f, EXIT_HOST, "no memory for HTTP/2");
    return 0;
}

int
http2_setup_init(struct http2_kit kits[static ROLE_COUNT], struct http_opts *opts,
                 const struct conf *conf, unsigned class_idx, struct fail *f)
{
    if (!conf_speaks_http2(conf, class_idx))
        return 0;
    for (enum role role = 0; role < ROLE_COUNT; role++) {
        if (!conf_has_role(conf, role))
            continue;
        if (init_role(&kits[role], role, opts, conf, class_idx, f) < 0)
            return -1;
        opts->http2[role == ROLE_SERVER] = &kits[role];
    }
    return 0;
}

void
http2_setup_fini(struct http2_kit kits[static ROLE_COUNT])
{
    for (enum role role = 0; role < ROLE_COUNT; role++)
        http2_kit_fini(&kits[role]);
}
