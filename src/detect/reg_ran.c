/*
 * ran: programs that were there or ran: Amcache, the compatibility cache, and what tools leave in profiles.
 *
 * Rule 1   Amcache says that a file was there, with its SHA-1; the compatibility cache that it was met. Neither proves that it ran. The moderators of background and desktop
 *          activity (BAM, DAM) keep what ran, for whom and when last; so does Explorer, of what was started by hand.
 * Rule 2   a published hash is a tool. A place where nobody keeps programs is a note.
 * Source   ways back in, 7, 9 and 10; ANSSI, "Analysis of the AmCache"; Mandiant, "Caching Out: the value of shimcache".
 */
#include "detect/reg.h"

#include "base/rd.h"
#include "base/utf.h"
#include "detect/place.h"

#include <string.h>

enum { SHIM_MAX = 2048, SHOWN_MAX = 60 };

struct ran { uint32_t shown; };

static bool is_program(struct str path)
{
    static const char *const ext[] = { ".exe", ".dll", ".sys", ".scr", ".com", ".bat", ".cmd", ".ps1", ".vbs", ".cpl", ".ocx" };
    struct str x = winpath_ext(path);

    for (size_t i = 0; i < COUNT_OF(ext); i++)
        if (str_ieq(x, str_c(ext[i])))
            return true;
    return false;
}

/* `who`: the account under which it ran; empty: that it ran is not said. */
static void met_by(struct reg *r, struct arena a, struct ran *s, const struct hive_key *k, struct str key, struct str raw, struct str sha1, int64_t time_us, const char *source, struct str who)
{
    struct str        path = winpath_canon(&a, str_sub(raw, 0, 600), r->c->ev->system_drive), hex = sha1.n == 40 ? str_lower(&a, sha1) : STR_EMPTY;
    uint32_t          at = hex.p ? map_get(&r->c->pack->ioc_hash, hex) : MAP_NONE;
    const struct ioc *x = at != MAP_NONE ? &r->c->pack->ioc[at] : path.n ? files_ioc_path(r->c, path, IOC_PATH_SUFFIX) : NULL;
    bool              hash = at != MAP_NONE, sure = x && hash && x->weight != IOC_CONTEXT;
    bool              odd = path.n && is_program(path) && (place_of(path) == PLACE_HOSTILE || place_imitates_system(path));

    if (path.n == 0 || (!x && (!odd || s->shown++ >= SHOWN_MAX)))
        return;
    struct file_fact *f = reg_fact(r, sure ? FILE_FACT_TOOL : FILE_FACT_NOTE, sure ? "registry/tool" : "registry/ran", sure ? SEV_HIGH : x ? SEV_MEDIUM : SEV_LOW, sure ? 0.9 : 0.4, k, key, NULL, path);
    if (!f)
        return;
    bool here = ev_find(r->c->ev, path) != NULL;
    f->what    = STR("tool");
    f->name    = files_quote(r->c, winpath_name(path));
    f->path    = str_dup(r->c->keep, path);
    f->time_us = time_us;
    f->cite.time_us = time_us;
    f->state   = here ? THING_PRESENT : ev_has_dir(r->c->ev, winpath_dir(path)) ? THING_REMOVED : THING_UNKNOWN;
    f->title   = who.n ? STR("A program ran where nobody keeps programs") : sure ? STR("A published tool was on this server") : x ? STR("A program of a published path was on this server")
                       : STR("A program was where nobody keeps programs");
    f->why     = x ? files_text(r->c, "%s names it: %.*s (%.*s).", source, STR_ARG(str_sub(x->description, 0, 200)), STR_ARG(str_sub(x->source, 0, 120)))
               : who.n ? files_text(r->c, "%s names it: it ran, for %.*s.", source, STR_ARG(str_sub(files_quote(r->c, who), 0, 80)))
                       : files_text(r->c, "%s names it. That does not prove that it ran.", source);
    if (who.n) {
        f->used_us  = time_us;
        f->severity = f->severity == SEV_LOW ? SEV_MEDIUM : f->severity;
    }
    if (hex.n)
        f->cite.excerpt = files_text(r->c, "%.*s; SHA-1 %.*s", STR_ARG(str_sub(f->cite.excerpt, 0, 320)), STR_ARG(hex));
}

static void met(struct reg *r, struct arena a, struct ran *s, const struct hive_key *k, struct str key, struct str raw, struct str sha1, int64_t time_us, const char *source)
{
    met_by(r, a, s, k, key, raw, sha1, time_us, source, STR_EMPTY);
}

/* "\Device\HarddiskVolume3\x": the letter is not written there, so that of Windows is taken. Apps of the store and Windows' own marks are no paths. */
static struct str of_device(struct reg *r, struct arena *a, struct str raw)
{
    size_t n;

    if (!str_istarts(raw, STR("\\Device\\HarddiskVolume")))
        return STR_EMPTY;
    raw = str_from(raw, sizeof "\\Device\\HarddiskVolume" - 1);
    n   = str_chr(raw, '\\');
    return n == STR_NONE ? STR_EMPTY : str_fmt(a, "%c:%.*s", r->c->ev->system_drive, STR_ARG(str_from(raw, n)));
}

/* One account of BAM or DAM: values named by programs, the time of the last run first in each. */
static bool moderated(struct reg *r, void *ctx, struct arena a, const struct hive_key *k, struct str path)
{
    struct hive_value *v;
    size_t             n;

    if (!hive_values(r->h, &a, k, &v, &n))
        return true;
    for (size_t i = 0; i < n; i++) {
        struct arena own = a;
        struct str   data, file = of_device(r, &own, v[i].name);
        if (!file.n || v[i].type != HIVE_BINARY || !hive_data(r->h, &own, &v[i], &data) || data.n < 8)
            continue;
        struct rd d = { .s = data };
        met_by(r, own, ctx, k, path, file, STR_EMPTY, time_filetime(rd_u64le(&d)), str_ihas(path, STR("\\dam\\")) ? "The moderator of desktop activity" : "The moderator of background activity", k->name);
    }
    return true;
}

/* Windows 10, Server 2016 and later. */
static bool inventory(struct reg *r, void *ctx, struct arena a, const struct hive_key *k, struct str path)
{
    struct str file = reg_text(r, &a, k, "LowerCaseLongPath"), id = reg_text(r, &a, k, "FileId");

    met(r, a, ctx, k, path, file, id.n == 44 ? str_from(id, 4) : STR_EMPTY, time_filetime(k->written), "Amcache");
    return true;
}

/* Server 2012 R2: one key a volume, values by number. */
static bool older_file(struct reg *r, void *ctx, struct arena a, const struct hive_key *k, struct str path)
{
    struct str file = reg_text(r, &a, k, "15"), id = reg_text(r, &a, k, "101");

    met(r, a, ctx, k, path, file, id.n == 44 ? str_from(id, 4) : STR_EMPTY, time_filetime(k->written), "Amcache");
    return true;
}
static bool volume(struct reg *r, void *ctx, struct arena a, const struct hive_key *k, struct str path)
{
    (void)k;
    return reg_each(r, a, path, older_file, ctx);
}

/* "10ts" or "00ts" with a length, path and time; before them a header whose length is its first number. Windows 7 and 2008 R2: a table. */
static void shim(struct reg *r, struct ran *s)
{
    struct arena      a = r->a;
    struct str        key = STR("@\\Control\\Session Manager\\AppCompatCache"), data;
    struct hive_key   k;
    struct hive_value v;

    if (!reg_key(r, &a, key, &k) || !hive_value(r->h, &a, &k, STR("AppCompatCache"), &v) || !hive_data(r->h, &a, &v, &data) || data.n < 0x80)
        return;
    struct rd in = { .s = data };
    uint32_t  first = rd_u32le(&in);
    if (first == 0xBADC0FEE) {
        uint32_t n = rd_u32le(&in);
        for (uint32_t i = 0; i < n && i < SHIM_MAX; i++) {
            struct arena scratch = a;
            rd_seek(&in, 0x80 + (size_t)i * 48);
            uint16_t length = rd_u16le(&in);
            rd_skip(&in, 6);
            uint64_t at = rd_u64le(&in), time = rd_u64le(&in);
            if (in.bad || at > data.n || length > data.n - at)
                break;
            met(r, scratch, s, &k, key, utf_to8(&scratch, str_sub(data, (size_t)at, (size_t)at + length), UTF_16LE), STR_EMPTY, time_filetime(time), "The compatibility cache");
        }
        return;
    }
    rd_seek(&in, first == 0x30 || first == 0x34 ? first : 0x80);
    for (uint32_t i = 0; i < SHIM_MAX && rd_left(&in) > 12 && !in.bad; i++) {
        struct arena scratch = a;
        struct str   mark = rd_take(&in, 4);
        if (!str_eq(mark, STR("10ts")) && !str_eq(mark, STR("00ts")))
            break;
        rd_skip(&in, 4);
        uint32_t  length = rd_u32le(&in);
        struct rd one = { .s = rd_take(&in, length) };
        uint16_t  n = rd_u16le(&one);
        struct str path = rd_take(&one, n);
        if (first != 0x30 && first != 0x34) {
            uint16_t package = rd_u16le(&one);                  /* Windows 8 and 2012: a package's name and flags before the time */
            rd_skip(&one, package);
            rd_skip(&one, 8);
        }
        uint64_t time = rd_u64le(&one);
        if (in.bad || one.bad)
            continue;
        met(r, scratch, s, &k, key, utf_to8(&scratch, path, UTF_16LE), STR_EMPTY, time_filetime(time), "The compatibility cache");
    }
}

static void note(struct reg *r, const struct hive_key *k, struct str path, struct str data, struct str name, enum severity s, const char *title, const char *why, const char *attack)
{
    struct file_fact *f = reg_fact(r, FILE_FACT_NOTE, "registry/trace", s, 0.5, k, path, NULL, data);

    if (!f)
        return;
    f->what  = STR("trace");
    f->name  = files_quote(r->c, name);
    f->title = str_c(title);
    f->why   = str_c(why);
    files_attack(f, attack);
}

static void profile(struct reg *r)
{
    struct arena       a = r->a;
    struct hive_key    k;
    struct hive_value *v;
    size_t             n;
    struct str         putty = STR("Software\\SimonTatham\\PuTTY\\SshHostKeys");
    static const char *const archives[] = { "Software\\WinRAR\\ArcHistory", "Software\\7-Zip\\Compression\\ArcHistory", "Software\\7-Zip\\FM\\FolderHistory" };
    static const struct { const char *name; enum severity s; const char *attack; } tool[] = {
        { "ProcDump", SEV_MEDIUM, "T1003.001" }, { "PsExec", SEV_LOW, "T1569.002" }, { "SDelete", SEV_LOW, "T1070.004" }, { "Active Directory Explorer", SEV_MEDIUM, "T1087.002" },
    };

    if (reg_key(r, &a, putty, &k) && hive_values(r->h, &a, &k, &v, &n))
        for (size_t i = 0; i < n && i < SHOWN_MAX; i++)
            note(r, &k, putty, v[i].name, v[i].name, r->service ? SEV_MEDIUM : SEV_LOW, "PuTTY or plink connected to this address",
                 r->service ? "It ran as the system or as a service: people do not use it so, tunnels do." : "The user's own connections stand here, too.", "T1572");
    for (size_t i = 0; i < COUNT_OF(archives); i++) {
        struct arena scratch = r->a;
        if (!reg_key(r, &scratch, str_c(archives[i]), &k) || !hive_values(r->h, &scratch, &k, &v, &n))
            continue;
        for (size_t j = 0; j < n && j < SHOWN_MAX; j++) {
            struct arena own = scratch;
            struct str   data, text = STR_EMPTY;
            if (!hive_data(r->h, &own, &v[j], &data))
                continue;
            text = v[j].type == HIVE_BINARY ? utf_to8(&own, data, UTF_16LE) : hive_text(&own, v[j].type, data);
            struct str path = winpath_canon(&own, str_sub(text, 0, 500), r->c->ev->system_drive);
            if (path.n == 0 || (place_of(path) != PLACE_HOSTILE && !str_ihas(path, STR("\\inetpub\\")) && !r->service))
                continue;
            note(r, &k, str_c(archives[i]), path, winpath_name(path), SEV_MEDIUM, "An archive was made in an unusual place", "The packer remembers it, even when the archive is gone.", "T1560.001");
        }
    }
    for (size_t i = 0; i < COUNT_OF(tool); i++) {
        struct arena scratch = r->a;
        struct str   path = str_cat(&scratch, STR("Software\\Sysinternals\\"), str_c(tool[i].name));
        uint64_t     accepted;
        if (path.p && reg_key(r, &scratch, path, &k) && reg_number(r, scratch, &k, "EulaAccepted", &accepted) && accepted)
            note(r, &k, path, STR("EulaAccepted = 1"), str_c(tool[i].name), tool[i].s, "A tool of Sysinternals ran for the first time",
                 r->service ? "It ran as the system or as a service." : "Administrators use it, and intruders do.", tool[i].attack);
    }
}

/* ROT13 of a path; the folder may be a GUID that Windows knows, which no hostile place has. Counters of the shell have no path. */
static struct str unrotated(struct arena *a, struct str s)
{
    uint8_t *p = (uint8_t *)(uintptr_t)str_dup(a, s).p;

    for (size_t i = 0; p && i < s.n; i++) {
        uint8_t low = p[i] | 0x20;
        p[i] = low >= 'a' && low <= 'z' ? (uint8_t)(p[i] + (low < 'n' ? 13 : -13)) : p[i];
    }
    return p ? (struct str){ p, s.n } : STR_EMPTY;
}

/* What somebody started by hand: runs are counted, and the last is dated. Windows 7 and later have 72 bytes a program. */
static bool started(struct reg *r, void *ctx, struct arena a, const struct hive_key *k, struct str path)
{
    struct str         key = str_cat(&a, path, STR("\\Count"));
    struct hive_key    count;
    struct hive_value *v;
    size_t             n;

    if (!key.p || !hive_find(r->h, &a, k, STR("Count"), &count) || !hive_values(r->h, &a, &count, &v, &n))
        return true;
    for (size_t i = 0; i < n; i++) {
        struct arena own = a;
        struct str   data, file = unrotated(&own, str_sub(v[i].name, 0, 600));
        if (file.n < 4 || file.p[1] != ':' || v[i].size < 68 || v[i].size > 4096 || !hive_data(r->h, &own, &v[i], &data) || data.n < 68)
            continue;
        struct rd d = { .s = data };
        rd_seek(&d, 60);
        met_by(r, own, ctx, &count, key, file, STR_EMPTY, time_filetime(rd_u64le(&d)), "Explorer's list of what was started", r->label);
    }
    return true;
}

/* Where remote desktop went from here. */
static bool connected(struct reg *r, void *ctx, struct arena a, const struct hive_key *k, struct str path)
{
    uint32_t  *shown = ctx;
    struct str user = reg_text(r, &a, k, "UsernameHint");

    if (++*shown > SHOWN_MAX)
        return false;
    note(r, k, path, user.n ? user : k->name, k->name, r->service ? SEV_MEDIUM : SEV_LOW, "Remote desktop was used from this server to another computer",
         r->service ? "It ran as the system or as a service: people do not use it so." : "Administrators do that, and so do intruders on their way on: compare with the hours of the attack.", "T1021.001");
    return true;
}

bool reg_ran(struct reg *r)
{
    uint32_t connections = 0;

    struct ran s = { 0 };

    static const char *const moderator[] = { "@\\Services\\bam\\State\\UserSettings", "@\\Services\\bam\\UserSettings", "@\\Services\\dam\\State\\UserSettings", "@\\Services\\dam\\UserSettings" };

    if (r->kind == REG_SYSTEM) {
        shim(r, &s);
        for (size_t i = 0; i < COUNT_OF(moderator); i++)
            if (!reg_each(r, r->a, str_c(moderator[i]), moderated, &s))
                return false;
    }
    if (r->kind == REG_USER) {
        profile(r);
        if (!reg_each(r, r->a, STR("Software\\Microsoft\\Windows\\CurrentVersion\\Explorer\\UserAssist"), started, &s) ||
            !reg_each(r, r->a, STR("Software\\Microsoft\\Terminal Server Client\\Servers"), connected, &connections))
            return false;
    }
    if (r->kind == REG_AMCACHE)
        return reg_each(r, r->a, STR("Root\\InventoryApplicationFile"), inventory, &s) && reg_each(r, r->a, STR("Root\\File"), volume, &s);
    return !r->failed;
}
