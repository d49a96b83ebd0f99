/*
 * exposure: which build the server has, when it was installed, when the fix came.
 *
 * Order    of trust, best first: version of Bin\ExSetup.exe (cumulative and security update), setup logs (cumulative update, and the times),
 *          version folders below owa\auth (three parts).
 * Patch    the first completed update that can have brought the fix: after the fix was published, after the last setup run that is known to have
 *          left the server without it, and only when nothing says that the build still lacks it.
 * Source   evidence sheet, 10; survey sheet, 1 to 3. Times of DLLs are not used: installers keep them from the media.
 */
#include "base/hash.h"
#include "detect/files_inner.h"

#include "formats/pe.h"
#include "formats/setuplog.h"

#include <stdlib.h>
#include <string.h>

static bool wants(const struct files_context *c, const struct ev_node *n)
{
    (void)c;
    return str_ieq(winpath_name(n->path), STR("ExSetup.exe")) ||
           (n->family == FAM_SETUP && (str_istarts(winpath_name(n->path), STR("ExchangeSetup")) || str_istarts(winpath_name(n->path), STR("ServiceControl"))));
}

static bool add_product(struct files_context *c, const uint16_t v[4], int parts, const struct ev_node *n, struct str install, struct err *e)
{
    struct server *s = &c->found->server;
    struct build_answer a = { 0 };

    if (s->product_n >= COUNT_OF(s->product))
        return true;
    for (size_t i = 0; i < s->product_n; i++)
        if (memcmp(s->product[i].v, v, sizeof s->product[i].v) == 0 && s->product[i].parts == parts)
            return true;
    if (!build_judge(c->pack, c->keep, v, parts, TIME_NONE, s->um_role, &a, e))
        return false;
    struct product *p = &s->product[s->product_n++];
    *p = (struct product){ .product = a.product, .parts = parts, .install_path = install, .cite = { .node = n ? n->id : UINT32_MAX, .time_us = TIME_NONE } };
    memcpy(p->v, v, sizeof p->v);
    p->build = parts == 4 ? files_text(c, "%u.%u.%u.%u", v[0], v[1], v[2], v[3]) : files_text(c, "%u.%u.%u", v[0], v[1], v[2]);
    p->cite.excerpt = files_text(c, "version %.*s", STR_ARG(p->build));
    if (n && n->hashed) {
        memcpy(p->cite.raw_sha256, n->sha256, 32);
        p->cite.has_raw = true;
    }
    struct file_fact *f = files_fact_at(c, n, FILE_FACT_EXPOSURE, "files/build", SEV_INFO, parts == 4 ? 0.95 : 0.6);
    if (!f)
        return true;
    f->url = STR_EMPTY;
    f->name  = p->build;
    f->state = THING_UNKNOWN;
    f->title = files_text(c, "%.*s, build %.*s: %s", STR_ARG(a.product.n ? a.product : STR("Exchange Server")), STR_ARG(p->build), build_verdict_name(a.verdict));
    f->why   = a.why.n ? a.why : STR("The build's place in the list of builds.");
    f->cite.excerpt = p->cite.excerpt;
    return true;
}

static struct str install_of(struct files_context *c, struct str path)
{
    size_t at = str_ifind(path, STR("\\Bin\\ExSetup.exe"));

    for (size_t i = 0; i < c->ev->install_n; i++)
        if (winpath_below(path, c->ev->install[i].path))
            return c->ev->install[i].path;
    return at == STR_NONE ? STR_EMPTY : str_sub(path, 0, at);
}

static bool look_program(struct files_context *c, struct files_node *n, struct err *e)
{
    struct pe p;

    if (!str_ihas(n->node->path, STR("\\Bin\\ExSetup.exe")))
        return true;
    if (!pe_parse(&p, &n->scratch, n->body, e))
        return false;
    uint16_t v[4];
    int      parts = 0;
    bool     text = build_parse(p.file_version, v, &parts) && parts == 4;
    if (p.has_version && (p.version[0] == 14 || p.version[0] == 15 || p.version[0] == 8))
        memcpy(v, p.version, sizeof v);
    else if (!text)
        return err_set(e, ERR_FORMAT, "no version in ExSetup.exe");
    c->work->exsetup = true;
    return add_product(c, v, 4, n->node, install_of(c, n->node->path), e);
}

static bool add_run(struct files_context *c, const struct setup_session *x, const struct ev_node *n, bool first, bool wide, struct err *e)
{
    struct files_work *w = c->work;
    struct setup_run  *r = GROW(&w->pile, w->run, w->run_n, &w->run_cap);

    if (!r)
        return err_set(e, ERR_MEMORY, "no room for setup runs");
    *r = (struct setup_run){ .start_us = x->start_us, .end_us = x->end_us,
                             .services = x->kind == SETUP_SERVICES, .after_patch = x->after_patch, .completed = x->completed, .unsure = x->unsure,
                             .install = str_ieq(x->mode, STR("Install")) || (first && x->kind == SETUP_RUN && x->completed && !x->mode.n && !x->before.n), .node = n->id, .line = x->line, .offset = x->offset,
                             .version = str_dup(c->keep, x->version), .raw = files_quote(c, x->raw) };
    /* A line that may be cut, or is UTF-16, has not the bytes of the record: then the file is cited as a whole. */
    if (x->raw.n && x->raw.n < SETUPLOG_RAW_MAX && !wide) {
        if (!hash_sha256(x->raw, r->line_sha256))
            return err_set(e, ERR_MEMORY, "no digest of a setup log's line");
        r->whole_line = true;
    }
    w->run_n++;
    return true;
}

static bool look_log(struct files_context *c, struct files_node *n, struct err *e)
{
    struct setuplog s;
    struct arena   *a = &n->scratch;

    setuplog_open(&s, a);
    if (!setuplog_push(&s, n->body, e))
        return false;
    /* Setup logs grow for years, and the newest run stands last: read on where the first part ended. */
    if (n->cut) {
        enum { PIECE = 1 << 20, REST_MAX = 256 };
        uint8_t *buf = NEW(a, uint8_t, PIECE);
        uint64_t off = n->body.n;
        if (!buf)
            return err_set(e, ERR_MEMORY, "no room to read on in a setup log");
        for (int i = 0; i < REST_MAX; i++) {
            size_t got = 0;
            if (!ev_read(c->ev, n->node, off, buf, PIECE, &got, e) || !setuplog_push(&s, (struct str){ buf, got }, e))
                return false;
            off += got;
            *c->bytes_read += got;
            if (got < PIECE)
                break;
        }
    }
    if (!setuplog_done(&s, e))
        return false;
    struct server *sv = &c->found->server;
    if (s.has_zone && !c->work->has_zone) {
        c->work->has_zone = true;
        c->work->zone_minutes = s.zone_minutes;
    }
    if (sv->name.n == 0 && s.computer.n && s.computer.n <= 15)
        sv->name = str_dup(c->keep, s.computer);
    struct seen *seen = &c->found->seen[FAM_SETUP];
    for (size_t i = 0; i < s.n; i++) {
        if (!add_run(c, &s.session[i], n->node, i == 0, str_chr(str_sub(n->body, 0, 64), 0) != STR_NONE, e))
            return false;
        if (s.session[i].start_us != TIME_NONE && (seen->oldest_us == TIME_NONE || s.session[i].start_us < seen->oldest_us))
            seen->oldest_us = s.session[i].start_us;
        if (s.session[i].end_us != TIME_NONE && (seen->newest_us == TIME_NONE || s.session[i].end_us > seen->newest_us))
            seen->newest_us = s.session[i].end_us;
    }
    return true;
}

static bool look(struct files_context *c, struct files_node *n, struct err *e)
{
    return str_iends(n->node->path, STR(".exe")) ? look_program(c, n, e) : look_log(c, n, e);
}

static int by_time(const void *a, const void *b)
{
    const struct setup_run *x = a, *y = b;
    if (x->start_us != y->start_us)
        return x->start_us < y->start_us ? -1 : 1;
    return x->node != y->node ? (x->node < y->node ? -1 : 1) : x->line < y->line ? -1 : x->line > y->line;
}

static struct cite cite_of(struct files_context *c, const struct setup_run *r)
{
    const struct ev_node *n = &c->ev->node[r->node];
    struct cite k = { .node = r->node, .line = r->line, .offset = r->offset, .time_us = r->start_us, .excerpt = r->raw, .has_raw = r->whole_line || n->hashed };

    if (k.has_raw)
        memcpy(k.raw_sha256, r->whole_line ? r->line_sha256 : n->sha256, 32);
    return k;
}

static void exposure_fact(struct files_context *c, const struct setup_run *r, int64_t at, const char *detector, double confidence, struct str title, struct str why)
{
    struct file_fact *f = files_fact_at(c, &c->ev->node[r->node], FILE_FACT_EXPOSURE, detector, SEV_INFO, confidence);

    if (!f)
        return;
    f->url     = STR_EMPTY;
    f->state   = THING_UNKNOWN;
    f->time_us = at;
    f->title   = title;
    f->why     = why;
    f->name    = r->version.n ? r->version : f->name;
    f->cite    = cite_of(c, r);
}

static bool judge(struct files_context *c, const uint16_t v[4], int parts, int64_t at, enum build_verdict *ret, struct err *e)
{
    struct build_answer a = { 0 };

    if (!build_judge(c->pack, c->keep, v, parts, at, c->found->server.um_role, &a, e))
        return false;
    *ret = a.verdict;
    return true;
}

/* "15.1.2106" folders below owa\auth: the newest number is the cumulative update. */
static bool by_folders(struct files_context *c, struct err *e)
{
    uint16_t best[4] = { 0 }, v[4];
    int      parts;
    const struct ev_node *at = NULL;

    for (size_t i = 0; i < c->ev->node_n; i++) {
        size_t k = str_ifind(c->ev->node[i].path, STR("\\owa\\auth\\15."));
        if (k == STR_NONE)
            continue;
        struct str rest = str_from(c->ev->node[i].path, k + 10);
        size_t     end = str_chr(rest, '\\');
        if (end == STR_NONE || !build_parse(str_sub(rest, 0, end), v, &parts) || parts < 3)
            continue;
        v[3] = 0;
        if (memcmp(v, best, sizeof v) == 0 || (v[1] < best[1] || (v[1] == best[1] && v[2] < best[2])))
            continue;
        memcpy(best, v, sizeof best);
        at = &c->ev->node[i];
    }
    return at ? add_product(c, best, 3, at, c->ev->install_n ? c->ev->install[0].path : STR_EMPTY, e) : true;
}

static bool patch_time(struct files_context *c, struct err *e)
{
    struct files_work *w = c->work;
    struct server     *s = &c->found->server;
    int64_t            floor = c->pack->patched_us;
    enum build_verdict now = BUILD_CANNOT_TELL, v;
    uint16_t           ver[4];
    int                parts;

    if (floor == TIME_NONE)
        return true;
    if (s->product_n && !judge(c, s->product[0].v, s->product[0].parts, TIME_NONE, &now, e))
        return false;
    /* A file version that lacks the fix outweighs any log of an update. */
    if (w->exsetup && now != BUILD_PATCHED)
        return true;
    for (size_t i = 0; i < w->run_n; i++) {
        const struct setup_run *r = &w->run[i];
        if (r->services || !build_parse(r->version, ver, &parts) || r->end_us == TIME_NONE)
            continue;
        if (!judge(c, ver, parts < 4 ? parts : 3, r->end_us, &v, e))
            return false;
        /* Setup names the cumulative update alone; only a number that itself contains the fix proves it. */
        if (parts == 4 && !judge(c, ver, 4, r->end_us, &v, e))
            return false;
        if (v != BUILD_PATCHED && r->end_us > floor)
            floor = r->end_us;
    }
    const struct setup_run *best = NULL;
    for (size_t i = 0; i < w->run_n && !best; i++) {
        const struct setup_run *r = &w->run[i];
        if (r->end_us == TIME_NONE || r->end_us <= floor)
            continue;
        if (r->services) {
            if (r->after_patch)
                best = r;
        } else if (r->completed && build_parse(r->version, ver, &parts)) {
            if (!judge(c, ver, parts, r->end_us, &v, e))
                return false;
            if (v == BUILD_PATCHED)
                best = r;
        }
    }
    /* Both logs speak of one update: the one that names the version says more. */
    for (size_t i = 0; best && best->services && i < w->run_n; i++) {
        const struct setup_run *r = &w->run[i];
        if (r->services || !r->completed || r->end_us == TIME_NONE || r->end_us < best->start_us || r->end_us - best->start_us > TIME_DAY || !build_parse(r->version, ver, &parts))
            continue;
        if (!judge(c, ver, parts, r->end_us, &v, e))
            return false;
        if (v == BUILD_PATCHED)
            best = r;
    }
    if (!best)
        return true;
    s->patched_us   = best->end_us;
    s->patched_cite = cite_of(c, best);
    char when[TIME_TEXT];
    time_text(best->end_us, when);
    exposure_fact(c, best, best->end_us, "files/patched", best->services ? 0.8 : 0.95, files_text(c, "An update was completed at %s", when),
                  best->services ? files_text(c, "ServiceControl.log shows services restored after an update, the first one since the fix was published%s.%s",
                                              w->has_zone ? "; its local time was moved by the zone that setup logged" : "; its local time is read as UTC, which may be hours off",
                                              best->unsure ? " Its date can be read in two ways." : "")
                                 : files_text(c, "ExchangeSetup.log: setup of %.*s, which contains the fix, completed.", STR_ARG(best->version)));
    return true;
}

static bool done(struct files_context *c, struct err *e)
{
    struct files_work *w = c->work;
    struct server     *s = &c->found->server;
    const struct setup_run *newest = NULL;
    uint16_t ver[4];
    int      parts;

    for (size_t i = 0; i < w->run_n; i++)
        if (w->run[i].services && w->has_zone && w->run[i].start_us != TIME_NONE) {
            w->run[i].start_us -= w->zone_minutes * TIME_MINUTE;
            w->run[i].end_us   -= w->zone_minutes * TIME_MINUTE;
        }
    if (w->run_n)
        qsort(w->run, w->run_n, sizeof *w->run, by_time);
    for (size_t i = 0; i < w->run_n; i++) {
        const struct setup_run *r = &w->run[i];
        if (r->start_us == TIME_NONE)
            continue;
        if (r->install && s->installed_us == TIME_NONE) {
            s->installed_us   = r->end_us;
            s->installed_cite = cite_of(c, r);
            exposure_fact(c, r, r->start_us, "files/installed", 0.9, STR("The server was installed"), STR("ExchangeSetup.log: the first run of setup, which found no earlier version."));
        }
        if (!r->services && r->completed && r->version.n)
            newest = r;
    }
    if (!w->exsetup && newest && build_parse(newest->version, ver, &parts) &&
        !add_product(c, ver, parts < 3 ? parts : 3, &c->ev->node[newest->node], c->ev->install_n ? c->ev->install[0].path : STR_EMPTY, e))
        return false;
    if (s->product_n == 0 && !by_folders(c, e))
        return false;
    return patch_time(c, e);
}

const struct files_detector files_exposure = {
    .name = "exposure", .about = "build of ExSetup.exe, runs of setup and updates: installed when, patched when", .wants = wants, .look = look, .done = done,
};
