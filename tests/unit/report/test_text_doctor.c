/* SPDX-License-Identifier: BSD-3-Clause */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "io/doctor.h"
#include "lines.h"
#include "report/text_doctor.h"

static struct doctor d;

static void
set_row(enum doctor_row_id id, const char *title, enum doctor_state state, const char *text,
        const char *command)
{
    struct doctor_row *r = &d.rows[id];

    *r = (struct doctor_row){.name = "x", .title = title, .state = state, .is_looked_at = true};
    strcpy(r->text, text);
    strcpy(r->command, command);
}

static void
set_port(void)
{
    set_row(DOCTOR_port, "port", DOCTOR_OK, "driver net_ixgbe", "");
}

static char *
print(bool has_ink)
{
    char *text = NULL;
    size_t length;
    FILE *out = open_memstream(&text, &length);

    strcpy(d.device, "0000:3b:00.0");
    text_doctor_print(out, &d, has_ink);
    fclose(out);
    return text;
}

static void
check_text(bool has_ink, const char *want)
{
    char *text = print(has_ink);

    cr_expect(eq(str, text, (char *)want));
    cr_expect(le(uint, longest_line(text), 80u));
    free(text);
}

Test(text_doctor, rows_that_were_not_looked_at_are_not_there)
{
    set_row(DOCTOR_cpus, "CPUs", DOCTOR_OK, "8 for 1 worker", "");
    set_port();
    check_text(false, "device 0000:3b:00.0\n"
                      "\n"
                      "ok       CPUs              8 for 1 worker\n"
                      "ok       port              driver net_ixgbe\n"
                      "\n"
                      "Nothing here stops a run; 0 warnings.\n");
}

Test(text_doctor, long_texts_are_broken_and_commands_are_not)
{
    set_row(DOCTOR_cpu_frequency, "CPU frequency", DOCTOR_WARNING,
            "governor \"powersave\" on CPU 1-3, which makes the first packets late",
            "echo performance | tee /sys/devices/system/cpu/cpu*/cpufreq/scaling_governor");
    set_row(DOCTOR_iommu, "IOMMU", DOCTOR_WARNING, "none", "one && two && three");
    set_port();
    check_text(false,
               "device 0000:3b:00.0\n"
               "\n"
               "warning  IOMMU             none\n"
               "  one &&\n"
               "  two &&\n"
               "  three\n"
               "warning  CPU frequency     governor \"powersave\" on CPU 1-3, which makes the\n"
               "                           first packets late\n"
               "  echo performance | tee /sys/devices/system/cpu/cpu*/cpufreq/scaling_governor\n"
               "ok       port              driver net_ixgbe\n"
               "\n"
               "Nothing here stops a run; 2 warnings.\n");
}

Test(text_doctor, the_command_in_a_sentence_of_a_run_is_written_once)
{
    set_row(DOCTOR_device, "device", DOCTOR_STOP,
            "interface x is down; bring it up with: ip link set x up", "ip link set x up");
    check_text(false, "device 0000:3b:00.0\n"
                      "\n"
                      "stop     device            interface x is down; bring it up with:\n"
                      "  ip link set x up\n"
                      "\n"
                      "1 of these would stop a run; so the port was not tried.\n");
}

Test(text_doctor, on_a_terminal_with_colour_what_is_wrong_has_some)
{
    set_row(DOCTOR_device, "device", DOCTOR_STOP, "gone", "");
    set_row(DOCTOR_numa, "NUMA", DOCTOR_WARNING, "far", "");
    check_text(true, "device 0000:3b:00.0\n"
                     "\n"
                     "\x1b[31mstop     \x1b[0mdevice            gone\n"
                     "\x1b[33mwarning  \x1b[0mNUMA              far\n"
                     "\n"
                     "1 of these would stop a run; so the port was not tried.\n");
}
