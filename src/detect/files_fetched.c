/*
 * fetched: what was fetched with the certificate tools of Windows. Their cache remembers the address and the time, also of what certutil was told to fetch by hand.
 *
 * Rule 1   revocation lists, certificates and Microsoft's own lists are what the cache is for. Programs, scripts, pages and archives are not: a note that nobody overlooks.
 * Rule 2   an address that is published for the campaign is told as such; the file itself is somewhere else, so that it accuses nobody here.
 * Source   ways back in, 10 (outbound); layout as in public parsers of CryptnetUrlCache; ATT&CK T1105.
 */
#include "detect/files_inner.h"

#include "base/rd.h"
#include "base/utf.h"

enum { URL_AT = 116, URL_MAX = 4096 };

static bool wants(const struct files_context *c, const struct ev_node *n)
{
    (void)c;
    return str_ihas(n->path, STR("\\CryptnetUrlCache\\MetaData\\"));
}

/* The last part of its path, without query. */
static struct str file_of(struct str url)
{
    size_t at = str_find(url, STR("://"));
    struct str rest = at == STR_NONE ? url : str_from(url, at + 3);

    rest = str_sub(rest, 0, str_chr(rest, '?'));
    size_t slash = str_rchr(rest, '/');
    return slash == STR_NONE ? STR_EMPTY : str_from(rest, slash + 1);
}

static bool is_loot(struct str file)
{
    static const char *const ext[] = { ".exe", ".dll", ".ps1", ".psm1", ".bat", ".cmd", ".vbs", ".js", ".hta", ".sct", ".xsl", ".msi", ".scr", ".sys", ".aspx", ".ashx", ".asmx", ".asp", ".php", ".jsp",
                                       ".zip", ".7z", ".rar", ".gz", ".iso", ".bin", ".dat", ".tmp", ".log", ".txt", ".png", ".jpg", ".gif" };
    struct str is = winpath_ext(file);

    for (size_t i = 0; is.n && i < COUNT_OF(ext); i++)
        if (str_ieq(is, str_c(ext[i])))
            return true;
    return false;
}

static const struct ioc *published(const struct files_context *c, struct str url)
{
    for (size_t i = 0; i < c->pack->ioc_n; i++) {
        const struct ioc *x = &c->pack->ioc[i];
        if ((x->kind == IOC_DOMAIN || x->kind == IOC_IP) && x->value.n >= 6 && str_ihas(url, x->value))
            return x;
    }
    return NULL;
}

static bool look(struct files_context *c, struct files_node *n, struct err *e)
{
    struct rd r = { .s = n->body };

    (void)e;
    rd_seek(&r, 12);
    uint32_t url_n = rd_u32le(&r);
    uint64_t when = rd_u64le(&r);
    rd_seek(&r, URL_AT);
    struct str wide = rd_take(&r, url_n < URL_MAX ? url_n : URL_MAX), url = r.bad ? STR_EMPTY : utf_to8(&n->scratch, wide, UTF_16LE);
    url = str_sub(url, 0, str_chr(url, 0));
    if (!str_istarts(url, STR("http")))
        return true;
    const struct ioc *x = published(c, url);
    struct str        file = file_of(url);
    if (!x && !is_loot(file))
        return true;
    struct file_fact *f = files_may_tell(c, TOLD_RAN) ? files_fact_at(c, n->node, FILE_FACT_NOTE, "files/fetched", SEV_HIGH, 0.7) : NULL;
    if (!f)
        return true;
    bool service = str_ihas(n->node->path, STR("\\systemprofile\\")) || str_ihas(n->node->path, STR("\\ServiceProfiles\\"));
    f->what     = STR("trace");
    f->name     = files_quote(c, file.n ? file : url);
    f->hash_hex = STR_EMPTY;
    f->bytes    = 0;
    f->state    = THING_UNKNOWN;
    f->url      = STR_EMPTY;
    f->title    = STR("Something was fetched with the certificate tools of Windows that is no certificate");
    f->why      = files_text(c, "%s%s%.*s%s Certutil does that when somebody tells it to; the file was put where that person wanted it.", service ? "It was fetched as the system or by a service." : "",
                             x ? " Published: " : "", STR_ARG(x ? str_sub(x->description, 0, 160) : STR_EMPTY), x ? "." : "");
    f->time_us  = time_filetime(when);
    f->cite.time_us = f->time_us;
    f->cite.excerpt = files_text(c, "%.*s", STR_ARG(str_sub(files_quote(c, url), 0, 300)));
    files_attack(f, "T1105");
    return true;
}

const struct files_detector files_fetched = {
    .name = "fetched", .about = "addresses in the cache of Windows' certificate tools that are none of certificates", .wants = wants, .look = look,
};
