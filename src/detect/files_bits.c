/*
 * bits: transfer jobs that fetch programs, or start one when they end.
 *
 * Rule 1   a job that starts a program is judged by its command line; one that fetches, by where from and where to. Update services of Windows
 *          and of known vendors are nothing, wherever they put things.
 * Rule 2   the store keeps finished jobs for long: state "unknown", never "present".
 * Source   ways back in, 6.6.
 */
#include "detect/files_command.h"

#include "detect/place.h"
#include "formats/bits.h"

static bool wants(const struct files_context *c, const struct ev_node *n)
{
    (void)c;
    return n->family == FAM_BITS;
}

static struct str host_of(struct str url)
{
    size_t at = str_find(url, STR("://")), end = 0;
    struct str s = at == STR_NONE ? url : str_from(url, at + 3);

    while (end < s.n && s.p[end] != '/' && s.p[end] != ':' && s.p[end] != '?')
        end++;
    return str_sub(s, 0, end);
}

static bool ends_in(struct str host, const char *const *list, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        struct str tail = str_c(list[i]);
        if (str_iends(host, tail) && (host.n == tail.n || host.p[host.n - tail.n - 1] == '.'))
            return true;
    }
    return false;
}

/* Those whose software fetches its updates through BITS. Source: their own lists of hosts to be let through proxies. */
static bool is_vendor(struct str host)
{
    static const char *const list[] = { "microsoft.com", "windowsupdate.com", "windows.com", "windows.net", "office.net", "office.com", "live.com", "msedge.net", "azureedge.net",
                                        "skype.com", "google.com", "googleapis.com", "gvt1.com", "mozilla.org", "mozilla.net", "mozilla.com", "adobe.com", "dell.com", "hp.com",
                                        "lenovo.com", "intel.com", "vmware.com", "symantec.com", "mcafee.com", "trendmicro.com", "sophos.com" };
    return ends_in(host, list, sizeof list / sizeof *list);
}

/* Where anybody may leave a file for anybody. Source: SigmaHQ's rules on downloads from file-sharing hosts name the same. */
static bool is_shared(struct str host)
{
    static const char *const list[] = { "pastebin.com", "paste.ee", "transfer.sh", "anonfiles.com", "file.io", "gofile.io", "mega.nz", "discordapp.com", "discord.com",
                                        "githubusercontent.com", "gist.github.com", "ghostbin.co", "hastebin.com", "termbin.com", "temp.sh", "ufile.io", "sendspace.com",
                                        "mediafire.com", "dropbox.com", "dropboxusercontent.com", "ngrok.io", "trycloudflare.com", "duckdns.org", "serveo.net" };
    return ends_in(host, list, sizeof list / sizeof *list);
}

static bool is_number(struct str host)
{
    size_t dots = 0;

    for (size_t i = 0; i < host.n; i++) {
        if (host.p[i] != '.' && !ch_digit(host.p[i]))
            return false;
        dots += host.p[i] == '.';
    }
    return dots == 3;
}

static bool is_program(struct str path)
{
    static const char *const ext[] = { ".exe", ".dll", ".ps1", ".bat", ".cmd", ".vbs", ".js", ".hta", ".scr", ".msi", ".com" };

    for (size_t i = 0; i < sizeof ext / sizeof *ext; i++)
        if (str_ieq(winpath_ext(path), str_c(ext[i])))
            return true;
    return false;
}

static const struct ioc *published(const struct files_context *c, struct str host)
{
    for (size_t i = 0; i < c->pack->ioc_n; i++)
        if (c->pack->ioc[i].kind == IOC_DOMAIN && str_ieq(host, c->pack->ioc[i].value))
            return &c->pack->ioc[i];
    return NULL;
}

static struct file_fact *fact(struct files_context *c, const struct ev_node *n, bool accuse, const struct bits_item *it)
{
    struct file_fact *f = !files_may_tell(c, TOLD_BITS) ? NULL : files_fact_at(c, n, accuse ? FILE_FACT_WAY_BACK : FILE_FACT_NOTE, "files/bits", accuse ? SEV_HIGH : SEV_MEDIUM, accuse ? 0.85 : 0.4);

    if (!f)
        return NULL;
    f->what       = STR("bits_job");
    f->url        = STR_EMPTY;
    f->hash_hex   = STR_EMPTY;
    f->bytes      = 0;
    f->created_us = TIME_NONE;
    f->state      = f->earlier ? f->state : THING_UNKNOWN;
    f->reachable  = REACH_UNKNOWN;
    f->cite.offset = it->off;
    files_attack(f, "T1197");
    return f;
}

static bool command(struct files_context *c, struct files_node *n, const struct bits_item *it, struct err *e)
{
    struct arena   scratch = n->scratch;
    struct command cmd;

    if (!command_judge(&cmd, &scratch, str_sub(it->line, 0, COMMAND_TEXT_MAX), COMMAND_STORED, c->ev->system_drive, e))
        return false;
    struct str   why = command_why(&scratch, &cmd);
    struct file_fact *f = cmd.verdict == COMMAND_ORDINARY ? NULL : fact(c, n->node, cmd.verdict == COMMAND_ACCUSE, it);
    if (!f)
        return true;
    f->name  = str_dup(c->keep, it->name.n ? it->name : STR("BITS job"));
    f->path  = str_dup(c->keep, cmd.target.n ? cmd.target : cmd.image);
    f->title = STR("Transfer job that starts a program");
    f->why   = files_text(c, "%.*s BITS starts it when the transfer ends or fails, and again until it succeeds. Owner: %.*s. Finished jobs stay in the store: this one may be gone.",
                          STR_ARG(why), STR_ARG(it->owner));
    f->cite.excerpt = files_quote(c, it->line);
    return true;
}

static void transfer(struct files_context *c, struct files_node *n, const struct bits_item *it)
{
    struct arena     scratch = n->scratch;
    struct str       host = host_of(it->url), local = winpath_canon(&scratch, it->local, c->ev->system_drive), url;
    const struct ioc *x = published(c, host);
    bool             odd_host = is_number(host) || is_shared(host), program = is_program(local) || winpath_is_page(local), page;

    if (!local.p || (is_vendor(host) && !x))
        return;
    enum place place = place_of(local);
    page = winpath_is_page(local) && files_served(c, &scratch, local, &url);
    bool accuse = page || (x && (program || place != PLACE_ORDINARY)) || (odd_host && program && place != PLACE_ORDINARY);
    if (!accuse && !x && !(odd_host && program) && !(program && place == PLACE_HOSTILE))
        return;
    struct file_fact *f = fact(c, n->node, accuse, it);
    if (!f)
        return;
    f->name  = files_quote(c, winpath_name(local));
    f->path  = str_dup(c->keep, local);
    f->title = page ? STR("Transfer job that wrote a page") : STR("Transfer job that fetched a program");
    f->why   = files_text(c, "It fetches from %.*s%s%s into %.*s.", STR_ARG(str_sub(host, 0, 120)), x ? ", which is published" : is_number(host) ? ", an address without a name" : "",
                          is_shared(host) ? ", where anybody may leave files" : "", STR_ARG(str_sub(local, 0, 200)));
    f->cite.excerpt = files_quote(c, it->url);
}

static bool scan(void *ctx, struct str window, uint64_t off, bool last, struct arena scratch, struct err *e) { return bits_scan(ctx, window, off, last, scratch, e); }

static bool look(struct files_context *c, struct files_node *n, struct err *e)
{
    enum { ROOM = 16 << 20 };
    struct bits  b;
    uint8_t     *own = TAKE(&n->scratch, uint8_t, ROOM);
    struct arena keep = { own, own + (own ? ROOM : 0), n->scratch.fault };

    if (!own)
        return err_set(e, ERR_MEMORY, "no room for transfer jobs");
    bits_open(&b, &keep);
    bool ok = files_windows(c, n, BITS_OVERLAP, scan, &b, e);
    if (ok && b.more)
        ok = files_damage(c, FAM_BITS, n->node, "more jobs than are kept: the rest was not looked at", b.n, e);
    for (size_t i = 0; ok && i < b.n; i++) {
        if (b.item[i].command)
            ok = command(c, n, &b.item[i], e);
        else
            transfer(c, n, &b.item[i]);
    }
    return ok;
}

const struct files_detector files_bits = {
    .name = "bits", .about = "transfer jobs of BITS that start programs or fetch them from odd places", .wants = wants, .look = look,
};
