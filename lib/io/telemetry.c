/* SPDX-License-Identifier: BSD-3-Clause */
/* See telemetry.h. */
#include "io/telemetry.h"

#include <assert.h>
#include <pthread.h>
#include <string.h>

#include <rte_telemetry.h>
#include <rte_version.h>

#include "io/eal_args.h"

/* DPDK passes a function no more than the command's name, and knows no way to take one back: so who
 * answers has to be found from here, and there is one at a time. */
static struct {
    pthread_mutex_t lock;
    const struct telemetry_command *commands;
    unsigned n; /* 0: nobody answers */
    void *arg;
} there = {.lock = PTHREAD_MUTEX_INITIALIZER};

static_assert(TELEMETRY_KEYS_MAX <= RTE_TEL_MAX_DICT_ENTRIES, "DPDK has room for them");

struct telemetry_answer {
    struct rte_tel_data *data;
};

bool
telemetry_is_wanted(const char *eal)
{
    return eal_args_has(eal, "--telemetry");
}

static int
answer_found(const char *name, const char *param, struct telemetry_answer *a)
{
    for (unsigned i = 0; i < there.n; i++)
        if (strcmp(there.commands[i].name, name) == 0)
            return there.commands[i].answer(there.arg, param == NULL ? "" : param, a);
    return -1;
}

static int
answer(const char *name, const char *param, struct rte_tel_data *data)
{
    struct telemetry_answer a = {data};
    int err;

    pthread_mutex_lock(&there.lock);
    err = answer_found(name, param, &a);
    pthread_mutex_unlock(&there.lock);
    return err;
}

int
telemetry_begin(const struct telemetry_command *commands, unsigned n, void *arg)
{
    assert(n <= TELEMETRY_COMMANDS_MAX);

    pthread_mutex_lock(&there.lock);
    there.commands = commands;
    there.n = n;
    there.arg = arg;
    pthread_mutex_unlock(&there.lock);
    for (unsigned i = 0; i < n; i++)
        if (rte_telemetry_register_cmd(commands[i].name, answer, commands[i].help) < 0)
            return -1;
    return 0;
}

void
telemetry_end(void)
{
    pthread_mutex_lock(&there.lock);
    there.n = 0;
    pthread_mutex_unlock(&there.lock);
}

void
telemetry_begin_keys(struct telemetry_answer *a)
{
    (void)rte_tel_data_start_dict(a->data);
}

void
telemetry_add(struct telemetry_answer *a, const char *key, uint64_t value)
{
#if RTE_VERSION >= RTE_VERSION_NUM(23, 3, 0, 0)
    (void)rte_tel_data_add_dict_uint(a->data, key, value);
#else
    (void)rte_tel_data_add_dict_u64(a->data, key, value);
#endif
}

void
telemetry_add_text(struct telemetry_answer *a, const char *key, const char *value)
{
    (void)rte_tel_data_add_dict_string(a->data, key, value);
}

void
telemetry_begin_list(struct telemetry_answer *a)
{
    (void)rte_tel_data_start_array(a->data, RTE_TEL_U64_VAL);
}

void
telemetry_append(struct telemetry_answer *a, uint64_t value)
{
#if RTE_VERSION >= RTE_VERSION_NUM(23, 3, 0, 0)
    (void)rte_tel_data_add_array_uint(a->data, value);
#else
    (void)rte_tel_data_add_array_u64(a->data, value);
#endif
}
