/* SPDX-License-Identifier: BSD-3-Clause */
/* See habits.h. */
#include "conf/habits.h"

#include <ctype.h>
#include <string.h>

#include "base/units.h"

static const char ALWAYS[] = "the summary has it always";
static const char IN_URL[] = "it is part of the URL, tcp://ADDRESS:PORT";
static const char A_PORT[] = "it is part of the URL, tcp://ADDRESS:PORT; serve has --listen";
static const char REDIRECT[] = "send standard output elsewhere, e.g. > /dev/null";

/* wrk, wrk2, h2load, hey, ab, k6, iperf3, openssl s_client and s_time, tcpkali, dperf. */
static const struct habit habits[] = {
    {"-c", "--connections", NULL},
    {"--concurrency", "--connections", NULL},
    {"--concurrent", "--connections", NULL},
    {"--clients", "--connections", NULL},
    {"--parallel", "--connections", NULL},
    {"-P", "--connections", NULL},
    {"--users", "--connections", NULL},
    {"-u", "--connections", NULL},
    {"--vus", "--connections", NULL},
    {"-d", "--duration", NULL},
    {"-D", "--duration", NULL},
    {"-z", "--duration", NULL},
    {"-T", "--duration", NULL},
    {"--time", "--duration", NULL},
    {"--timelimit", "--duration", NULL},
    {"--seconds", "--duration", NULL},
    {"--runtime", "--duration", NULL},
    {"-t", "--lcores", NULL},
    {"-j", "--lcores", NULL},
    {"--threads", "--lcores", NULL},
    {"--workers", "--lcores", NULL},
    {"--cores", "--lcores", NULL},
    {"--cpus", "--lcores", NULL},
    {"--cpu", "--lcores", NULL},
    {"-r", "--rate", NULL},
    {"-R", "--rate", NULL},
    {"-q", "--rate", NULL},
    {"--rps", "--request-rate", NULL},
    {"--cps", "--rate", NULL},
    {"--qps", "--request-rate", NULL},
    {"--connect-rate", "--rate", NULL},
    {"--timeout", "--connect-timeout", NULL},
    {"--handshake-timeout", "--tls-timeout", NULL},
    {"--read-timeout", "--data-timeout", NULL},
    {"-o", "--json", NULL},
    {"-O", "--json", NULL},
    {"--out", "--json", NULL},
    {"--output", "--json", NULL},
    {"--summary-export", "--json", NULL},
    {"--format", "--json", NULL},
    {"--log", "--json", NULL},
    {"--logfile", "--json", NULL},
    {"-J", "--json", NULL},
    {"-i", "--device", NULL},
    {"-I", "--device", NULL},
    {"--interface", "--device", NULL},
    {"--iface", "--device", NULL},
    {"--vdev", "--device", NULL},
    {"--pci", "--device", NULL},
    {"-B", "--local", NULL},
    {"--bind", "--local", NULL},
    {"--source", "--local", NULL},
    {"--source-ip", "--local", NULL},
    {"--client", "--local", NULL},
    {"--ip", "--local", NULL},
    {"--address", "--local", NULL},
    {"-l", "--send", NULL},
    {"-b", "--send", NULL},
    {"--len", "--send", NULL},
    {"--length", "--send", NULL},
    {"--size", "--send", NULL},
    {"--payload", "--send", NULL},
    {"--message", "--send", NULL},
    {"-M", "--mss", NULL},
    {"--set-mss", "--mss", NULL},
    {"--jumbo", "--mtu", NULL},
    {"-C", "--congestion", NULL},
    {"--no-delay", "--nagle", NULL},
    {"-k", "--hold", NULL},
    {"--keepalive", "--hold", NULL},
    {"--keep-alive", "--hold", NULL},
    {"--cipher", "--ciphers", NULL},
    {"--tls13-ciphers", "--ciphersuites", NULL},
    {"--curves", "--groups", NULL},
    {"--servername", "--sni", NULL},
    {"--server-name", "--sni", NULL},
    {"--npn-list", "--alpn", NULL},
    {"--alpn-list", "--alpn", NULL},
    {"--cafile", "--ca", NULL},
    {"--cacert", "--ca", NULL},
    {"--insecure", "--verify", NULL},
    {"--insecure-skip-tls-verify", "--verify", NULL},
    {"--reconnect", "--resume", NULL},
    {"--reuse-session", "--resume", NULL},
    {"--session", "--resume", NULL},
    {"--tls1.2", "--tls-versions", NULL},
    {"--tls1.3", "--tls-versions", NULL},
    {"--tlsv1.2", "--tls-versions", NULL},
    {"--tlsv1.3", "--tls-versions", NULL},
    {"--tls-version", "--tls-versions", NULL},
    {"--keylogfile", "--keylog", NULL},
    {"-V", "--version", NULL},
    {"-?", "--help", NULL},
    {"--usage", "--help", NULL},
    {"--iterations", "--requests-total", NULL},
    {"--total", "--requests-total", NULL},
    {"-s", NULL, "there are no scripts; options describe the load"},
    {"--script", NULL, "there are no scripts; options describe the load"},
    {"-L", NULL, ALWAYS},
    {"--latency", NULL, ALWAYS},
    {"--stats", NULL, ALWAYS},
    {"-p", NULL, A_PORT},
    {"--port", NULL, A_PORT},
    {"--url", NULL, IN_URL},
    {"--target", NULL, IN_URL},
    {"--server", NULL, "shakedown serve is the server, shakedown run takes its URL"},
    {"--headers", "--header", NULL},
    {"--request", "--method", NULL},
    {"-X", "--method", NULL},
    {"-m", "--method", NULL},
    {"--data", "--body", NULL},
    {"--data-binary", "--body", NULL},
    {"--quiet", NULL, REDIRECT},
    {"--silent", NULL, REDIRECT},
    {"--no-color", NULL, "set NO_COLOR=1 in the environment"},
    {"-v", NULL, "--json has all there is to tell"},
    {"--verbose", NULL, "--json has all there is to tell"},
    {"--debug", NULL, "--json has all there is to tell"},
    {"--ramp", "--ramp-up", NULL},
    {"--warm-up-time", "--warm-up", NULL},
    {"--config", NULL, "the file is a word of its own: shakedown run FILE"},
    {"-4", NULL, "the target's address says which family it is"},
    {"-6", NULL, "the target's address says which family it is"},
};

const struct habit *
habit_at(size_t i)
{
    return i < ARRAY_LEN(habits) ? &habits[i] : NULL;
}

const struct habit *
habit_find(const char *name)
{
    for (size_t i = 0; i < ARRAY_LEN(habits); i++)
        if (strcmp(name, habits[i].typed) == 0)
            return &habits[i];
    if (name[0] != '-' || !isalpha((unsigned char)name[1]))
        return NULL;
    for (size_t i = 0; i < ARRAY_LEN(habits); i++)
        if (strlen(habits[i].typed) == 2 && strncmp(name, habits[i].typed, 2) == 0 &&
            isdigit((unsigned char)name[2])) /* -c100 */
            return &habits[i];
    return NULL;
}
