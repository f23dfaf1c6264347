/* SPDX-License-Identifier: BSD-3-Clause */
/* Handshakes that wait for each other. */
#include "talk.h"

static struct talk t;

static void
set_up(void)
{
    talk_set_up();
    talk_with_batch(&lanes_serial);
}

static void
tear_down(void)
{
    tls_batch_fini(&talk_batch);
    talk_tear_down();
}

TestSuite(batch, .init = set_up, .fini = tear_down, .timeout = 300);

Test(batch, a_handshake_goes_through_in_parts)
{
    for (uint16_t version = TLS_1_2; version <= TLS_1_3; version++) {
        talk_client.version_max = version;
        talk_init(&t);
        talk_whole(&t);
        talk_expects_done(&t);
        talk_fini(&t);
    }
    cr_assert(lt(u64, 0, talk_batch.n_ops[LANE_X25519_SHARED]));
    cr_assert(lt(u64, 0, talk_batch.n_ops[LANE_P256_VERIFY]));
    cr_assert(lt(u64, 0, talk_batch.n_ops[LANE_P256_SIGN]));
}
