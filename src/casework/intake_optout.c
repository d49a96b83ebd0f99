/* Opt-outs: whom not to write to. Only what the address hashes to is kept (suppress.h). */
#include "casework/intake_inner.h"

#include "formats/idna.h"

enum { F_ADDRESS, F_DOMAIN, F_SCOPE, F_WHY };

static const struct intake_column columns[] = {
    { "optout", F_ADDRESS }, { "address", F_ADDRESS }, { "email", F_ADDRESS }, { "mail", F_ADDRESS }, { "contact", F_ADDRESS }, { "recipient", F_ADDRESS }, { "domain", F_DOMAIN }, { "optoutdomain", F_DOMAIN },
    { "scope", F_SCOPE }, { "why", F_WHY }, { "reason", F_WHY }, { NULL, 0 }
};

static const char nobody[] = "neither an address nor a domain", no_why[] = "an opt-out needs its reason", no_scope[] = "its scope is longer than a word";

static struct str get(const struct intake_row *r, unsigned f) { return r->has & HAS(f) ? r->f[f] : STR_EMPTY; }

static bool row(struct intake *m, const struct intake_row *r)
{
    struct intake_item x = { .suppress = { .scope = get(r, F_SCOPE).n ? get(r, F_SCOPE) : STR("all"), .why = get(r, F_WHY) } };
    struct str         s = get(r, F_ADDRESS).n ? get(r, F_ADDRESS) : get(r, F_DOMAIN);
    struct mailaddr    mail;
    const char        *why;

    if (!x.suppress.why.n)
        return intake_broken(m, no_why);
    if (x.suppress.scope.n > 64)
        return intake_broken(m, no_scope);
    if (str_chr(s, '@') != STR_NONE) {
        if (!mailaddr_parse(s, &m->a, &mail, &why))
            return intake_broken(m, why);
        x.suppress.address = mail.all;
    } else if (!idna_domain(s, &m->a, &x.suppress.address)) {
        return intake_broken(m, nobody);
    }
    return intake_give(m, &x, INTAKE_SUPPRESS) || !m->stopped;
}

const struct intake_kind intake_optout = {
    .name = "optout", .about = "whom not to write to: address or domain, scope, reason; kept as a hash only", .column = columns,
    .all = HAS(F_WHY) | HAS(F_SCOPE), .any = HAS(F_ADDRESS) | HAS(F_DOMAIN), .sure = 65, .row = row,
};
