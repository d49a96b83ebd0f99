/* Whose RDAP server answers: see rdap.h. */
#include "formats/rdap.h"

#include "base/net.h"
#include "base/num.h"
#include "formats/jsontree.h"

struct asked { bool is_ip, is_asn; uint8_t ip[16]; uint64_t asn; struct str name; };

/* How well an entry fits; -1: not. Longer is better. */
static int fits(struct str entry, const struct asked *q)
{
    struct net n;
    bool       loose;

    if (q->is_ip)
        return str_chr(entry, '/') != STR_NONE && net_parse(entry, &n, &loose) && net_has(&n, q->ip) ? (int)n.bits : -1;
    if (q->is_asn) {
        struct str last = entry, first;
        uint64_t   a, b;
        if (!str_cut(&last, '-', &first) || !num_u64(first, &a))
            return -1;
        b = a;
        return (last.n == 0 || num_u64(last, &b)) && a <= q->asn && q->asn <= b ? (int)(b - a > 1 << 30 ? 0 : (1 << 30) - (int)(b - a)) : -1;
    }
    if (entry.n == 0 || entry.n > q->name.n || !str_ieq(str_from(q->name, q->name.n - entry.n), entry))
        return -1;
    return entry.n == q->name.n || q->name.p[q->name.n - entry.n - 1] == '.' ? (int)entry.n : -1;
}

bool rdap_bootstrap(struct str file, struct str asked, struct arena *a, struct str *ret_url, struct err *e)
{
    struct asked q = { .name = asked };
    struct jt    t;
    struct str   best = STR_EMPTY;
    const char  *why = "";
    int          how = -1;

    q.is_ip = net_ip_parse(asked, q.ip);
    q.is_asn = !q.is_ip && str_istarts(asked, STR("AS")) && num_u64(str_from(asked, 2), &q.asn);
    if (file.n > RDAP_BYTES_MAX)
        return err_set(e, ERR_LIMIT, "a bootstrap file of %zu bytes; %d are read", file.n, RDAP_BYTES_MAX);
    if (!jt_parse(&t, a, file, &why) || !jt_get(&t, jt_root(&t), "services"))
        return err_set(e, ERR_FORMAT, "no RDAP bootstrap file: %s", *why ? why : "it has no services");
    for (const struct jt_node *s = jt_child(&t, jt_get(&t, jt_root(&t), "services")); s; s = jt_next(&t, s)) {
        const struct jt_node *entries = jt_child(&t, s), *urls = jt_next(&t, entries);
        int good = -1;

        for (const struct jt_node *x = jt_child(&t, entries); x; x = jt_next(&t, x)) {
            int fit = fits(jt_str(x, a), &q);
            good = fit > good ? fit : good;
        }
        if (good <= how)
            continue;
        for (const struct jt_node *u = jt_child(&t, urls); u; u = jt_next(&t, u)) {
            struct str url = jt_str(u, a);
            if (!str_istarts(url, STR("https://")) && !(str_istarts(url, STR("http://")) && (good > how || !str_istarts(best, STR("https://")))))
                continue;
            if (good > how || !str_istarts(best, STR("https://"))) {
                best = url;
                how = good;
            }
        }
    }
    if (best.n == 0)
        return false;
    *ret_url = best.p[best.n - 1] == '/' ? best : str_fmt(a, "%.*s/", STR_ARG(best));
    return ret_url->p != NULL || err_set(e, ERR_MEMORY, "no room for an address");
}
