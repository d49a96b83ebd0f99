/*
 * case import: whatever a team is handed, into one store: hunt reports, scans, feeds, registers, links, tips, statements, opt-outs, directories.
 *
 * Shape    each file is hashed first; its content tells what it is (or --kind). Scans go where `survey import` puts them, by the same code (scan_in.h); reports to
 *          report_in.h; all else through intake.h into the ledger. A file that the store knows whole is not read again.
 * Signed   a report's signature beside it (report.json.asc, report.json.sig) is verified before the worker shuts itself in; what was verified is tied to the bytes by their hash.
 */
#include "cli/case.h"

#include "base/hash.h"
#include "casework/intake_ledger.h"
#include "casework/intake_out.h"
#include "cli/case_import_tell.h"
#include "cli/case_pack.h"
#include "cli/scan_in.h"
#include "cli/survey.h"
#include "formats/rows.h"

#include <stdio.h>
#include <string.h>

enum { STORE, CAMPAIGN, KIND, MAP, SOURCE, TLP, CASE, KEYS, ON_SITE, BY, OBSERVED, WHO, DRY_RUN, JSON };
static const struct opt opts[] = {
    [STORE]    = CASE_OPT_STORE,
    [CAMPAIGN] = { "campaign", "NAME", "what the files speak of (the only one there is; in a new store: proxylogon)", NULL },
    [KIND]     = { "kind", "NAME", "what the files are, where their content does not tell",
                   "report idf stix misp register constituency mx link tip statement optout csirt shadowserver shodan censys zgrab nmap masscan httpx binaryedge csv received healthchecker" },
    [MAP]      = { "map", "LIST", "columns of a table: domain=zone,name=firm and so on", NULL },
    [SOURCE]   = { "source", "NAME", "who says so, where a file does not", NULL },
    [TLP]      = { "tlp", "WORD", "how far what it says may go, where a file does not tell (amber)", "clear green amber amber+strict red" },
    [CASE]     = { "case", "CASE", "of reports: the case for which they were handed in", NULL },
    [KEYS]     = { "keys", "PATH", "of reports: file or folder with the OpenPGP keys of known responders", NULL },
    [ON_SITE]  = { "on-site", NULL, "of reports: a responder took them on site", NULL },
    [BY]       = { "by", "DOMAINS", "of mail: hops of servers below these domains count, * for all", NULL },
    [OBSERVED] = { "observed", "DATE", "of scans: when it was seen, for rows that do not say", NULL },
    [WHO]      = CASE_OPT_WHO,
    [DRY_RUN]  = { "dry-run", NULL, "print what would be taken as lines of JSON, and record nothing", NULL },
    [JSON]     = { "json", NULL, "the sums of each file as a line of JSON", NULL },
    { NULL, NULL, NULL, NULL }
};

enum what { BY_CONTENT, REPORT, SCAN, INTAKE, SIGNATURE };
enum { DRY_CAMPAIGN = -1 };            /* the number of one that no store has yet */
#define ROOM_BYTES (REPORT_ROOM + REPORT_BYTES_MAX + (1 << 20))

struct signature { struct report_signed is; uint8_t sha256[32]; };

struct work {
    struct cli           *c;
    const struct args    *args;
    struct infiles        files;
    struct scan_in        scan;
    struct case_data      d;
    bool                  dry, json;
    enum what             said;            /* by --kind */
    struct intake_options opt;
    struct case_source    source;
    int64_t               case_;
    struct case_campaign  campaign;
    struct err            no_campaign;     /* why there is none; kind ERR_NONE: there is */
    const struct case_campaign *fresh;     /* of --dry-run: which a store of ours would get first */
    struct signature     *sign; size_t sign_n;         /* of reports with a signature beside them */
    struct str           *path; size_t path_n;         /* operands that are no signatures of others */
};

/* ---- what came of a file ---- */

static void tell(struct work *w, const struct case_import_told *x)
{
    w->files.bad |= x->r->sums.end.kind != ERR_NONE;
    if (!w->dry || w->json || !w->c->silent)                /* with --dry-run stdout belongs to the items */
        case_import_tell(w->dry ? w->c->err : w->c->out, x, w->json);
}

/* ---- --dry-run ---- */

/* Where a store is open what was printed comes at the end: no copy of the process may share its connection. */
static bool printed(struct work *w, struct err *e) { return w->d.store ? !w->c->out->failed || out_done(w->c->out, e) : infiles_printed(&w->files, w->c->out, e); }

static bool dry_take(void *ctx, const struct intake_item *x, struct err *e)
{
    struct work *w = ctx;
    struct js    j;

    js_open(&j, w->c->out, true);
    intake_json(&j, x);
    out_c(w->c->out, "\n");
    return printed(w, e);
}

static bool dry_broken(void *ctx, uint64_t line, const char *why, struct str raw, struct err *e)
{
    struct work *w = ctx;

    infile_broken_json(w->c->out, line, why, raw);
    return printed(w, e);
}

/* ---- one file ---- */

/* Read with another map, or vouched for, a file is another one: what was refused before may be taken now. */
static struct str reading(struct work *w, const struct intake_kind *kind, struct arena *a)
{
    bool vouched = w->opt.kind && intake_kind_vouches(kind);

    return str_fmt(a, "%s%s%s%.*s", intake_kind_name(kind), vouched ? ", vouched" : "", w->opt.map.n ? " " : "", STR_ARG(str_sub(w->opt.map, 0, 500)));
}

static bool intake_one(struct work *w, const struct intake_kind *kind, struct packed *p, struct str name, const uint8_t sha256[32], uint64_t size, struct err *e)
{
    struct arena          keep = w->c->scratch;
    struct intake_options opt = w->opt;
    struct intake_result  r = { .kind = kind };
    struct infile         from = { &w->files, p };
    struct intake_sink    sink = { w, dry_take, dry_broken };
    struct intake_ledger *into;
    struct ledger        *l = w->d.ledger;
    struct ledger_file    file = { .name = infile_name(name), .kind = reading(w, kind, &keep), .size_bytes = size };
    int64_t               id;

    opt.vouched = opt.kind != NULL;
    opt.kind = kind;
    opt.name = file.name;
    if (!w->dry && intake_kind_of_campaign(kind) && w->no_campaign.kind != ERR_NONE) {
        *e = w->no_campaign;
        return false;
    }
    struct case_import_told told = { .name = name, .sha256 = sha256, .r = &r, .dry = w->dry };
    if (w->dry) {
        if (!intake_read(&r, &keep, w->files.room, &opt, infile_fill, &from, &sink, e))
            return false;
        tell(w, &told);
        return true;
    }
    file.campaign = intake_kind_of_campaign(kind) ? w->campaign.id : 0;
    memcpy(file.sha256, sha256, 32);
    bool ok = ledger_begin(l, e) && ledger_source(l, &w->source, &file.source, e) && ledger_file_begin(l, &file, &told.state, &id, e);
    if (ok && told.state == LEDGER_WHOLE) {
        ledger_rollback(l);
        tell(w, &told);
        return true;
    }
    struct arena room = w->files.room;
    ok = ok && intake_ledger_open(&into, &room, l, file.campaign, id, &w->source, e);
    if (ok) {
        sink = intake_ledger_sink(into);
        ok = intake_read(&r, &keep, room, &opt, infile_fill, &from, &sink, e);
    }
    /* How much was known is known when it is written. */
    ok = ok && ledger_commit(l, e) && ledger_begin(l, e);
    if (ok) {
        ledger_said(l, &told.items, &told.known);
        struct ledger_counts n = { r.sums.rows, r.sums.taken, told.known, r.sums.broken };
        ok = ledger_file_end(l, id, &n, e) && ledger_commit(l, e);
    }
    if (!ok) {
        ledger_rollback(l);
        return false;
    }
    tell(w, &told);
    return true;
}

/* The whole of it. A gz is inflated; all else comes as its signature has it. */
static bool whole(struct work *w, struct packed *p, struct arena *a, struct str *ret, struct err *e)
{
    struct infile from = { &w->files, p };
    uint8_t      *buf = TAKE(a, uint8_t, REPORT_BYTES_MAX + 1);
    size_t        n = 0, got = 1;
    struct rows  *rows;

    if (!buf)
        return err_set(e, ERR_MEMORY, "no room for a report");
    if (str_eq(str_c(packed_form(p)), STR("gz"))) {
        struct arena room = *a;
        if (!rows_open(&rows, &room, 1 << 20, infile_fill, &from, e))
            return false;
        for (struct str piece; n <= REPORT_BYTES_MAX && (piece = rows_piece(rows, REPORT_BYTES_MAX + 1 - n)).n; n += piece.n)
            memcpy(buf + n, piece.p, piece.n);
        *e = *rows_why(rows);
        rows_close(rows);
        if (e->kind != ERR_NONE)
            return false;
    } else {
        for (; got && n <= REPORT_BYTES_MAX; n += got)
            if (!infile_fill(&from, buf + n, REPORT_BYTES_MAX + 1 - n, &got, e))
                return false;
    }
    if (n > REPORT_BYTES_MAX)
        return err_set(e, ERR_FORMAT, "a report of more than %d MiB", (int)(REPORT_BYTES_MAX >> 20));
    *ret = (struct str){ buf, n };
    return true;
}

static struct report_ask report_asked(const struct work *w, struct str name, const uint8_t sha256[32])
{
    struct report_ask ask = { .campaign = w->args->given[CAMPAIGN] ? w->campaign.id : 0, .case_ = w->case_, .name = infile_name(name), .on_site = w->args->given[ON_SITE] };

    for (size_t i = 0; i < w->sign_n; i++)
        if (memcmp(w->sign[i].sha256, sha256, 32) == 0)
            ask.signature = w->sign[i].is;
    return ask;
}

/* "2021-000123"; 0: empty. */
static bool case_text_of(struct work *w, int64_t case_, char ret[CASE_NAME_TEXT], struct err *e)
{
    char    sql[80];
    int64_t campaign;

    ret[0] = 0;
    if (!case_)
        return true;
    snprintf(sql, sizeof sql, "SELECT campaign FROM case_case WHERE id = %lld", (long long)case_);
    if (store_one_int(w->d.store, sql, &campaign, e))
        case_name_of(&w->d, case_, campaign, ret);
    return e->kind == ERR_NONE;
}

static bool report_dry(struct work *w, struct arena *a, struct str bytes, const struct report_ask *ask, struct case_import_tried *x, struct err *e)
{
    if (!report_try(w->d.store, ask, w->fresh, w->c->os->now_us(w->c->os), a, bytes, x->told, &x->match, e))
        return false;
    x->store = w->d.store != NULL;
    if (!case_text_of(w, x->match.nonce_case, x->nonce_case, e) || !case_text_of(w, x->match.case_, x->of_case, e))
        return false;
    w->files.bad |= x->told->refused[0] != 0;
    case_import_tell_tried(w->c->out, x, true);
    if (!w->json)
        case_import_tell_tried(w->c->err, x, false);
    return printed(w, e);
}

static bool report_one(struct work *w, struct packed *p, struct str name, const uint8_t sha256[32], struct err *e)
{
    struct arena         a = w->files.room;
    struct report_ask    ask = report_asked(w, name, sha256);
    struct ledger_counts n = { 0 };
    struct report_told  *told = NEW(&a, struct report_told, 1);
    struct str           bytes;

    if (!told)
        return err_set(e, ERR_MEMORY, "no room for a report");
    if (w->args->given[CAMPAIGN] && w->no_campaign.kind != ERR_NONE) {
        *e = w->no_campaign;
        return false;
    }
    if (w->dry && w->args->given[CAMPAIGN] && !w->campaign.slug.n)
        return err_set(e, ERR_USAGE, "no campaign \"%.*s\" is in the store, and none comes with this program", STR_ARG(str_sub(w->args->value[CAMPAIGN], 0, 60)));
    if (w->dry)
        return whole(w, p, &a, &bytes, e) && report_dry(w, &a, bytes, &ask, &(struct case_import_tried){ .name = name, .sha256 = sha256, .told = told }, e);
    bool ok = whole(w, p, &a, &bytes, e) && ledger_begin(w->d.ledger, e) && ledger_source(w->d.ledger, &w->source, &ask.source, e) && ledger_commit(w->d.ledger, e);
    if (!ok) {
        ledger_rollback(w->d.ledger);
        return false;
    }
    if (!report_import(w->d.ledger, &a, &ask, bytes, &n, told, e))
        return false;
    w->files.bad |= told->refused[0] != 0;
    case_import_tell_report(w->c->out, name, sha256, told, &n, w->json);
    return true;
}

static bool is_signature(struct str head) { return str_starts(head, STR("-----BEGIN PGP SIGNATURE-----")); }

static bool recognise(struct work *w, struct packed *p, size_t member, enum what *ret, const struct intake_kind **ret_kind, struct err *e)
{
    struct infile from = { &w->files, p };
    struct arena  room = w->files.room;
    struct rows  *rows;
    struct str    inner;

    *ret      = w->said;
    *ret_kind = w->opt.kind;
    if (w->said != BY_CONTENT)
        return true;
    if (!rows_open(&rows, &room, 1 << 20, infile_fill, &from, e))
        return false;
    struct str head = rows_head(rows);
    if (rows_why(rows)->kind == ERR_IO) {                   /* what it is must not hang on a disk's mood */
        *e = *rows_why(rows);
        rows_close(rows);
        return false;
    }
    *ret_kind = NULL;
    if (report_recognise(head))
        *ret = REPORT;
    else if (is_signature(head))
        *ret = SIGNATURE;
    else
        *ret = (*ret_kind = intake_recognise(head, w->opt.map, room)) ? INTAKE : SCAN;
    rows_close(rows);
    return packed_member(p, member, &inner, e);
}

static bool one(void *ctx, struct packed *p, size_t member, struct str name, struct err *e)
{
    struct work              *w = ctx;
    const struct intake_kind *kind;
    enum what                 what;
    uint8_t                   sha256[32];
    uint64_t                  size;

    if (!packed_hash(p, sha256, &size, e) || !recognise(w, p, member, &what, &kind, e))
        return false;
    if (what == SIGNATURE) {
        cli_note(w->c, "a signature counts beside its report only, on the disk: not read", name);
        return true;
    }
    if (what == REPORT)
        return report_one(w, p, name, sha256, e);
    if (what == INTAKE)
        return intake_one(w, kind, p, name, sha256, size, e);
    if (scan_in_one(&w->scan, p, name, sha256, size, e))
        return true;
    return e->kind == ERR_FORMAT && w->said == BY_CONTENT ? err_hint(e, "say what it is with --kind, or name its columns with --map") : false;
}

static bool usable(void *ctx)
{
    const struct work *w = ctx;

    return w->dry || w->d.ledger;
}

/* ---- signatures, before everything is shut ---- */

static bool exists(struct work *w, struct str path)
{
    struct os_stat st;
    struct err     e = { 0 };

    return w->c->os->stat(w->c->os, path, &st, &e) && st.kind == OS_FILE;
}

static const char *const endings[] = { ".asc", ".sig" };

/* A file that cannot be read has no signature either; why comes when it is its turn. */
static bool sign_one(struct work *w, struct str path, struct err *e)
{
    struct arena     room, scratch;
    struct str       bytes, beside = STR_EMPTY, text;
    struct signature s = { .is = { .given = true } };
    struct err       also = { 0 };

    for (size_t i = 0; i < 2 && !beside.n; i++) {
        struct str x = str_cat(&w->c->keep, path, str_c(endings[i]));
        if (exists(w, x))
            beside = x;
    }
    if (!beside.n)
        return true;
    if (!os_arena_map(&room, REPORT_BYTES_MAX + (4 << 20), e))
        return false;
    scratch = room;
    bool ok = os_slurp_path(w->c->os, path, REPORT_BYTES_MAX, &scratch, &bytes, &also) && report_recognise(bytes) && os_slurp_path(w->c->os, beside, 1 << 20, &scratch, &text, &also);
    if (ok && hash_sha256(bytes, s.sha256)) {
        ok = report_signature(bytes, text, w->args->value[KEYS], &s.is, e);
        if (ok)
            w->sign[w->sign_n++] = s;
    } else {
        ok = true;
    }
    os_arena_unmap(&room);
    return ok;
}

/* Operands that are the signature of another operand are read with that one. */
static bool sort_paths(struct work *w, struct err *e)
{
    const struct args *a = w->args;

    w->path = NEW(&w->c->keep, struct str, a->operand_n);
    w->sign = NEW(&w->c->keep, struct signature, a->operand_n);
    if (!w->path || !w->sign)
        return err_set(e, ERR_MEMORY, "no room for %zu files", a->operand_n);
    for (size_t i = 0; i < a->operand_n; i++) {
        struct str p = a->operand[i];
        bool       beside = p.n > 4 && (str_ends(p, STR(".asc")) || str_ends(p, STR(".sig"))) && exists(w, str_sub(p, 0, p.n - 4));
        if (!beside)
            w->path[w->path_n++] = p;
    }
    return w->path_n || err_set(e, ERR_USAGE, "only signatures are given, and no report");
}

/* ---- the verb ---- */

static bool looks_like_report(struct work *w, struct str path, bool *ret, struct err *e)
{
    enum { HEAD = 4096 };
    struct os     *os = w->c->os;
    struct os_file f = OS_FILE_NONE;
    size_t         slash = str_rchr(path, '/'), got = 0;
    struct str     dir = slash == STR_NONE ? STR(".") : slash ? str_sub(path, 0, slash) : STR("/");
    uint8_t        head[HEAD];
    uint64_t       size;

    bool ok = os->open(os, dir, slash == STR_NONE ? path : str_from(path, slash + 1), &f, &size, e) && os->read_at(os, f, 0, head, sizeof head, &got, e);
    os->close(os, &f);
    *ret = ok && report_recognise((struct str){ head, got });
    return ok || err_where(e, "%.*s", STR_ARG(path));
}

/* Where a report is among the files: its signature, and the store, if one is there, for what it knows. A report that is packed does not show before everything is shut, and asks nobody. */
static bool dry_store(struct work *w, struct store **ret, struct err *e)
{
    struct err why = { 0 };
    bool       any = w->said == REPORT;

    for (size_t i = 0; i < w->path_n && !any; i++)
        if (!looks_like_report(w, w->path[i], &any, e))
            return false;
    if (!any)
        return true;
    for (size_t i = 0; i < w->path_n; i++)
        if (!sign_one(w, w->path[i], e))
            return false;
    if (case_read(&w->d, w->c, w->files.store, &why)) {
        *ret = w->d.store;
        return true;
    }
    case_close(&w->d);
    if (w->args->given[STORE])
        cli_note(w->c, why.what, w->files.store);
    return true;
}

/* Which an import would take, or bring into the store first. Several: each report says which. */
static bool dry_campaign(struct work *w, struct err *e)
{
    struct str slug = w->args->value[CAMPAIGN];
    bool       there;

    if (w->d.store && ledger_campaign_find(w->d.store, slug, &w->c->keep, &w->campaign, &w->no_campaign))
        return true;
    if (w->no_campaign.kind == ERR_USAGE)
        return true;
    if (w->no_campaign.kind != ERR_NONE) {
        *e = w->no_campaign;
        return false;
    }
    if (!case_pack_read(w->c, slug.n ? slug : STR("proxylogon"), &w->campaign, &there, e))
        return false;
    w->campaign.id = there ? DRY_CAMPAIGN : 0;
    w->fresh = there ? &w->campaign : NULL;
    return true;
}

static bool open_dry(struct work *w, struct store **ret, struct err *e)
{
    w->opt.slug  = w->args->value[CAMPAIGN];
    w->opt.group = STR("ProxyLogon");
    return dry_store(w, ret, e) && dry_campaign(w, e);
}

static bool open_store(void *ctx, struct store **ret, struct err *e)
{
    struct work *w = ctx;

    if (w->dry)
        return open_dry(w, ret, e);
    if (!case_write(&w->d, w->c, w->files.store, w->args->value[WHO], e))
        return false;
    *ret = w->scan.store = w->d.store;
    if (!case_pack_need(&w->d, w->args->value[CAMPAIGN], &w->campaign, &w->no_campaign)) {
        if (w->no_campaign.kind != ERR_USAGE) {
            *e = w->no_campaign;
            return false;
        }
    }
    w->opt.slug  = w->campaign.slug;
    w->opt.group = w->campaign.group;
    for (size_t i = 0; i < w->path_n; i++)
        if (!sign_one(w, w->path[i], e))
            return false;
    return scan_in_open(&w->scan, e);
}

static void close_store(void *ctx)
{
    struct work *w = ctx;

    scan_in_close(&w->scan);
    case_close(&w->d);
}

static bool kind_of(struct work *w, struct str kind, struct err *e)
{
    enum obs_source format;

    if (!kind.n)
        return true;
    if ((w->opt.kind = intake_kind_find(kind)))
        w->said = INTAKE;
    else if (str_eq(kind, STR("report")))
        w->said = REPORT;
    else if (import_format_find(kind, &format))
        w->said = SCAN;
    else
        return err_set(e, ERR_USAGE, "no kind \"%.*s\"", STR_ARG(str_sub(kind, 0, 60)));
    return true;
}

static bool options(struct work *w, struct err *e)
{
    const struct args *a = w->args;
    struct str         map = a->value[MAP];

    w->source = (struct case_source){ .name = a->given[SOURCE] ? a->value[SOURCE] : STR("not named"), .tlp = STR("AMBER") };
    if (!infiles_given(a, "afterpatch case import report.json register.csv", e) || !kind_of(w, a->value[KIND], e))
        return false;
    if (a->given[TLP] && !intake_tlp(a->value[TLP], &w->source.tlp))
        return err_set(e, ERR_USAGE, "\"%.*s\" is no TLP", STR_ARG(str_sub(a->value[TLP], 0, 40)));
    if (a->given[CASE] && !case_name_parse(a->value[CASE], &w->case_))
        return err_set(e, ERR_USAGE, "\"%.*s\" is no case: write 2021-000123", STR_ARG(str_sub(a->value[CASE], 0, 40)));
    /* Fields of a table of ours, or of a scan's. */
    struct err other = { 0 };
    if (map.n && !(w->said == SCAN ? import_map_check(map, e) : intake_map_check(w->opt.kind, map, e)) && (w->said != BY_CONTENT || !import_map_check(map, &other)))
        return false;
    *e = (struct err){ 0 };
    w->opt.map    = map;
    w->opt.source = a->value[SOURCE];
    w->opt.now_us = w->c->os->now_us(w->c->os);
    return scan_in_options(&w->scan, w->c, w->said == SCAN ? a->value[KIND] : STR_EMPTY, map, a->value[BY], a->value[OBSERVED], e) && infiles_check(w->c, a, e) &&
           sort_paths(w, e);
}

static int run(struct cli *c, const struct verb *verb, const struct args *args)
{
    struct work *w = NEW(&c->keep, struct work, 1);
    struct err   e = { 0 };

    if (!w) {
        err_set(&e, ERR_MEMORY, "no room to begin");
        return cli_fail(c, verb->name, &e);
    }
    w->c    = c;
    w->args = args;
    w->dry  = w->scan.dry = args->given[DRY_RUN];
    w->json = w->scan.json = args->given[JSON];
    w->scan.f = &w->files;
    if (!options(w, &e))
        return cli_fail(c, verb->name, &e);
    w->files = (struct infiles){ .c = c, .verb = verb->name, .path = w->path, .path_n = w->path_n, .store = args->given[STORE] ? args->value[STORE] : SURVEY_STORE,
                                 .room_bytes = ROOM_BYTES, .ctx = w, .open = open_store, .one = one, .usable = usable, .close = close_store };
    return infiles_run(&w->files);
}

static const struct example examples[] = {
    { "afterpatch case import reports/*.json reports/*.json.asc --keys responders.gpg", "Hunt reports, with the signatures beside them" },
    { "afterpatch case import 2021-03-*-scan_exchange-*.csv.gz events.jsonl mx.csv", "Scans, a feed and mail exchangers: each is told by its content" },
    { "afterpatch case import --source \"Chamber of commerce\" --map number=hrb,name=firm register.csv", "A register with columns of its own" },
    { "afterpatch case import --dry-run tips.csv | jq .", "What would be taken" },
    { "afterpatch case import --dry-run --keys responders.gpg report.json", "What a report is worth and why, and whose server it would be" },
    { NULL, NULL },
};

const struct verb verb_case_import = {
    .name = "case import", .about = "takes whatever a team is handed: reports, scans, feeds, registers, tips, statements", .usage = "[OPTION]... FILE...",
    .text = "Hunt reports (report.json, with a signature beside them); scans of every format that `survey import` knows; IntelMQ events; registers of businesses and constituency lists; "
            "mail exchangers; links; tips; statements of victims and responders; opt-outs; national teams. The content tells which it is. Tables may be CSV with their columns in any order, or JSON with "
            "the same names. Files may be packed (gz, zst, xz, bz2; zip, tar and 7z with one or several members) and of any size.\n\n"
            "What cannot be used is counted by reason, kept with its line, and ends nothing. A file that the store knows by its SHA-256 is not read again; one that was cut short is read once more and "
            "completed: nothing is there twice, in whatever order files come.\n\n"
            "Nothing changes in the views until `afterpatch case update`. --dry-run records nothing: it prints what would be taken, and of a report what it is worth and why, or why it would be refused, "
            "and, by the store where there is one, whose server it would be.\n\n"
            "Exit code 1: a file could not be read, or not to its end, or a report was refused.",
    .opt = opts, .example = examples, .run = run,
};
