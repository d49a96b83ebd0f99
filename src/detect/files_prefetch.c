/*
 * prefetch: programs that ran, how often and when, where Windows keeps prefetch files at all (servers mostly do not).
 *
 * Rule 1   that a program ran accuses nobody: notes. One at a published path is a tool.
 * Rule 2   its place decides, and for the few programs that intruders bring along, its name.
 * Source   ways back in, 7, 9 and 10.
 */
#include "detect/files_inner.h"

#include "detect/place.h"
#include "formats/prefetch.h"

static bool wants(const struct files_context *c, const struct ev_node *n)
{
    (void)c;
    return n->family == FAM_PREFETCH;
}

struct known { const char *name, *what; };
static const struct known names[] = {
    { "PROCDUMP", "writes the memory of processes, also of the one that holds the passwords" }, { "MIMIKATZ", "reads passwords from memory" },
    { "PSEXEC", "runs programs on other computers" }, { "PSEXESVC", "is started on a computer by PsExec from another one" }, { "PAEXEC", "runs programs on other computers" }, { "NTDSUTIL", "can copy the database of the domain" },
    { "RCLONE", "copies files to storage services" }, { "MEGACMD", "copies files to a storage service" }, { "PLINK", "builds tunnels" }, { "NGROK", "builds tunnels" },
    { "FRPC", "builds tunnels" }, { "CHISEL", "builds tunnels" }, { "CLOUDFLARED", "builds tunnels" }, { "ADFIND", "lists a domain" }, { "SHARPHOUND", "lists a domain" },
    { "NBTSCAN", "looks for other computers" }, { "ADVANCED_IP_SCANNER", "looks for other computers" }, { "NETSCAN", "looks for other computers" },
};

static const struct known *known_of(struct str name)
{
    for (size_t i = 0; i < COUNT_OF(names); i++)
        if (str_istarts(name, str_c(names[i].name)))
            return &names[i];
    return NULL;
}

static bool look(struct files_context *c, struct files_node *n, struct err *e)
{
    struct prefetch p;
    struct seen    *s = &c->found->seen[FAM_PREFETCH];
    char            last[TIME_TEXT], drive[3] = { (char)c->ev->system_drive, ':', 0 };

    if (!prefetch_parse(&p, &n->scratch, n->body, e))
        return false;
    for (size_t i = 0; i < p.run_n; i++) {
        s->oldest_us = s->oldest_us == TIME_NONE || p.run_us[i] < s->oldest_us ? p.run_us[i] : s->oldest_us;
        s->newest_us = s->newest_us == TIME_NONE || p.run_us[i] > s->newest_us ? p.run_us[i] : s->newest_us;
    }
    if (p.damaged && !files_damage(c, FAM_PREFETCH, n->node, "cut or damaged: read as far as it goes", 1, e))
        return false;
    /* Which drive it was the file does not say plainly; nearly always the system's own. */
    struct str below = prefetch_below_drive(p.path), path = below.n && below.p[0] == '\\' ? str_cat(&n->scratch, str_c(drive), below) : STR("");
    const struct ioc   *x = path.n ? files_ioc_path(c, path, IOC_PATH_SUFFIX) : NULL;
    const struct known *k = known_of(p.name);
    enum place          place = path.n ? place_of(path) : PLACE_ORDINARY;
    bool                imitates = path.n && place_imitates_system(path);

    if (!x && !k && place != PLACE_HOSTILE && !imitates)
        return true;
    struct file_fact *f = !files_may_tell(c, TOLD_RAN) ? NULL : files_fact_at(c, n->node, x ? FILE_FACT_TOOL : FILE_FACT_NOTE, "files/prefetch", x ? SEV_HIGH : place == PLACE_HOSTILE || imitates ? SEV_MEDIUM : SEV_LOW, x ? 0.8 : 0.5);
    if (!f)
        return true;
    time_text(p.run_n ? p.run_us[0] : TIME_NONE, last);
    f->path       = path.n ? str_dup(c->keep, path) : f->path;
    f->name       = str_dup(c->keep, p.name);
    f->url        = STR_EMPTY;
    f->hash_hex   = STR_EMPTY;
    f->bytes      = 0;
    f->created_us = TIME_NONE;
    f->state      = path.n && ev_find(c->ev, path) ? THING_PRESENT : THING_UNKNOWN;
    f->reachable  = REACH_UNKNOWN;
    f->time_us    = p.run_n ? p.run_us[0] : TIME_NONE;
    f->title      = x ? STR("A tool at a published path ran") : STR("A program ran that deserves a look");
    f->why        = files_text(c, "Windows noted %u runs of it, the last one at %s.%s%s%s%s%s", p.count, last[0] ? last : "an unknown time", place == PLACE_HOSTILE ? " Nobody installs programs in its folder." : "",
                               imitates ? " It has the name of a program of Windows, in another folder." : "", k ? " A program of this name " : "", k ? k->what : "", k ? "." : "");
    f->cite.time_us = f->time_us;
    f->cite.excerpt = files_text(c, "%.*s, %u runs, last %s", STR_ARG(path.n ? path : p.name), p.count, last);
    if (x)
        f->what = files_quote(c, str_sub(x->description, 0, 100));
    return true;
}

const struct files_detector files_prefetch = {
    .name = "prefetch", .about = "programs that ran, from prefetch files: odd places and known tools", .wants = wants, .look = look,
};
