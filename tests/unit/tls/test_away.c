/* SPDX-License-Identifier: BSD-3-Clause */
/* Handshakes that wait for a provider of the user's: one that pauses in X25519, as those do whose
 * hardware computes. It stands beside "default", whose keys it hands on. */
#include "talk.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <openssl/async.h>
#include <openssl/core_dispatch.h>
#include <openssl/provider.h>

static struct talk t;

/* How it comes back. */
static enum way { BY_FD, BY_CALLBACK, UNSAID, NEVER, BY_FAILING } way;
static bool is_released; /* what never comes back does */
static unsigned n_pauses, n_derived;
static int fd = -1;

static OSSL_PROVIDER *whole, *pausing;
static OSSL_FUNC_keyexch_derive_fn *derive;
static OSSL_DISPATCH exchange[32];
static OSSL_ALGORITHM exchanges[2], keys[2];

/* -- the provider ------------------------------------------------------------------------------ */

static void
say(ASYNC_JOB *job)
{
    ASYNC_WAIT_CTX *ctx = ASYNC_get_wait_ctx(job);
    ASYNC_callback_fn call;
    void *arg;

    if (way == BY_CALLBACK && ASYNC_WAIT_CTX_get_callback(ctx, &call, &arg) == 1 && call != NULL)
        call(arg);
    if (way == BY_FD)
        ASYNC_WAIT_CTX_set_wait_fd(ctx, &exchange, fd, NULL, NULL);
}

static void
unsay(ASYNC_JOB *job)
{
    if (way == BY_FD)
        ASYNC_WAIT_CTX_clear_fd(ASYNC_get_wait_ctx(job), &exchange);
}

static int
pause_and_derive(void *ctx, unsigned char *secret, size_t *len, size_t room)
{
    ASYNC_JOB *job = ASYNC_get_current_job();

    if (secret != NULL && job != NULL) {
        say(job);
        do {
            n_pauses++;
            ASYNC_pause_job();
        } while (way == NEVER && !is_released);
        unsay(job);
        if (way == BY_FAILING)
            return 0;
    }
    n_derived += secret != NULL;
    return derive(ctx, secret, len, room);
}

static const OSSL_ALGORITHM *
query(void *provctx, int operation, int *no_cache)
{
    (void)provctx;
    *no_cache = 0;
    return operation == OSSL_OP_KEYEXCH ? exchanges : operation == OSSL_OP_KEYMGMT ? keys : NULL;
}

/* A group of TLS is its provider's whose key it is. */
static int
get_capabilities(void *provctx, const char *capability, OSSL_CALLBACK *give, void *arg)
{
    (void)provctx;
    return OSSL_PROVIDER_get_capabilities(whole, capability, give, arg);
}

static int
provider_init(const OSSL_CORE_HANDLE *core, const OSSL_DISPATCH *from_core,
              const OSSL_DISPATCH **functions, void **provctx)
{
    static const OSSL_DISPATCH FUNCTIONS[] = {
        {OSSL_FUNC_PROVIDER_QUERY_OPERATION, (void (*)(void))query},
        {OSSL_FUNC_PROVIDER_GET_CAPABILITIES, (void (*)(void))get_capabilities},
        {0, NULL}};

    (void)core;
    (void)from_core;
    *functions = FUNCTIONS;
    *provctx = OSSL_PROVIDER_get0_provider_ctx(whole);
    return 1;
}

static const OSSL_ALGORITHM *
default_x25519(int operation)
{
    int no_cache;
    const OSSL_ALGORITHM *a = OSSL_PROVIDER_query_operation(whole, operation, &no_cache);

    while (strncmp(a->algorithm_names, "X25519:", 7) != 0)
        a++;
    return a;
}

static void
load_provider(void)
{
    static const char PROPERTIES[] = "provider=pausing";

    whole = OSSL_PROVIDER_load(NULL, "default");
    cr_assert(ne(ptr, whole, NULL));
    keys[0] = *default_x25519(OSSL_OP_KEYMGMT);
    exchanges[0] = *default_x25519(OSSL_OP_KEYEXCH);
    keys[0].property_definition = exchanges[0].property_definition = PROPERTIES;
    for (unsigned i = 0; exchanges[0].implementation[i].function_id != 0; i++) {
        cr_assert(lt(uint, i, ARRAY_LEN(exchange) - 1));
        exchange[i] = exchanges[0].implementation[i];
        if (exchange[i].function_id == OSSL_FUNC_KEYEXCH_DERIVE) {
            derive = OSSL_FUNC_keyexch_derive(&exchange[i]);
            exchange[i].function = (void (*)(void))pause_and_derive;
        }
    }
    exchanges[0].implementation = exchange;
    cr_assert(eq(int, OSSL_PROVIDER_add_builtin(NULL, "pausing", provider_init), 1));
    pausing = OSSL_PROVIDER_load(NULL, "pausing");
    cr_assert(ne(ptr, pausing, NULL));
    cr_assert(eq(int, EVP_set_default_properties(NULL, "?provider=pausing"), 1));
}

static void
set_up(void)
{
    talk_set_up();
    load_provider();
    cr_assert(not(tls_lean_can_be()));
    talk_with_batch(&lanes_serial);
    talk_client.groups = talk_server.groups = "X25519";
    fd = eventfd(0, EFD_NONBLOCK);
    n_pauses = n_derived = 0;
    is_released = false;
}

static void
tear_down(void)
{
    tls_batch_fini(&talk_batch);
    close(fd);
    EVP_set_default_properties(NULL, "");
    OSSL_PROVIDER_unload(pausing);
    OSSL_PROVIDER_unload(whole);
}

TestSuite(away, .init = set_up, .fini = tear_down, .timeout = 100);

/* -- tests ------------------------------------------------------------------------------------- */

Test(away, a_handshake_goes_on_when_the_provider_calls_back)
{
    way = BY_CALLBACK;
    talk_init(&t);
    talk_whole(&t);
    talk_expects_done(&t);
    cr_assert(eq(uint, n_pauses, 2));
    cr_assert(eq(uint, n_derived, 2));
    talk_fini(&t);
}

Test(away, a_handshake_goes_on_when_no_sign_was_agreed_on)
{
    way = UNSAID;
    talk_init(&t);
    talk_whole(&t);
    talk_expects_done(&t);
    cr_assert(eq(uint, n_derived, 2));
    talk_fini(&t);
}

Test(away, a_handshake_goes_on_when_the_descriptor_is_readable_and_not_before)
{
    way = BY_FD;
    talk_init(&t);
    talk_begin(&t);
    talk_run(&t);
    cr_assert(eq(uint, n_pauses, 1)); /* the server's */
    cr_assert(zero(uint, n_derived));
    cr_assert(tls_is_paused(&t.server.conn));
    cr_assert(eq(int, eventfd_write(fd, 1), 0));
    talk_run(&t);
    talk_expects_done(&t);
    cr_assert(eq(uint, n_derived, 2));
    talk_end(&t);
    talk_fini(&t);
}

Test(away, a_provider_that_fails_after_a_pause_fails_the_handshake)
{
    way = BY_FAILING;
    talk_init(&t);
    talk_whole(&t);
    cr_assert(ne(uint, t.server.events & TLS_EV_FAILED, 0));
    cr_assert(zero(uint, t.client.events & TLS_EV_DONE));
    talk_fini(&t);
}

/* The connection runs into its timeout; what its job holds stays until the provider lets go. */
Test(away, a_connection_that_is_never_called_back_ends_and_its_job_is_kept)
{
    way = NEVER;
    talk_init(&t);
    talk_begin(&t);
    for (int i = 0; i < 3; i++) { /* talk_run() would not end */
        talk_step(&t.client, &t.server, &(struct talk_cut){0});
        talk_step(&t.server, &t.client, &(struct talk_cut){0});
        (void)talk_compute();
    }
    talk_end(&t);
    cr_assert(eq(uint, talk_batch.n_left, 1));
    cr_assert(zero(uint, talk_batch.n_away));
    (void)talk_compute();
    cr_assert(eq(uint, talk_batch.n_left, 1));
    is_released = true;
    (void)talk_compute();
    cr_assert(zero(uint, talk_batch.n_left));
    talk_fini(&t);
}

/* Each that hangs keeps a job. When there are none left the others wait, and go on when one is. */
Test(away, handshakes_without_a_job_wait_until_there_is_one)
{
    static struct talk_end hung[TLS_JOBS_MAX];
    static struct talk first;

    way = NEVER;
    talk_init(&first);
    for (unsigned i = 0; i < TLS_JOBS_MAX; i++) {
        talk_begin(&first);
        talk_step(&first.client, &first.server, &(struct talk_cut){0});
        talk_step(&first.server, &first.client, &(struct talk_cut){0});
        cr_assert(tls_is_paused(&first.server.conn));
        tls_end(&first.client.conn);
        tls_end(&first.server.conn);
    }
    cr_assert(eq(uint, talk_batch.n_left, TLS_JOBS_MAX));
    (void)hung;
    talk_begin(&first);
    cr_assert(
        ne(uint, talk_step(&first.client, &first.server, &(struct talk_cut){0}) & TLS_EV_LATER, 0));
    is_released = true;
    (void)talk_compute();
    cr_assert(zero(uint, talk_batch.n_left));
    way = UNSAID;
    talk_run(&first);
    talk_expects_done(&first);
    talk_end(&first);
    talk_fini(&first);
}
