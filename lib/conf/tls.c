/* SPDX-License-Identifier: BSD-3-Clause */
/* See tls.h. */
#include "conf/tls.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "conf/options.h"
#include "conf/url.h"
#include "tls/opts.h"

static const char ALPN_FORM[] = "write comma-separated names, e.g. h2,http/1.1";
static const char SNI_FORM[] = "write auto, off, or comma-separated host names, e.g. "
                               "a.example,b.example";

/* Take the name up to the next comma from *@p and move on behind it; *@p is NULL after the last. */
static size_t
take_name(const char **p, const char **name)
{
    size_t length = strcspn(*p, ",");

    *name = *p;
    *p = (*p)[length] == ',' ? *p + length + 1 : NULL;
    return length;
}

int
conf_check_alpn(const char *text, struct value_why *why)
{
    const char *name, *p = text;
    size_t wire = 0;

    while (p != NULL) {
        size_t length = take_name(&p, &name);

        if (length == 0)
            return value_refuse(why, "'%.100s' has an empty name; %s", text, ALPN_FORM);
        if (memchr(name, ' ', length) != NULL)
            return value_refuse(why, "'%.100s' contains a space; %s", text, ALPN_FORM);
        wire += 1 + length; /* a byte says how long the name is, RFC 7301 3.1 */
    }
    if (wire > TLS_ALPN_MAX)
        return value_refuse(why,
                            "'%.40s...' takes %zu bytes on the wire, one more per name; at "
                            "most %d are allowed",
                            text, wire, TLS_ALPN_MAX);
    return 0;
}

/* Whether all of @text is a word with a meaning of its own. */
static bool
is_sni_word(const char *text)
{
    return strcmp(text, "auto") == 0 || strcmp(text, "off") == 0;
}

int
conf_check_sni(const char *text, struct value_why *why)
{
    const char *name, *p = text;
    unsigned n = 0;

    if (is_sni_word(text))
        return 0;
    while (p != NULL) {
        char copy[URL_HOST_MAX];
        size_t length = take_name(&p, &name);

        if (length == 0 || length >= sizeof(copy))
            return value_refuse(why, "'%.100s' has a name that is empty or too long; %s", text,
                                SNI_FORM);
        memcpy(copy, name, length);
        copy[length] = '\0';
        if (is_sni_word(copy))
            return value_refuse(why, "'%.100s': %s stands alone; %s", text, copy, SNI_FORM);
        if (!url_is_name(copy) || copy[length - 1] == '.') /* RFC 6066 3: no addresses, no dot */
            return value_refuse(why, "'%.100s': '%.60s' is not a host name; %s", text, copy,
                                SNI_FORM);
        n++;
    }
    if (n > TLS_SNI_MAX)
        return value_refuse(why, "'%.40s...' has %u names; at most %d are allowed", text, n,
                            TLS_SNI_MAX);
    return 0;
}

bool
conf_is_tls(const struct conf *c)
{
    for (unsigned i = 0; i < c->n_classes; i++)
        if (c->classes[i].is_tls)
            return true;
    return false;
}

bool
conf_serves_tls(const struct conf *c)
{
    return conf_is_tls(c) && (c->command == CONF_SERVE || conf_has_both_sides(c));
}

static int
check_unused(const struct conf *c, unsigned class_idx, struct fail *f)
{
    int row = option_first_set(c, class_idx, GROUP_TLS);

    if (row < 0 || (!conf_options[row].is_of_class && conf_is_tls(c))) /* that of another class */
        return 0;
    return fail_set(f, EXIT_USAGE, "%s: without TLS it would be ignored; %s",
                    conf_options[row].name,
                    c->command == CONF_SERVE
                        ? "give --tls too"
                        : "write the target as tls://ADDRESS:PORT, e.g. tls://198.19.0.1:443");
}

/* What speaks of a version that is not to be spoken. */
static int
check_versions(const struct conf_tls *t, struct fail *f)
{
    if (t->ciphers[0] != '\0' && t->versions == TLS_VERSIONS_1_3)
        return fail_set(f, EXIT_USAGE,
                        "--ciphers: '%.100s' is for TLS 1.2 and would be ignored with "
                        "--tls-versions 1.3; give --ciphersuites, or leave one of the two out",
                        t->ciphers);
    if (t->ciphersuites[0] != '\0' && t->versions == TLS_VERSIONS_1_2)
        return fail_set(f, EXIT_USAGE,
                        "--ciphersuites: '%.100s' is for TLS 1.3 and would be ignored with "
                        "--tls-versions 1.2; give --ciphers, or leave one of the two out",
                        t->ciphersuites);
    if (t->key_update_bytes > 0 && t->versions == TLS_VERSIONS_1_2)
        return fail_set(f, EXIT_USAGE,
                        "--key-update: it is for TLS 1.3 and would be ignored with "
                        "--tls-versions 1.2; leave one of the two out");
    if (t->self_signed >= KEY_MLDSA44 && t->versions == TLS_VERSIONS_1_2)
        return fail_set(f, EXIT_USAGE,
                        "--self-signed: %s is for TLS 1.3 and could not be used with "
                        "--tls-versions 1.2; leave one of the two out",
                        conf_key_kind_names[t->self_signed]);
    if (t->ticket_count > 0 && t->versions == TLS_VERSIONS_1_2)
        return fail_set(f, EXIT_USAGE,
                        "--ticket-count: it is for TLS 1.3 and would be ignored with "
                        "--tls-versions 1.2; leave one of the two out");
    if (t->psk_without_dhe && t->versions == TLS_VERSIONS_1_2)
        return fail_set(f, EXIT_USAGE,
                        "--psk-without-dhe: it is for TLS 1.3 and would be ignored with "
                        "--tls-versions 1.2; leave one of the two out");
    return 0;
}

static int
check_tickets(const struct conf_tls *t, struct fail *f)
{
    if (t->tickets)
        return 0;
    if (t->ticket_count > 0)
        return fail_set(f, EXIT_USAGE,
                        "--ticket-count: %u would be ignored with --tickets no; "
                        "leave one of the two out",
                        t->ticket_count);
    if (t->resume_ppm > 0)
        return fail_set(f, EXIT_USAGE,
                        "--resume: without tickets nothing can be resumed; leave "
                        "--tickets no out");
    return 0;
}

static int
check_names(const struct conf_class *k, struct fail *f)
{
    if (k->tls.sni_file[0] == '\0' || !k->given[OPTION_SNI])
        return 0;
    return fail_set(f, EXIT_USAGE,
                    "--sni-file: '%.100s' and --sni '%.100s' both name the server; leave one of "
                    "the two out",
                    k->tls.sni_file, k->tls.sni);
}

/* Both sides' certificates, and who looks at them. */
static int
check_identity(const struct conf *c, const struct conf_tls *t, struct fail *f)
{

    if (t->key[0] != '\0' && t->cert[0] == '\0')
        return fail_set(f, EXIT_USAGE, "--key: '%.100s' has no certificate; give --cert too",
                        t->key);
    if (t->self_signed != KEY_NONE && t->cert[0] != '\0')
        return fail_set(f, EXIT_USAGE,
                        "--self-signed: %s and --cert '%.100s' are two certificates; leave one of "
                        "the two out",
                        conf_key_kind_names[t->self_signed], t->cert);
    if (t->certs[0] != '\0' && t->cert[0] != '\0' && !conf_has_both_sides(c))
        return fail_set(f, EXIT_USAGE,
                        "--certs: '%.100s' and --cert '%.100s' are both for this side; leave one "
                        "of the two out",
                        t->certs, t->cert);
    if (t->self_signed != KEY_NONE && c->command != CONF_SERVE && !conf_has_both_sides(c))
        return fail_set(
            f, EXIT_USAGE,
            "--self-signed: %s would be ignored on device '%.100s'; it is for shakedown "
            "serve, and for loopback",
            conf_key_kind_names[t->self_signed], c->device);
    if (t->ca[0] != '\0' && !t->verify)
        return fail_set(f, EXIT_USAGE,
                        "--ca: '%.100s' would be ignored with --verify no; leave one of the two "
                        "out",
                        t->ca);
    if (c->command == CONF_SERVE && t->verify && !t->request_cert)
        return fail_set(f, EXIT_USAGE,
                        "--verify: shakedown serve does not request client certificates; give "
                        "--request-cert yes too");
    return 0;
}

/* @return 0, or an errno. */
static int
try_access(const char *path, int mode)
{
    struct stat st;

    if (faccessat(AT_FDCWD, path, mode, AT_EACCESS) < 0 || stat(path, &st) < 0)
        return errno;
    return S_ISDIR(st.st_mode) ? EISDIR : 0;
}

static int
check_readable(const char *option, const char *path, struct fail *f)
{
    int err = path[0] == '\0' ? 0 : try_access(path, R_OK);

    if (err == 0)
        return 0;
    return fail_set(f, EXIT_USAGE,
                    "%s: '%.200s' cannot be read (%s); give a file in PEM that this user may read",
                    option, path, strerror(err));
}

/* Whether a file could be made at @path. */
static int
try_create(const char *path)
{
    const char *slash = strrchr(path, '/');
    char directory[CONF_TEXT_MAX] = ".";
    size_t length = slash == path ? 1 : slash != NULL ? (size_t)(slash - path) : 0;

    if (length > 0) {
        memcpy(directory, path, length);
        directory[length] = '\0';
    }
    return faccessat(AT_FDCWD, directory, W_OK | X_OK, AT_EACCESS) < 0 ? errno : 0;
}

static int
check_keylog(const char *path, struct fail *f)
{
    int err = path[0] == '\0' ? 0 : try_access(path, W_OK);

    if (err == ENOENT)
        err = try_create(path);
    if (err == 0)
        return 0;
    return fail_set(f, EXIT_USAGE,
                    "--keylog: '%.200s' cannot be written (%s); give a file in a directory that "
                    "this user may write to",
                    path, strerror(err));
}

static int
check_files(const struct conf_tls *t, struct fail *f)
{
    if (check_readable("--ca", t->ca, f) < 0 || check_readable("--cert", t->cert, f) < 0 ||
        check_readable("--key", t->key, f) < 0)
        return -1;
    return check_keylog(t->keylog, f);
}

/* A certificate is a wish to serve, and a CA one to verify, unless the user says no to it. */
static void
fill_implied(const struct conf *c, struct conf_class *k)
{
    struct conf_tls *t = &k->tls;

    if (c->command == CONF_SERVE && !k->given[OPTION_TLS])
        t->serves = t->cert[0] != '\0' || t->self_signed != KEY_NONE;
    if (c->command == CONF_SERVE)
        k->is_tls = t->serves;
    if (!k->given[OPTION_VERIFY] && t->ca[0] != '\0')
        t->verify = true;
}

int
conf_finish_tls(struct conf *c, unsigned class_idx, struct fail *f)
{
    struct conf_class *k = &c->classes[class_idx];

    fill_implied(c, k);
    if (!k->is_tls)
        return check_unused(c, class_idx, f);
    if (check_versions(&k->tls, f) < 0 || check_names(k, f) < 0 || check_tickets(&k->tls, f) < 0 ||
        check_identity(c, &k->tls, f) < 0 || check_files(&k->tls, f) < 0)
        return -1;
    if ((c->command == CONF_SERVE || conf_has_both_sides(c)) && k->tls.cert[0] == '\0' &&
        k->tls.self_signed == KEY_NONE)
        k->tls.self_signed = KEY_P256;
    return 0;
}
