/* SPDX-License-Identifier: BSD-3-Clause */
/* Clients that wear a server out, by raw frames and without a memory of their own: what came tells
 * what to answer. Which kind a client is of is in the third byte of its address, 198.18.64.x to
 * 198.18.67.x:
 *
 *     half     sends a SYN, and no more
 *     silent   shakes hands, and is silent
 *     deaf     the same with a window of 0, and answers every probe of it
 *     stalled  the same, with the bytes of a file (a ClientHello) behind it
 *
 *     hostile IFACE SERVER_MAC ADDRESS PORT FILE HALF SILENT DEAF STALLED     each kind's rate a
 * second
 *
 * Prints a line every half second: the SYNs sent, the handshakes completed and the resets received
 * of each kind. Runs until a signal ends it. Used by the system tests only. */
#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <netinet/ether.h>
#include <netinet/ip.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum kind { HALF, SILENT, DEAF, STALLED, KINDS };
enum { FIN = 1, SYN = 2, RST = 4, PSH = 8, ACK = 16 };
enum { ETH = 14, IP = 20, TCP = 20, HEADERS = ETH + IP + TCP, FILE_MAX = 1200, HOSTS = 250 };

static const uint32_t CLIENTS = 0xc6124000; /* 198.18.64.0 */
static const uint8_t OUR_MAC[6] = {2, 0, 0, 0, 0x66, 0x66};
static const unsigned BURST = 64;

struct hostile {
    int fd;
    uint8_t server_mac[6];
    uint32_t server;
    uint16_t port;
    uint8_t hello[FILE_MAX];
    uint16_t hello_len;
    uint64_t rate[KINDS], syns[KINDS], shaken[KINDS], resets[KINDS];
};

struct segment {
    uint32_t client; /* address, host order */
    uint16_t client_port;
    uint32_t seq, ack;
    uint8_t flags;
    uint16_t window;
    uint16_t len; /* of the file, behind it */
};

static uint32_t
sum(const uint8_t *bytes, size_t len, uint32_t to)
{
    for (size_t i = 0; i < len; i++)
        to += (uint32_t)bytes[i] << (i % 2 == 0 ? 8 : 0);
    return to;
}

static uint16_t
fold(uint32_t s)
{
    while (s >> 16 != 0)
        s = (s & 0xffff) + (s >> 16);
    return (uint16_t)~s;
}

static void
put16(uint8_t *at, uint16_t v)
{
    at[0] = (uint8_t)(v >> 8);
    at[1] = (uint8_t)v;
}

static void
put32(uint8_t *at, uint32_t v)
{
    put16(at, (uint16_t)(v >> 16));
    put16(at + 2, (uint16_t)v);
}

static uint32_t
get32(const uint8_t *at)
{
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static void
send_segment(const struct hostile *h, const struct segment *s)
{
    uint8_t frame[HEADERS + FILE_MAX] = {0}, *ip = frame + ETH, *tcp = ip + IP;
    uint16_t tcp_len = (uint16_t)(TCP + s->len);

    memcpy(frame, h->server_mac, 6);
    memcpy(frame + 6, OUR_MAC, 6);
    put16(frame + 12, ETH_P_IP);
    ip[0] = 0x45;
    put16(ip + 2, (uint16_t)(IP + tcp_len));
    ip[8] = 64;
    ip[9] = IPPROTO_TCP;
    put32(ip + 12, s->client);
    put32(ip + 16, h->server);
    put16(ip + 10, fold(sum(ip, IP, 0)));
    put16(tcp, s->client_port);
    put16(tcp + 2, h->port);
    put32(tcp + 4, s->seq);
    put32(tcp + 8, s->ack);
    tcp[12] = 5 << 4;
    tcp[13] = s->flags;
    put16(tcp + 14, s->window);
    memcpy(tcp + TCP, h->hello, s->len);
    put16(tcp + 16, fold(sum(ip + 12, 8, sum(tcp, tcp_len, IPPROTO_TCP + tcp_len))));
    if (send(h->fd, frame, HEADERS + (size_t)s->len, 0) < 0)
        usleep(1000); /* the queue is full: what is lost comes again, or another one comes */
}

static uint16_t
window_of(enum kind k)
{
    return k == DEAF ? 0 : 64240;
}

/* Client @n of the kind. Its numbers follow from nothing but the port, so that it need not keep
 * them. */
static void
send_syn(const struct hostile *h, enum kind k, uint64_t n)
{
    send_segment(
        h, &(struct segment){.client = CLIENTS + ((uint32_t)k << 8) + 1 + (uint32_t)(n % HOSTS),
                             .client_port = (uint16_t)(1024 + n / HOSTS % 64000),
                             .flags = SYN,
                             .window = window_of(k)});
}

static void
answer(struct hostile *h, const uint8_t *frame, size_t len)
{
    const uint8_t *ip = frame + ETH, *tcp = ip + IP;
    uint32_t client;
    uint8_t flags;
    enum kind k;

    if (len < HEADERS || frame[12] != 8 || ip[0] != 0x45 || ip[9] != IPPROTO_TCP)
        return;
    client = get32(ip + 16);
    k = (enum kind)((client - CLIENTS) >> 8);
    flags = tcp[13];
    if (client < CLIENTS || k >= KINDS)
        return;
    h->resets[k] += (flags & RST) != 0;
    if ((flags & RST) != 0 || k == HALF)
        return;
    h->shaken[k] += (flags & SYN) != 0;
    if ((flags & SYN) == 0 && k != DEAF)
        return;
    send_segment(h, &(struct segment){.client = client,
                                      .client_port = (uint16_t)(tcp[2] << 8 | tcp[3]),
                                      .seq = get32(tcp + 8),
                                      .ack = get32(tcp + 4) + ((flags & SYN) != 0),
                                      .flags = ACK | (k == STALLED ? PSH : 0),
                                      .window = window_of(k),
                                      .len = k == STALLED ? h->hello_len : 0});
}

static void
receive(struct hostile *h)
{
    uint8_t frame[2048];
    struct sockaddr_ll from;
    socklen_t from_len = sizeof(from);

    for (unsigned i = 0; i < 16 * BURST; i++) {
        ssize_t n = recvfrom(h->fd, frame, sizeof(frame), MSG_DONTWAIT, (struct sockaddr *)&from,
                             &from_len);

        if (n < 0)
            return;
        if (from.sll_pkttype != PACKET_OUTGOING)
            answer(h, frame, (size_t)n);
    }
}

static double
now_s(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void
print_counts(const struct hostile *h)
{
    for (int k = 0; k < KINDS; k++)
        printf("%llu %llu %llu%c", (unsigned long long)h->syns[k], (unsigned long long)h->shaken[k],
               (unsigned long long)h->resets[k], k + 1 == KINDS ? '\n' : ' ');
    fflush(stdout);
}

static void
run(struct hostile *h)
{
    double began_s = now_s(), told_s = began_s;

    for (;;) {
        double s = now_s();

        for (int k = 0; k < KINDS; k++)
            for (unsigned i = 0;
                 i < BURST && (double)h->syns[k] < (double)h->rate[k] * (s - began_s); i++)
                send_syn(h, (enum kind)k, h->syns[k]++);
        receive(h);
        if (s - told_s >= 0.5) {
            print_counts(h);
            told_s = s;
        }
        (void)poll(&(struct pollfd){.fd = h->fd, .events = POLLIN}, 1, 1);
    }
}

int
main(int argc, char *argv[])
{
    struct hostile h = {0};
    struct sockaddr_ll at = {.sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_IP)};
    int bytes = 16 << 20;
    FILE *f;

    if (argc != 6 + KINDS || ether_aton_r(argv[2], (struct ether_addr *)h.server_mac) == NULL ||
        (f = fopen(argv[5], "rb")) == NULL)
        return 2;
    h.server = ntohl(inet_addr(argv[3]));
    h.port = (uint16_t)atoi(argv[4]);
    h.hello_len = (uint16_t)fread(h.hello, 1, sizeof(h.hello), f);
    fclose(f);
    for (int k = 0; k < KINDS; k++)
        h.rate[k] = strtoull(argv[6 + k], NULL, 10);
    h.fd = socket(AF_PACKET, SOCK_RAW, htons(ETH_P_IP));
    at.sll_ifindex = (int)if_nametoindex(argv[1]);
    if (h.fd < 0 || at.sll_ifindex == 0 || bind(h.fd, (struct sockaddr *)&at, sizeof(at)) < 0) {
        perror(argv[1]);
        return 1;
    }
    (void)setsockopt(h.fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof(bytes));
    run(&h);
}
