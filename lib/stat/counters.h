/* SPDX-License-Identifier: BSD-3-Clause */
/* The lists of counters, of failure causes and of latencies: enum, memory, text, JSON key, schema
 * and docs row all come from here, so a new one is one line. Each is written by one worker only
 * (stat/block.h). What application protocols count and measure beyond these is in their own tables
 * (proto/registry.h). */
#pragma once

/* X(name, unit, meaning). The first four are the accounting identity:
 * attempted = closed + failed + open, on each core and in the sum. */
#define STAT_COUNTERS(X)                                                                           \
    X(attempted, "connections", "connections begun: first SYN sent, or accepted by a server")      \
    X(closed, "connections", "connections that ended as planned")                                  \
    X(failed, "connections",                                                                       \
      "connections that ended in any other way; the failure causes tell why")                      \
    X(established, "connections", "three-way handshakes completed")                                \
    X(rx_packets, "frames", "frames received from the port")                                       \
    X(tx_packets, "frames", "frames handed to the port")                                           \
    X(rx_bytes, "bytes", "bytes of the frames received, with the Ethernet header, without FCS")    \
    X(tx_bytes, "bytes", "bytes of the frames sent, with the Ethernet header, without FCS")        \
    X(rx_payload_bytes, "bytes", "TCP payload received in order, each byte counted once")          \
    X(tx_payload_bytes, "bytes", "TCP payload sent, each byte counted once")                       \
    X(retransmits, "segments", "segments retransmitted, for any reason")                           \
    X(syn_retransmits, "segments", "of these, SYN and SYN-ACK segments")                           \
    X(fast_retransmits, "segments",                                                                \
      "data segments retransmitted before a timeout, because later ones had arrived")              \
    X(rto_timeouts, "events", "expirations of the retransmission timer with data in flight")       \
    X(tail_loss_probes, "segments", "tail loss probes sent (RFC 8985 7)")                          \
    X(window_probes, "segments", "zero-window probes sent (RFC 9293 3.8.6.1)")                     \
    X(out_of_order, "segments", "data segments received out of order")                             \
    X(reassembly_dropped, "segments",                                                              \
      "out-of-order segments dropped because the reassembly buffer was full")                      \
    X(tls_handshakes, "handshakes", "TLS handshakes completed, resumed ones included")             \
    X(tls_resumed, "handshakes", "TLS handshakes completed that resumed a session")                \
    X(tls_resume_due, "handshakes",                                                                \
      "TLS handshakes begun that were to resume a session (tls.resume)")                           \
    X(tls_resume_offered, "handshakes",                                                            \
      "TLS handshakes begun that had a session to offer; the peer may refuse it")                  \
    X(tls_key_shares, "key shares", "sent in the ClientHellos of completed TLS handshakes")        \
    X(tls_hello_retries, "handshakes",                                                             \
      "TLS handshakes completed whose server asked for another key share first "                   \
      "(HelloRetryRequest)")                                                                       \
    X(tls_certs_shown, "handshakes",                                                               \
      "TLS handshakes completed in which the target asked for a certificate and was shown one of " \
      "tls.certs")                                                                                 \
    X(tls_staples, "handshakes",                                                                   \
      "TLS handshakes completed with an OCSP response: received (tls.ocsp_request), or given "     \
      "(tls.ocsp)")                                                                                \
    X(tls_ticket_requests, "handshakes",                                                           \
      "TLS handshakes completed with a ticket request (RFC 9149): a server's, that came; a "       \
      "client's, that the target answered")                                                        \
    X(tls_tickets, "messages",                                                                     \
      "tickets, and session ids of TLS 1.2, received by who resumes (tls.resume) or asks for "     \
      "tickets (tls.ticket_count, tls.tickets)")                                                   \
    X(tls_key_updates, "messages", "KeyUpdates sent (tls.key_update); their answers not counted")  \
    X(tls_warmups, "connections",                                                                  \
      "connections before the load that fetched sessions to resume (tls.warmup), in no other "     \
      "count")                                                                                     \
    X(tls_warmups_failed, "connections", "of these, without a TLS handshake")                      \
    X(tls_truncated, "connections", "TLS connections that the peer closed without close_notify")   \
    X(tls_rx_bytes, "bytes", "application data received over TLS")                                 \
    X(tls_tx_bytes, "bytes", "application data sent over TLS")                                     \
    X(tls_backlog, "polls", "polls that left TLS work to the next one: the core is the limit")     \
    X(keylog_lost, "lines", "lines of the key log (tls.keylog) that its file did not take")        \
    X(pcap_connections, "connections", "connections in the capture file (output.pcap)")            \
    X(pcap_frames, "frames", "frames in it, with those of ARP and neighbor discovery meanwhile")   \
    X(pcap_lost_connections, "connections",                                                        \
      "connections that belong in it, of which there is nothing: memory or the file was full")     \
    X(pcap_lost_frames, "frames",                                                                  \
      "frames that are missing of its connections: of each the first and the last are kept, or "   \
      "memory was full")                                                                           \
    X(requests, "exchanges", "requests whose fate is known: answered, or lost with a connection")  \
    X(responses, "exchanges", "requests answered completely, whatever the answer")                 \
    X(requests_raced, "exchanges",                                                                 \
      "times that a request on a kept connection met its server's close, and got no answer there") \
    X(requests_unprocessed, "exchanges",                                                           \
      "times that a server did nothing about a request, as it said (GOAWAY, REFUSED_STREAM), or "  \
      "since it had closed before that was sent")                                                  \
    X(requests_retried, "exchanges", "requests of either kind that were sent again")               \
    X(connections_busy, "exchanges",                                                               \
      "requests that were due (load.request_rate) while no connection was free for them")          \
    X(server_closed_idle, "connections",                                                           \
      "kept connections that the server closed between two requests")                              \
    X(streams_exhausted, "events", "times no memory was left for a connection's payload")          \
    X(path_mtu_changes, "events", "ICMP \"packet too big\" errors accepted (RFC 1191, RFC 8201)")  \
    X(path_mtu_holes, "events",                                                                    \
      "times that no full segment of a connection came through, sent again and again, and a "      \
      "short one did: the path drops longer ones in silence (RFC 2923 2.1)")                       \
    X(duplicates, "segments", "segments received that had already been acknowledged")              \
    X(synack_repeated, "segments",                                                                 \
      "of these, SYN-ACKs that came again although our ACK was sent: the target has no "           \
      "connection yet")                                                                            \
    X(out_of_window, "segments", "segments outside the receive window, answered with an ACK")      \
    X(challenge_acks, "segments",                                                                  \
      "throttled ACKs to possible forgeries: SYN or RST in window (RFC 5961), ACK outside it")     \
    X(paws_dropped, "segments", "segments dropped for an old timestamp (PAWS, RFC 7323 5)")        \
    X(resets_sent, "segments", "RST segments sent, for any reason")                                \
    X(resets_received, "segments", "RST segments received in sequence and obeyed")                 \
    X(resets_ignored, "segments", "RST segments received out of sequence and ignored")             \
    X(handoffs, "frames",                                                                          \
      "frames received on another worker's queue and handed over to the connection's worker")      \
    X(no_connection, "segments", "TCP segments that match no connection")                          \
    X(bad_header, "frames", "frames dropped for a bad length or version in a header")              \
    X(bad_checksum, "frames", "frames dropped for a bad checksum")                                 \
    X(checksum_partial, "frames",                                                                  \
      "TCP frames taken unverified: their kernel left the checksum to a NIC that is not there")    \
    X(rx_cut_off, "frames",                                                                        \
      "frames dropped that broke off: their kernel left them for a NIC to segment, and they were " \
      "longer than the device's buffers")                                                          \
    X(not_ours, "frames", "frames of other protocols, VLANs or addresses, ignored")                \
    X(multicast_ignored, "frames", "the same to groups or to all, as every link has some")         \
    X(arp_received, "packets", "ARP packets received")                                             \
    X(ndp_received, "packets", "neighbor solicitations and advertisements received")               \
    X(next_hop_changed, "events", "times a next hop took another MAC address")                     \
    X(next_hop_silent, "events",                                                                   \
      "times a next hop made no progress and did not answer at its MAC address (each core asks)")  \
    X(icmp_echoed, "packets", "ICMP and ICMPv6 echo requests answered")                            \
    X(icmp_errors, "packets", "ICMP and ICMPv6 errors received about our packets")                 \
    X(icmp_unreachable, "packets", "of these, destination unreachable")                            \
    X(icmp_too_big, "packets", "of these, fragmentation needed or packet too big")                 \
    X(icmp_time_exceeded, "packets", "of these, time exceeded: a routing loop, or a long way")     \
    X(icmp_param_problem, "packets", "of these, parameter problem")                                \
    X(fragments, "frames", "IP fragments for us, ignored: nothing is reassembled")                 \
    X(rx_missed, "frames",                                                                         \
      "frames dropped by the port because the worker did not fetch them in time")                  \
    X(link_downs, "events", "times the port's link went down in the run")                          \
    X(link_down_ns, "ns", "time for which it was down, as seen ten times a second")                \
    X(tx_dropped, "frames",                                                                        \
      "frames not sent: the transmit queue stayed full, or no buffer was left")                    \
    X(tx_given_up, "frames",                                                                       \
      "frames that the port would not take for a second: it never takes such, or nothing")         \
    X(tx_backpressure, "polls", "polls in which the port accepted fewer frames than offered")      \
    X(mbufs_exhausted, "events", "times no packet buffer was left")                                \
    X(records_exhausted, "events",                                                                 \
      "times no connection record was free for a connection or a SYN")                             \
    X(half_open_answered, "connections",                                                           \
      "connections left half open (half_open) for which a SYN-ACK came")                           \
    X(half_open_kept, "connections",                                                               \
      "of these, those whose SYN-ACK came again while they were watched: the target keeps them")   \
    X(half_open_cookies, "connections",                                                            \
      "of these, those whose SYN-ACK came once: the target keeps nothing of them (SYN cookies)")   \
    X(half_open_repeats, "segments", "SYN-ACKs that came again for connections left half open")    \
    X(half_open_other, "segments",                                                                 \
      "segments for connections left half open that are no answer to their SYN: the target has "   \
      "another connection between the same addresses and ports")                                   \
    X(half_open_late, "segments",                                                                  \
      "SYN-ACKs that came when the watch over such a connection had ended; not answered, either")  \
    X(limited, "SYNs",                                                                             \
      "SYNs that serve refused, or dropped, because they were more than limit_cps a second")       \
    X(late_starts, "starts",                                                                       \
      "connections, or with load.request_rate requests for which one was free, begun more than "   \
      "100 us after their intended start")                                                         \
    X(starts_after_late, "starts",                                                                 \
      "the same begun on time, but so soon after a late one of any worker's that the target may "  \
      "still have had its burst to deal with: within 20 times the lateness, 20 ms at most")        \
    X(late_failures, "starts",                                                                     \
      "of the connections, or with load.request_rate requests, that failed, those that were "      \
      "begun late, or so soon after")                                                              \
    X(conn_limit_reached, "polls",                                                                 \
      "polls in which a start was due but --connections were open already")                        \
    X(starts_dropped, "starts",                                                                    \
      "intended starts, of connections or with load.request_rate of requests, dropped because "    \
      "they were 100 ms late or more at the stop")                                                 \
    X(timers_fired, "events", "timers that expired with something to do")                          \
    X(polls, "polls", "iterations of the worker's poll loop")                                      \
    X(busy_polls, "polls", "polls that found something to do")                                     \
    X(busy_ns, "ns", "time spent in polls that found something to do")                             \
    X(idle_ns, "ns", "time spent in polls that found nothing to do")                               \
    X(long_polls, "polls",                                                                         \
      "polls of 500 us or longer: answers waited, timers and starts were late")                    \
    X(long_polls_ns, "ns", "time from the beginning to the end of such polls")                     \
    X(off_cpu_ns, "ns",                                                                            \
      "part of that in which the worker did not run; it is in neither busy_ns nor idle_ns")

/* X(name, meaning): why a connection ended otherwise than planned. */
#define STAT_FAILURES(X)                                                                           \
    X(timeout, "no answer to the SYN or SYN-ACK within timeout.connect")                           \
    X(refused, "the target, or a firewall before it, answered the SYN with RST")                   \
    X(reset, "the peer sent RST after the handshake")                                              \
    X(unreachable, "a router or the target answered with ICMP unreachable")                        \
    X(close_timeout, "our FIN was not acknowledged within timeout.close")                          \
    X(peer_not_closed, "the peer acknowledged our FIN, and did not close within timeout.close")    \
    X(hold_cut_short, "the peer closed before the connection had been held for as long as asked")  \
    X(data_timeout,                                                                                \
      "payload was not acknowledged within timeout.data or tcp.retries retransmission timeouts")   \
    X(stalled, "expected payload was missing, and none arrived for timeout.data")                  \
    X(truncated, "the peer closed before all expected payload had arrived")                        \
    X(tls_timeout, "the TLS handshake was not complete within timeout.tls")                        \
    X(tls_alert, "the peer refused the TLS handshake, or ended TLS, with an alert")                \
    X(tls_alert_sent, "we refused what the peer sent in TLS, with an alert")                       \
    X(tls_untrusted, "the peer's certificate did not verify")                                      \
    X(tls_closed, "the peer closed during the TLS handshake")                                      \
    X(alpn, "the server did not choose the protocol by ALPN (RFC 7301): it does not speak it")     \
    X(tls, "TLS failed for another reason")                                                        \
    X(http, "the HTTP response was malformed or an error")                                         \
    X(protocol, "what came is not of the protocol, or its answer is an error")                     \
    X(unanswered,                                                                                  \
      "the server closed a kept connection with a request under way whose method may not be "      \
      "repeated (RFC 9110 9.2.2)")                                                                 \
    X(no_memory, "no memory was left for the connection's payload")                                \
    X(idle_timeout, "no payload came, and none was acknowledged, for timeout.idle: reset")         \
    X(crowded_out,                                                                                 \
      "idle longest when load.connections were open, or memory for payload was short: reset")      \
    X(half_open_dropped,                                                                           \
      "half open longest when no record was left for another SYN: dropped in silence")

/* X(name, meaning): what a connection that is open waits for. */
#define STAT_OPENS(X)                                                                              \
    X(connecting, "the answer to the SYN or SYN-ACK")                                              \
    X(securing, "the end of the TLS handshake")                                                    \
    X(talking, "payload still to be sent, acknowledged or received")                               \
    X(holding, "the end of its hold, its next exchange, or the peer's close")                      \
    X(closing, "the acknowledgement of our FIN, or the peer's")

/* What a run has to have for a figure to say something. */
enum stat_need {
    NEED_nothing,
    NEED_rate, /* a planned one: an open loop */
    NEED_tls,
    NEED_payload, /* in either direction */
    NEED_rx_payload,
    NEED_tx_payload,
    NEED_requests,
    NEED_paced_requests,
    NEED_protocol, /* the application protocol that has the figure in its table */
    NEED_COUNT
};

/* X(name, interval, whole, live, need, from, to): a histogram of the time from one instant of a
 * connection to another.
 * interval  the latency in whose column of an interval's row the samples stand: its own, as a rule
 * whole     the latency that it is a part of: its own, as a rule
 * live      title of its column in the live line; NULL: it has none */
#define STAT_LATENCIES(X)                                                                          \
    X(connect, connect, connect, "conn", nothing, "intended start", "established")                 \
    X(tls, tls, tls, "tls", tls, "first byte of the ClientHello", "Finished, full handshakes")     \
    X(tls_hello, tls_hello, tls, NULL, tls, "ClientHello",                                         \
      "ServerHello: the network, and the server's key exchange")                                   \
    X(tls_flight, tls_flight, tls, NULL, tls, "ServerHello",                                       \
      "end of the server's flight: Finished, or ServerHelloDone in TLS 1.2")                       \
    X(tls_finish, tls_finish, tls, NULL, tls, "end of the server's flight",                        \
      "end of the handshake, on this side")                                                        \
    X(tls_computing, tls_computing, tls, NULL, tls, "begin of OpenSSL's calls",                    \
      "their end, summed up over the handshake; the rest of it is waiting")                        \
    X(tls_resumed, tls, tls_resumed, NULL, tls, "first byte of the ClientHello",                   \
      "Finished, resumed handshakes")                                                              \
    X(tls_resumed_hello, tls_hello, tls_resumed, NULL, tls, "ClientHello", "ServerHello")          \
    X(tls_resumed_flight, tls_flight, tls_resumed, NULL, tls, "ServerHello",                       \
      "the server's Finished")                                                                     \
    X(tls_resumed_finish, tls_finish, tls_resumed, NULL, tls, "the server's Finished",             \
      "end of the handshake, on this side")                                                        \
    X(tls_resumed_computing, tls_computing, tls_resumed, NULL, tls, "begin of OpenSSL's calls",    \
      "their end, summed up over the handshake")                                                   \
    X(transfer, transfer, transfer, NULL, payload, "established",                                  \
      "last byte of payload in both directions: sent ones acknowledged, expected ones received")   \
    X(ttfb, ttfb, ttfb, "ttfb", requests, "request due, or begun", "first byte of the response")   \
    X(ttlb, ttlb, ttlb, NULL, requests, "request due, or begun", "last byte of the response")      \
    X(ttfb_service, ttfb_service, ttfb_service, NULL, paced_requests, "request written",           \
      "first byte of the response")                                                                \
    X(ttlb_service, ttlb_service, ttlb_service, NULL, paced_requests, "request written",           \
      "last byte of the response")                                                                 \
    X(ttfb_syn, ttfb_syn, ttfb_syn, NULL, requests, "intended start of the connection",            \
      "first byte of its first response")                                                          \
    X(ttlb_syn, ttlb_syn, ttlb_syn, NULL, requests, "intended start of the connection",            \
      "last byte of its first response")                                                           \
    X(lateness, lateness, lateness, NULL, rate, "intended start",                                  \
      "clock reading just before the SYN, or the request, is written")

enum stat_counter {
#define X(name, unit, meaning) CTR_##name,
    STAT_COUNTERS(X)
#undef X
        CTR_COUNT
};

enum stat_failure {
#define X(name, meaning) FAILURE_##name,
    STAT_FAILURES(X)
#undef X
        FAILURE_COUNT
};

enum stat_latency {
#define X(name, interval, whole, live, need, from, to) LAT_##name,
    STAT_LATENCIES(X)
#undef X
        LAT_COUNT
};

enum stat_open {
#define X(name, meaning) OPEN_##name,
    STAT_OPENS(X)
#undef X
        OPEN_COUNT
};

struct stat_name {
    const char *name; /* also the JSON key */
    const char *unit; /* NULL for failures and what is open: connections */
    const char *meaning;
};

extern const struct stat_name stat_counter_names[CTR_COUNT];
extern const struct stat_name stat_failure_names[FAILURE_COUNT];
extern const struct stat_name stat_open_names[OPEN_COUNT];

struct stat_latency_name {
    const char *name; /* also the JSON key */
    unsigned interval;
    unsigned whole;
    const char *live;
    enum stat_need need;
    const char *from, *to;
};

extern const struct stat_latency_name stat_latency_names[LAT_COUNT];
