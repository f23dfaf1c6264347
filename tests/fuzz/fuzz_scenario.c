/* SPDX-License-Identifier: BSD-3-Clause */
/* Any text is read as a scenario or refused with a reason that names its place; what is read is
 * written, and then it reads as the same. The first byte says for which command. No file is opened
 * and no name resolved. */
#include <stdlib.h>
#include <string.h>

#include "conf/options.h"
#include "conf/scenario.h"
#include "libfyaml_leak.h"
#include "report/scenario_yaml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const enum conf_command commands[] = {CONF_RUN, CONF_SERVE, CONF_CHECK};

/* As the command line leaves it, and the text read into it. @return 0, or -1 when it is refused. */
static int
read_text(struct conf *c, const char *text, size_t size, enum conf_command command,
          struct fail *fail)
{
    *fail = (struct fail){0};
    conf_init(c);
    c->command = command;
    if (source_from(&c->source, "F", text, size, fail) == 0 && scenario_read(c, fail) == 0) {
        option_fill_defaults(c, command);
        return 0;
    }
    if (fail->text[0] == '\0')
        abort();
    return -1;
}

/* What --print-scenario writes of @c, owned; NULL: it cannot be written, which is told. */
static char *
write_text(const struct conf *c, size_t *size)
{
    char *text = NULL;
    FILE *out = open_memstream(&text, size);
    struct fail fail = {0};

    if (out == NULL || scenario_yaml_write(out, c, &fail) < 0)
        abort();
    fclose(out);
    return text;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct conf first, again;
    enum conf_command command = size > 0 ? commands[data[0] % 3] : CONF_RUN;
    struct fail fail;
    char *once, *twice;
    size_t once_size, twice_size;

    if (size > 0 && read_text(&first, (const char *)data + 1, size - 1, command, &fail) == 0) {
        once = write_text(&first, &once_size);
        if (read_text(&again, once, once_size, command, &fail) < 0) {
            fprintf(stderr, "what was written is refused: %s\n%s", fail.text, once);
            abort();
        }
        twice = write_text(&again, &twice_size);
        if (once_size != twice_size || memcmp(once, twice, once_size) != 0)
            abort();
        free(once);
        free(twice);
        conf_fini(&again);
    }
    conf_fini(&first);
    return 0;
}
