/*
 * avlogs: what Microsoft's own clean-up tools saw and took away; often the last trace of a page.
 * Source: evidence sheet, 8.5 and 11.
 */
#include "detect/files_inner.h"

#include "base/utf.h"
#include "formats/msert.h"

static bool wants(const struct files_context *c, const struct ev_node *n)
{
    (void)c;
    return n->family == FAM_AV_LOGS;
}

static bool look_msert(struct files_context *c, struct files_node *n, struct err *e)
{
    struct msert m;
    struct seen *s = &c->found->seen[FAM_AV_LOGS];

    if (!msert_parse(&m, &n->scratch, n->body, e))
        return false;
    if (m.first_us != TIME_NONE && (s->oldest_us == TIME_NONE || m.first_us < s->oldest_us))
        s->oldest_us = m.first_us;
    if (m.last_us != TIME_NONE && (s->newest_us == TIME_NONE || m.last_us > s->newest_us))
        s->newest_us = m.last_us;
    for (size_t i = 0; i < m.n; i++) {
        const struct msert_item *it = &m.item[i];
        struct str path = it->path.n ? winpath_canon(c->keep, str_sub(it->path, 0, 1000), c->ev->system_drive) : STR_EMPTY;
        size_t inner = str_find(path, STR("->"));
        if (inner != STR_NONE)
            path = str_sub(path, 0, inner);
        bool page = winpath_is_page(path) || str_ihas(it->threat, STR(":ASP/")) || str_ihas(it->threat, STR("26855")) || str_ihas(it->threat, STR("27065"));
        if (!page && it->container)
            continue;                     /* the file inside it is an item of its own */
        struct file_fact *f = files_fact_at(c, n->node, page && path.n ? FILE_FACT_AV : FILE_FACT_NOTE, "files/msert", page ? SEV_HIGH : SEV_MEDIUM, page ? 0.9 : 0.6);
        if (!f)
            continue;
        bool there = path.n && ev_find(c->ev, path);
        f->path = path;
        f->url  = STR_EMPTY;
        f->name = path.n ? winpath_name(path) : STR_EMPTY;
        f->reachable = REACH_UNKNOWN;
        if (path.n && files_served(c, c->keep, path, &f->url))
            f->reachable = there ? REACH_YES : REACH_NO;
        f->hash_hex   = STR_EMPTY;
        f->bytes      = 0;
        f->created_us = TIME_NONE;
        f->state      = there ? THING_PRESENT : it->removed ? THING_REMOVED : THING_UNKNOWN;
        f->removed_us = it->removed && !there ? it->run_us : TIME_NONE;
        f->time_us    = it->run_us;
        f->what       = STR("unknown");
        f->title = files_text(c, "The Safety Scanner found %.*s", STR_ARG(str_sub(it->threat, 0, 120)));
        f->why   = files_text(c, "msert.log names the threat%s%s%s; its time is that of the scan's start, in the server's local time.", path.n ? " and its file" : "",
                              it->removed ? " and says that it was removed" : "", there ? ", but the file is still in the evidence" : "");
        f->cite.line    = it->line;
        f->cite.time_us = it->run_us;
        f->cite.excerpt = files_text(c, "%.*s: %.*s", STR_ARG(str_sub(it->threat, 0, 120)), STR_ARG(str_sub(path, 0, 240)));
        if (page)
            files_attack(f, "T1505.003");
    }
    return true;
}

static bool look(struct files_context *c, struct files_node *n, struct err *e)
{
    size_t skip = 0;
    struct str name = winpath_name(n->node->path);

    if (str_istarts(name, STR("msert")))
        return look_msert(c, n, e);
    if (!str_istarts(name, STR("EOMT")))
        return true;
    struct str head = str_sub(n->body, 0, 64 << 10), text = utf_to8(&n->scratch, head, utf_guess(head, &skip));
    struct file_fact *f = msert_is_eomt(text) ? files_fact_at(c, n->node, FILE_FACT_MITIGATION, "files/eomt", SEV_INFO, 0.6) : NULL;
    if (!f)
        return true;
    f->url     = STR_EMPTY;
    f->time_us = n->node->mtime_us;
    f->title   = STR("Microsoft's one-click mitigation was run");
    f->why     = STR("EOMT left its log. It blocks known patterns of CVE-2021-26855 and scans for known files; it does not undo what came before.");
    files_cve(f, "CVE-2021-26855");
    return true;
}

const struct files_detector files_avlogs = {
    .name = "av-logs", .about = "msert.log and EOMT: pages that were found and removed", .wants = wants, .look = look,
};
