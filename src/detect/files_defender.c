/*
 * defender: what Windows Defender saw: its protection log, its detection history, its quarantine. Often the last trace of a page that it took away.
 *
 * Rule 1   a page that it names is proven to have been there (FILE_FACT_AV). Other things are notes: Defender finds much on a mail server that no
 *          intruder brought there. A tool in a place where nobody keeps programs is a tool.
 * Rule 2   what waits in the folders in which Exchange takes mail apart came by mail: it says nothing about this server.
 * Rule 3   it asks its cloud about files that it does not know, and notes their hashes: a page in a folder of sign-in pages that is gone since was
 *          there. A published hash proves it, otherwise it is a question.
 * Source   ways back in, 1.8.
 */
#include "detect/files_command.h"

#include "detect/place.h"
#include "formats/lines.h"
#include "formats/mplog.h"
#include "formats/quarantine.h"

static bool wants(const struct files_context *c, const struct ev_node *n)
{
    struct str name = winpath_name(n->path);

    (void)c;
    return n->family == FAM_AV_LOGS && (str_istarts(name, STR("MPLog")) || str_istarts(name, STR("MPDetection")) || str_ihas(n->path, STR("\\DetectionHistory\\")) ||
                                        str_ihas(n->path, STR("\\Quarantine\\Entries\\")));
}

struct saw { struct str threat, path; int64_t first_us, removed_us; bool removed; uint32_t count; uint64_t line; };

static bool is_mail(struct str path)
{
    return str_ihas(path, STR("\\TransportRoles\\data\\")) || str_ihas(path, STR("\\Content.Outlook\\")) || str_ihas(path, STR("\\Working\\OleConverter"));
}

static void tell(struct files_context *c, struct files_node *n, const struct saw *s, const char *source)
{
    struct arena scratch = n->scratch;
    struct str   path = s->path.n ? winpath_canon(c->keep, s->path, c->ev->system_drive) : STR_EMPTY, url = STR_EMPTY;
    bool         served = path.n && files_served(c, &scratch, path, &url);
    bool         page = path.n && winpath_is_page(path) && (served || str_ihas(s->threat, STR(":ASP/")) || str_ihas(s->threat, STR("26855")) || str_ihas(s->threat, STR("27065")));
    bool         test = str_ihas(s->threat, STR("EICAR")), wanted = str_istarts(s->threat, STR("PUA")) || str_istarts(s->threat, STR("Adware"));
    bool         hostile = path.n && (place_of(path) == PLACE_HOSTILE || files_ioc_path(c, path, IOC_PATH_SUFFIX));
    bool         tool = !page && hostile && !test && !wanted && (str_istarts(s->threat, STR("HackTool:")) || str_istarts(s->threat, STR("Backdoor:")) || str_istarts(s->threat, STR("VirTool:")) ||
                        str_istarts(s->threat, STR("PWS:")) || str_istarts(s->threat, STR("Exploit:")));
    bool         ransom = str_istarts(s->threat, STR("Ransom:"));

    if (test || is_mail(path))
        return;
    struct file_fact *f = !files_may_tell(c, TOLD_DEFENDER) ? NULL : files_fact_at(c, n->node, page ? FILE_FACT_AV : tool ? FILE_FACT_TOOL : FILE_FACT_NOTE, "files/defender", page || tool ? SEV_HIGH : ransom || served ? SEV_MEDIUM : SEV_LOW, page ? 0.9 : tool ? 0.8 : 0.5);
    if (!f)
        return;
    bool there = path.n && ev_find(c->ev, path);
    f->path       = path;
    f->name       = path.n ? winpath_name(path) : STR_EMPTY;
    f->url        = served ? str_dup(c->keep, url) : STR_EMPTY;
    f->reachable  = !served ? REACH_UNKNOWN : there ? REACH_YES : REACH_NO;
    f->hash_hex   = STR_EMPTY;
    f->bytes      = 0;
    f->created_us = TIME_NONE;
    f->state      = there ? THING_PRESENT : s->removed ? THING_REMOVED : THING_UNKNOWN;
    f->removed_us = s->removed && !there ? s->removed_us : TIME_NONE;
    f->time_us    = s->first_us;
    f->what       = STR("unknown");
    f->title = files_text(c, "Defender found %.*s", STR_ARG(str_sub(s->threat, 0, 120)));
    f->why   = files_text(c, "%s names the threat%s%s%s.", source, path.n ? " and its file" : "", s->removed ? " and says that it was taken away" : "",
                          there ? ", but a file of this name is still in the evidence" : "");
    f->cite.line    = s->line;
    f->cite.time_us = s->first_us;
    f->cite.excerpt = files_text(c, "%.*s: %.*s", STR_ARG(str_sub(s->threat, 0, 120)), STR_ARG(str_sub(path, 0, 240)));
    if (page)
        files_attack(f, "T1505.003");
}

static void asked(struct files_context *c, struct files_node *n, const struct mplog_item *it)
{
    struct arena scratch = n->scratch;
    char         hex[65];
    struct str   path = it->path, url;

    if (path.p[0] == '?') {                    /* which drive the log does not say: nearly always the system's own */
        path = str_dup(&scratch, path);
        if (!path.p)
            return;
        ((uint8_t *)(uintptr_t)path.p)[0] = c->ev->system_drive;
    }
    path = winpath_canon(c->keep, path, c->ev->system_drive);
    if (!path.p || !winpath_is_page(path) || !files_served(c, &scratch, path, &url))
        return;
    num_tohex(it->sha256, 32, hex);
    uint32_t          at = map_get(&c->pack->ioc_hash, str_c(hex));
    const struct ioc *x  = at != MAP_NONE && c->pack->ioc[at].weight == IOC_ACCUSES ? &c->pack->ioc[at] : NULL;
    bool              there = ev_find(c->ev, path);
    if (!x && (there || !files_foreign_page(c, scratch, url)))
        return;
    struct file_fact *f = !files_may_tell(c, TOLD_DEFENDER) ? NULL : files_fact_at(c, n->node, FILE_FACT_PAGE_LEFT, "files/defender-asked", x ? SEV_HIGH : SEV_MEDIUM, x ? 0.95 : 0.5);
    if (!f)
        return;
    f->path       = path;
    f->name       = winpath_name(path);
    f->url        = str_dup(c->keep, url);
    f->state      = there ? THING_PRESENT : ev_has_pages_of(c->ev, winpath_dir(path)) ? THING_REMOVED : THING_UNKNOWN;
    f->reachable  = there ? REACH_YES : f->state == THING_REMOVED ? REACH_NO : REACH_UNKNOWN;
    f->hash_hex   = str_dup(c->keep, str_c(hex));
    f->bytes      = 0;
    f->created_us = TIME_NONE;
    f->time_us    = it->first_us;
    f->what       = STR("unknown");
    f->title      = x ? STR("Defender met a page with a published hash") : STR("Defender met a page that is no part of Exchange");
    f->why        = x ? files_text(c, "Its protection log notes the page's hash, which is published: %.*s.", STR_ARG(str_sub(x->description, 0, 160)))
                      : STR("Its protection log says that it asked Microsoft about the page, with its hash. The page was there then, whatever it did.");
    f->cite.line    = it->line;
    f->cite.time_us = it->first_us;
    f->cite.excerpt = files_text(c, "%.*s, SHA-256 %s", STR_ARG(str_sub(path, 0, 240)), hex);
    files_attack(f, "T1505.003");
}

static void covers(struct files_context *c, int64_t from_us, int64_t to_us)
{
    struct seen *s = &c->found->seen[FAM_AV_LOGS];

    if (from_us == TIME_NONE)
        return;
    s->oldest_us = s->oldest_us == TIME_NONE || from_us < s->oldest_us ? from_us : s->oldest_us;
    s->newest_us = s->newest_us == TIME_NONE || to_us > s->newest_us ? to_us : s->newest_us;
}

static bool read_log(struct files_context *c, struct files_node *n, struct mplog *m, struct arena *a, struct err *e)
{
    struct ev_stream  *in = NULL;
    struct lines      *l = NULL;
    struct lines_block b;
    struct err         io = { 0 };
    bool               ok = true;

    if (!ev_stream_open(&in, c->ev, n->node, false, a, &io))
        return files_damage(c, FAM_AV_LOGS, n->node, io.what, 0, e);
    ok = lines_open(&l, a, ev_stream_fill, in, false, e);
    while (ok && lines_next(l, &b, &io)) {
        uint64_t   number = b.line;
        struct str line;
        for (size_t pos = 0, at; ok && lines_step(b.text, &pos, &line, &at); number++)
            ok = mplog_line(m, line, number, e);
    }
    if (ok && io.kind != ERR_NONE)
        ok = files_damage(c, FAM_AV_LOGS, n->node, io.what, m->n, e);
    lines_close(l);
    ev_stream_close(in);
    return ok;
}

static bool look_log(struct files_context *c, struct files_node *n, struct err *e)
{
    enum { ROOM = 24 << 20 };
    struct mplog        m;
    uint8_t            *own = TAKE(&n->scratch, uint8_t, ROOM);
    struct arena        keep = { own, own + (own ? ROOM : 0), n->scratch.fault }, reading;
    struct files_lines *l = NEW(&n->scratch, struct files_lines, 1);

    if (!own || !l)
        return err_set(e, ERR_MEMORY, "no room for what Defender's log says");
    mplog_open(&m, &keep);
    reading = n->scratch;
    if (!read_log(c, n, &m, &reading, e))
        return false;
    covers(c, m.oldest_us, m.newest_us);
    if (m.more && !files_damage(c, FAM_AV_LOGS, n->node, "more detections than are kept: the rest was not looked at", m.n, e))
        return false;
    for (size_t i = 0; i < m.n; i++)
        if (m.item[i].asked)
            asked(c, n, &m.item[i]);
        else
            tell(c, n, &(struct saw){ m.item[i].threat, m.item[i].path, m.item[i].first_us, m.item[i].removed_us, m.item[i].removed, m.item[i].count, m.item[i].line }, "Its protection log");
    for (size_t i = 0; i < m.command_n; i++)
        if (!files_lines_judge(l, c, m.command[i].line, COMMAND_RAN, m.command[i].at, m.command[i].time_us, n->scratch, e))
            return false;
    files_lines_typed(c, n->node, l, "files/defender-command", "Defender noted an unusual command line", "Defender's protection log holds the command line.");
    return true;
}

static bool look(struct files_context *c, struct files_node *n, struct err *e)
{
    struct quarantine q;
    bool              history = str_ihas(n->node->path, STR("\\DetectionHistory\\")), entry = str_ihas(n->node->path, STR("\\Quarantine\\Entries\\"));

    if (!history && !entry)
        return look_log(c, n, e);
    if (!(history ? quarantine_history(&q, &n->scratch, n->body, e) : quarantine_entry(&q, &n->scratch, n->body, e)))
        return false;
    if (q.damaged && !files_damage(c, FAM_AV_LOGS, n->node, "cut or damaged: read as far as it goes", 1, e))
        return false;
    int64_t when = q.time_us != TIME_NONE ? q.time_us : n->node->mtime_us;
    covers(c, q.time_us, q.time_us);
    for (size_t i = 0; i < q.path_n; i++)
        tell(c, n, &(struct saw){ q.threat, q.path[i], when, entry ? when : TIME_NONE, entry, 1, 0 }, history ? "Its detection history" : "An entry of its quarantine");
    if (q.path_n == 0)
        tell(c, n, &(struct saw){ q.threat, STR_EMPTY, when, TIME_NONE, false, 1, 0 }, history ? "Its detection history" : "An entry of its quarantine");
    return true;
}

const struct files_detector files_defender = {
    .name = "defender", .about = "Windows Defender: protection log, detection history, quarantine", .wants = wants, .look = look,
};
