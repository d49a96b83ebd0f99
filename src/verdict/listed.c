/*
 * listed: what the operator's indicators say of a request or of a client. They are somebody's word: shown, and no axis moves for it.
 */
#include "verdict/work.h"

#include "pack/ioc_read.h"

static const struct user_ioc *listed_of(const struct work *w, const struct hit *h)
{
    const struct iocs *u = w->d->pack ? w->d->pack->user : NULL;
    return u && h->ioc && h->ioc <= u->n ? &u->item[h->ioc - 1] : NULL;
}

static void source(struct work *w, struct text *t, const struct user_ioc *x)
{
    struct arena scratch = *w->a;
    struct text  own = { .a = &scratch };

    /* The source is made in what the text may grow into, so it goes through a copy of its own. */
    text_clean(&own, iocs_source(w->d->pack->user, x, &scratch), 240);
    uint8_t    copy[256];
    struct str s = str_sub(text_done(&own), 0, sizeof copy);
    for (size_t i = 0; i < s.n; i++)
        copy[i] = s.p[i];
    text_add(t, (struct str){ copy, s.n });
}

bool listed_names(struct work *w, const struct hit *h, struct str *ret_detector, struct str *ret_title)
{
    const struct user_ioc *x = listed_of(w, h);

    *ret_detector = STR("iocs/request");
    *ret_title    = STR("Request that fits an indicator given");
    if (!x)
        return true;
    if (family_is_event_log(h->family)) {
        *ret_detector = STR("iocs/event");
        *ret_title    = STR("Event that names what is among the indicators given");
        return true;
    }
    switch (x->kind) {
    case IOC_IP: case IOC_NETWORK:
        *ret_detector = STR("iocs/address");
        *ret_title    = STR("Request from an address among the indicators given");
        break;
    case IOC_DOMAIN:
        *ret_detector = STR("iocs/domain");
        *ret_title    = STR("Request that names a domain among the indicators given");
        break;
    case IOC_URL: case IOC_URI:
        *ret_detector = STR("iocs/url");
        *ret_title    = STR("Request for a URL among the indicators given");
        break;
    default:
        *ret_detector = STR("iocs/user-agent");
        *ret_title    = STR("Request with a user agent among the indicators given");
    }
    return true;
}

void listed_tell(struct work *w, struct text *t, const struct hit *h)
{
    const struct user_ioc *x = listed_of(w, h);

    if (!x)
        return;
    text_c(t, t->n && t->p[t->n - 1] != '.' ? ". The indicators given know this " : " The indicators given know this ");
    text_c(t, ioc_kind_title(x->kind));
    text_c(t, ": ");
    text_clean(t, x->value, 120);
    text_c(t, " (");
    source(w, t, x);
    text_c(t, x->kind == IOC_IP || x->kind == IOC_NETWORK ? "); addresses change hands, so this proves nothing alone." : "); this proves nothing alone.");
}

bool listed_heavy(const struct work *w, const struct hit *h)
{
    const struct user_ioc *x = listed_of(w, h);
    return x && x->weight >= IOC_SUPPORTS;
}

void listed_client(struct work *w, struct text *t, struct str client)
{
    const struct iocs *u  = w->d->pack ? w->d->pack->user : NULL;
    size_t             at = u ? iocs_find_ip(u, client) : SIZE_MAX;

    if (at == SIZE_MAX)
        return;
    text_c(t, " ");
    text_clean(t, client, 64);
    text_c(t, " is among the indicators given (");
    source(w, t, &u->item[at]);
    text_c(t, "); addresses change hands, so this proves nothing alone.");
}
