/* SPDX-License-Identifier: BSD-3-Clause */
/* See steering.h. */
#include "report/steering.h"

#include <stdio.h>
#include <string.h>

const char *const steering_reason_texts[] = {
    [STEER_ONE_QUEUE] = "",
    [STEER_BY_SYN] = "a connection belongs to the worker whose queue received its SYN",
    [STEER_BY_PORT] = "local ports are chosen so that replies come to the right one",
    [STEER_NO_HASH] = "the device does not say by which hash it spreads packets over its queues",
    [STEER_NO_CHOICE] =
        "with the device's hash key and table no choice of ports leads to each queue",
    [STEER_FEW_PORTS] = "of --ports too few lead to each of the device's queues",
};

const char *const steering_mode_names[STEERING_HANDOFF + 1] = {
    [STEERING_NONE] = "none",
    [STEERING_RSS] = "rss",
    [STEERING_HANDOFF] = "handoff",
};

enum steering_mode
steering_mode_of(const struct steering_facts *s)
{
    switch (s->reason) {
    case STEER_ONE_QUEUE:
        return STEERING_NONE;
    case STEER_BY_SYN:
        return STEERING_RSS;
    case STEER_BY_PORT:
        return s->misrouted == 0 ? STEERING_RSS : STEERING_HANDOFF;
    case STEER_NO_HASH:
    case STEER_NO_CHOICE:
    case STEER_FEW_PORTS:
        break;
    }
    return STEERING_HANDOFF;
}

bool
steering_is_verified(const struct steering_facts *s)
{
    return s->reason == STEER_BY_PORT && s->misrouted == 0 && s->answers > 0;
}

/* What write_check() writes, and reads again. */
#define MISROUTED_TEXT                                                                             \
    "workers hand packets off to each other: %u of %u answers to probes came to "                  \
    "another queue than RSS key and table say"
#define VERIFIED_TEXT                                                                              \
    "RSS brings replies to the queue of the worker that has the connection, verified "             \
    "by %u answers to probes"
#define UNVERIFIED_TEXT "RSS steering not verified: no target answered any of %u probes"

static void
write_check(const struct steering_facts *s, char text[static STEERING_TEXT_MAX])
{
    if (s->misrouted > 0)
        snprintf(text, STEERING_TEXT_MAX, MISROUTED_TEXT, s->misrouted, s->answers);
    else if (s->answers > 0)
        snprintf(text, STEERING_TEXT_MAX, VERIFIED_TEXT, s->answers);
    else
        snprintf(text, STEERING_TEXT_MAX, UNVERIFIED_TEXT, s->probes);
}

const char *
steering_text(const struct steering_facts *s, char text[static STEERING_TEXT_MAX])
{
    if (s->reason == STEER_BY_PORT)
        write_check(s, text);
    else
        snprintf(text, STEERING_TEXT_MAX, "%s%s",
                 steering_mode_of(s) == STEERING_HANDOFF
                     ? "workers hand packets off to each other: "
                     : "",
                 steering_reason_texts[s->reason]);
    return text;
}

bool
steering_read(struct steering_facts *s, const char *mode, const char *why)
{
    *s = (struct steering_facts){.reason = STEER_BY_PORT};
    if (sscanf(why, MISROUTED_TEXT, &s->misrouted, &s->answers) == 2 ||
        sscanf(why, VERIFIED_TEXT, &s->answers) == 1 ||
        sscanf(why, UNVERIFIED_TEXT, &s->probes) == 1)
        return true;
    *s = (struct steering_facts){.reason = STEER_ONE_QUEUE};
    if (strcmp(mode, steering_mode_names[STEERING_NONE]) == 0)
        return true;
    for (int reason = STEER_BY_SYN; reason <= STEER_FEW_PORTS; reason++) {
        const char *text = steering_reason_texts[reason];
        size_t length = strlen(text), all = strlen(why);

        s->reason = (enum steering_reason)reason;
        if (reason != STEER_BY_PORT && all >= length && strcmp(why + all - length, text) == 0)
            return true;
    }
    *s = (struct steering_facts){.reason = STEER_ONE_QUEUE};
    return false;
}
