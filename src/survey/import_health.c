/*
 * HealthChecker's result, as text and as Export-Clixml wrote it: what the operator says of his own server.
 *
 * Text     "Name: EX01", "Generation Time: 03/16/2021 10:22:30" (month first), "Build Number: 15.01.2176.009", "Security Vulnerability: CVE-2021-26855".
 *          A file may hold several reports; each begins with "Exchange Health Checker version".
 * CliXML   any element whose N is ServerName, BuildNumber and so on, at any depth: the layout has changed with every version.
 * Source   survey sheet, 5 and 8.7. Names of fields as its public script writes them; recalled, to be compared with real files.
 */
#include "survey/import_inner.h"

#include "base/num.h"

#include <string.h>

struct report { bool begun, named, bad; uint64_t line; };      /* bad: told as broken, nothing of it is taken */

bool import_health_fits(struct str head) { return str_ihas(str_sub(head, 0, 4096), STR("Exchange Health Checker version")); }

/* "03/16/2021 10:22:30", else as time_parse. */
static bool health_time(struct import *m, struct str s)
{
    uint32_t mo, d, y, h = 0, mi = 0, sec = 0;

    s = str_trim(s);
    if (s.n >= 10 && s.p[2] == '/' && s.p[5] == '/' && num_u32(str_sub(s, 0, 2), &mo) && num_u32(str_sub(s, 3, 5), &d) && num_u32(str_sub(s, 6, 10), &y)) {
        if (s.n >= 19 && !(num_u32(str_sub(s, 11, 13), &h) && num_u32(str_sub(s, 14, 16), &mi) && num_u32(str_sub(s, 17, 19), &sec)))
            return false;
        if (!m->zoneless) {
            m->zoneless = true;
            import_note(m, "times without a zone are taken as UTC, dates as month/day/year");
        }
        return time_civil((int)y, (int)mo, (int)d, (int)h, (int)mi, (int)sec, 0, &m->o.observed_us);
    }
    return import_time(m, s);
}

static void begin(struct import *m, struct report *r, uint64_t line)
{
    import_begin(m, &(struct import_row){ line, STR_EMPTY });
    m->o.flags |= OBS_EXCHANGE;
    *r = (struct report){ .begun = true, .line = line };
}

static void end(struct import *m, struct report *r)
{
    if (!r->begun)
        return;
    r->begun = false;
    if (r->bad)
        return;
    m->ret->rows++;
    if (m->o.parts < 3)
        m->o.flags |= OBS_VERSION_HIDDEN;
    (void)import_take(m, &(struct import_row){ r->line, STR_EMPTY });
}

/* Texts are copied: the line that held them goes. */
static struct str kept(struct arena *a, struct str s) { return str_dup(a, str_trim(str_sub(s, 0, 512))); }

static void bad_time(struct import *m, struct report *r, uint64_t line, struct str raw)
{
    if (!r->bad) {
        m->ret->rows++;
        (void)import_broken(m, &(struct import_row){ line, raw }, import_no_time);
    }
    r->bad = true;
}

static bool pair(struct import *m, struct arena *a, struct str key, struct str value)
{
    struct observation *o = &m->o;

    if (!value.n)
        return true;
    if (str_ieq(key, STR("Name")) || str_ieq(key, STR("Server Name")) || str_ieq(key, STR("ServerName"))) {
        struct str s = kept(a, value);
        size_t     dot = str_chr(s, '.');
        announce_name(o, a, s);
        announce_domain(o, a, s);
        if (!o->node.n)
            o->node = str_sub(s, 0, dot == STR_NONE ? s.n : dot);
    } else if (str_ieq(key, STR("FQDN"))) {
        announce_name(o, a, kept(a, value));
        announce_domain(o, a, kept(a, value));
    } else if (str_ieq(key, STR("Build Number")) || str_ieq(key, STR("BuildNumber")) || str_ieq(key, STR("Exchange Build")) || str_ieq(key, STR("ExchangeBuild"))) {
        (void)announce_build(o, OBS_SELF_REPORT, value);
    } else if (str_ieq(key, STR("Generation Time")) || str_ieq(key, STR("GenerationTime"))) {
        return health_time(m, value);
    } else if (str_ieq(key, STR("Security Vulnerability"))) {
        size_t at = str_ifind(value, STR("CVE-")), n = at;
        while (at != STR_NONE && n < value.n && (ch_alnum(value.p[n]) || value.p[n] == '-'))
            n++;
        if (at != STR_NONE)
            import_claim(m, CLAIM_UNPATCHED, kept(a, str_sub(value, at, n)), STR("HealthChecker"));
    } else if (str_istarts(key, STR("Mitigations Applied")) || str_istarts(key, STR("Mitigation Applied"))) {
        if (import_yes(value) != 0)
            import_claim(m, CLAIM_MITIGATED, STR_EMPTY, kept(a, value));
    }
    return true;
}

bool import_health_text(struct import *m, struct str head)
{
    struct report   rep = { 0 };
    struct arena    a = m->row;
    struct rows_row r;

    (void)head;
    m->ret->format = OBS_HEALTHCHECKER;
    m->ret->report = STR("healthchecker");
    while (!m->stopped && rows_next(m->rows, ROWS_LINES, &r)) {
        struct str s = str_trim(r.text);
        if (r.broken) {
            m->ret->rows++;
            (void)import_broken(m, &(struct import_row){ r.line, r.text }, r.broken);
            continue;
        }
        if (str_istarts(s, STR("Exchange Health Checker version")) || (!rep.begun && s.n)) {
            end(m, &rep);
            a = m->row;
            begin(m, &rep, r.line);
        }
        size_t colon = str_chr(s, ':');
        if (colon != STR_NONE && !pair(m, &a, str_trim(str_sub(s, 0, colon)), str_trim(str_from(s, colon + 1))))
            bad_time(m, &rep, r.line, s);
    }
    end(m, &rep);
    return true;
}

/* ---- CliXML ---- */

struct import_clixml { struct import *m; struct report rep; struct arena a; char key[40]; uint8_t value[512], server[512]; size_t value_n, server_n; uint64_t line; };

struct import_clixml *import_clixml_open(struct import *m)
{
    struct import_clixml *x = NEW(&m->file, struct import_clixml, 1);

    if (x) {
        x->m = m;
        x->a = m->row;
    }
    return x;
}

static bool on_start(void *ctx, struct str name, const struct xml_attr *attr, size_t n, uint32_t depth, uint64_t line)
{
    struct import_clixml *x = ctx;
    struct str            key = xmlpush_get(attr, n, STR("N"));

    (void)name, (void)depth;
    x->key[0]  = '\0';
    x->value_n = 0;
    x->line    = line;
    if (key.n && key.n < sizeof x->key && !str_has(key, STR(" "))) {
        memcpy(x->key, key.p, key.n);
        x->key[key.n] = '\0';
    }
    return true;
}

static bool on_text(void *ctx, struct str s, uint32_t depth)
{
    struct import_clixml *x = ctx;

    (void)depth;
    if (x->key[0]) {
        s = str_sub(s, 0, sizeof x->value - x->value_n);
        memcpy(x->value + x->value_n, s.p, s.n);
        x->value_n += s.n;
    }
    return true;
}

static bool on_end(void *ctx, struct str name, uint32_t depth)
{
    struct import_clixml *x = ctx;
    struct str            v = str_trim((struct str){ x->value, x->value_n });

    (void)name;
    if (x->key[0] && v.n) {
        bool server = str_ieq(str_c(x->key), STR("ServerName")), same = str_ieq((struct str){ x->server, x->server_n }, v);
        if (!x->rep.begun || (server && x->rep.named && !same)) {      /* another name begins another report; the same once more is none */
            end(x->m, &x->rep);
            x->a = x->m->row;
            begin(x->m, &x->rep, x->line);
        }
        if (server) {
            x->rep.named = true;
            x->server_n  = v.n;
            memcpy(x->server, v.p, v.n);
        }
        if (!pair(x->m, &x->a, str_c(x->key), v))
            bad_time(x->m, &x->rep, x->line, v);
    }
    x->key[0] = '\0';
    if (depth == 1)
        end(x->m, &x->rep);
    return !x->m->stopped;
}

const struct xmlpush_ops import_clixml_ops = { on_start, on_end, on_text };
