/* SPDX-License-Identifier: BSD-3-Clause */
/* The list of counters and the list of failure causes: enum, text, JSON key and docs row all come
 * from here. A counter is written by one worker only (stat/block.h). */
#pragma once

/* X(name, unit, meaning). The first four are the accounting identity:
 * attempted = closed + failed + open, on each core and in the sum. */
#define STAT_COUNTERS(X)                                                                           \
    X(attempted, "connections",                                                                    \
      "connections begun: the first SYN sent, or on a responder accepted")                         \
    X(closed, "connections", "connections that ended in the way asked for")                        \
    X(failed, "connections", "connections that ended otherwise; the failure table tells why")      \
    X(established, "connections", "three-way handshakes completed")                                \
    X(rx_packets, "frames", "frames received from the port")                                       \
    X(tx_packets, "frames", "frames handed to the port")                                           \
    X(rx_bytes, "bytes", "bytes of those frames, Ethernet header included, FCS not")               \
    X(tx_bytes, "bytes", "bytes of those frames, Ethernet header included, FCS not")               \
    X(rx_payload_bytes, "bytes", "TCP payload received in order, each byte counted once")          \
    X(tx_payload_bytes, "bytes", "TCP payload sent, each byte counted once")                       \
    X(retransmits, "segments", "segments sent again, for whatever reason")                         \
    X(fast_retransmits, "segments",                                                                \
      "segments with payload sent again before any time-out, since later ones had arrived")        \
    X(data_timeouts, "events", "times the retransmission timer of payload ran out")                \
    X(tail_probes, "segments", "probes for a lost end of the payload (RFC 8985 7)")                \
    X(window_probes, "segments", "probes of a window that the other side had closed")              \
    X(out_of_order, "segments", "segments with payload that arrived beyond a gap")                 \
    X(reassembly_dropped, "segments",                                                              \
      "segments beyond a gap not kept for lack of room; the other side sends them again")          \
    X(tls_handshakes, "handshakes", "TLS handshakes completed, resumed ones included")             \
    X(tls_resumed, "handshakes", "TLS handshakes completed that resumed a session")                \
    X(tls_truncated, "connections",                                                                \
      "connections with TLS that the other side closed without close_notify")                      \
    X(tls_rx_bytes, "bytes", "application data received under TLS")                                \
    X(tls_behind, "turns", "turns that left TLS work for the next one: the core is the limit")     \
    X(streams_exhausted, "events", "times no memory was left for a connection's payload")          \
    X(path_mtu_changes, "events", "ICMP \"packet too big\" errors believed (RFC 1191, RFC 8201)")  \
    X(duplicates, "segments", "segments received that were already acknowledged")                  \
    X(out_of_window, "segments", "segments outside the receive window, answered with an ACK")      \
    X(challenge_acks, "segments",                                                                  \
      "throttled ACKs for what may be forged: SYN or RST in window (RFC 5961), ACK outside it")    \
    X(paws_dropped, "segments", "segments dropped for an old timestamp (RFC 7323 5)")              \
    X(resets_sent, "segments", "RST segments sent, for whatever reason")                           \
    X(resets_received, "segments", "RST segments obeyed")                                          \
    X(resets_ignored, "segments", "RST segments not in sequence, not obeyed")                      \
    X(handed_over, "frames",                                                                       \
      "frames that came to the queue of another worker than theirs, and were handed over to it")   \
    X(stray, "segments", "TCP segments that belong to no connection")                              \
    X(bad_header, "frames", "frames dropped because a length or version was wrong")                \
    X(bad_checksum, "frames", "frames dropped because a checksum was wrong")                       \
    X(not_ours, "frames", "frames of other protocols, VLANs or addresses, ignored")                \
    X(arp_received, "packets", "ARP packets received")                                             \
    X(ndp_received, "packets", "neighbour solicitations and advertisements received")              \
    X(icmp_echoed, "packets", "ICMP and ICMPv6 echo requests answered")                            \
    X(icmp_errors, "packets", "ICMP and ICMPv6 errors received about our packets")                 \
    X(rx_missed, "frames",                                                                         \
      "frames the port dropped because the worker did not fetch them in time")                     \
    X(tx_dropped, "frames",                                                                        \
      "frames not sent for lack of room: the transmit queue stayed full, or no buffer")            \
    X(tx_backpressure, "turns", "turns in which the port took fewer frames than offered")          \
    X(mbufs_exhausted, "events", "times no packet buffer was left")                                \
    X(records_exhausted, "events",                                                                 \
      "times no connection record was free for a connection or a SYN")                             \
    X(late_starts, "connections",                                                                  \
      "connections begun more than 100 us after their intended instant")                           \
    X(held_back, "turns", "turns in which a start was due but as many as --connections were open") \
    X(not_begun, "connections",                                                                    \
      "intended starts that were dropped, 100 ms late at the stop or more")                        \
    X(timers_fired, "events", "timers that ran out and had something to do")                       \
    X(turns, "turns", "turns of the worker's loop")                                                \
    X(busy_turns, "turns", "turns that found something to do")                                     \
    X(busy_ns, "ns", "time spent in turns that found something to do")                             \
    X(idle_ns, "ns", "time spent in turns that found nothing to do")

/* X(name, meaning): why a connection ended otherwise than asked for. */
#define STAT_FAILURES(X)                                                                           \
    X(timeout, "no answer to the SYN, or SYN-ACK, within timeout.connect")                         \
    X(refused, "the target answered the SYN with RST: nothing listens on that port")               \
    X(reset, "the other side sent RST after the handshake")                                        \
    X(unreachable, "a router or the target answered with ICMP unreachable")                        \
    X(close_timeout, "the handshake was completed but the close was not acknowledged in time")     \
    X(data_timeout, "payload was not acknowledged within timeout.data, or tcp.retries time-outs")  \
    X(stalled, "payload to be received was missing, and nothing came for timeout.data")            \
    X(truncated, "the other side closed before all payload had come")                              \
    X(tls_timeout, "the TLS handshake was not complete within timeout.tls")                        \
    X(tls_alert, "the other side refused the TLS handshake, or ended TLS, with an alert")          \
    X(tls_alert_sent, "we refused what the other side sent in TLS, with an alert")                 \
    X(tls_untrusted, "the other side's certificate is not to be trusted")                          \
    X(tls_closed, "the other side closed in the middle of the TLS handshake")                      \
    X(tls, "TLS failed for another reason")                                                        \
    X(no_memory, "no memory was left for the connection's payload")

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

struct stat_name {
    const char *name; /* also the JSON key */
    const char *unit; /* NULL for failures: connections */
    const char *meaning;
};

extern const struct stat_name stat_counter_names[CTR_COUNT];
extern const struct stat_name stat_failure_names[FAILURE_COUNT];
