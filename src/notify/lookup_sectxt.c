/* See lookup.h: security.txt, with all that makes one trustworthy, or less so. */
#include "notify/lookup_inner.h"

#include "formats/sectxt.h"
#include "survey/where.h"

enum { SECTXT_MS = 5000 };

/* Kept: the URL where it was found as the host; a file that was redirected, or not as it should be, is judged again each time. */
static bool file_of(struct lookup *k, struct str host, struct lookup_kept *ret, struct err *e)
{
    static const char *const places[] = { "/.well-known/security.txt", "/security.txt" };
    struct lookup_walk w;
    int64_t            lives = TIME_DAY;
    int                status = 404;

    *ret = (struct lookup_kept){ .status = 404, .at_us = k->o.now_us };
    for (size_t i = 0; i < 2 && status == 404; i++) {
        if (!lookup_walk(k, str_fmt(k->a, "https://%.*s:%u%s", STR_ARG(host), lookup_port(k), places[i]), STR("text/plain"), SECTXT_BYTES_MAX, SECTXT_MS, true, &w, e))
            return false;
        if (w.end != LOOKUP_ANSWERED) {
            lookup_note(k, "%.*s gives no security.txt: %.*s%s%.*s", STR_ARG(host), STR_ARG(str_c(lookup_end_name(w.end))), w.why.n ? ": " : "", STR_ARG(w.why));
            *ret = (struct lookup_kept){ .status = w.end == LOOKUP_FORBIDDEN ? 403 : -1, .at_us = k->o.now_us };
            k->n->failed += w.end != LOOKUP_FORBIDDEN && w.end != LOOKUP_NO_NAME;
            if (w.end == LOOKUP_FORBIDDEN)
                return true;                           /* nothing to keep: who is a victim may change any day */
            return lookup_keep(k, "sectxt", host, NULL, NULL, -1, TIME_HOUR, host, STR_EMPTY, e);
        }
        if (w.status == 200 && str_istarts(w.type, STR("text/plain"))) {
            *ret = (struct lookup_kept){ .there = true, .status = 200, .at_us = k->o.now_us, .host = w.url, .body = w.body };
            status = 200;
        } else if (w.status != 404 && w.status != 200 && w.status != 403 && w.status != 410) {
            lookup_note(k, "%.*s gives no security.txt: status %d", STR_ARG(host), w.status);
            lives = TIME_HOUR;
        }
    }
    return lookup_keep(k, "sectxt", host, NULL, NULL, status, lives, status == 200 ? ret->host : host, ret->body, e);
}

/* What was there before the campaign began stays for good, under a name of its own. */
static bool archive(struct lookup *k, struct str host, struct err *e)
{
    if (k->begun_us == TIME_NONE)
        return true;
    return bind_run(k->s, "INSERT INTO notify_lookup (kind, key, first, last, at_us, until_us, status, bytes) SELECT 'sectxt-before', key, first, last, at_us, at_us, status, bytes FROM notify_lookup"
                          " WHERE kind = 'sectxt' AND key = ?1 AND status = 200 AND at_us < ?2 ON CONFLICT (kind, key) DO NOTHING", BOUND(B_TEXT(host), B_INT(k->begun_us)), e);
}

static bool before(struct lookup *k, struct str host, struct sectxt *ret, bool *ret_there, int64_t *ret_at_us, struct err *e)
{
    struct store_stmt *st;
    struct str bytes = STR_EMPTY, url;

    *ret_there = false;
    if (!bind_open(k->s, "SELECT bytes, at_us FROM notify_lookup WHERE kind = 'sectxt-before' AND key = ?1 AND at_us < ?2", BOUND(B_TEXT(host), B_INT(k->begun_us)), &st, e))
        return false;
    enum store_got got = k->begun_us == TIME_NONE ? STORE_DONE : store_step(st, e);
    if (got == STORE_ROW) {
        bytes = str_dup(k->a, store_bytes(st, 0));
        *ret_at_us = store_int(st, 1);
    }
    store_finish(st);
    if (got != STORE_ROW)
        return got == STORE_DONE;
    if (!bytes.p)
        return lookup_no_room(e);
    *ret_there = str_cut(&bytes, '\n', &url);
    return !*ret_there || sectxt_read(bytes, url, *ret_at_us, k->a, ret) || lookup_no_room(e);
}

static bool says(const struct sectxt *x, struct str value)
{
    for (size_t i = 0; i < x->contact_n; i++)
        if (str_eq(x->contact[i].value, value))
            return true;
    return false;
}

static struct str host_in(struct str url)
{
    struct str host = str_from(url, 8);
    size_t     end = str_chr(host, '/');

    return str_sub(host, 0, end == STR_NONE ? host.n : end);
}

static bool rows(struct lookup *k, struct str domain, struct str host, const struct lookup_kept *f, struct err *e)
{
    static const enum contact_channel channels[] = { [SECTXT_MAIL] = CONTACT_EMAIL, [SECTXT_PHONE] = CONTACT_PHONE, [SECTXT_WEB] = CONTACT_PORTAL };
    struct sectxt x, old = { 0 };
    bool          known;
    int64_t       old_us = TIME_NONE;
    char          day[TIME_TEXT];

    if (!sectxt_read(f->body, f->host, k->o.now_us, k->a, &x))
        return lookup_no_room(e);
    if (!before(k, host, &old, &known, &old_us, e))
        return false;
    bool redirected = !str_eq(where_registrable(host_in(f->host)), domain);
    if (x.why || redirected)
        lookup_note(k, "security.txt of %.*s: %s%s%s", STR_ARG(host), x.why ? x.why : "", x.why && redirected ? "; " : "", redirected ? "it came from another domain" : "");
    struct str source = str_fmt(k->a, "security.txt:%.*s", STR_ARG(host));
    if (!source.p)
        return lookup_no_room(e);
    for (size_t i = 0; i < x.contact_n; i++) {
        const struct sectxt_contact *c = &x.contact[i];
        bool changed = known && !says(&old, c->value);
        struct case_contact row = { .channel = channels[c->way], .address = c->value, .about = ABOUT_DOMAIN, .about_value = domain, .rung = 3, .observed_us = lookup_day(f->at_us), .until_us = x.expires_us,
                                    .language = x.language_n ? x.language[0] : STR_EMPTY };
        row.role = redirected ? STR("redirected") : changed ? STR("changed") : x.state == SECTXT_LOOSE || c->loose ? STR("bare") : STR("security");
        if (changed) {
            time_text(old_us, day);
            lookup_note(k, "security.txt of %.*s names %.*s, which it did not on %.10s, before the campaign: ask there by another way", STR_ARG(host), STR_ARG(c->value), day);
            if (row.until_us == TIME_NONE || row.until_us > k->o.now_us)
                row.until_us = TIME_NONE;
        }
        for (size_t p = 0; p < x.encryption_n && !row.pgp.n; p++)
            if (str_istarts(x.encryption[p], STR("openpgp4fpr:")))
                row.pgp = str_from(x.encryption[p], 12);
        if (!lookup_push(k, &row, source, e))
            return false;
    }
    return true;
}

/* A copy of yesterday is as good as its host is today: by name always, by its addresses where the DNS can be asked. */
static bool still_good(struct lookup *k, struct str host, bool *ret, struct err *e)
{
    uint8_t         ip[LOOKUP_IPS_MAX][16];
    size_t          n = 0;
    enum lookup_end end;
    struct str      alias, why;

    if (k->o.online && k->asks < LOOKUP_ASKS) {
        k->asks++;
        k->n->asked++;
        if (!lookup_net_addresses(&k->net, host, k->a, &end, ip, &n, &alias, e))
            return false;
    }
    *ret = lookup_may_ask(k, host, (const uint8_t (*)[16])ip, n, &why);
    if (!*ret)
        lookup_note(k, "the security.txt of %.*s does not count: %.*s", STR_ARG(host), STR_ARG(why));
    return true;
}

bool lookup_sectxt(struct lookup *k, struct str domain, struct err *e)
{
    const struct str hosts[] = { domain, str_fmt(k->a, "www.%.*s", STR_ARG(domain)) };

    for (size_t i = 0; i < 2; i++) {
        struct lookup_kept f;
        struct str         why;
        if (!hosts[i].p)
            return lookup_no_room(e);
        if (!lookup_may_ask(k, hosts[i], NULL, 0, &why)) {
            lookup_note(k, "%.*s is not asked: %.*s", STR_ARG(hosts[i]), STR_ARG(why));
            continue;
        }
        if (!archive(k, hosts[i], e) || !lookup_kept(k, "sectxt", hosts[i], NULL, &f, e))
            return false;
        bool good = true;
        if (f.there && f.status == 200 && (!still_good(k, hosts[i], &good, e) || (good && !str_eq(host_in(f.host), hosts[i]) && !still_good(k, host_in(f.host), &good, e))))
            return false;
        if (!good)
            continue;
        if (!f.there && k->o.online && !file_of(k, hosts[i], &f, e))
            return false;
        if (f.there && f.status == 200)
            return rows(k, domain, hosts[i], &f, e);   /* it applies to this host; the other is not asked as well */
    }
    return true;
}
