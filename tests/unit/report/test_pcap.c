/* SPDX-License-Identifier: BSD-3-Clause */
/* The capture file as a whole: who may read it, when it has its name, its bound. */
#include "report/pcap.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "base/units.h"
#include "sample.h"
#include "wire/seg.h"

static char dir[] = "/tmp/test_pcap.XXXXXX";
static char path[sizeof(dir) + 16];
static struct sample s;
static struct fail f;
static struct report report;
static struct recorder recorder;
static struct pcap_source source;
static struct pcap_counts counts;
static char bytes[1 << 16];
static size_t size;

static void
set_up(void)
{
    struct recorder_opts o = {.table = {.n_conns = 64, .n_cells = 1024, .has_secrets = true},
                              .sample = 1};

    cr_assert(ne(ptr, mkdtemp(dir), NULL));
    snprintf(path, sizeof(path), "%s/out", dir);
    sample_init(&s);
    strcpy(s.conf.pcap, path);
    s.conf.pcap_bytes = 1 << 20;
    cr_assert(zero(int, recorder_init(&recorder, &o)));
    recorder.is_on = true;
    source = (struct pcap_source){.table = &recorder.table, .lcore = 3, .wall_ns = 5 * NS_PER_SEC};
}

static void
tear_down(void)
{
    recorder_fini(&recorder);
    unlink(path);
    rmdir(dir); /* which fails, and shows at the next look, where a file was left */
}

TestSuite(pcap, .init = set_up, .fini = tear_down);

static struct pcap_file *
opened(void)
{
    static const struct report_sink *sinks[64];
    size_t n = 0;

    for (size_t i = 0; i < n_report_sinks; i++)
        if (report_sinks[i]->option != NULL && strcmp(report_sinks[i]->option, PCAP_OPTION) == 0)
            sinks[n++] = report_sinks[i];
    cr_assert(eq(sz, n, 1));
    cr_assert(zero(int, report_check(sinks, n, &s.conf, &f)), "%s", f.text);
    cr_assert(zero(int, report_open(&report, sinks, n, &s.conf, &f)), "%s", f.text);
    return pcap_of(&report);
}

/* A connection of @n frames, which has failed by now. */
static void
failed(struct pcap_file *p, uint16_t port, unsigned n, const char *secret)
{
    struct recorder_segment g = {
        .tuple = {.local = {.lo = 1}, .remote = {.lo = 2}}, .flags = SEG_SYN, .opens = true};
    struct frame_data d = {.bytes = {(const uint8_t *)bytes}, .len = {60}, .is_sent = true};

    g.tuple.local_port = port;
    for (unsigned i = 0; i < n; i++)
        recorder_take(&recorder, &g, &d);
    if (secret != NULL)
        recorder_take_secret(&recorder, &g.tuple, secret);
    recorder_fail(&recorder, &g.tuple, FAILURE_timeout, 0);
    pcap_write(p, &source, recorder_next(&recorder, 0), &counts);
}

static void
closed(void)
{
    cr_assert(zero(int, report_end(&report, &s.r, &f)), "%s", f.text);
    report_close(&report);
}

static void
read_file(const char *name)
{
    FILE *in = fopen(name, "r");

    cr_assert(ne(ptr, in, NULL));
    size = fread(bytes, 1, sizeof(bytes), in);
    fclose(in);
}

/* The types of the blocks in what was read, as letters; it has to be whole blocks. */
static const char *
blocks(void)
{
    static char types[512];
    size_t n = 0;

    for (size_t at = 0; at < size;) {
        uint32_t head[2];

        memcpy(head, bytes + at, sizeof(head));
        cr_assert(le(sz, at + head[1], size));
        types[n++] = head[0] == 1    ? 'I'
                     : head[0] == 5  ? 'S'
                     : head[0] == 6  ? 'F'
                     : head[0] == 10 ? 'K'
                                     : 'B';
        at += head[1];
    }
    types[n] = '\0';
    return types;
}

Test(pcap, secrets_of_a_connection_come_before_its_frames)
{
    struct pcap_file *p = opened();

    pcap_begin(p, &s.r);
    failed(p, 1, 2, "CLIENT_RANDOM 1 2");
    failed(p, 2, 1, NULL);
    closed();
    read_file(path);
    cr_assert(eq(str, (char *)blocks(), "BIKFFFS"));
    cr_assert(ne(ptr, memmem(bytes, size, "CLIENT_RANDOM 1 2\n", 18), NULL));
    cr_assert(ne(ptr, memmem(bytes, size, "connection 1 of core 3: timeout", 31), NULL));
    cr_assert(eq(u64, counts.connections, 2));
    cr_assert(eq(u64, counts.frames, 3));
    cr_assert(zero(u64, counts.lost_connections));
}

Test(pcap, a_run_without_a_failure_has_a_file_without_a_frame)
{
    opened();
    closed();
    read_file(path);
    cr_assert(eq(str, (char *)blocks(), "BIS"));
}

Test(pcap, only_its_owner_may_read_it_whatever_was_there)
{
    struct stat st;
    FILE *old = fopen(path, "w");

    fclose(old);
    chmod(path, 0644);
    pcap_begin(opened(), &s.r);
    closed();
    cr_assert(zero(int, stat(path, &st)));
    cr_assert(eq(uint, st.st_mode & 0777, 0600));
}

Test(pcap, until_the_end_it_has_another_name_and_is_whole_blocks_after_each_flush)
{
    struct pcap_file *p = opened();
    char name[sizeof(path) + 300] = "";
    struct dirent *e;
    DIR *d;

    pcap_begin(p, &s.r);
    failed(p, 1, 30, NULL);
    pcap_flush(p);
    cr_assert(ne(int, access(path, F_OK), 0));
    d = opendir(dir);
    while ((e = readdir(d)) != NULL)
        if (e->d_name[0] != '.')
            snprintf(name, sizeof(name), "%s/%s", dir, e->d_name);
    closedir(d);
    read_file(name);
    cr_assert(eq(sz, strlen(blocks()), 32));
    closed();
    cr_assert(zero(int, access(path, F_OK)));
}

Test(pcap, behind_its_bound_connections_are_left_out_whole_and_counted)
{
    struct pcap_file *p;

    s.conf.pcap_bytes = 4096;
    p = opened();
    pcap_begin(p, &s.r);
    for (uint16_t port = 1; port <= 20; port++)
        failed(p, port, 4, NULL);
    closed();
    read_file(path);
    cr_assert(le(sz, size, 4096));
    cr_assert(lt(u64, 0, counts.lost_connections));
    cr_assert(lt(u64, 0, counts.connections));
    cr_assert(eq(u64, counts.connections + counts.lost_connections, 20));
    cr_assert(eq(u64, counts.frames, 4 * counts.connections));
    cr_assert(eq(sz, strlen(blocks()), 3 + 4 * counts.connections));
}

Test(pcap, one_without_a_frame_is_not_there)
{
    struct recorder_tuple t = {.local = {.lo = 1}, .remote = {.lo = 2}, .local_port = 9};
    struct pcap_file *p = opened();
    uint32_t idx = recorder_table_add(&recorder.table, &t);

    pcap_begin(p, &s.r);
    recorder_fail(&recorder, &t, FAILURE_timeout, 0);
    cr_assert(eq(u32, recorder_next(&recorder, 0), idx));
    pcap_write(p, &source, idx, &counts);
    cr_assert(eq(u64, counts.lost_connections, 1));
    closed();
}

Test(pcap, a_full_disk_names_the_file_and_leaves_nothing)
{
    struct pcap_file *p;

    strcpy(s.conf.pcap, "/dev/full");
    p = opened();
    pcap_begin(p, &s.r);
    failed(p, 1, 2, NULL);
    pcap_flush(p);
    cr_assert(eq(int, report_end(&report, &s.r, &f), -1));
    report_close(&report);
    cr_assert(
        ne(ptr, strstr(f.text, "--pcap /dev/full: the file cannot be written: No space"), NULL),
        "%s", f.text);
}

Test(pcap, a_folder_that_is_not_there_is_told_before_the_run)
{
    strcpy(s.conf.pcap, "/nonexistent/x.pcapng");
    cr_assert(eq(int, report_check(report_sinks, n_report_sinks, &s.conf, &f), -1));
    cr_assert(ne(ptr, strstr(f.text, "--pcap /nonexistent/x.pcapng"), NULL), "%s", f.text);
}
