/* SPDX-License-Identifier: BSD-3-Clause */
/* What the user asked for, as values: the command line and the scenario read, checked and defaults
 * filled in. Slow path; owned by main(); read-only once the run begins. Every option is
 * one row of the table in conf/options.h and has a scenario key. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/close.h"
#include "base/fail.h"
#include "base/role.h"
#include "conf/source.h"
#include "conf/value_shape.h"
#include "load/load_plan.h"
#include "proto/http_opts.h"
#include "proto/proto.h"
#include "search/search.h"
#include "tcp/ack_policy.h"
#include "tcp/cc.h"
#include "wire/addr.h"
#include "wire/proxy_header.h"

#define CONF_RANGES_MAX   64
#define CONF_TARGETS_MAX  256
#define CONF_TEXT_MAX     512
#define CONF_LCORES_MAX   64
#define CONF_HOST_MAX     256
#define CONF_CLASSES_MAX  8
#define CONF_NETWORKS_MAX 16
#define CONF_TURNS_MAX    64
#define CONF_NAME_MAX     32
#define CONF_WORD_MAX     32
#define CONF_LINES_MAX    4096
#define CONF_CRITERIA_MAX 32
#define CONF_RESULTS_MAX  64
/* Rows of the option table, at most. */
#define CONF_OPTIONS_MAX 160

enum conf_command {
    CONF_RUN,
    CONF_SERVE,
    CONF_CHECK,
    CONF_DOCTOR,
    CONF_CTL,
    CONF_REPORT,
    CONF_MERGE,
    CONF_COMPARE,
    CONF_RFC9411,
    CONF_HELP,
    CONF_VERSION
};

/* What is asked of a run that goes on: `shakedown ctl SOCKET rate R | stop | snapshot`. */
struct conf_ctl {
    const char *socket, *verb, *value; /* NULL: not given */
};

/* Files with earlier results, of `shakedown report`, merge and compare; of rfc9411 the plan. Those
 * of a group are runs
 * of the same; "vs" on the command line begins the next, and without it each file is a group. */
struct conf_results {
    const char *paths[CONF_RESULTS_MAX];
    unsigned group_of[CONF_RESULTS_MAX]; /* from 0 on, ascending */
    unsigned n, n_groups;
};

struct conf_target {
    char url[CONF_TEXT_MAX];       /* as given */
    char host[CONF_HOST_MAX];      /* the name in it, without a final dot; "" for an address */
    char path[CONF_TEXT_MAX];      /* with the query; "": its protocol has none */
    const struct proto_ops *proto; /* this and the next: the same for all targets of a class */
    bool is_tls;
    struct ip_addr addr; /* a host name is resolved by conf_finish() */
    uint16_t port;
    uint8_t class_idx;
    struct place place; /* in the scenario */
};

struct conf_ranges {
    struct ip_range range[CONF_RANGES_MAX];
    unsigned n;
};

struct conf_gateway {
    struct ip_addr addr[2]; /* [is_v6] */
    bool is_set[2];
};

/* Where some of the local addresses are: a VLAN, with its own gateways and neighbors. */
struct conf_network {
    struct conf_gateway gateway;
    unsigned vlan;      /* as wire/vlan.h has it; 0: untagged */
    struct place place; /* in the scenario */
};

/* A second port, behind a device under test: this process is the server there. */
struct conf_server_port {
    char device[CONF_TEXT_MAX]; /* as conf.device; "": there is none */
    struct conf_ranges local;
    struct conf_gateway gateway;
    unsigned vlan;
};

/* A target as it is reached from one of the networks. */
struct conf_route {
    uint16_t target;
    uint8_t network;
    uint8_t turn; /* of conf.turn_weights */
};

struct conf_mac {
    uint8_t bytes[6];
    bool is_set;
};

struct conf_ports {
    uint16_t first, last; /* inclusive */
};

enum conf_tls_batch { TLS_BATCH_AUTO, TLS_BATCH_ON, TLS_BATCH_OFF };

enum conf_tls_versions { TLS_VERSIONS_BOTH, TLS_VERSIONS_1_2, TLS_VERSIONS_1_3 };

/* The key of a certificate that is made at start. */
enum conf_key_kind {
    KEY_NONE,
    KEY_RSA2048,
    KEY_RSA4096,
    KEY_P256,
    KEY_P384,
    KEY_ED25519,
    KEY_MLDSA44, /* FIPS 204; OpenSSL 3.5 */
    KEY_MLDSA65,
    KEY_MLDSA87,
};

/* What the user says about TLS (lib/tls/opts.h is what becomes of it). On loopback it is said to
 * both sides, but for the certificate, which is the server's. */
struct conf_tls {
    bool serves; /* serve: accepts TLS; also set by conf_finish() for a certificate */
    enum conf_tls_versions versions;
    /* In OpenSSL's syntax, colon-separated; "": what OpenSSL itself would take. */
    char ciphers[CONF_TEXT_MAX];      /* TLS 1.2 */
    char ciphersuites[CONF_TEXT_MAX]; /* TLS 1.3 */
    char groups[CONF_TEXT_MAX];
    char sigalgs[CONF_TEXT_MAX];
    char sni[CONF_TEXT_MAX]; /* "auto": the host name of the URL, none for an address; "off"; or
                                comma-separated names used in rotation */
    char sni_file[CONF_TEXT_MAX]; /* names used in rotation instead, a line each; "": none */
    char alpn[CONF_TEXT_MAX];     /* comma-separated, most preferred first; "": none */
    uint32_t resume_ppm;          /* connections that try to resume, in parts of a million */
    bool warmup;                  /* sessions for the first of them are fetched before the load */
    bool verify;                  /* refuse an other side whose certificate is not trusted */
    char ca[CONF_TEXT_MAX];   /* trusted certificates, PEM; "": with verify, the system's store */
    char cert[CONF_TEXT_MAX]; /* the own certificate chain, PEM; "": none, or a self-signed one */
    char key[CONF_TEXT_MAX];  /* "": in the same file */
    enum conf_key_kind self_signed; /* not KEY_NONE on a server with TLS and without cert */
    char certs[CONF_TEXT_MAX];      /* client: PEM file or folder of certificates that are shown in
                                       turns; "": none */
    char ocsp[CONF_TEXT_MAX];       /* server: file of an OCSP response in DER; "": none */
    bool ocsp_request;              /* client: ask for one */
    uint64_t key_update_bytes;      /* between two KeyUpdates; 0: none */
    char keylog[CONF_TEXT_MAX];     /* secrets are appended to it; "": none */
    bool close_notify;
    bool psk_without_dhe;   /* TLS 1.3: resume without a new key exchange */
    bool tickets;           /* server: sessions can be resumed; client, not: asks for none */
    unsigned ticket_count;  /* TLS 1.3: asked for, given; 0: as many as each side likes */
    unsigned session_cache; /* server: sessions of TLS 1.2 kept by each core */
    bool request_cert;      /* server: ask the client for its certificate */
    uint64_t timeout_ns;    /* give up on a TLS handshake after this */
};

struct conf_statuses {
    uint16_t first, last; /* inclusive */
};

/* What the user says about HTTP. */
struct conf_http {
    char method[CONF_WORD_MAX];
    char fields[CONF_LINES_MAX]; /* header fields: a line and "\n" each */
    char body[CONF_TEXT_MAX];    /* itself, or "@FILE"; "": none */
    char paths[CONF_LINES_MAX];  /* of the requests, in place of the URL's: "PATH" or "WEIGHT:PATH"
                                    and "\n" each; "": the URL's */
    char host[CONF_HOST_MAX];    /* the Host field; "": the URL's host and port */
    char basic[CONF_TEXT_MAX];   /* credentials: USER:PASSWORD; "": none */
    char bearer[CONF_LINES_MAX]; /* a token instead */
    uint64_t body_bytes;         /* of filler for a body; 0: none */
    char csv[CONF_TEXT_MAX];     /* a file that placeholders take values from; "": none */
    enum http_csv_order csv_order;
    bool cookies;                    /* Set-Cookie is given back on the same connection */
    struct conf_statuses expect;     /* a response of these is a success */
    char expect_body[CONF_TEXT_MAX]; /* "LEN" or "sha256:HEX"; "": any body */
    bool serves;                     /* serve: answers HTTP */
    uint64_t keepalive_requests;     /* serve: of a connection; 0: no limit */
    uint64_t streams;                /* HTTP/2: requests under way at once on a connection */
    uint64_t pipeline;               /* the same of HTTP/1.1 */
    uint64_t h2_window, h2_connection_window; /* bytes that the peer may send ahead */
    struct http_opts opts; /* what becomes of it, but for the requests; by conf_finish() */
};

/* What proves that the target's program had a connection, which a handshake does not. */
enum conf_confirm {
    CONFIRM_NONE,
    CONFIRM_PAYLOAD, /* the first payload of its own came */
    CONFIRM_CLOSE,   /* it closed its side */
};

/* What the end of the load does to connections that are open. */
enum conf_stop {
    STOP_HOLD,  /* nothing: they go their way, holds included */
    STOP_DRAIN, /* what is held closes at once; what is under way is finished */
    STOP_NOW,   /* they are reset */
};

/* What people see while it runs. */
enum conf_ui {
    UI_AUTO,
    UI_TUI,  /* a screen (lib/ui) */
    UI_LINE, /* a line a second */
    UI_NONE,
};

/* What a search for the maximum changes from trial to trial. */
enum conf_search_on { SEARCH_ON_RATE, SEARCH_ON_CONNECTIONS, SEARCH_ON_REQUESTS };

/* What a SYN gets that is more than a server takes in its second. */
enum conf_limit { LIMIT_RST, LIMIT_DROP };

/* Where the scenario has the items of a list whose text is one: by the place in that text at which
 * each begins. Those beyond are not known. */
struct conf_items {
    unsigned n;
    struct conf_item {
        size_t offset;
        struct place place;
    } list[CONF_CRITERIA_MAX];
};

/* A traffic class: connections that have their options in common. */
/* Of a TLS handshake, with a HelloRetryRequest and tickets. */
#define CONF_FLIGHTS 6

struct conf_class {
    char name[CONF_NAME_MAX];
    /* Set by conf_finish(). A client's are those of its targets; a server's follow from its
     * options, on loopback from the client's. */
    const struct proto_ops *proto;
    bool is_tls;
    /* What a TLS handshake takes of memory on each side, and what goes over the wire, flight by
     * flight, the client's first; found out by who knows TLS, before a plan is made; 0: not known.
     */
    uint64_t handshake_bytes[ROLE_COUNT];
    uint32_t handshake_flights[CONF_FLIGHTS];

    uint64_t rate_milli; /* of the run's rate, which is the sum of all classes'; 0: not given */
    uint64_t request_rate_milli;   /* the same of conf.request_rate_milli */
    uint64_t weight;               /* without: what share of the starts it gets, or of the requests
                                      that are paced, compared with others */
    struct load_plan request_load; /* its part of conf.request_load; filled in by conf_finish() */
    struct load_plan whole_request_load; /* of all ranks, where there are several */

    enum proxy_version proxy; /* run: what connections begin with */
    enum close_mode close;    /* as seen from the side that is configured */
    enum conf_confirm confirm;
    uint64_t hold_ns;      /* from established to close */
    uint64_t half_open_ns; /* run: connections are left half open, and watched for so long; 0: no */
    bool piggyback; /* with hold 0 and close fin: the handshake's last ACK rides on the FIN */
    uint64_t connect_timeout_ns;
    uint64_t close_timeout_ns; /* give up on the close after this */
    uint64_t idle_timeout_ns;  /* serve: reset a connection that is idle for this long; 0: never */
    uint8_t listen[65536 / 8]; /* serve: bit set of ports that are open; default all but 0 */

    /* Payload of each connection. On loopback the server's side follows from the client's. */
    uint64_t send_bytes, receive_bytes; /* run, check: what the client sends and expects */
    uint64_t answer_bytes;              /* serve: what the server sends */
    uint64_t answer_after;    /* serve: once so many bytes have come; 0: once it is established */
    uint64_t requests;        /* exchanges of a connection; 0: no end */
    uint64_t think_ns;        /* between two of them */
    bool echo;                /* serve: send back what comes; then the two are 0 */
    uint64_t data_timeout_ns; /* fail a connection whose payload makes no progress for so long */
    struct conf_http http;

    /* [is_v6]: what share of its starts go to targets of the family; 0: not given, targets take
     * turns. Where it has targets of one family only they say nothing. */
    uint64_t family_weights[2];

    struct conf_tls tls;

    char criteria[CONF_LINES_MAX]; /* of its figures, a line each; what conf.criteria has is the
                                      run's; its place is that row's */

    /* By row of the option table, those of a class. */
    bool given[CONF_OPTIONS_MAX];          /* the user set it */
    struct place places[CONF_OPTIONS_MAX]; /* in the scenario */
    struct conf_items criteria_items;
};

/* What a rank has of a run that several machines make together (conf/hosts.h). */
struct conf_share {
    unsigned rank, n_ranks;
    unsigned first, n, of; /* of the cores of all ranks, the first it has, how many, and of how
                              many; of 0: the run is this process's alone */
};

struct conf {
    enum conf_command command;

    char device[CONF_TEXT_MAX]; /* "loopback", a PCI address, or a vdev string */
    bool is_loopback; /* set by conf_finish(): the in-process pair; this process is both client and
                         server */
    char eal[CONF_TEXT_MAX]; /* appended to the EAL arguments as it is; "" for none */
    unsigned lcores;         /* workers per side, 1..CONF_LCORES_MAX */

    struct conf_server_port server;
    struct conf_ranges local;
    struct conf_gateway gateway;
    unsigned vlan;                 /* as wire/vlan.h has it; 0: untagged */
    unsigned mtu;                  /* 576..9216, 0: the device's, at most 1500 */
    struct conf_mac mac;           /* not set: the device's, or one derived */
    struct conf_ports ports;       /* local ports a client uses */
    bool probe;                    /* local addresses are asked for before they are used */
    bool offload;                  /* the port may do what it can; false: all in software */
    enum conf_tls_batch tls_batch; /* handshakes of a core wait for each other */

    struct conf_target targets[CONF_TARGETS_MAX];
    unsigned n_targets;

    /* Without networks in the scenario there is one, of the options. */
    struct conf_network networks[CONF_NETWORKS_MAX];
    unsigned n_networks;
    bool has_networks;                   /* the scenario names them */
    uint8_t network_of[CONF_RANGES_MAX]; /* by local range */

    /* By conf_finish(): the ways to all targets, class by class, turn by turn. Those of a turn have
     * the same share of its starts. */
    struct conf_route routes[CONF_TARGETS_MAX];
    unsigned n_routes;
    uint64_t turn_weights[CONF_TURNS_MAX]; /* what share of the starts it gets, compared */
    unsigned n_turns;

    char resolve[CONF_LINES_MAX]; /* addresses of names: a line NAME:PORT:ADDRESS each */
    bool allow_public;
    bool owns_target; /* who runs it may leave connections half open there */

    /* A command line makes one, "default". Targets of the same class stand side by side, in the
     * order of the classes. */
    struct conf_class classes[CONF_CLASSES_MAX];
    unsigned n_classes;
    bool has_classes; /* the scenario names them */

    uint64_t rate_milli;           /* connections per thousand seconds, all workers; 0: not given */
    struct value_shape shape;      /* not set: constant with a rate, else closed */
    struct load_plan load;         /* what becomes of it; filled in by conf_finish() */
    uint64_t request_rate_milli;   /* the same of requests, and of exchanges of payload: over
                                      connections that are kept; 0: each as soon as it can */
    struct load_plan request_load; /* what becomes of it; filled in by conf_finish() */
    char hosts[CONF_LINES_MAX];    /* conf/hosts.h: an item a line; "": this machine alone */
    char join[CONF_TEXT_MAX];      /* this process is a rank, and its result goes there; "": none */
    struct conf_share share;
    struct load_plan whole_load, whole_request_load; /* of all ranks, by conf_finish() */
    uint64_t requests_total; /* exchanges in all; 0: as many as there are time for */
    uint64_t connections;    /* bound on connections open at once; filled in by conf_finish() */
    uint64_t duration_ns;    /* serve: TIME_NEVER unless given */
    uint64_t init_ns, ramp_up_ns, warm_up_ns, ramp_down_ns; /* conf/phases.h; 0: none */
    uint64_t sustain_ns;                                    /* 0: duration_ns */
    enum conf_stop stop;
    uint64_t drain_ns;      /* how long after the end open connections may finish; filled in by
                               conf_finish() */
    unsigned search_preset; /* 0: none */
    char search_goals[CONF_LINES_MAX];
    enum conf_search_on search_on;
    uint64_t search_min_milli, search_max_milli; /* per thousand seconds, or thousandths of a
                                                    connection; 0: not given */
    uint64_t search_pause_ns;
    char search_reset[CONF_TEXT_MAX]; /* "": nothing is run */
    struct search_opts search;        /* n_goals 0: there is none; filled in by conf_finish() */
    uint64_t limit_cps; /* connections a second that a server takes; 0: as many as come */
    enum conf_limit limit_mode;
    uint64_t dead_man_ns; /* the load stops when targets are silent for so long; 0: never */
    uint64_t reuse_ns;    /* a tuple rests at least this long at the planned rate */

    enum cc_algorithm congestion;
    uint64_t window_bytes;       /* receive window, a power of two */
    uint64_t fixed_window_bytes; /* in flight with CC_FIXED, otherwise 0; filled in by
                                    conf_finish() */
    unsigned mss;                /* 64..9216, 0: what the device's MTU allows */
    enum tcp_ack_policy ack;
    uint64_t delayed_ack_ns; /* 0: acknowledge each segment at once */
    bool nagle;
    bool timestamps;
    unsigned retries; /* consecutive timeouts before a connection with payload is given up */

    bool eal_shared;          /* other DPDK processes may attach */
    char user[CONF_TEXT_MAX]; /* whom root becomes once the device is open; "": who called sudo */
    char criteria[CONF_LINES_MAX]; /* what has to be true of the result, report/criteria.h */
    char json[CONF_TEXT_MAX];      /* path, "-" standard output, "" none */
    char json_lines[CONF_TEXT_MAX], csv_out[CONF_TEXT_MAX]; /* the same */
    char hdr[CONF_TEXT_MAX];                                /* the same */
    char hdr_latency[CONF_TEXT_MAX]; /* name of the latency that it has; "": by what the run is */
    char html[CONF_TEXT_MAX];        /* the same */
    char pcap[CONF_TEXT_MAX];        /* the same */
    uint64_t pcap_sample;            /* it has one connection in so many; 0: those that failed */
    uint64_t pcap_bytes;             /* and is no longer than that */
    char metrics[CONF_TEXT_MAX];     /* where /metrics is served, conf/monitoring.h; "" for none */
    char otlp[CONF_TEXT_MAX];        /* URL that figures are pushed to; "" for none */
    uint64_t otlp_period_ns;         /* between two pushes */
    char control[CONF_TEXT_MAX];     /* the socket that ctl reaches the run by; "" for none */
    struct conf_ctl ctl;             /* with CONF_CTL */
    struct conf_results results;     /* with CONF_REPORT, CONF_MERGE, CONF_COMPARE and
                                        CONF_RFC9411 */
    char folder[CONF_TEXT_MAX];  /* rfc9411: the folder of all that it writes; "": by the plan */
    bool quick;                  /* rfc9411: its times are scaled down */
    uint64_t repeat;             /* runs in all, of each program */
    char against[CONF_TEXT_MAX]; /* another program, whose runs these are compared with; "" */
    bool allow_different;        /* compare also what is not comparable */
    uint64_t sample_ns;          /* an interval; a second is a multiple of it */
    enum conf_ui ui;
    uint64_t seed; /* place in the port cycle; 0: taken from the clock */

    struct source source;                /* the scenario file; no text: there is none */
    char variables[CONF_LINES_MAX];      /* of it: NAME=VALUE and "\n" each */
    char class_settings[CONF_LINES_MAX]; /* the same, of its classes: CLASS.KEY=VALUE */
    bool prints_scenario;                /* and no more */

    /* By row of the option table, those of the run. */
    bool given[CONF_OPTIONS_MAX];          /* the user set it */
    struct place places[CONF_OPTIONS_MAX]; /* in the scenario */
    struct conf_items criteria_items;
};

/** Whether any range is of the family. */
bool conf_ranges_have(const struct conf_ranges *ranges, bool is_v6);

/** Whether any local range / target is of the family. */
bool conf_has_local(const struct conf *c, bool is_v6);
bool conf_has_target(const struct conf *c, bool is_v6);

/** Whether it has a second port, behind a device under test. */
static inline bool
conf_has_middle(const struct conf *c)
{
    return c->server.device[0] != '\0';
}

/** Whether this process is both client and server: on loopback, or with a device under test in
 * between. */
static inline bool
conf_has_both_sides(const struct conf *c)
{
    return c->is_loopback || conf_has_middle(c);
}

/** The device @n: 0, or with conf_has_middle() 1, the server's. */
static inline const char *
conf_device(const struct conf *c, unsigned n)
{
    return n == 0 ? c->device : c->server.device;
}

/** Whether this process has workers of the role. */
bool conf_has_role(const struct conf *c, enum role role);

/* The next four once conf_finish() is done. */

/** What the protocol of the class is told on the side of @role: where both sides are ours the
 * server does what the client was told to expect. */
struct proto_opts conf_proto_opts(const struct conf *c, const struct conf_class *k, enum role role);

/** Whether the protocol of the class exchanges something that this side knows of. */
bool conf_class_has_payload(const struct conf *c, const struct conf_class *k, enum role role);

/** Whether it does in any class on any side of this process; false for serve, where only the
 * clients know. */
bool conf_has_payload(const struct conf *c);

/** Whether connections begin at instants of their own; else as soon as there is room. */
static inline bool
conf_is_open_loop(const struct conf *c)
{
    return c->load.n > 0;
}

/** What the workers of all processes follow together: of this one alone where it makes the run. */
static inline const struct load_plan *
conf_whole_load(const struct conf *c)
{
    return c->share.of > 0 ? &c->whole_load : &c->load;
}

static inline const struct load_plan *
conf_whole_request_load(const struct conf *c)
{
    return c->share.of > 0 ? &c->whole_request_load : &c->request_load;
}

static inline const struct load_plan *
conf_class_whole_request_load(const struct conf *c, const struct conf_class *k)
{
    return c->share.of > 0 ? &k->whole_request_load : &k->request_load;
}

/** Whether connections of any class begin with a header of the PROXY protocol's. */
bool conf_has_proxy(const struct conf *c);

/** Whether connections of any class are left half open. */
bool conf_has_half_open(const struct conf *c);

/** Whether any class speaks HTTP. */
bool conf_has_http(const struct conf *c);

/** Whether any class is of TLS. */
bool conf_is_tls(const struct conf *c);

/** Whether this process is a TLS server, alone or as loopback's server side. */
bool conf_serves_tls(const struct conf *c);

/** What share of the starts, or of the requests, the class gets, compared with the others: it has a
 * rate, a rate of requests, or a weight. */
static inline uint64_t
conf_class_weight(const struct conf_class *k)
{
    return k->rate_milli + k->request_rate_milli + k->weight;
}

/** Targets of the family. */
unsigned conf_target_count(const struct conf *c, bool is_v6);

/** The class of the first target, or the first class where there is no target: the one that is
 * meant where one has to stand for all. */
static inline unsigned
conf_first_class(const struct conf *c)
{
    return c->n_targets > 0 ? c->targets[0].class_idx : 0;
}

/** Addresses of the family over all local ranges; over those of one network. */
uint64_t conf_local_count(const struct conf *c, bool is_v6);
uint64_t conf_network_count(const struct conf *c, unsigned network, bool is_v6);

/**
 * Whether @a is reached without a gateway from that network: it lies in the prefix of one of its
 * local ranges, or is an IPv6 link-local address and it has a local IPv6 range.
 */
bool conf_is_on_link(const struct conf *c, unsigned network, const struct ip_addr *a);

/** Fill @c with the defaults of the option table. */
void conf_init(struct conf *c);
void conf_fini(struct conf *c);

/**
 * Read a command line: `shakedown COMMAND [SCENARIO] [URL ...] [options]`, and the scenario file it
 * names. Checks each value's form and range, not yet how they fit together; resolves no name.
 * Begins with conf_init(). --help and --version end it at once, with CONF_HELP or CONF_VERSION in
 * @c->command.
 *
 * @return 0, or -1 with @f set (status EXIT_USAGE): names the option, the value and what is
 * allowed; of a scenario file the place.
 */
int conf_parse_args(struct conf *c, int argc, char *const argv[], struct fail *f);

/**
 * Resolve host names in targets (getaddrinfo; numeric ones need no resolver), fill in what depends
 * on other values (embedded default for loopback, connections, windows, TLS), and check that
 * everything fits together: options that exclude or need each other, files that must be there,
 * addresses of each target's family, on-link or a gateway, local ranges that do not overlap, target
 * not a local address, public targets refused unless allowed, the tuple arithmetic of conf/plan.h.
 */
int conf_finish(struct conf *c, struct fail *f);

/**
 * Of the scenario of an earlier result, which conf_parse_args() or scenario_read() has read: fill
 * in what says how that run was, for reports. No name is resolved, no file and no host looked at.
 */
int conf_finish_earlier(struct conf *c, struct fail *f);
