/* SPDX-License-Identifier: BSD-3-Clause */
/* shakedown: from the command line to the exit status. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <openssl/crypto.h>
#include <rte_version.h>

#include "app/check.h"
#include "app/class_protocols.h"
#include "app/compare.h"
#include "app/control.h"
#include "app/ctl.h"
#include "app/doctor.h"
#include "app/hang_watch.h"
#include "app/headroom.h"
#include "app/hosts_run.h"
#include "app/merge.h"
#include "app/monitor.h"
#include "app/own_mac.h"
#include "app/page.h"
#include "app/rank.h"
#include "app/repeat.h"
#include "app/rfc9411.h"
#include "app/setup.h"
#include "app/signals.h"
#include "app/streams.h"
#include "base/console.h"
#include "conf/conf.h"
#include "conf/help.h"
#include "conf/plan.h"
#include "conf/scenario.h"
#include "io/inherited.h"
#include "io/io.h"
#include "io/machine.h"
#include "io/rlimits.h"
#include "report/criteria.h"
#include "report/ink.h"
#include "report/json_check.h"
#include "report/json_head.h"
#include "report/outcome.h"
#include "report/outfile.h"
#include "report/registry.h"
#include "report/result.h"
#include "report/scenario_yaml.h"
#include "report/search.h"
#include "ui/choice.h"
#include "ui/rescue.h"
#include "ui/terminal.h"
#include "version.h"

/* A cable that was just plugged in, a switch that trains; and somebody who starts the other process
 * in another terminal. */
static const unsigned LINK_WAIT_MS = 5000, PEER_WAIT_MS = 60000;
/* Then the user is told what is waited for; and an interruption is seen after this at most. */
static const unsigned LINK_STEP_MS = 500;

struct main {
    struct clock_sample began;
    struct conf conf;
    struct machine machine;
    uint64_t headroom_bytes; /* of its memory, for connections; 0: unknown */
    struct plan plan;
    struct io io;
    struct steering steering;
    struct privilege privilege;
    struct class_protocols protocols;
    struct report report;
    struct result result;
    struct criteria criteria;
    struct result_search search;
    struct doctor doctor;
    struct ctl_socket ctl;
    struct monitor monitor;
    struct rank rank;
    struct fail fail;
    char *const *argv; /* as it was given */
};

/* Until it @is_there, which is asked again and again. What it says is missing is told. */
static int
wait_until(struct main *m, int (*is_there)(struct main *m, unsigned timeout_ms),
           unsigned patience_ms)
{
    for (unsigned waited_ms = 0; is_there(m, LINK_STEP_MS) < 0;) {
        waited_ms += LINK_STEP_MS;
        if (waited_ms == LINK_STEP_MS)
            fprintf(console_stream(), "shakedown: waiting, at most %u s: %s\n", patience_ms / 1000,
                    m->fail.text);
        if (waited_ms >= patience_ms)
            return -1;
        if (signals_are_pending())
            return fail_set(&m->fail, EXIT_INTERRUPTED,
                            "interrupted while it waited for the link of device %s",
                            m->conf.device);
    }
    return 0;
}

static int
link_is_there(struct main *m, unsigned timeout_ms)
{
    return io_wait_link(&m->io, timeout_ms, &m->fail);
}

static int
wait_link(struct main *m)
{
    return wait_until(m, link_is_there, io_awaits_peer(&m->io) ? PEER_WAIT_MS : LINK_WAIT_MS);
}

/* What lies in the file system goes, whatever else hangs. */
static void
abandon(void *arg)
{
    struct main *m = arg;

    rescue_now();
    ctl_socket_abandon(&m->ctl);
    io_abandon(&m->io);
}

/* A driver may wait for another process in there, and hears no signal. */
static int
open_watched(struct main *m, const struct io_opts *opts)
{
    char doing[sizeof(m->conf.device) + 64];
    struct hang_watch watch = {
        .doing = doing, .patience_ns = HANG_WATCH_BEGIN_NS, .clean_up = abandon, .arg = m};
    int err;

    snprintf(doing, sizeof(doing), "before the run began, while device %s was being opened",
             m->conf.device);
    hang_watch_begin(&watch);
    err = io_open(&m->io, opts, &m->fail);
    hang_watch_end(&watch);
    return err;
}

static struct io_opts
io_opts_of(const struct conf *c)
{
    return (struct io_opts){
        .device = c->device,
        .server_device = conf_has_middle(c) ? c->server.device : NULL,
        .eal = c->eal,
        .is_shared = c->eal_shared,
        .vlans = setup_vlans(c),
        .mtu = (uint16_t)c->mtu,
        .lcores = c->lcores,
        .payload_bytes = setup_payload_bytes(c),
        .copies_payload = setup_copies_payload(c),
        .takes_long = setup_takes_long(c),
        .no_offload = !c->offload,
        .serves = c->command == CONF_SERVE,
        .needs_multicast = conf_has_local(c, true) || conf_ranges_have(&c->server.local, true),
        .mac_is_asked = c->mac.is_set,
    };
}

static int
server_is_there(struct main *m, unsigned timeout_ms)
{
    struct io_opts opts = io_opts_of(&m->conf);

    return io_wait_server(&opts, timeout_ms, &m->fail);
}

static int
open_io(struct main *m)
{
    struct io_opts opts = io_opts_of(&m->conf);

    if (m->conf.mac.is_set)
        memcpy(opts.mac, m->conf.mac.bytes, sizeof(opts.mac));
    else
        own_mac_derive(opts.mac, &m->conf, false);
    own_mac_derive(opts.server_mac, &m->conf, true);
    if (wait_until(m, server_is_there, PEER_WAIT_MS) < 0 || open_watched(m, &opts) < 0)
        return -1;
    if (wait_link(m) < 0) {
        io_close(&m->io);
        return -1;
    }
    if (m->io.note[0] != '\0')
        fprintf(console_stream(), "shakedown: note: %s\n", m->io.note);
    m->plan = steering_init(&m->steering, &m->conf, &m->plan, m->io.n_queues,
                            m->io.ports[0].has_rss ? &m->io.ports[0].rss : NULL);
    return 0;
}

static void
describe_tool(struct result *r)
{
    r->version = SHAKEDOWN_VERSION;
    r->dpdk_version = rte_version();
    r->openssl_version = OpenSSL_version(OPENSSL_VERSION_STRING);
}

static void
describe_host(struct result *r, void *arg)
{
    struct main *m = arg;
    const char *said;

    describe_tool(r);
    r->tls_provider = m->protocols.computing.provider;
    r->host.cores = m->machine.n_cpus;
    r->host.has_hugepages = m->io.uses_hugepages;
    snprintf(r->host.cpu, sizeof(r->host.cpu), "%s", m->machine.cpu_model);
    snprintf(r->host.kernel, sizeof(r->host.kernel), "%s", m->machine.kernel);
    snprintf(r->host.driver, sizeof(r->host.driver), "%s", m->io.ports[0].driver);
    r->host.driver_lines = io_driver_lines(&m->io, &said);
    snprintf(r->host.driver_said, sizeof(r->host.driver_said), "%s", said);
}

/* Write what became of the run, and see whether it passed. What was interrupted has no outcome; but
 * its accounts are to be right. */
static int
report(struct main *m)
{
    struct result *r = &m->result;
    struct fail wrong;
    bool is_right = report_result_check_identity(r, &wrong) == 0;

    if (r->search == NULL) { /* its criteria are of its trials */
        (void)criteria_judge(&m->criteria, r);
        r->criteria = &m->criteria;
    }
    describe_host(r, m);
    if (!is_right)
        fprintf(console_stream(), "shakedown: %s\n", wrong.text);
    if (m->rank.is_on) /* what all of them came to is who started them's to tell */
        return rank_write(&m->rank, r, &m->fail);
    if (report_end(&m->report, r, &m->fail) < 0)
        return -1;
    return r->interrupted && is_right ? 0 : outcome_check(r, &m->fail);
}

/* What people get to see of it meanwhile. What the terminal cannot do is told. */
static enum conf_ui
choose_ui(const struct main *m)
{
    bool out_is_people = report_people(report_sinks, n_report_sinks, &m->conf) == stdout;
    struct choice_facts facts = {.out_is_terminal = out_is_people && isatty(STDOUT_FILENO) != 0,
                                 .in_is_terminal = isatty(STDIN_FILENO) != 0,
                                 .term = getenv("TERM")};
    enum conf_ui ui;
    const char *why;

    facts.is_known = facts.out_is_terminal && terminal_can();
    facts.is_foreground = facts.out_is_terminal && terminal_is_ours(STDOUT_FILENO);
    ui = choice_of(m->conf.ui, &facts, &why);
    if (why != NULL)
        fprintf(console_stream(), "shakedown: note: --ui tui: %s; a line a second is shown\n", why);
    return ui;
}

/* The rows, the summary and the result. */
static int
run_and_report(struct main *m, struct hang_watch *watch)
{
    struct control_opts opts = {.conf = &m->conf,
                                .plan = &m->plan,
                                .io = &m->io,
                                .steering = &m->steering,
                                .privilege = &m->privilege,
                                .tls = m->protocols.tls,
                                .lanes = m->protocols.computing.lanes,
                                .http = m->protocols.http,
                                .began = &m->began,
                                .criteria = &m->criteria,
                                .search = &m->search,
                                .report = &m->report,
                                .describe = describe_host,
                                .describe_arg = m,
                                .monitor = &m->monitor,
                                .ctl = &m->ctl,
                                .crew = m->rank.is_on ? &m->rank.crew : NULL,
                                .watch = watch};
    struct fail flush;
    int err;

    opts.ui = choose_ui(m);
    opts.has_ink = ink_is_wanted(true, getenv("NO_COLOR"), getenv("TERM"));
    m->report.is_quiet = opts.ui != UI_LINE;
    err = report_open(&m->report, report_sinks, n_report_sinks, &m->conf, &m->fail);

    if (err == 0)
        err = control_run(&opts, &m->result, &m->fail);
    if (err < 0)
        io_explain(&m->io, &m->fail);
    hang_watch_beat(watch);
    if (err == 0)
        err = report(m);
    report_close(&m->report);
    if (streams_flush(&flush) < 0 && err == 0 && !m->result.interrupted) {
        m->fail = flush;
        err = -1;
    }
    return err;
}

/* Whoever reads what is written may stop reading it. */
static int
watched(struct main *m, int (*act)(struct main *m, struct hang_watch *watch))
{
    struct hang_watch watch = {.doing = "while it waited for somebody to read what it wrote",
                               .patience_ns = HANG_WATCH_RUN_NS,
                               .clean_up = abandon,
                               .arg = m};
    int err;

    hang_watch_begin(&watch);
    err = act(m, &watch);
    hang_watch_end(&watch);
    return err;
}

static int
run(struct main *m)
{
    bool interrupted;
    int err;

    if (open_io(m) < 0)
        return -1;
    rank_keep_off_workers(&m->rank, &m->io);
    err = watched(m, run_and_report);
    ctl_socket_close(&m->ctl);
    monitor_close(&m->monitor);
    interrupted = m->result.interrupted;
    report_result_fini(&m->result);
    io_close(&m->io);
    if (err == 0 && interrupted) {
        m->fail.status = EXIT_INTERRUPTED;
        m->fail.text[0] = '\0';
        return -1;
    }
    return err;
}

/* For people to standard output, unless that is the machines'. */
static int
print_check(struct main *m, struct hang_watch *watch)
{
    struct check_facts facts = {.conf = &m->conf,
                                .plan = &m->plan,
                                .io = &m->io,
                                .steering = &m->steering,
                                .available_bytes = m->machine.available_bytes,
                                .headroom_bytes = m->headroom_bytes};

    (void)watch;
    check_print(outfile_is_stdout(m->conf.json) ? console_stream() : stdout, &facts);
    if (m->conf.json[0] == '\0')
        return streams_flush(&m->fail);
    check_fill(&facts, &m->result);
    describe_host(&m->result, m);
    if (outfile_write(JSON_OPTION, m->conf.json, json_check_write, &m->result, &m->fail) < 0)
        return -1;
    return streams_flush(&m->fail);
}

static int
check(struct main *m)
{
    int err;

    if (open_io(m) < 0)
        return -1;
    err = watched(m, print_check);
    io_close(&m->io);
    return err;
}

/* Nobody waits for a peer that the user has yet to start. */
static void
examine_port(struct main *m, const struct io_opts *opts)
{
    struct fail f;
    bool has_link;

    if (open_watched(m, opts) < 0) {
        doctor_set_closed(&m->doctor, &m->fail);
        return;
    }
    has_link = io_wait_link(&m->io, io_awaits_peer(&m->io) ? 0 : LINK_WAIT_MS, &f) == 0;
    doctor_read_port(&m->doctor, &m->io, opts, has_link ? NULL : &f);
    io_close(&m->io);
}

static int
print_doctor(struct main *m, struct hang_watch *watch)
{
    (void)watch;
    describe_tool(&m->result);
    m->result.doctor = &m->doctor;
    if (doctor_report(&m->conf, &m->result, &m->fail) < 0)
        return -1;
    return streams_flush(&m->fail);
}

/* What would stop a run stops this, too; it has been said then. */
static int
doctor(struct main *m)
{
    struct io_opts opts = doctor_io_opts(&m->conf);

    if (m->conf.json[0] != '\0' && outfile_check(JSON_OPTION, m->conf.json, &m->fail) < 0)
        return -1;
    if (doctor_read_host(&m->doctor, &opts, "", &m->fail) < 0)
        return -1;
    signals_block();
    if (doctor_worst(&m->doctor) != DOCTOR_STOP)
        examine_port(m, &opts);
    if (watched(m, print_doctor) < 0)
        return -1;
    m->fail.text[0] = '\0';
    m->fail.status = EXIT_HOST;
    return doctor_worst(&m->doctor) == DOCTOR_STOP ? -1 : 0;
}

/* What connections need against what is there beside packets and all else. */
static int
plan_memory(struct main *m)
{
    struct io_opts opts = io_opts_of(&m->conf);
    struct rlimits limits;
    struct headroom_facts facts = {.n_workers =
                                       m->conf.lcores * (conf_has_both_sides(&m->conf) ? 2 : 1)};

    machine_read(&m->machine, "");
    facts.available_bytes = m->machine.available_bytes;
    facts.packet_bytes = io_packet_bytes(&opts, &m->machine);
    facts.interval_bytes = report_result_intervals_bytes(&m->conf);
    facts.capture_bytes = m->conf.pcap[0] != '\0' ? m->conf.lcores * RECORDING_BYTES : 0;
    m->headroom_bytes = headroom_bytes(&facts);
    if (plan_make(&m->plan, &m->conf, NULL, m->headroom_bytes, &m->fail) < 0)
        return -1;
    limits = rlimits_read(m->machine.may_lock);
    return rlimits_check_address(&limits, rlimits_mapped_bytes() + facts.packet_bytes,
                                 setup_mapped_bytes(&m->conf, &m->plan), &m->fail);
}

/* All that can be known before a port is opened. */
static int
prepare(struct main *m)
{
    if (conf_finish(&m->conf, &m->fail) < 0)
        return -1;
    if (privilege_choose_own(&m->privilege, m->conf.user, &m->fail) < 0)
        return -1;
    if (criteria_read(&m->criteria, &m->conf, &m->fail) < 0)
        return -1;
    if (report_check(report_sinks, n_report_sinks, &m->conf, &m->fail) < 0 ||
        ctl_socket_check(m->conf.control, &m->fail) < 0 ||
        monitor_open(&m->monitor, &m->conf, &m->fail) < 0)
        return -1;
    if (class_protocols_init(&m->protocols, &m->conf, &m->fail) < 0)
        return -1;
    if (plan_memory(m) == 0)
        return 0;
    class_protocols_fini(&m->protocols, &m->conf);
    return -1;
}

/* The name of a target may be asked of a server that does not answer, and a certificate be read
 * from a pipe that nobody writes to. */
static int
prepare_watched(struct main *m)
{
    struct hang_watch watch = {.doing = "before the run began, while the options were looked at, "
                                        "names of targets resolved, and files read",
                               .patience_ns = HANG_WATCH_BEGIN_NS};
    int err;

    hang_watch_begin(&watch);
    err = prepare(m);
    hang_watch_end(&watch);
    if (err < 0)
        scenario_point(&m->conf, 0, &m->fail);
    return err;
}

/* Until here signals do what they do in any program. */
static int
prepare_and(struct main *m, int (*act)(struct main *m))
{
    int err;

    signals_block();
    if (prepare_watched(m) < 0)
        return -1;
    err = act(m);
    class_protocols_fini(&m->protocols, &m->conf);
    return err;
}

static int
print_scenario(struct main *m, struct hang_watch *watch)
{
    (void)watch;
    if (scenario_yaml_write(stdout, &m->conf, &m->fail) < 0)
        return -1;
    return streams_flush(&m->fail);
}

/* No port is opened. */
static int
show_scenario(struct main *m)
{
    return watched(m, print_scenario);
}

static int
compare(struct main *m)
{
    struct compare_places places = {m->conf.json, m->conf.html};

    return compare_files(&m->conf, &m->conf.results, m->conf.criteria, &places, false, &m->fail);
}

static int
dispatch(struct main *m)
{
    switch (m->conf.command) {
    case CONF_HELP:
        conf_help(stdout);
        return streams_flush(&m->fail);
    case CONF_VERSION:
        printf("shakedown %s (%s)\n", SHAKEDOWN_VERSION, rte_version());
        return streams_flush(&m->fail);
    case CONF_DOCTOR:
        return doctor(m);
    case CONF_CTL:
        return ctl_tell(&m->conf.ctl, &m->fail);
    case CONF_REPORT:
        return page_of_file(&m->conf, &m->fail);
    case CONF_MERGE:
        return merge_files(&m->conf, &m->fail);
    case CONF_COMPARE:
        return compare(m);
    case CONF_RFC9411:
        return rfc9411_make(&m->conf, m->argv[0], &m->fail);
    case CONF_CHECK:
    case CONF_RUN:
    case CONF_SERVE:
        if (hosts_run_is_wanted(&m->conf))
            return hosts_run(&m->conf, m->argv, &m->fail);
        if (repeat_is_wanted(&m->conf))
            return repeat_runs(&m->conf, m->argv, &m->fail);
        if (m->conf.join[0] != '\0' && rank_join(&m->rank, &m->conf, &m->fail) < 0)
            return -1;
        if (m->conf.prints_scenario)
            return prepare_and(m, show_scenario);
        return prepare_and(m, m->conf.command == CONF_CHECK ? check : run);
    }
    return 0;
}

int
main(int argc, char *argv[])
{
    struct main *m = calloc(1, sizeof(*m));
    int status = EXIT_RAN;

    if (m == NULL)
        return EXIT_HOST;
    m->argv = argv;
    streams_take();
    inherited_close();
    console_take();
    ctl_socket_init(&m->ctl);
    monitor_init(&m->monitor);
    m->began = clock_sample();
    rlimits_raise();
    signals_ignore_pipes();
    if (conf_parse_args(&m->conf, argc, argv, &m->fail) < 0 || dispatch(m) < 0) {
        status = (int)m->fail.status;
        if (m->fail.text[0] != '\0')
            fprintf(console_stream(), "shakedown: %s\n", m->fail.text);
    }
    monitor_close(&m->monitor);
    rank_leave(&m->rank, status);
    conf_fini(&m->conf);
    free(m);
    return status;
}
