/* plan_pen: facts by told.h, bytes by compose.h: what notify_plan_make writes with unless a test gives it something else. */
#include "notify/plan_inner.h"
#include "os/openpgp.h"

struct pen { struct told_run *run; const struct plan_options *o; struct signer key; };

static void pen_close(void *ctx)
{
    struct pen *p = ctx;

    if (!p)
        return;
    openpgp_signer_close(p->key.open);
}

static bool pen_open(void **ret, struct ledger *l, const struct plan_options *o, struct arena *a, struct err *e)
{
    struct pen *p = NEW(a, struct pen, 1);

    if (!p)
        return plan_no_room(e);
    p->o = o;
    *ret = p;                      /* closed by the caller, half open or not */
    if (o->settings->has_key) {
        p->key = o->settings->key;
        if (!openpgp_start(e) || !openpgp_signer_open(&p->key.open, p->key.home, p->key.key, e))
            return false;
    }
    return told_begin(&p->run, ledger_store(l), o->campaign, o->pack, a, e);
}

static bool pen_read(void *ctx, const struct told_ask *ask, struct arena *a, const struct told_set **ret, struct err *e) { return told_read(((struct pen *)ctx)->run, ask, a, ret, e); }

static bool pen_finding(void *ctx, const struct told_set *set, int64_t case_, enum notice_finding *ret, struct err *e)
{
    (void)ctx, (void)e;
    *ret = told_finding(set, case_);
    return true;
}

static bool pen_facts(void *ctx, const struct told_set *set, const struct notice *n, struct str nonce, struct arena *a, struct told *ret, struct err *e)
{
    return told_gather(((struct pen *)ctx)->run, set, n, nonce, a, ret, e);
}

static bool pen_write(void *ctx, const struct told *t, struct arena *a, struct str *ret_bytes, struct str *ret_subject, struct err *e)
{
    const struct pen          *p = ctx;
    const struct plan_options *o = p->o;

    if (!compose_subject(t, &o->settings->from, o->pack, a, ret_subject, e))
        return false;
    switch (t->notice->channel) {
    case CONTACT_EMAIL: return compose_mail(t, &o->settings->from, o->pack, p->key.open ? &p->key : NULL, a, ret_bytes, e);
    case CONTACT_POST:  return compose_letter(t, &o->settings->from, o->pack, a, ret_bytes, e);
    case CONTACT_PHONE: return compose_phone(t, &o->settings->from, o->pack, a, ret_bytes, e);
    default:            return err_set(e, ERR_USAGE, "nobody writes to a contact of this channel by machine");
    }
}

const struct plan_pen plan_pen_real = { pen_open, pen_close, pen_read, pen_finding, pen_facts, told_rev, pen_write };
