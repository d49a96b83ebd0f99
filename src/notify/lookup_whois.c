/* See lookup.h: WHOIS, where RDAP gives nothing: IANA's referral, then that server, in the brief form where there is one. */
#include "notify/lookup_inner.h"

#include "formats/whois.h"

/* What each registry wants to be asked for role objects only. Source: RIPE Database documentation (-b, -r); ARIN, "n +"; others take the bare question. */
static struct str question(struct lookup *k, struct str host, struct str asked)
{
    bool domain = asked.n && ch_alpha(asked.p[0]) && str_chr(asked, '.') != STR_NONE && str_chr(asked, ':') == STR_NONE;

    if (domain)
        return asked;
    if (str_ends(host, STR("ripe.net")))
        return str_fmt(k->a, "-b -r %.*s", STR_ARG(asked));
    if (str_ends(host, STR("arin.net")))
        return str_istarts(asked, STR("AS")) ? str_fmt(k->a, "a + %.*s", STR_ARG(str_from(asked, 2))) : str_fmt(k->a, "n + %.*s", STR_ARG(asked));
    if (str_ends(host, STR("apnic.net")) || str_ends(host, STR("afrinic.net")))
        return str_fmt(k->a, "-r %.*s", STR_ARG(asked));
    return asked;
}

static bool ask(struct lookup *k, struct str host, struct str line, struct lookup_got *ret, struct err *e)
{
    if (!lookup_turn(k, host)) {
        *ret = (struct lookup_got){ .end = LOOKUP_FORBIDDEN, .why = STR("no more questions") };
        return true;
    }
    struct lookup_ask q = { .way = LOOKUP_WHOIS, .host = host, .line = line, .bytes_max = WHOIS_BYTES_MAX, .ms = LOOKUP_MS };
    return k->net.ask(k->net.ctx, &q, k->a, ret, e);
}

static bool server(struct lookup *k, struct str asked, struct str *ret, struct err *e)
{
    struct lookup_got got;

    *ret = k->o.whois_host;
    if (ret->n)
        return true;
    if (!ask(k, STR("whois.iana.org"), asked, &got, e))
        return false;
    *ret = got.end == LOOKUP_ANSWERED ? str_dup(k->a, whois_referral(got.body, k->a)) : STR_EMPTY;       /* it outlives the next question */
    if (!ret->n)
        lookup_note(k, "IANA names no WHOIS server for %.*s", STR_ARG(asked));
    return true;
}

static bool say(struct lookup *k, struct str asked, const struct lookup_kept *x, size_t *ret_n, int *ret_status, struct err *e)
{
    enum whois_says says;
    struct rdap     r;
    struct err      why = { 0 };

    *ret_status = -1;
    if (!whois_read(x->body, asked, k->a, &says, &r, &why)) {
        lookup_note(k, "%.*s of %.*s: %s", STR_ARG(asked), STR_ARG(x->host), why.what);
        return why.kind != ERR_MEMORY || lookup_no_room(e);
    }
    *ret_status = says == WHOIS_FOUND ? 200 : says == WHOIS_NOTHING ? 404 : 429;
    if (says != WHOIS_FOUND) {
        lookup_note(k, "%.*s %s %.*s", STR_ARG(x->host), says == WHOIS_NOTHING ? "knows nothing of" : "refuses for now to answer for", STR_ARG(asked));
        return true;
    }
    struct str source = str_fmt(k->a, "whois:%.*s", STR_ARG(x->host));
    return source.p ? lookup_rows(k, &r, source, x->at_us, ret_n, e) : lookup_no_room(e);
}

bool lookup_whois(struct lookup *k, struct str asked, size_t *ret_n, struct err *e)
{
    struct lookup_kept kept;
    struct lookup_got  got;
    struct str         host, line;
    int                status = -1;

    *ret_n = 0;
    if (!lookup_kept(k, "whois", asked, NULL, &kept, e))
        return false;
    if (kept.there)
        return kept.status == 200 ? say(k, asked, &kept, ret_n, &status, e) : true;
    if (!k->o.online || !k->o.whois)
        return true;
    if (!server(k, asked, &host, e))
        return false;
    if (!host.n)
        return true;
    line = question(k, host, asked);
    if (!line.p || !ask(k, host, line, &got, e))
        return line.p ? false : lookup_no_room(e);
    struct lookup_kept x = { .there = true, .at_us = k->o.now_us, .host = host, .body = str_dup(k->a, got.body) };
    if (got.end != LOOKUP_ANSWERED) {
        lookup_note(k, "%.*s does not answer for %.*s: %.*s", STR_ARG(host), STR_ARG(asked), STR_ARG(got.why));
        x.body = STR_EMPTY;
    } else if (!x.body.p && got.body.n)
        return lookup_no_room(e);
    else if (!say(k, asked, &x, ret_n, &status, e))
        return false;
    k->n->failed += status != 200 && status != 404;
    return got.end == LOOKUP_FORBIDDEN ||
           lookup_keep(k, "whois", asked, NULL, NULL, status, status == 200 || status == 404 ? TIME_DAY : TIME_HOUR, host, status == 200 ? x.body : STR_EMPTY, e);
}
