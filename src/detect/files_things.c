/*
 * things: what an intruder leaves beside pages: staged archives, credential dumps, tools, ransom notes.
 *
 * Rule 1   magic bytes decide what a file is, not its name.
 * Rule 2   an archive in a served folder is loot. In staging places it is loot when published paths or name patterns say so, or when its
 *          extension lies; otherwise a note, because administrators zip things too.
 * Source   evidence sheet, 9.1, 9.2 and 13; ways back in, 9.
 */
#include "detect/files_inner.h"

#include "base/rd.h"
#include "base/utf.h"
#include "formats/minidump.h"

#include <string.h>

enum thing { THING_NONE, THING_ARCHIVE, THING_MAILBOX, THING_MINIDUMP, THING_HIVE, THING_DATABASE, THING_PROGRAM };

static const struct magic { struct str at0; enum thing thing; const char *name, *ext; } magics[] = {
    { STR_INIT("7z\xBC\xAF\x27\x1C"), THING_ARCHIVE, "7-Zip archive", ".7z .001" },
    { STR_INIT("Rar!\x1A\x07"), THING_ARCHIVE, "RAR archive", ".rar .r00" },
    { STR_INIT("PK\x03\x04"), THING_ARCHIVE, "ZIP archive", ".zip .docx .xlsx .pptx .jar .nupkg .vsix .xap .appx .msix .whl" },
    { STR_INIT("MSCF"), THING_ARCHIVE, "CAB archive", ".cab .msu .wsp" },
    { STR_INIT("\x1F\x8B\x08"), THING_ARCHIVE, "gzip archive", ".gz .tgz" },
    { STR_INIT("!BDN"), THING_MAILBOX, "mailbox file (PST)", ".pst .ost" },
    { STR_INIT("MDMP"), THING_MINIDUMP, "memory dump", ".dmp .mdmp .hdmp" },
    { STR_INIT("regf"), THING_HIVE, "registry hive", ".hiv .dat .save" },
    { STR_INIT("MZ"), THING_PROGRAM, "program", ".exe .dll .sys .ocx .cpl .scr .mui .drv .efi .ax .com .node .pyd .tmp .vdm .msstyles .exe_ .dll_" },
};

static const struct magic *magic_of(struct str body)
{
    static const struct magic database = { STR_INIT(""), THING_DATABASE, "ESE database", ".dit .edb .sdb .mdb .dat .jfm" };

    for (size_t i = 0; i < COUNT_OF(magics); i++)
        if (str_starts(body, magics[i].at0))
            return &magics[i];
    return body.n > 8 && memcmp(body.p + 4, "\xEF\xCD\xAB\x89", 4) == 0 ? &database : NULL;
}

/* Does the extension stand in the list of those that such files have? */
static bool honest(const struct magic *m, struct str path)
{
    struct str list = str_c(m->ext), one, ext = winpath_ext(path);

    while (str_cut(&list, ' ', &one))
        if (str_ieq(one, ext))
            return true;
    return false;
}

static bool has_wide(struct str s, const char *ascii)
{
    uint8_t wide[64];
    size_t  n = strlen(ascii);

    for (size_t i = 0; i < n && 2 * i + 1 < sizeof wide; i++)
        wide[2 * i] = (uint8_t)ascii[i], wide[2 * i + 1] = 0;
    return str_has(s, (struct str){ wide, 2 * n });
}

/* "\config\SAM" from the name that a hive carries in its header (UTF-16 at 0x30, 64 bytes). */
static const char *hive_secret(struct arena *a, struct str body)
{
    static const char *const name[] = { "SAM", "SECURITY", "SYSTEM" };
    struct str v = utf_to8(a, str_sub(body, 0x30, 0x70), UTF_16LE);
    size_t end = str_chr(v, 0);

    v = winpath_name(end == STR_NONE ? v : str_sub(v, 0, end));
    for (size_t i = 0; i < COUNT_OF(name); i++)
        if (str_ieq(v, str_c(name[i])))
            return name[i];
    return NULL;
}

/* Folders in which nothing of the kind belongs, one level below or deeper. */
static bool staging(struct str path, bool *ret_short_in_programdata)
{
    static const char *const head[] = { "\\users\\public\\", "\\perflogs\\", "\\root\\", "\\windows\\temp\\", "\\$recycle.bin\\" };
    struct str below = str_from(path, 2);

    *ret_short_in_programdata = false;
    if (str_istarts(below, STR("\\programdata\\"))) {
        struct str rest = str_from(below, 13), name = winpath_name(path);
        size_t     dot = str_rchr(name, '.');
        bool       direct = str_chr(rest, '\\') == STR_NONE;
        *ret_short_in_programdata = direct && dot != STR_NONE && dot >= 1 && dot <= 6;
        return direct;
    }
    for (size_t i = 0; i < COUNT_OF(head); i++)
        if (str_istarts(below, str_c(head[i])))
            return true;
    return str_chr(str_from(below, 1), '\\') == STR_NONE;      /* the root of a drive */
}

static bool wants_loot(const struct files_context *c, const struct ev_node *n)
{
    (void)c;
    return n->size_bytes > 8 && (n->family == FAM_NONE || n->family == FAM_WEB_ROOTS);
}

static bool after_start(const struct files_context *c, const struct ev_node *n)
{
    return n->mtime_us == TIME_NONE || c->pack->exploited_from_us == TIME_NONE || n->mtime_us >= c->pack->exploited_from_us;
}

static void secret(struct files_context *c, struct files_node *n, const char *what, const char *title, const char *why)
{
    struct file_fact *f = files_may_tell(c, TOLD_SECRET) ? files_fact_at(c, n->node, FILE_FACT_SECRET, "files/secret", SEV_CRITICAL, 0.9) : NULL;

    if (!f)
        return;
    f->what    = str_c(what);
    f->title   = str_c(title);
    f->why     = str_c(why);
    f->time_us = n->node->btime_us;
    f->cite.excerpt = files_text(c, "%.*s, %llu bytes", STR_ARG(winpath_name(n->node->path)), (unsigned long long)n->node->size_bytes);
    files_attack(f, str_eq(f->what, STR("domain_database")) ? "T1003.003" : str_eq(f->what, STR("lsass_dump")) ? "T1003.001" : "T1003.002");
}

/* The body answers for what it holds; the rest is read where it lies. */
struct dump { struct files_context *c; const struct files_node *n; };
static bool dump_read(void *ctx, uint64_t off, uint8_t *buf, size_t cap, size_t *ret_got, struct err *e)
{
    const struct dump *d = ctx;
    struct str         body = d->n->body;

    if (off < body.n && cap <= body.n - off) {
        memcpy(buf, body.p + off, cap);
        *ret_got = cap;
        return true;
    }
    *ret_got = 0;
    if (!d->n->cut) {
        *ret_got = off < body.n ? body.n - (size_t)off : 0;
        if (*ret_got)
            memcpy(buf, body.p + off, *ret_got);
        return true;
    }
    return ev_read(d->c->ev, d->n->node, off, buf, cap, ret_got, e);
}

/* A dump of the logon process, also one whose first bytes were wiped. *ret_dump: a dump of any process that hides. */
static bool of_lsass(struct files_context *c, struct files_node *n, const struct magic *m, bool *ret_bent)
{
    struct dump      d = { c, n };
    struct minidump *x = NEW(&n->scratch, struct minidump, 1);
    struct err       why = { 0 };
    bool             named = m && m->thing == THING_MINIDUMP && str_istarts(winpath_name(n->node->path), STR("lsass"));

    *ret_bent = false;
    bool whole = x && minidump_open(x, &n->scratch, dump_read, &d, &why);
    if (!whole && !m)
        return false;
    *ret_bent = whole && x->bent;
    if (whole && x->module_n)
        return named || minidump_has(x, STR("lsass.exe")) || minidump_has(x, STR("lsasrv.dll"));
    return named || has_wide(n->body, "lsass.exe") || has_wide(n->body, "lsasrv.dll");      /* damaged: by what is left of it */
}

/* The tables of a domain's database, whatever the file is called. Source: its catalogue, in the first pages (MS-ADTS names the tables). */
static bool is_domain_database(const struct files_node *n)
{
    struct str head = str_sub(n->body, 0, 4 << 20), path = n->node->path;

    /* Every server has an empty one to begin with; directories of other services are built alike. */
    if (str_ihas(path, STR("\\Windows\\NTDS\\")) || str_iends(path, STR("\\Windows\\System32\\ntds.dit")) || str_ihas(path, STR("\\WinSxS\\")) || str_ihas(winpath_name(path), STR("adam")))
        return false;
    return str_ieq(winpath_name(path), STR("ntds.dit")) || (str_has(head, STR("datatable")) && str_has(head, STR("sd_table")) && str_has(head, STR("link_table")));
}

/* What an archive hides, by its own header. Source: 7zFormat.txt; RAR 5.0 technical note and unrar's headers.hpp; APPNOTE.TXT 4.4.4. */
static const char *locked(struct str s)
{
    struct rd r = { .s = s };

    if (str_starts(s, STR("7z\xBC\xAF\x27\x1C"))) {
        rd_seek(&r, 12);
        uint64_t off = rd_u64le(&r), size = rd_u64le(&r);
        struct str next = !r.bad && off < s.n ? str_sub(str_from(s, 32), (size_t)off, (size_t)off + (size < 4096 ? (size_t)size : 4096)) : STR_EMPTY;
        return str_has(next, STR("\x06\xF1\x07\x01")) ? "needs a password" : NULL;
    }
    if (str_starts(s, STR("Rar!\x1A\x07\x01"))) {
        rd_seek(&r, 12);
        for (int i = 0; i < 3 && rd_u8(&r) >= 128; i++)
            ;                                          /* the size of the header */
        return rd_u8(&r) == 4 && !r.bad ? "hides even the names of its files behind a password" : NULL;
    }
    if (str_starts(s, STR("Rar!\x1A\x07"))) {
        rd_seek(&r, 10);
        return (rd_u16le(&r) & 0x80) && !r.bad ? "hides even the names of its files behind a password" : NULL;
    }
    if (str_starts(s, STR("PK\x03\x04"))) {
        rd_seek(&r, 6);
        return (rd_u16le(&r) & 1) && !r.bad ? "needs a password" : NULL;
    }
    return NULL;
}

/* "x.part1.rar", "x.7z.001", "x.z01", "x.r00": a piece of something larger. */
static bool is_volume(struct str path)
{
    struct str ext = winpath_ext(path), name = winpath_name(path);

    if (ext.n == 4 && ch_digit(ext.p[2]) && ch_digit(ext.p[3]) && (ch_digit(ext.p[1]) || ch_lower(ext.p[1]) == 'z' || ch_lower(ext.p[1]) == 'r'))
        return true;
    return str_ihas(name, STR(".part")) && str_ieq(ext, STR(".rar"));
}

static bool look_loot(struct files_context *c, struct files_node *n, struct err *e)
{
    const struct magic *m = magic_of(n->body);
    struct str          url, path = n->node->path;
    bool                published = files_ioc_path(c, path, IOC_PATH_PART) || files_ioc_path(c, path, IOC_PATH_SUFFIX);
    bool                short_name = false, bent, served = files_served(c, &n->scratch, path, &url), stage = staging(path, &short_name) || published;

    (void)e;
    if ((!m || m->thing == THING_MINIDUMP) && of_lsass(c, n, m, &bent)) {
        secret(c, n, "lsass_dump", "Memory dump of the logon process",
               bent ? "The dump is of lsass.exe, which holds the passwords and tickets of everyone logged on. Its first bytes were changed so that nobody recognises it."
                    : "The dump is of lsass.exe, which holds the passwords and tickets of everyone logged on.");
        return true;
    }
    if (!m || (!served && !stage && m->thing != THING_DATABASE && m->thing != THING_MINIDUMP && m->thing != THING_HIVE))
        return true;
    const char *hive = m->thing == THING_HIVE ? hive_secret(&n->scratch, n->body) : NULL;
    if (hive && (served || stage)) {
        secret(c, n, "hive_copy", "Copy of a registry hive with passwords", "The hive's own header names it as SAM, SECURITY or SYSTEM; such a copy outside the system's folder serves to take passwords.");
        return true;
    }
    if (m->thing == THING_DATABASE && is_domain_database(n)) {
        secret(c, n, "domain_database", "Copy of the domain's password database", "A copy of ntds.dit outside Windows\\NTDS holds the password hashes of the whole domain.");
        return true;
    }
    bool lies = !honest(m, path);
    bool bin  = str_ihas(path, STR("\\bin\\"));
    bool loot = m->thing == THING_ARCHIVE || m->thing == THING_MAILBOX || m->thing == THING_MINIDUMP;
    bool page = winpath_is_page(path);
    if (m->thing == THING_PROGRAM && lies && !page && after_start(c, n->node)) {
        struct file_fact *f = files_may_tell(c, TOLD_HIDDEN) ? files_fact_at(c, n->node, FILE_FACT_NOTE, "files/hidden-program", SEV_MEDIUM, 0.5) : NULL;
        if (!f)
            return true;
        f->title   = STR("A program under the name of something else");
        f->why     = STR("The first bytes are those of a Windows program; its extension says otherwise.");
        f->time_us = n->node->btime_us != TIME_NONE ? n->node->btime_us : n->node->mtime_us;
        f->cite.excerpt = files_text(c, "%.*s, %llu bytes", STR_ARG(winpath_name(path)), (unsigned long long)n->node->size_bytes);
        files_attack(f, "T1036.008");
        return true;
    }
    if (!loot || page || !after_start(c, n->node) || (!served && !stage))
        return true;
    bool sure = (served && !bin) || published || (stage && short_name) || (stage && lies && m->thing == THING_ARCHIVE && !str_ihas(path, STR("\\windows\\temp\\")));
    const char *lock = m->thing == THING_ARCHIVE ? locked(n->body) : NULL;
    struct file_fact *f = !files_may_tell(c, TOLD_LOOT) ? NULL : files_fact_at(c, n->node, sure ? FILE_FACT_LOOT : FILE_FACT_NOTE, "files/loot", sure ? SEV_HIGH : lock ? SEV_MEDIUM : SEV_INFO, served ? 0.8 : sure ? 0.6 : 0.2);
    if (!f)
        return true;
    f->what    = m->thing == THING_MAILBOX ? STR("mailbox") : STR("archive");
    f->title   = served ? files_text(c, "%s in a served folder", m->name) : files_text(c, "%s in a place where files are staged", m->name);
    f->why     = files_text(c, "The first bytes are those of a %s.%s%s%s%s%s%s%s", m->name, served ? " Anybody who knows its address can fetch it." : "",
                            lies ? " Its extension says otherwise." : "", short_name ? " Short names directly in ProgramData are how mail was staged in this campaign." : "", lock ? " It " : "", lock ? lock : "", lock ? "." : "",
                            is_volume(path) ? " It is one of several pieces." : "");
    f->time_us = n->node->btime_us != TIME_NONE ? n->node->btime_us : n->node->mtime_us;
    f->cite.excerpt = files_text(c, "%.*s, %llu bytes, %s", STR_ARG(winpath_name(path)), (unsigned long long)n->node->size_bytes, m->name);
    if (sure)
        files_attack(f, "T1560.001");
    return true;
}

const struct files_detector files_loot = {
    .name = "loot", .about = "archives, mailbox files and credential dumps by their first bytes, in served folders and staging places", .wants = wants_loot, .look = look_loot,
};

/* ---- tools, ransom notes, encrypted files: by indicator ---- */

static bool wants_tools(const struct files_context *c, const struct ev_node *n)
{
    (void)c;
    return !winpath_is_page(n->path) && (n->family == FAM_NONE || n->family == FAM_WEB_ROOTS || n->family == FAM_TEMP_ASPNET || n->family == FAM_TASKS);
}

static void tool(struct files_context *c, struct files_node *n, const struct ioc *x, enum file_fact_kind kind, const char *detector, enum severity severity, double confidence,
                 const char *title, const char *how)
{
    struct file_fact *f = files_fact_at(c, n->node, kind, detector, severity, confidence);

    if (!f)
        return;
    f->title   = str_c(title);
    f->time_us = n->node->btime_us;
    if (x) {
        f->what = files_quote(c, str_sub(x->description, 0, 100));
        f->why  = files_text(c, "%s: %.*s (%.*s).", how, STR_ARG(str_sub(x->description, 0, 160)), STR_ARG(str_sub(x->source, 0, 120)));
    } else {
        f->why = str_c(how);
    }
    f->cite.excerpt = files_text(c, "%.*s, %llu bytes", STR_ARG(winpath_name(n->node->path)), (unsigned long long)n->node->size_bytes);
}

static bool look_tools(struct files_context *c, struct files_node *n, struct err *e)
{
    const struct ioc *x = NULL;
    struct str path = n->node->path;

    (void)e;
    for (size_t i = 0; i < c->pack->ioc_n; i++)
        if (c->pack->ioc[i].kind == IOC_FILE_MARKER && c->pack->ioc[i].value.n >= 4 && str_starts(n->body, c->pack->ioc[i].value)) {
            tool(c, n, &c->pack->ioc[i], FILE_FACT_RANSOM, "files/ransom", SEV_CRITICAL, 0.95, "File encrypted by ransomware", "Its first bytes are published");
            return true;
        }
    if ((x = files_ioc_hash(c, n))) {
        bool sure = x->weight == IOC_ACCUSES;
        tool(c, n, x, sure ? FILE_FACT_TOOL : FILE_FACT_NOTE, "files/hash", sure ? SEV_HIGH : SEV_LOW, sure ? 0.95 : 0.4, sure ? "Tool with a published hash" : "Program with a published hash",
             "Its hash is published");
        return true;
    }
    if ((x = files_ioc_path(c, path, IOC_FILE_NAME)) && str_ihas(x->description, STR("ransom note"))) {
        tool(c, n, x, FILE_FACT_RANSOM, "files/ransom", SEV_HIGH, 0.8, "Ransom note", "The name is published");
        return true;
    }
    if ((x = files_ioc_path(c, path, IOC_PATH_SUFFIX)))
        tool(c, n, x, FILE_FACT_TOOL, "files/published-path", SEV_HIGH, 0.7, "File at a published path", "The whole path is published");
    else if ((x = files_ioc_path(c, path, IOC_PATH_PART)) && !magic_of(n->body))      /* an archive there is loot, told already */
        tool(c, n, x, FILE_FACT_TOOL, "files/published-path", SEV_MEDIUM, 0.5, "File in a published place", "The place is published");
    else if (!x && (x = files_ioc_path(c, path, IOC_EXTENSION)) && c->work->crypt_n++ == 0)
        c->work->crypt_node = n->node->id;
    return true;
}

/* One file of that extension may be anybody's; several are a pattern. */
static bool done_tools(struct files_context *c, struct err *e)
{
    (void)e;
    if (c->work->crypt_n == 0)
        return true;
    const struct ev_node *n = &c->ev->node[c->work->crypt_node];
    bool many = c->work->crypt_n >= 3;
    struct file_fact *f = files_fact_at(c, n, many ? FILE_FACT_RANSOM : FILE_FACT_NOTE, "files/ransom-extension", many ? SEV_HIGH : SEV_LOW, many ? 0.7 : 0.3);
    if (!f)
        return true;
    f->title = STR("Files with the extension of published ransomware");
    f->why   = files_text(c, "%u such files among those kept; the first is cited. Their first bytes are not the published ones.", c->work->crypt_n);
    return true;
}

const struct files_detector files_tools = {
    .name = "tools", .about = "dropped tools, ransom notes and encrypted files, by published hash, path, name and first bytes", .wants = wants_tools, .look = look_tools,
    .done = done_tools,
};
