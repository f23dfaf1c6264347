/* SPDX-License-Identifier: BSD-3-Clause */
/* The one table of options. The command line, --set, --help, docs/OPTIONS.md and the defaults in
 * struct conf all come from it: a new option is one entry here (and, if its value is of a new
 * kind, one row in value_type.h). Pure. */
#pragma once

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/units.h"
#include "conf/conf.h"
#include "conf/value_type.h"
#include "tls/opts.h"

enum option_group {
    GROUP_DEVICE,
    GROUP_LOAD,
    GROUP_CONNECTION,
    GROUP_PAYLOAD,
    GROUP_HTTP,
    GROUP_TCP,
    GROUP_TLS,
    GROUP_OUTPUT,
    GROUP_OTHER
};

/* For which commands, as a bit set of enum conf_command. */
#define ON_CLIENT (1U << CONF_RUN | 1U << CONF_CHECK)
#define ON_SERVE  (1U << CONF_SERVE)
#define ON_ALL    (ON_CLIENT | ON_SERVE)
#define ON_HOST   (ON_ALL | 1U << CONF_DOCTOR) /* what a host and a device are asked for */
#define ON_RUNS   (1U << CONF_MERGE | 1U << CONF_COMPARE) /* what is made of earlier results */

struct conf_option {
    const char *name;   /* "--rate" */
    const char *letter; /* "-H", the same; NULL: none */
    const char *key;    /* "load.rate"; NULL: not a scenario key */
    enum value_type_id type;
    enum option_group group;
    unsigned commands;
    bool is_of_class;      /* each traffic class has its own value; otherwise the run has one */
    bool is_shared;        /* of a class, but the same for all: what TCP goes by */
    size_t offset, size;   /* of the field, in struct conf_class or struct conf */
    uint64_t min, max;     /* of numbers, in the value's own unit */
    const char *def;       /* as the user would write it; NULL: see note */
    const char *def_serve; /* where serve has another default; "never" for a duration without end */
    const char *note;    /* the default in words, for --help and docs, where def does not tell it */
    const char *metavar; /* NULL: a flag, which needs no value on the command line */
    const char *help;
    const char *const *choices; /* the words of TYPE_CHOICE, in the enum's order, NULL at the end */
    const char *noun;           /* what each of them is: "a way to close" */
    /* What a text has to be beyond its length; NULL: anything. Sets @why and returns -1. */
    int (*check)(const char *text, struct value_why *why);
    bool is_repeatable;
    bool is_mapping;      /* an item may also be keys and values: those of a goal */
    bool is_power_of_two; /* the value has to be one; so are min and max */
    bool takes_dashes;    /* the value may begin with "--" */
};

/* Waits longer than this do not fit the timer wheel. */
#define OPTION_WAIT_MAX (12 * 3600 * NS_PER_SEC)
/* A connection keeps the instant its handshake or close began in 32 bits of microseconds. */
#define OPTION_TIMEOUT_MAX (30 * 60 * NS_PER_SEC)
#define OPTION_DAY         (24 * 3600 * NS_PER_SEC)
/* More payload than this on one connection is taken for a slip. */
#define OPTION_BYTES_MAX (UINT64_C(1) << 40)

/* Where the value is kept: in the run, or in a traffic class. */
#define OPTION_AT(field)                                                                           \
    .offset = offsetof(struct conf, field), .size = sizeof(((struct conf *)NULL)->field)
#define OPTION_OF(field)                                                                           \
    .is_of_class = true, .offset = offsetof(struct conf_class, field),                             \
    .size = sizeof(((struct conf_class *)NULL)->field)
#define OPTION_PAYLOAD(field)                                                                      \
    .type = TYPE_BYTES, OPTION_OF(field), .metavar = "B", .group = GROUP_PAYLOAD,                  \
    .max = OPTION_BYTES_MAX, .def = "0"
#define OPTION_TEXT(least, metavar_)                                                               \
    .type = TYPE_TEXT, .min = (least), .max = CONF_TEXT_MAX - 1, .metavar = (metavar_)
#define OPTION_FAMILY(is_v6)                                                                       \
    .type = TYPE_COUNT, OPTION_OF(family_weights[is_v6]), .metavar = "N", .group = GROUP_LOAD,     \
    .commands = ON_CLIENT, .min = 1, .max = 1000000, .note = "as many to each target"
#define OPTION_OPENSSL(field)                                                                      \
    .group = GROUP_TLS, .commands = ON_ALL, .note = "OpenSSL's", OPTION_OF(field),                 \
    OPTION_TEXT(1, "LIST")

/* X(row, fields of struct conf_option). Printed in this order, group by group. */
#define CONF_OPTIONS(X)                                                                            \
    X(DEVICE, .name = "--device", .key = "device", OPTION_TEXT(1, "D"), OPTION_AT(device),         \
      .group = GROUP_DEVICE, .commands = ON_HOST, .def = "loopback",                               \
      .help =                                                                                      \
          "loopback, memif:PATH, a PCI address, or a DPDK vdev, e.g. net_af_packet0,iface=veth0")  \
    X(LOCAL, .name = "--local", .key = "local.addresses", .type = TYPE_RANGES, OPTION_AT(local),   \
      .metavar = "A", .group = GROUP_DEVICE, .commands = ON_ALL, .is_repeatable = true,            \
      .note = "on loopback 4096 addresses in 198.18.0.0/15 or 2001:2::/48",                        \
      .help = "local addresses: ADDRESS/LENGTH or FIRST-LAST/LENGTH; repeatable")                  \
    X(SERVER_DEVICE, .name = "--server-device", .key = "server.device", OPTION_TEXT(1, "D"),       \
      OPTION_AT(server.device), .group = GROUP_DEVICE, .commands = ON_CLIENT,                      \
      .note = "none, targets are others'",                                                         \
      .help = "a second device, behind what is tested: this program is the server there, and the " \
              "result tells what became of the frames between the two")                            \
    X(SERVER_LOCAL, .name = "--server-local", .key = "server.addresses", .type = TYPE_RANGES,      \
      OPTION_AT(server.local), .metavar = "A", .group = GROUP_DEVICE, .commands = ON_CLIENT,       \
      .is_repeatable = true, .help = "as --local, of --server-device; repeatable")                 \
    X(SERVER_GATEWAY, .name = "--server-gateway", .key = "server.gateway", .type = TYPE_GATEWAY,   \
      OPTION_AT(server.gateway), .metavar = "A", .group = GROUP_DEVICE, .commands = ON_CLIENT,     \
      .is_repeatable = true, .note = "none, clients are on-link",                                  \
      .help = "as --gateway, of --server-device; one per address family")                          \
    X(SERVER_VLAN, .name = "--server-vlan", .key = "server.vlan", .type = TYPE_VLAN,               \
      OPTION_AT(server.vlan), .metavar = "N", .group = GROUP_DEVICE, .commands = ON_CLIENT,        \
      .min = 1, .max = 4094, .note = "untagged", .help = "as --vlan, of --server-device")          \
    X(RESOLVE, .name = "--resolve", .key = "resolve", .type = TYPE_LINES, OPTION_AT(resolve),      \
      .metavar = "N:P:A", .group = GROUP_DEVICE, .commands = ON_CLIENT, .is_repeatable = true,     \
      .note = "the system's resolver", .check = conf_check_host_entry,                             \
      .help =                                                                                      \
          "NAME:PORT:ADDRESS: the address of a URL's host name with that port; the name stays "    \
          "what is sent (Host, SNI); repeatable")                                                  \
    X(GATEWAY, .name = "--gateway", .key = "local.gateway", .type = TYPE_GATEWAY,                  \
      OPTION_AT(gateway), .metavar = "A", .group = GROUP_DEVICE, .commands = ON_ALL,               \
      .is_repeatable = true, .note = "none, targets are on-link",                                  \
      .help = "next hop for targets that are not on-link; one per address family")                 \
    X(VLAN, .name = "--vlan", .key = "local.vlan", .type = TYPE_VLAN, OPTION_AT(vlan),             \
      .metavar = "N", .group = GROUP_DEVICE, .commands = ON_ALL, .min = 1, .max = 4094,            \
      .note = "untagged",                                                                          \
      .help = "VLAN ID of all packets; OUTER.INNER: two tags, 802.1ad before 802.1Q (QinQ)")       \
    X(MTU, .name = "--mtu", .key = "local.mtu", .type = TYPE_INT, OPTION_AT(mtu), .metavar = "N",  \
      .group = GROUP_DEVICE, .commands = ON_HOST, .min = 576, .max = 9216,                         \
      .note = "1500, or the device's if that is less",                                             \
      .help = "bytes of the longest IP packet; set at the device, refused where it takes fewer")   \
    X(MAC, .name = "--mac", .key = "local.mac", .type = TYPE_MAC, OPTION_AT(mac), .metavar = "M",  \
      .group = GROUP_DEVICE, .commands = ON_ALL,                                                   \
      .note = "the device's own; one that stays the same where it has none",                       \
      .help = "MAC address of this side, e.g. 02:00:00:00:00:01")                                  \
    X(PORTS, .name = "--ports", .key = "local.ports", .type = TYPE_PORTS, OPTION_AT(ports),        \
      .metavar = "P-Q", .group = GROUP_DEVICE, .commands = ON_CLIENT, .def = "1024-65535",         \
      .help = "range of local ports; all of them are used before one is reused")                   \
    X(LCORES, .name = "--lcores", .key = "lcores", .type = TYPE_INT, OPTION_AT(lcores),            \
      .metavar = "N", .group = GROUP_DEVICE, .commands = ON_HOST, .min = 1,                        \
      .max = CONF_LCORES_MAX, .def = "1",                                                          \
      .help = "worker cores, each with one queue pair; loopback uses the same number again for "   \
              "the server side")                                                                   \
    X(OFFLOAD, .name = "--offload", .key = "offload", .type = TYPE_BOOL, OPTION_AT(offload),       \
      .metavar = "yes|no", .group = GROUP_DEVICE, .commands = ON_HOST, .def = "yes",               \
      .help = "use NIC offloads (TSO, checksum, multi-segment transmit); no: do it in software")   \
    X(PROBE, .name = "--probe", .key = "local.probe", .type = TYPE_BOOL, OPTION_AT(probe),         \
      .metavar = "yes|no", .group = GROUP_DEVICE, .commands = ON_ALL, .def = "yes",                \
      .help = "ask before the start whether another station has a local address: for 4096 of "     \
              "them at most, in less than a second")                                               \
    X(RATE, .name = "--rate", .key = "load.rate", .type = TYPE_RATE, OPTION_AT(rate_milli),        \
      .metavar = "R", .group = GROUP_LOAD, .commands = ON_CLIENT, .min = 1,                        \
      .max = UINT64_C(1000000000000), .note = "as fast as --connections allows",                   \
      .help = "connections started per second, evenly spaced; 0.5: one every two seconds")         \
    X(SHAPE, .name = "--shape", .key = "load.shape", .type = TYPE_SHAPE, OPTION_AT(shape),         \
      .metavar = "S", .group = GROUP_LOAD, .commands = ON_CLIENT,                                  \
      .note = "constant with --rate, else closed",                                                 \
      .help = "how the rate runs over time; poisson takes --rate, ramp, steps and sine have "      \
              "rates of their own: ramp:10k..100k/30s goes up in 30 s and stays there, "           \
              "steps:10k,20k/5s takes 5 s for each, sine:10k..50k/60s goes up and down in 60 s")   \
    X(REQUEST_RATE, .name = "--request-rate", .key = "load.request_rate", .type = TYPE_RATE,       \
      OPTION_AT(request_rate_milli), .metavar = "R", .group = GROUP_LOAD, .commands = ON_CLIENT,   \
      .min = 1, .max = UINT64_C(1000000000000), .note = "each connection's next follows its last", \
      .help = "requests, or exchanges of --send, started per second, evenly spaced, over "         \
              "connections that are kept and join as needed, up to --connections")                 \
    X(REQUESTS_TOTAL, .name = "--requests-total", .letter = "-n", .key = "requests_total",         \
      .type = TYPE_COUNT, OPTION_AT(requests_total), .metavar = "N", .group = GROUP_LOAD,          \
      .commands = ON_CLIENT, .min = 1, .max = UINT64_C(1) << 48, .note = "no limit",               \
      .help = "requests, or exchanges of payload, in all; the run ends with the last of them, or " \
              "with --duration")                                                                   \
    X(IPV4_WEIGHT, .name = "--ipv4-weight", .key = "load.ipv4_weight", OPTION_FAMILY(0),           \
      .help = "with --ipv6-weight: starts to IPv4 targets for so many to IPv6 targets")            \
    X(IPV6_WEIGHT, .name = "--ipv6-weight", .key = "load.ipv6_weight", OPTION_FAMILY(1),           \
      .help = "with --ipv4-weight: starts to IPv6 targets for so many to IPv4 targets")            \
    X(CONNECTIONS, .name = "--connections", .key = "load.connections", .type = TYPE_COUNT,         \
      OPTION_AT(connections), .metavar = "N", .group = GROUP_LOAD, .commands = ON_ALL, .min = 1,   \
      .max = 100000000,                                                                            \
      .note = "1024; loopback: 4096; TLS: 64 per worker; serve: 1M; with --rate: enough for a "    \
              "target that never answers",                                                         \
      .help = "limit on connections open at once")                                                 \
    X(DURATION, .name = "--duration", .key = "load.duration", .type = TYPE_DURATION,               \
      OPTION_AT(duration_ns), .metavar = "T", .group = GROUP_LOAD, .commands = ON_ALL,             \
      .min = 100 * NS_PER_MS, .max = 30 * OPTION_DAY, .def = "10s", .def_serve = "never",          \
      .note = "10s; with -n 1h; serve: no end",                                                    \
      .help = "how long connections are started, or served")                                       \
    X(INIT, .name = "--init", .key = "phases.init", .type = TYPE_DURATION, OPTION_AT(init_ns),     \
      .metavar = "T", .group = GROUP_LOAD, .commands = ON_CLIENT, .min = 100 * NS_PER_MS,          \
      .max = OPTION_WAIT_MAX, .note = "none",                                                      \
      .help = "a phase before the others in which nothing begins")                                 \
    X(RAMP_UP, .name = "--ramp-up", .key = "phases.ramp_up", .type = TYPE_DURATION,                \
      OPTION_AT(ramp_up_ns), .metavar = "T", .group = GROUP_LOAD, .commands = ON_CLIENT,           \
      .min = 100 * NS_PER_MS, .max = OPTION_WAIT_MAX, .note = "none",                              \
      .help = "then one in which the load rises in a straight line to its height, which is not "   \
              "measured")                                                                          \
    X(WARM_UP, .name = "--warm-up", .key = "phases.warm_up", .type = TYPE_DURATION,                \
      OPTION_AT(warm_up_ns), .metavar = "T", .group = GROUP_LOAD, .commands = ON_CLIENT,           \
      .min = 100 * NS_PER_MS, .max = OPTION_WAIT_MAX, .note = "none",                              \
      .help = "then one at full load that is not measured yet: rates, latencies, criteria and "    \
              "verdict are of what follows, for --duration")                                       \
    X(SUSTAIN, .name = "--sustain", .key = "phases.sustain", .type = TYPE_DURATION,                \
      OPTION_AT(sustain_ns), .metavar = "T", .group = GROUP_LOAD, .commands = ON_CLIENT,           \
      .min = 100 * NS_PER_MS, .max = 30 * OPTION_DAY, .note = "--duration",                        \
      .help = "the phase that is measured: another name for --duration, where phases are given")   \
    X(RAMP_DOWN, .name = "--ramp-down", .key = "phases.ramp_down", .type = TYPE_DURATION,          \
      OPTION_AT(ramp_down_ns), .metavar = "T", .group = GROUP_LOAD, .commands = ON_CLIENT,         \
      .min = 100 * NS_PER_MS, .max = OPTION_WAIT_MAX, .note = "none",                              \
      .help = "a phase behind --duration in which the load falls to nothing, which is not "        \
              "measured")                                                                          \
    X(DRAIN, .name = "--drain", .key = "drain", .type = TYPE_DURATION, OPTION_AT(drain_ns),        \
      .metavar = "T", .group = GROUP_LOAD, .commands = ON_ALL, .max = OPTION_DAY,                  \
      .def_serve = "2s", .note = "what a connection may take: its timeouts and --hold; serve: 2s", \
      .help = "how long open connections may take to finish after that; it ends with the last")    \
    X(STOP, .name = "--stop", .key = "stop", .type = TYPE_CHOICE, OPTION_AT(stop), .metavar = "M", \
      .group = GROUP_LOAD, .commands = ON_CLIENT, .def = "hold", .choices = conf_stop_names,       \
      .noun = "a way to stop",                                                                     \
      .help = "what --duration's end does to open connections: hold (they go on to their end), "   \
              "drain (held ones close), or now (all are reset); Ctrl-C: drain, then now")          \
    X(DEAD_MAN, .name = "--dead-man", .key = "dead_man", .type = TYPE_DURATION,                    \
      OPTION_AT(dead_man_ns), .metavar = "T", .group = GROUP_LOAD, .commands = ON_CLIENT,          \
      .max = OPTION_DAY, .def = "5s",                                                              \
      .help = "stop the load, with exit status 1, when nothing has come from the targets for so "  \
              "long though they were asked; held connections ask for nothing; 0 is never")         \
    X(SEARCH, .name = "--search", .key = "search.preset", .type = TYPE_CHOICE,                     \
      OPTION_AT(search_preset), .metavar = "P", .group = GROUP_LOAD, .commands = ON_CLIENT,        \
      .def = "none", .choices = conf_search_names, .noun = "a preset of a search",                 \
      .help = "search for the largest load that the target bears (RFC 9971): quick, rfc2544 (no "  \
              "loss in 60 s), or tst009 (no loss in one of two trials of 60 s); --criteria take "  \
              "the place of loss")                                                                 \
    X(SEARCH_GOAL, .name = "--search-goal", .key = "search.goals", .type = TYPE_LINES,             \
      OPTION_AT(search_goals), .metavar = "G", .group = GROUP_LOAD, .commands = ON_CLIENT,         \
      .is_repeatable = true, .is_mapping = true, .note = "those of --search",                      \
      .check = conf_check_search_goal,                                                             \
      .help = "a goal of one's own, e.g. final_trial_duration=10s,loss_ratio=0.1%; also "          \
              "duration_sum, initial_trial_duration, exceed_ratio, width; repeatable")             \
    X(SEARCH_ON, .name = "--search-on", .key = "search.on", .type = TYPE_CHOICE,                   \
      OPTION_AT(search_on), .metavar = "W", .group = GROUP_LOAD, .commands = ON_CLIENT,            \
      .note = "what has a value: --rate, --request-rate or --connections",                         \
      .choices = conf_search_on_names, .noun = "a load to search on",                              \
      .help = "what is searched for: the largest rate of connections, number of connections open " \
              "at once, or rate of requests")                                                      \
    X(SEARCH_MIN, .name = "--search-min", .key = "search.min", .type = TYPE_RATE,                  \
      OPTION_AT(search_min_milli), .metavar = "L", .group = GROUP_LOAD, .commands = ON_CLIENT,     \
      .min = 1, .max = UINT64_C(1000000000000), .note = "a thousandth of the largest",             \
      .help = "the smallest load that is tried")                                                   \
    X(SEARCH_MAX, .name = "--search-max", .key = "search.max", .type = TYPE_RATE,                  \
      OPTION_AT(search_max_milli), .metavar = "L", .group = GROUP_LOAD, .commands = ON_CLIENT,     \
      .min = 1, .max = UINT64_C(1000000000000), .note = "--rate, --request-rate or --connections", \
      .help = "the largest load that is tried")                                                    \
    X(SEARCH_PAUSE, .name = "--search-pause", .key = "search.pause", .type = TYPE_DURATION,        \
      OPTION_AT(search_pause_ns), .metavar = "T", .group = GROUP_LOAD, .commands = ON_CLIENT,      \
      .max = 3600 * NS_PER_SEC, .def = "0s",                                                       \
      .help = "wait this long between two trials, when all connections are closed, or --drain is " \
              "over")                                                                              \
    X(SEARCH_RESET, .name = "--search-reset", .key = "search.reset", OPTION_TEXT(1, "COMMAND"),    \
      OPTION_AT(search_reset), .group = GROUP_LOAD, .commands = ON_CLIENT, .note = "none",         \
      .help = "have the shell run this before each trial, e.g. to restart the target; for a "      \
              "minute at most")                                                                    \
    X(SEED, .name = "--seed", .key = "load.seed", .type = TYPE_COUNT, OPTION_AT(seed),             \
      .metavar = "N", .group = GROUP_LOAD, .commands = ON_CLIENT, .max = UINT64_MAX, .def = "0",   \
      .note = "0 (a different place each run)",                                                    \
      .help = "where in the cycle of local ports to start; and of --shape poisson")                \
    X(CLOSE, .name = "--close", .key = "close", .type = TYPE_CHOICE, OPTION_OF(close),             \
      .metavar = "M", .group = GROUP_CONNECTION, .commands = ON_ALL, .def = "fin",                 \
      .def_serve = "peer", .choices = conf_close_names, .noun = "a way to close",                  \
      .help = "how this side closes a connection: fin, rst, or peer (the peer closes first)")      \
    X(HOLD, .name = "--hold", .key = "hold", .type = TYPE_DURATION, OPTION_OF(hold_ns),            \
      .metavar = "T", .group = GROUP_CONNECTION, .commands = ON_ALL, .max = OPTION_WAIT_MAX,       \
      .def = "0s", .help = "keep each connection open this long after it is established")          \
    X(HALF_OPEN, .name = "--half-open", .key = "half_open", .type = TYPE_DURATION,                 \
      OPTION_OF(half_open_ns), .metavar = "T", .group = GROUP_CONNECTION, .commands = ON_CLIENT,   \
      .max = OPTION_TIMEOUT_MAX, .def = "0s", .note = "0s: they are opened",                       \
      .help = "leave connections half open: a SYN each, at a rate, and no answer to its SYN-ACK; " \
              "each is watched for so long, 2s at least, to see whether the target keeps it or "   \
              "sends SYN cookies; needs --i-own-the-target")                                       \
    X(CONFIRM, .name = "--confirm", .key = "confirm", .type = TYPE_CHOICE, OPTION_OF(confirm),     \
      .metavar = "M", .group = GROUP_CONNECTION, .commands = ON_CLIENT, .def = "none",             \
      .choices = conf_confirm_names, .noun = "a proof",                                            \
      .help = "what proves that the target's program had a connection, beside its handshake: "     \
              "none, payload (its first payload came), or close (it closed its side); counted as " \
              "established_confirmed")                                                             \
    X(PROXY_PROTOCOL, .name = "--proxy-protocol", .key = "proxy_protocol", .type = TYPE_CHOICE,    \
      OPTION_OF(proxy), .metavar = "V", .group = GROUP_CONNECTION, .commands = ON_CLIENT,          \
      .def = "off", .choices = conf_proxy_names, .noun = "a version of the PROXY protocol",        \
      .help = "begin each connection as a proxy does, with a header that names its own address "   \
              "and port, before TLS: off, v1 (text), or v2 (binary)")                              \
    X(CONNECT_TIMEOUT, .name = "--connect-timeout", .key = "timeout.connect",                      \
      .type = TYPE_DURATION, OPTION_OF(connect_timeout_ns), .metavar = "T", .is_shared = true,     \
      .group = GROUP_CONNECTION, .commands = ON_ALL, .min = NS_PER_MS, .max = OPTION_TIMEOUT_MAX,  \
      .def = "5s", .help = "fail a connection whose TCP handshake takes longer")                   \
    X(CLOSE_TIMEOUT, .name = "--close-timeout", .key = "timeout.close", .type = TYPE_DURATION,     \
      OPTION_OF(close_timeout_ns), .metavar = "T", .is_shared = true, .group = GROUP_CONNECTION,   \
      .commands = ON_ALL, .min = NS_PER_MS, .max = OPTION_TIMEOUT_MAX, .def = "3s",                \
      .help = "fail a connection whose close takes longer")                                        \
    X(IDLE_TIMEOUT, .name = "--idle-timeout", .key = "timeout.idle", .type = TYPE_DURATION,        \
      OPTION_OF(idle_timeout_ns), .metavar = "T", .group = GROUP_CONNECTION, .commands = ON_SERVE, \
      .max = OPTION_WAIT_MAX, .def = "5m",                                                         \
      .help = "reset a connection on which no payload has moved for this long; 0: never")          \
    X(REUSE, .name = "--reuse", .key = "timeout.reuse", .type = TYPE_DURATION,                     \
      OPTION_AT(reuse_ns), .metavar = "T", .group = GROUP_CONNECTION, .commands = ON_CLIENT,       \
      .max = OPTION_WAIT_MAX, .def = "1s",                                                         \
      .help = "minimum time before a local address and port are reused; sizes --local for the "    \
              "given --rate")                                                                      \
    X(PIGGYBACK, .name = "--piggyback", .key = "piggyback", .type = TYPE_BOOL,                     \
      OPTION_OF(piggyback), .metavar = "yes|no", .is_shared = true, .group = GROUP_CONNECTION,     \
      .commands = ON_CLIENT, .def = "yes",                                                         \
      .help = "without --hold, send the handshake's last ACK on the FIN")                          \
    X(LISTEN, .name = "--listen", .key = "serve.ports", .type = TYPE_PORT_SET, OPTION_OF(listen),  \
      .metavar = "P,Q-R", .group = GROUP_CONNECTION, .commands = ON_SERVE, .def = "1-65535",       \
      .note = "all", .help = "open ports; all others refuse with RST")                             \
    X(LIMIT_CPS, .name = "--limit-cps", .key = "limit_cps", .type = TYPE_COUNT,                    \
      OPTION_AT(limit_cps), .metavar = "N", .group = GROUP_CONNECTION, .commands = ON_ALL,         \
      .min = 1, .max = 1000000000, .note = "no limit",                                             \
      .help =                                                                                      \
          "take so many connections a second, evenly spaced, with all --lcores together and "      \
          "at most a millisecond's at once: a target whose maximum is known; run: on loopback, "   \
          "the server side")                                                                       \
    X(LIMIT_MODE, .name = "--limit-mode", .key = "limit_mode", .type = TYPE_CHOICE,                \
      OPTION_AT(limit_mode), .metavar = "M", .group = GROUP_CONNECTION, .commands = ON_ALL,        \
      .def = "rst", .choices = conf_limit_names, .noun = "an answer to a SYN beyond the limit",    \
      .help = "what a SYN beyond --limit-cps gets: rst, or no answer (drop)")                      \
    X(SEND, .name = "--send", .key = "send", OPTION_PAYLOAD(send_bytes), .commands = ON_CLIENT,    \
      .help = "payload bytes to send on each connection")                                          \
    X(RECEIVE, .name = "--receive", .key = "receive", OPTION_PAYLOAD(receive_bytes),               \
      .commands = ON_CLIENT, .help = "payload bytes to expect on each connection")                 \
    X(BYTES, .name = "--bytes", .key = "serve.bytes", OPTION_PAYLOAD(answer_bytes),                \
      .commands = ON_SERVE, .help = "payload bytes to send as the response on each connection")    \
    X(AFTER, .name = "--after", .key = "serve.after", OPTION_PAYLOAD(answer_after),                \
      .commands = ON_SERVE, .note = "0 (as soon as the connection is established)",                \
      .help = "bytes to receive before sending --bytes")                                           \
    X(ECHO, .name = "--echo", .key = "serve.echo", .type = TYPE_BOOL, OPTION_OF(echo),             \
      .group = GROUP_PAYLOAD, .commands = ON_SERVE, .def = "no",                                   \
      .help = "send back what is received, instead of --bytes")                                    \
    X(REQUESTS, .name = "--requests", .key = "requests", .type = TYPE_COUNT, OPTION_OF(requests),  \
      .metavar = "N", .group = GROUP_PAYLOAD, .commands = ON_ALL, .max = UINT32_MAX, .def = "1",   \
      .note = "1; HTTP without --rate, and with --request-rate: 0",                                \
      .help = "exchanges on each connection, one after the other; 0: until the run ends or the "   \
              "peer closes")                                                                       \
    X(THINK, .name = "--think", .key = "think", .type = TYPE_DURATION, OPTION_OF(think_ns),        \
      .metavar = "T", .group = GROUP_PAYLOAD, .commands = ON_CLIENT, .max = OPTION_WAIT_MAX,       \
      .def = "0s", .help = "wait this long between two exchanges of a connection")                 \
    X(DATA_TIMEOUT, .name = "--data-timeout", .key = "timeout.data", .type = TYPE_DURATION,        \
      OPTION_OF(data_timeout_ns), .metavar = "T", .is_shared = true, .group = GROUP_PAYLOAD,       \
      .commands = ON_ALL, .min = NS_PER_MS, .max = OPTION_TIMEOUT_MAX, .def = "10s",               \
      .help = "fail a connection after this long without progress: sent data not acknowledged, "   \
              "or expected data not received")                                                     \
    X(METHOD, .name = "--method", .key = "http.method", .type = TYPE_TEXT, .min = 1,               \
      .max = CONF_WORD_MAX - 1, OPTION_OF(http.method), .metavar = "M", .group = GROUP_HTTP,       \
      .commands = ON_CLIENT, .def = "GET", .note = "GET; POST with --body",                        \
      .check = conf_check_method, .help = "method of the requests")                                \
    X(HEADER, .name = "--header", .letter = "-H", .key = "http.headers", .type = TYPE_LINES,       \
      OPTION_OF(http.fields), .metavar = "H", .group = GROUP_HTTP, .commands = ON_CLIENT,          \
      .is_repeatable = true, .note = "Host, User-Agent and Accept are sent",                       \
      .check = conf_check_field,                                                                   \
      .help = "header field 'Name: value'; 'Name:' sends none, 'Name;' an empty one; repeatable")  \
    X(BODY, .name = "--body", .key = "http.body", OPTION_TEXT(1, "B"), OPTION_OF(http.body),       \
      .group = GROUP_HTTP, .commands = ON_CLIENT, .note = "none", .takes_dashes = true,            \
      .help = "body of the requests, or @FILE for what is in a file")                              \
    X(BODY_BYTES, .name = "--body-bytes", .key = "http.body_bytes", .type = TYPE_BYTES,            \
      OPTION_OF(http.body_bytes), .metavar = "B", .group = GROUP_HTTP, .commands = ON_CLIENT,      \
      .max = OPTION_BYTES_MAX, .def = "0", .help = "a body of so many bytes, all the same")        \
    X(PATH, .name = "--path", .key = "http.paths", .type = TYPE_LINES, OPTION_OF(http.paths),      \
      .metavar = "[WEIGHT:]PATH", .group = GROUP_HTTP, .commands = ON_CLIENT,                      \
      .is_repeatable = true, .note = "the URL's", .check = conf_check_path,                        \
      .help = "path of the requests, with the query; of several each has its share, by weight; "   \
              "repeatable")                                                                        \
    X(HOST, .name = "--host", .key = "http.host", .type = TYPE_TEXT, .min = 1,                     \
      .max = CONF_HOST_MAX - 1, OPTION_OF(http.host), .metavar = "NAME[:PORT]",                    \
      .group = GROUP_HTTP, .commands = ON_CLIENT, .note = "the URL's", .check = conf_check_host,   \
      .help = "the Host field of the requests")                                                    \
    X(BASIC, .name = "--basic", .key = "http.basic", .type = TYPE_SECRET, .min = 1,                \
      .max = CONF_TEXT_MAX - 1, OPTION_OF(http.basic), .metavar = "USER:PASSWORD",                 \
      .group = GROUP_HTTP, .commands = ON_CLIENT, .note = "none", .check = conf_check_basic,       \
      .help = "credentials of the requests (RFC 7617); not shown in results")                      \
    X(BEARER, .name = "--bearer", .key = "http.bearer", .type = TYPE_SECRET, .min = 1,             \
      .max = CONF_LINES_MAX - 1, OPTION_OF(http.bearer), .metavar = "TOKEN", .group = GROUP_HTTP,  \
      .commands = ON_CLIENT, .note = "none", .check = conf_check_bearer,                           \
      .help = "the same as a token (RFC 6750)")                                                    \
    X(CSV, .name = "--csv-data", .key = "http.csv", OPTION_TEXT(1, "FILE"), OPTION_OF(http.csv),   \
      .group = GROUP_HTTP, .commands = ON_CLIENT, .note = "none",                                  \
      .help = "file of comma-separated values whose first line names the columns: {csv.NAME} in "  \
              "path, header and body; there are {counter}, {random}, {random:A-B}, "               \
              "{local.address} and {local.port}, too, and {{counter}} is {counter} itself")        \
    X(CSV_ORDER, .name = "--csv-order", .key = "http.csv_order", .type = TYPE_CHOICE,              \
      OPTION_OF(http.csv_order), .metavar = "O", .group = GROUP_HTTP, .commands = ON_CLIENT,       \
      .def = "sequential", .choices = conf_csv_order_names, .noun = "an order of rows",            \
      .help = "the row of a request: sequential (the next one, again from the first after the "    \
              "last), random, or connection (the next one for each connection)")                   \
    X(COOKIES, .name = "--cookies", .key = "http.cookies", .type = TYPE_BOOL,                      \
      OPTION_OF(http.cookies), .metavar = "yes|no", .group = GROUP_HTTP, .commands = ON_CLIENT,    \
      .def = "no", .help = "give back what Set-Cookie said, on the same connection")               \
    X(EXPECT_BODY, .name = "--expect-body", .key = "http.expect_body",                             \
      OPTION_TEXT(1, "LEN|sha256:HEX"), OPTION_OF(http.expect_body), .group = GROUP_HTTP,          \
      .commands = ON_CLIENT, .note = "any", .check = conf_check_expect_body,                       \
      .help = "length or SHA-256 of the body that is a success")                                   \
    X(EXPECT, .name = "--expect", .key = "http.expect", .type = TYPE_STATUSES,                     \
      OPTION_OF(http.expect), .metavar = "S-T", .group = GROUP_HTTP, .commands = ON_CLIENT,        \
      .def = "200-399", .help = "statuses of responses that are a success")                        \
    X(HTTP, .name = "--http", .key = "serve.http", .type = TYPE_BOOL, OPTION_OF(http.serves),      \
      .group = GROUP_HTTP, .commands = ON_SERVE, .def = "no",                                      \
      .help = "answer HTTP requests: GET /SIZE (/1k, /1M), /chunked/SIZE, /status/CODE, /close, "  \
              "/delay/TIME, /trickle/BYTES/TIME[/SIZE], /headers; / has --bytes")                  \
    X(KEEPALIVE_REQUESTS, .name = "--keepalive-requests", .key = "serve.keepalive_requests",       \
      .type = TYPE_COUNT, OPTION_OF(http.keepalive_requests), .metavar = "N", .group = GROUP_HTTP, \
      .commands = ON_SERVE, .max = UINT32_MAX, .def = "0", .note = "0 (no limit)",                 \
      .help = "requests on a connection before it is closed")                                      \
    X(PIPELINE, .name = "--pipeline", .key = "http.pipeline", .type = TYPE_COUNT,                  \
      OPTION_OF(http.pipeline), .metavar = "N", .group = GROUP_HTTP, .commands = ON_CLIENT,        \
      .min = 1, .max = PROTO_SLOTS_MAX, .def = "1",                                                \
      .help = "HTTP/1.1: requests under way at once on each connection")                           \
    X(STREAMS, .name = "--streams", .key = "http.streams", .type = TYPE_COUNT,                     \
      OPTION_OF(http.streams), .metavar = "N", .group = GROUP_HTTP, .commands = ON_CLIENT,         \
      .min = 1, .max = PROTO_SLOTS_MAX, .def = "1",                                                \
      .help = "HTTP/2: requests under way at once on each connection, fewer where the server "     \
              "allows fewer")                                                                      \
    X(H2_WINDOW, .name = "--h2-window", .key = "http.stream_window", .type = TYPE_BYTES,           \
      OPTION_OF(http.h2_window), .metavar = "B", .group = GROUP_HTTP, .commands = ON_ALL,          \
      .min = 65535, .max = INT32_MAX, .def = "1GiB",                                               \
      .help = "HTTP/2: bytes of a body that the peer may send ahead on a stream")                  \
    X(H2_CONNECTION_WINDOW, .name = "--h2-connection-window", .key = "http.connection_window",     \
      .type = TYPE_BYTES, OPTION_OF(http.h2_connection_window), .metavar = "B",                    \
      .group = GROUP_HTTP, .commands = ON_ALL, .min = 65535, .max = INT32_MAX, .def = "1GiB",      \
      .help = "the same on all streams of a connection together")                                  \
    X(CONGESTION, .name = "--congestion", .key = "tcp.congestion", .type = TYPE_CHOICE,            \
      OPTION_AT(congestion), .metavar = "A", .group = GROUP_TCP, .commands = ON_ALL,               \
      .def = "cubic", .choices = conf_congestion_names, .noun = "a congestion control",            \
      .help = "congestion control: cubic (RFC 9438), newreno (RFC 5681, RFC 6582), or fixed")      \
    X(FIXED_WINDOW, .name = "--fixed-window", .key = "tcp.fixed_window", .type = TYPE_BYTES,       \
      OPTION_AT(fixed_window_bytes), .metavar = "B", .group = GROUP_TCP, .commands = ON_ALL,       \
      .min = 1 << 10, .max = 1 << 30, .note = "256KiB",                                            \
      .help = "bytes in flight with --congestion fixed")                                           \
    X(WINDOW, .name = "--window", .key = "tcp.window", .type = TYPE_BYTES,                         \
      OPTION_AT(window_bytes), .metavar = "B", .group = GROUP_TCP, .commands = ON_ALL,             \
      .min = 4 << 10, .max = 4 << 20, .is_power_of_two = true, .def = "256KiB",                    \
      .note = "256KiB; TLS without payload: 64KiB", .help = "receive window offered to the peer")  \
    X(MSS, .name = "--mss", .key = "tcp.mss", .type = TYPE_INT, OPTION_AT(mss), .metavar = "N",    \
      .group = GROUP_TCP, .commands = ON_ALL, .min = 64, .max = 9216,                              \
      .note = "what the device's MTU allows",                                                      \
      .help = "maximum segment size: announced to the peer, and not exceeded when sending")        \
    X(ACK, .name = "--ack", .key = "ack", .type = TYPE_CHOICE, OPTION_AT(ack), .metavar = "M",     \
      .group = GROUP_TCP, .commands = ON_ALL, .def = "linux", .choices = conf_ack_names,           \
      .noun = "an ACK policy",                                                                     \
      .help = "which ACKs may wait for a second segment or an answer: linux (none at the start "   \
              "and after a pause, later those in a dialogue), delayed (all), or quick (none)")     \
    X(DELAYED_ACK, .name = "--delayed-ack", .key = "tcp.delayed_ack", .type = TYPE_DURATION,       \
      OPTION_AT(delayed_ack_ns), .metavar = "T", .group = GROUP_TCP, .commands = ON_ALL,           \
      .max = 500 * NS_PER_MS, .def = "40ms",                                                       \
      .help = "how long such an ACK may wait; 0: acknowledge every segment at once")               \
    X(NAGLE, .name = "--nagle", .key = "tcp.nagle", .type = TYPE_BOOL, OPTION_AT(nagle),           \
      .metavar = "yes|no", .group = GROUP_TCP, .commands = ON_ALL, .def = "no",                    \
      .help = "delay a small segment while data is in flight (RFC 9293 3.7.4)")                    \
    X(TIMESTAMPS, .name = "--timestamps", .key = "tcp.timestamps", .type = TYPE_BOOL,              \
      OPTION_AT(timestamps), .metavar = "yes|no", .group = GROUP_TCP, .commands = ON_ALL,          \
      .def = "yes",                                                                                \
      .help = "use TCP timestamps (RFC 7323); no: headers are 12 bytes shorter, and a server in "  \
              "TIME-WAIT may refuse a reused port")                                                \
    X(RETRIES, .name = "--retries", .key = "tcp.retries", .type = TYPE_INT, OPTION_AT(retries),    \
      .metavar = "N", .group = GROUP_TCP, .commands = ON_ALL, .min = 1, .max = 30, .def = "15",    \
      .help = "consecutive retransmission timeouts after which a connection with payload fails")   \
    X(TLS, .name = "--tls", .key = "serve.tls", .type = TYPE_BOOL, OPTION_OF(tls.serves),          \
      .group = GROUP_TLS, .commands = ON_SERVE, .def = "no",                                       \
      .note = "no; yes with --cert or --self-signed",                                              \
      .help = "accept TLS on all ports; clients use tls:// URLs")                                  \
    X(TLS_VERSIONS, .name = "--tls-versions", .key = "tls.versions", .type = TYPE_CHOICE,          \
      OPTION_OF(tls.versions), .metavar = "V", .group = GROUP_TLS, .commands = ON_ALL,             \
      .def = "both", .choices = conf_tls_versions_names, .noun = "a set of TLS versions",          \
      .help = "TLS versions to offer or accept")                                                   \
    X(CIPHERS, .name = "--ciphers", .key = "tls.ciphers", OPTION_OPENSSL(tls.ciphers),             \
      .help = "TLS 1.2 cipher list, colon-separated, e.g. ECDHE-RSA-AES128-GCM-SHA256")            \
    X(CIPHERSUITES, .name = "--ciphersuites", .key = "tls.ciphersuites",                           \
      OPTION_OPENSSL(tls.ciphersuites),                                                            \
      .help = "TLS 1.3 cipher suites, colon-separated, e.g. TLS_AES_128_GCM_SHA256")               \
    X(GROUPS, .name = "--groups", .key = "tls.groups", OPTION_OPENSSL(tls.groups),                 \
      .help =                                                                                      \
          "key exchange groups, colon-separated, e.g. X25519:P-256; with OpenSSL 3.5 also tuples " \
          "between /, * where a key share is sent, ? where the name may be unknown; in TLS 1.2 "   \
          "also the curves a certificate's key may lie on (RFC 8422 5.1)")                         \
    X(SIGALGS, .name = "--sigalgs", .key = "tls.sigalgs", OPTION_OPENSSL(tls.sigalgs),             \
      .help = "signature algorithms, colon-separated, e.g. ECDSA+SHA256:RSA-PSS+SHA256")           \
    X(SNI, .name = "--sni", .key = "tls.sni", OPTION_TEXT(1, "NAMES"), OPTION_OF(tls.sni),         \
      .group = GROUP_TLS, .commands = ON_CLIENT, .def = "auto",                                    \
      .note = "auto (the host name of the URL, none for an address)", .check = conf_check_sni,     \
      .help = "server name: auto, off, or comma-separated names used in rotation")                 \
    X(SNI_FILE, .name = "--sni-file", .key = "tls.sni_file", OPTION_TEXT(1, "FILE"),               \
      OPTION_OF(tls.sni_file), .group = GROUP_TLS, .commands = ON_CLIENT, .note = "none",          \
      .help = "server names used in rotation instead of --sni, a line each; up to 1,000,000; # "   \
              "begins a comment")                                                                  \
    X(ALPN, .name = "--alpn", .key = "tls.alpn", OPTION_TEXT(1, "NAMES"), OPTION_OF(tls.alpn),     \
      .group = GROUP_TLS, .commands = ON_ALL, .note = "none", .check = conf_check_alpn,            \
      .help = "ALPN protocols (RFC 7301), comma-separated, most preferred first")                  \
    X(RESUME, .name = "--resume", .key = "tls.resume", .type = TYPE_SHARE,                         \
      OPTION_OF(tls.resume_ppm), .metavar = "P", .group = GROUP_TLS, .commands = ON_CLIENT,        \
      .def = "never", .help = "share of connections that try to resume an earlier session")        \
    X(WARMUP, .name = "--warmup", .key = "tls.warmup", .type = TYPE_BOOL, OPTION_OF(tls.warmup),   \
      .metavar = "yes|no", .group = GROUP_TLS, .commands = ON_CLIENT, .def = "yes",                \
      .help = "with --resume: fetch sessions by a handshake per target and core before the load, " \
              "counted apart; not on loopback")                                                    \
    X(VERIFY, .name = "--verify", .key = "tls.verify", .type = TYPE_BOOL, OPTION_OF(tls.verify),   \
      .metavar = "yes|no", .group = GROUP_TLS, .commands = ON_ALL, .def = "no",                    \
      .note = "no; yes with --ca", .help = "reject a peer whose certificate is not trusted")       \
    X(CA, .name = "--ca", .key = "tls.ca", OPTION_TEXT(1, "FILE"), OPTION_OF(tls.ca),              \
      .group = GROUP_TLS, .commands = ON_ALL, .note = "the system store",                          \
      .help = "PEM file of trusted certificates")                                                  \
    X(CERT, .name = "--cert", .key = "tls.cert", OPTION_TEXT(1, "FILE"), OPTION_OF(tls.cert),      \
      .group = GROUP_TLS, .commands = ON_ALL, .note = "none; serve, loopback: see --self-signed",  \
      .help = "PEM file of this side's certificate chain; on loopback the server's")               \
    X(KEY, .name = "--key", .key = "tls.key", OPTION_TEXT(1, "FILE"), OPTION_OF(tls.key),          \
      .group = GROUP_TLS, .commands = ON_ALL, .note = "the --cert file",                           \
      .help = "PEM file of the private key of --cert")                                             \
    X(CERTS, .name = "--certs", .key = "tls.certs", OPTION_TEXT(1, "PATH"), OPTION_OF(tls.certs),  \
      .group = GROUP_TLS, .commands = ON_CLIENT, .note = "none",                                   \
      .help =                                                                                      \
          "client certificates, shown one after the other where the target asks: a PEM file "      \
          "of certificate, chain and key, certificate, chain and key, ..., or a folder of such "   \
          "files (*.pem)")                                                                         \
    X(SELF_SIGNED, .name = "--self-signed", .key = "tls.self_signed", .type = TYPE_CHOICE,         \
      OPTION_OF(tls.self_signed), .metavar = "KIND", .group = GROUP_TLS, .commands = ON_ALL,       \
      .def = "none", .note = "p256 when there is no --cert", .choices = conf_key_kind_names,       \
      .noun = "a key type",                                                                        \
      .help = "key type of the self-signed certificate that serve and loopback generate at start") \
    X(REQUEST_CERT, .name = "--request-cert", .key = "tls.request_cert", .type = TYPE_BOOL,        \
      OPTION_OF(tls.request_cert), .metavar = "yes|no", .group = GROUP_TLS, .commands = ON_SERVE,  \
      .def = "no", .help = "request a client certificate; it is checked only with --verify")       \
    X(OCSP, .name = "--ocsp", .key = "tls.ocsp", OPTION_TEXT(1, "FILE"), OPTION_OF(tls.ocsp),      \
      .group = GROUP_TLS, .commands = ON_SERVE, .note = "none",                                    \
      .help = "OCSP response in DER that clients which ask are given with the certificate")        \
    X(OCSP_REQUEST, .name = "--ocsp-request", .key = "tls.ocsp_request", .type = TYPE_BOOL,        \
      OPTION_OF(tls.ocsp_request), .metavar = "yes|no", .group = GROUP_TLS, .commands = ON_CLIENT, \
      .def = "no",                                                                                 \
      .help = "ask the target for an OCSP response (RFC 6066 8); those that come are counted")     \
    X(KEY_UPDATE, .name = "--key-update", .key = "tls.key_update", .type = TYPE_BYTES,             \
      OPTION_OF(tls.key_update_bytes), .metavar = "B", .group = GROUP_TLS, .commands = ON_ALL,     \
      .max = OPTION_BYTES_MAX, .def = "0", .note = "0, none",                                      \
      .help = "TLS 1.3: new keys on both sides after so many bytes sent (KeyUpdate)")              \
    X(TICKETS, .name = "--tickets", .key = "tls.tickets", .type = TYPE_BOOL,                       \
      OPTION_OF(tls.tickets), .metavar = "yes|no", .group = GROUP_TLS, .commands = ON_ALL,         \
      .def = "yes",                                                                                \
      .help = "let clients resume sessions; to a target: no asks it for no ticket (RFC 9149)")     \
    X(TICKET_COUNT, .name = "--ticket-count", .key = "tls.ticket_count", .type = TYPE_INT,         \
      OPTION_OF(tls.ticket_count), .metavar = "N", .group = GROUP_TLS, .commands = ON_ALL,         \
      .max = TLS_TICKETS_MAX, .def = "0", .note = "0, as many as each side likes",                 \
      .help = "TLS 1.3: tickets that the target is asked for (RFC 9149); serve: that a client "    \
              "gets which does not ask, and the most that one which does gets")                    \
    X(SESSION_CACHE, .name = "--session-cache", .key = "tls.session_cache", .type = TYPE_INT,      \
      OPTION_OF(tls.session_cache), .metavar = "N", .group = GROUP_TLS, .commands = ON_SERVE,      \
      .min = 1, .max = 10000000, .def = "20480",                                                   \
      .help = "TLS 1.2: sessions that each core keeps for clients without tickets")                \
    X(PSK_WITHOUT_DHE, .name = "--psk-without-dhe", .key = "tls.psk_without_dhe",                  \
      .type = TYPE_BOOL, OPTION_OF(tls.psk_without_dhe), .metavar = "yes|no", .group = GROUP_TLS,  \
      .commands = ON_ALL, .def = "no",                                                             \
      .help = "let TLS 1.3 resume without a new key exchange (psk_ke, RFC 8446 4.2.9); the "       \
              "server decides")                                                                    \
    X(CLOSE_NOTIFY, .name = "--close-notify", .key = "tls.close_notify", .type = TYPE_BOOL,        \
      OPTION_OF(tls.close_notify), .metavar = "yes|no", .group = GROUP_TLS, .commands = ON_ALL,    \
      .def = "yes", .help = "send close_notify before closing (RFC 8446 6.1)")                     \
    X(KEYLOG, .name = "--keylog", .key = "tls.keylog", OPTION_TEXT(1, "FILE"),                     \
      OPTION_OF(tls.keylog), .group = GROUP_TLS, .commands = ON_ALL, .note = "none",               \
      .help = "append the TLS secrets of all connections to this file, for Wireshark (NSS key "    \
              "log format)")                                                                       \
    X(TLS_TIMEOUT, .name = "--tls-timeout", .key = "timeout.tls", .type = TYPE_DURATION,           \
      OPTION_OF(tls.timeout_ns), .metavar = "T", .group = GROUP_TLS, .commands = ON_ALL,           \
      .min = NS_PER_MS, .max = OPTION_TIMEOUT_MAX, .def = "10s",                                   \
      .help = "fail a connection whose TLS handshake takes longer")                                \
    X(TLS_BATCH, .name = "--tls-batch", .key = "tls_batch", .type = TYPE_CHOICE,                   \
      OPTION_AT(tls_batch), .metavar = "M", .group = GROUP_TLS, .commands = ON_ALL, .def = "auto", \
      .choices = conf_tls_batch_names, .noun = "a way to compute TLS",                             \
      .help = "have handshakes of a core wait for each other and compute up to eight at once; "    \
              "auto: where this processor and the build have what makes that faster (crypto_mb, "  \
              "AVX-512 IFMA)")                                                                     \
    X(CRITERIA, .name = "--criteria", .key = "criteria", .type = TYPE_LINES, OPTION_AT(criteria),  \
      .metavar = "LIST", .group = GROUP_OUTPUT, .commands = ON_HOST | ON_RUNS,                     \
      .is_repeatable = true, .note = "none",                                                       \
      .help =                                                                                      \
          "what must be true of the result, or the exit status is 1, e.g. "                        \
          "\"failed < 0.001%, connect.p99 < 2ms, cps > 199k\": any counter, failures.CAUSE, "      \
          "rate, latency with .p50 to .p9999, .min, .mean or .max, or limited_by; of a class or "  \
          "a phase with its name before it, pages.ttfb.p99, ramp_up.failed; with abort, or abort " \
          "after 5s, behind it the load ends as soon as it does not hold; of a comparison "        \
          "ratios, cps.ratio > 0.97, and the ends of their intervals, .ratio_low and "             \
          ".ratio_high; repeatable")                                                               \
    X(JSON, .name = "--json", .key = "output.json", OPTION_TEXT(1, "FILE"), OPTION_AT(json),       \
      .group = GROUP_OUTPUT, .commands = ON_HOST | ON_RUNS, .note = "none",                        \
      .help = "write the result as a JSON object; - is standard output")                           \
    X(JSON_LINES, .name = "--json-lines", .key = "output.json_lines", OPTION_TEXT(1, "FILE"),      \
      OPTION_AT(json_lines), .group = GROUP_OUTPUT, .commands = ON_ALL, .note = "none",            \
      .help = "write a JSON object a line: each interval, then the result; - is standard output")  \
    X(CSV_OUT, .name = "--csv", .key = "output.csv", OPTION_TEXT(1, "FILE"), OPTION_AT(csv_out),   \
      .group = GROUP_OUTPUT, .commands = ON_ALL, .note = "none",                                   \
      .help = "write a line of CSV for each interval; - is standard output")                       \
    X(HDR, .name = "--hdr", .key = "output.hdr", OPTION_TEXT(1, "FILE"), OPTION_AT(hdr),           \
      .group = GROUP_OUTPUT, .commands = ON_ALL, .note = "none",                                   \
      .help = "write the percentiles of a latency, in us, as HdrHistogram does (.hgrm); - is "     \
              "standard output")                                                                   \
    X(HDR_LATENCY, .name = "--hdr-latency", .key = "output.hdr_latency", OPTION_TEXT(1, "NAME"),   \
      OPTION_AT(hdr_latency), .group = GROUP_OUTPUT, .commands = ON_ALL,                           \
      .note = "ttlb, transfer, tls or connect: as far as the run goes",                            \
      .help = "which latency --hdr has, by its name in the result")                                \
    X(HTML, .name = "--html", .key = "output.html", OPTION_TEXT(1, "FILE"), OPTION_AT(html),       \
      .group = GROUP_OUTPUT, .commands = ON_ALL | ON_RUNS | 1U << CONF_REPORT,                     \
      .note = "none; report: the result's name with .html",                                        \
      .help =                                                                                      \
          "write a page with charts for a browser, which needs no network; - is standard output")  \
    X(PCAP, .name = "--pcap", .key = "output.pcap", OPTION_TEXT(1, "FILE"), OPTION_AT(pcap),       \
      .group = GROUP_OUTPUT, .commands = ON_ALL, .note = "none",                                   \
      .help = "write the frames of connections that fail, and of no other, as pcapng, with the "   \
              "cause as a comment and the TLS secrets to decrypt them; - is standard output")      \
    X(PCAP_SAMPLE, .name = "--pcap-sample", .key = "output.pcap_sample", .type = TYPE_COUNT,       \
      OPTION_AT(pcap_sample), .metavar = "N", .group = GROUP_OUTPUT, .commands = ON_ALL, .min = 1, \
      .max = 1000000000, .note = "connections that fail",                                          \
      .help = "write one connection in N with --pcap instead, whether it fails or not")            \
    X(PCAP_SIZE, .name = "--pcap-size", .key = "output.pcap_size", .type = TYPE_BYTES,             \
      OPTION_AT(pcap_bytes), .metavar = "B", .group = GROUP_OUTPUT, .commands = ON_ALL,            \
      .min = 4096, .max = OPTION_BYTES_MAX, .def = "256MiB",                                       \
      .help = "leave connections out behind so much of --pcap's file")                             \
    X(METRICS, .name = "--metrics", .key = "output.metrics", OPTION_TEXT(1, "A:P"),                \
      OPTION_AT(metrics), .group = GROUP_OUTPUT, .commands = ON_ALL, .note = "none",               \
      .check = conf_check_listen,                                                                  \
      .help = "serve the figures to Prometheus while it runs, at http://A:P/metrics; a port "      \
              "alone is one of 127.0.0.1, port 0 one that is free")                                \
    X(OTLP, .name = "--otlp", .key = "output.otlp", OPTION_TEXT(1, "URL"), OPTION_AT(otlp),        \
      .group = GROUP_OUTPUT, .commands = ON_ALL, .note = "none", .check = conf_check_otlp,         \
      .help = "push the figures to an OpenTelemetry collector (OTLP/HTTP, JSON); without a path "  \
              "to its /v1/metrics")                                                                \
    X(OTLP_PERIOD, .name = "--otlp-period", .key = "output.otlp_period", .type = TYPE_DURATION,    \
      OPTION_AT(otlp_period_ns), .metavar = "T", .group = GROUP_OUTPUT, .commands = ON_ALL,        \
      .min = 100 * NS_PER_MS, .max = OPTION_DAY, .def = "1s", .help = "time between two pushes")   \
    X(REPEAT, .name = "--repeat", .type = TYPE_COUNT, OPTION_AT(repeat), .metavar = "N",           \
      .group = GROUP_OUTPUT, .commands = 1U << CONF_RUN, .min = 1, .max = CONF_RESULTS_MAX / 2,    \
      .def = "1",                                                                                  \
      .help = "make N runs, and say how much they differ; --json r.json then writes r.1.json, "    \
              "r.2.json and so on")                                                                \
    X(AGAINST, .name = "--against", OPTION_TEXT(1, "PROGRAM"), OPTION_AT(against),                 \
      .group = GROUP_OUTPUT, .commands = 1U << CONF_RUN, .note = "none",                           \
      .help = "another build of shakedown: it makes a run before each of --repeat, and the two "   \
              "are compared, its runs being what ratios are to")                                   \
    X(ALLOW_DIFFERENT, .name = "--allow-different", .type = TYPE_BOOL, OPTION_AT(allow_different), \
      .group = GROUP_OUTPUT, .commands = 1U << CONF_RUN | 1U << CONF_COMPARE, .def = "no",         \
      .help = "compare also runs with different loads, runs of which the generator was the "       \
              "limit, and runs that were cut short")                                               \
    X(FOLDER, .name = "--folder", OPTION_TEXT(1, "FOLDER"), OPTION_AT(folder),                     \
      .group = GROUP_OUTPUT, .commands = 1U << CONF_RFC9411,                                       \
      .note = "the plan's name with .suite",                                                       \
      .help = "folder of the report, of all raw results, and of what a suite that was "            \
              "interrupted goes on by")                                                            \
    X(QUICK, .name = "--quick", .type = TYPE_BOOL, OPTION_AT(quick), .group = GROUP_OUTPUT,        \
      .commands = 1U << CONF_RFC9411, .def = "no",                                                 \
      .help = "a hundredth of all times: to try a plan; its figures are none of the standard's")   \
    X(HOSTS, .name = "--hosts", .key = "hosts", .type = TYPE_LINES, OPTION_AT(hosts),              \
      .metavar = "LIST", .group = GROUP_OUTPUT, .commands = 1U << CONF_RUN, .is_repeatable = true, \
      .note = "this machine alone", .check = hosts_check,                                          \
      .help = "make the run on several machines by Open MPI: a:2,b,c is two processes on a and "   \
              "one on b and c each; behind a name options of the device for it alone, as in "      \
              "b,device=D,local=A,lcores=N; --json r.json then writes r.0.json, r.1.json and so "  \
              "on, too")                                                                           \
    X(JOIN, .name = "--join", OPTION_TEXT(1, "FILE"), OPTION_AT(join), .group = GROUP_OUTPUT,      \
      .commands = 1U << CONF_RUN, .note = "none",                                                  \
      .help = "be one of the processes of --hosts, which mpirun or srun has started; r.json has "  \
              "the result in r.0.json, r.1.json and so on")                                        \
    X(CONTROL, .name = "--control", .key = "control", OPTION_TEXT(1, "SOCKET"),                    \
      OPTION_AT(control), .group = GROUP_OUTPUT, .commands = ON_ALL, .note = "none",               \
      .help = "make a local socket, for this user alone, by which shakedown ctl SOCKET rate R, "   \
              "stop or snapshot reaches the run")                                                  \
    X(SAMPLE, .name = "--sample", .key = "output.sample", .type = TYPE_DURATION,                   \
      OPTION_AT(sample_ns), .metavar = "T", .group = GROUP_OUTPUT, .commands = ON_ALL,             \
      .min = 10 * NS_PER_MS, .max = NS_PER_SEC, .def = "1s",                                       \
      .help = "length of an interval in the results; a second has to be a multiple of it")         \
    X(UI, .name = "--ui", .key = "output.ui", .type = TYPE_CHOICE, OPTION_AT(ui), .metavar = "M",  \
      .group = GROUP_OUTPUT, .commands = ON_ALL, .def = "auto", .choices = conf_ui_names,          \
      .noun = "a way to show a run",                                                               \
      .help = "what a terminal shows while it runs: tui (a screen with charts, and keys that "     \
              "change the rate), line (a line a second), none, or auto: tui where standard input " \
              "and output are a terminal that can do it, else line")                               \
    X(ALLOW_PUBLIC, .name = "--allow-public", .key = "safety.allow_public", .type = TYPE_BOOL,     \
      OPTION_AT(allow_public), .group = GROUP_OTHER, .commands = ON_ALL, .def = "no",              \
      .help = "allow targets, local addresses and gateways outside private, benchmark and "        \
              "documentation address space")                                                       \
    X(OWN_TARGET, .name = "--i-own-the-target", .key = "safety.i_own_the_target",                  \
      .type = TYPE_BOOL, OPTION_AT(owns_target), .group = GROUP_OTHER, .commands = ON_CLIENT,      \
      .def = "no",                                                                                 \
      .help = "the targets are yours, or their owner has asked for it: needed by --half-open, "    \
              "which may keep others from them")                                                   \
    X(USER, .name = "--user", .key = "user", OPTION_TEXT(1, "NAME"), OPTION_AT(user),              \
      .group = GROUP_OTHER, .commands = ON_ALL, .note = "who called sudo; else no change",         \
      .help = "become this user, by name or number, when the device is open and before the first " \
              "packet: root is for opening it")                                                    \
    X(EAL, .name = "--eal", .key = "eal", OPTION_TEXT(0, "ARGS"), OPTION_AT(eal),                  \
      .group = GROUP_OTHER, .commands = ON_HOST, .note = "none", .takes_dashes = true,             \
      .help = "additional DPDK EAL arguments, passed on unchanged")                                \
    X(EAL_SHARED, .name = "--eal-shared", .key = "eal_shared", .type = TYPE_BOOL,                  \
      OPTION_AT(eal_shared), .group = GROUP_OTHER, .commands = ON_ALL, .def = "no",                \
      .help = "let other DPDK processes look at this one, dpdk-proc-info and dpdk-pdump; needs "   \
              "huge pages")                                                                        \
    X(SET, .name = "--set", .type = TYPE_SETTING, .metavar = "KEY=VALUE", .group = GROUP_OTHER,    \
      .commands = ON_HOST, .is_repeatable = true,                                                  \
      .help = "any option by its key, e.g. load.rate=200k, or classes.NAME.hold=1s for a class "   \
              "of the scenario; repeatable")                                                       \
    X(VAR, .name = "--var", .type = TYPE_LINES, OPTION_AT(variables), .metavar = "NAME=VALUE",     \
      .group = GROUP_OTHER, .commands = ON_ALL, .is_repeatable = true, .check = variable_check,    \
      .note = "the environment's",                                                                 \
      .help = "what ${NAME} stands for in the scenario file; repeatable")                          \
    X(PRINT_SCENARIO, .name = "--print-scenario", .type = TYPE_BOOL, OPTION_AT(prints_scenario),   \
      .group = GROUP_OTHER, .commands = ON_ALL, .def = "no",                                       \
      .help = "write the scenario as it would run, defaults filled in, as YAML to standard "       \
              "output, and do nothing else")

#define OPTION_ROW_ID(row, ...) OPTION_##row,
enum { CONF_OPTIONS(OPTION_ROW_ID) OPTION_ROWS };
#undef OPTION_ROW_ID

static_assert(OPTION_ROWS <= CONF_OPTIONS_MAX, "given[] has a place for each row");

extern const struct conf_option conf_options[OPTION_ROWS];
extern const char *const conf_command_names[]; /* [enum conf_command] */
/* As the user writes them, and NULL at the end. */
extern const char *const conf_close_names[];        /* [enum close_mode] */
extern const char *const conf_confirm_names[];      /* [enum conf_confirm] */
extern const char *const conf_limit_names[];        /* [enum conf_limit] */
extern const char *const conf_search_names[];       /* [conf.search_preset] */
extern const char *const conf_search_on_names[];    /* [enum conf_search_on] */
extern const char *const conf_stop_names[];         /* [enum conf_stop] */
extern const char *const conf_congestion_names[];   /* [enum cc_algorithm] */
extern const char *const conf_proxy_names[];        /* [enum proxy_version] */
extern const char *const conf_ack_names[];          /* [enum tcp_ack_policy] */
extern const char *const conf_tls_batch_names[];    /* [enum conf_tls_batch] */
extern const char *const conf_tls_versions_names[]; /* [enum conf_tls_versions] */
extern const char *const conf_key_kind_names[];     /* [enum conf_key_kind] */
extern const char *const conf_csv_order_names[];    /* [enum http_csv_order] */
extern const char *const conf_ui_names[];           /* [enum conf_ui] */

/** Find a row by its option name or its key. @return its index, or -1 */
int option_by_name(const char *name);
int option_by_key(const char *key);

/** The option name or key nearest to a misspelt one; NULL when none is near. */
const char *option_suggest_name(const char *name);
const char *option_suggest_key(const char *key);

/** The key that is meant by one that is not there: it is an option's name, with or without its
 * dashes, the last part of a key, or misspelt. NULL: none is near. */
const char *option_near_key(const char *key);

/** The field of @row: the run's, or that of class @class_idx. */
const void *option_field(const struct conf *c, unsigned class_idx, int row);

/** Whether the user set @row, of the run or of class @class_idx. */
bool option_is_given(const struct conf *c, unsigned class_idx, int row);
void option_set_given(struct conf *c, unsigned class_idx, int row);

/** Make @row in class @to what it is in @from, with what is known of it. */
void option_copy(struct conf_class *to, const struct conf_class *from, int row);

/** Where the scenario has @row, of the run or of class @class_idx; nowhere, when it does not. */
struct place option_place(const struct conf *c, unsigned class_idx, int row);
void option_set_place(struct conf *c, unsigned class_idx, int row, struct place at);

/** Have the field be as if nobody had set it, of any type. */
void option_clear(struct conf *c, unsigned class_idx, int row);

/**
 * Read @text as the value of @row, of the run or of class @class_idx, and store it in @c. Does not
 * look at what was given.
 *
 * @return 0, or -1 with @c untouched and @why set
 */
int option_assign(struct conf *c, unsigned class_idx, int row, const char *text,
                  struct value_why *why);

/** Whether @row holds its default of the table; a row without one, that it is not set. */
bool option_is_default(const struct conf *c, unsigned class_idx, int row);

/** A row of @group that the user set, in class @class_idx or the run, to something else than its
 * default: what counts is the values, a default that is written out says nothing. @return -1: there
 * is none */
int option_first_set(const struct conf *c, unsigned class_idx, enum option_group group);

/** Store the defaults of @command in all rows that were not given, in all classes. */
void option_fill_defaults(struct conf *c, enum conf_command command);

/** Write which commands take @o: "run, check and serve" with @last " and ". @return @buf */
const char *option_commands_words(const struct conf_option *o, const char *last,
                                  char buf[static OPTION_WORDS_MAX]);

/* The default and the allowed values in words, for --help and docs. @buf is also returned; "" when
 * there is nothing to say. */
const char *option_default_words(const struct conf_option *o, char buf[static OPTION_WORDS_MAX]);
const char *option_range_words(const struct conf_option *o, char buf[static OPTION_WORDS_MAX]);
