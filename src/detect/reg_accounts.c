/*
 * accounts: local accounts and the group of administrators, from SAM; names that the logon screen hides, from SOFTWARE.
 *
 * Rule 1   an account whose record carries another's number acts as that other: nobody honest makes one.
 * Rule 2   a local account whose name ends in '$' hides from `net user`; honest machines have such names only in the domain.
 * Rule 3   services and everybody have no place among the administrators; but people put them there: a note.
 * Rule 4   an account that is hidden from the logon screen and an administrator is a way back when it was made since the campaign began; either alone, or an
 *          older one, is a note: products hide theirs.
 * Source   ways back in, 5; fields of F, V and C as published with samparse and impacket.
 */
#include "detect/reg.h"

#include "base/rd.h"
#include "base/utf.h"

#include <string.h>

#define USERS "SAM\\Domains\\Account\\Users"
#define ADMINS "SAM\\Domains\\Builtin\\Aliases\\00000220"
enum { RID_ADMIN = 500, RID_GUEST = 501, RID_DEFAULT = 503, RID_SANDBOX = 504, ACB_DISABLED = 1, ADMINS_MAX = 500 };

struct sid { uint8_t authority; uint8_t n; uint32_t part[15]; };

static bool sid_read(struct rd *r, struct sid *ret)
{
    uint8_t revision = rd_u8(r);

    ret->n = rd_u8(r);
    rd_skip(r, 5);
    ret->authority = rd_u8(r);
    if (r->bad || revision != 1 || ret->n > COUNT_OF(ret->part))
        return false;
    for (uint8_t i = 0; i < ret->n; i++)
        ret->part[i] = rd_u32le(r);
    return !r->bad;
}

static struct str data_of(struct reg *r, struct arena *a, const struct hive_key *k, const char *name)
{
    struct hive_value v;
    struct str        data;

    return hive_value(r->h, a, k, str_c(name), &v) && hive_data(r->h, a, &v, &data) ? data : STR_EMPTY;
}

/* Rows of 12 bytes: where, how long; texts begin behind them. */
static struct str text_at(struct arena *a, struct str v, size_t row)
{
    struct rd in = { .s = v };

    rd_seek(&in, row);
    uint32_t at = rd_u32le(&in), n = rd_u32le(&in);
    rd_seek(&in, 0xCC);
    rd_skip(&in, at);
    struct str raw = rd_take(&in, n);
    return in.bad ? STR_EMPTY : utf_to8(a, raw, UTF_16LE);
}

static struct file_fact *tell(struct reg *r, bool sure, enum severity s, double confidence, const struct hive_key *k, struct str path, struct str name, struct str shown, const char *title, const char *why)
{
    struct file_fact *f = reg_fact(r, sure ? FILE_FACT_WAY_BACK : FILE_FACT_NOTE, sure ? "registry/account" : "registry/account-odd", s, confidence, k, path, NULL, shown);

    if (!f)
        return NULL;
    f->what  = STR("account");
    f->name  = files_quote(r->c, name);
    f->title = str_c(title);
    f->why   = str_c(why);
    return f;
}

struct gather { struct reg_memory *m; uint32_t machine[3]; bool has_machine; uint32_t admin[ADMINS_MAX]; size_t admin_n; };

static bool is_admin(const struct gather *g, uint32_t rid)
{
    for (size_t i = 0; i < g->admin_n; i++)
        if (g->admin[i] == rid)
            return true;
    return false;
}

static bool user(struct reg *r, void *ctx, struct arena a, const struct hive_key *k, struct str path)
{
    struct gather  *g = ctx;
    uint64_t        rid;
    struct hive_key named = { 0 };

    if (!num_hex(k->name, &rid) || rid > UINT32_MAX)
        return true;
    struct str f = data_of(r, &a, k, "F"), v = data_of(r, &a, k, "V"), name = text_at(&a, v, 12);
    if (f.n < 0x40 || name.n == 0)
        return true;
    struct rd in = { .s = f };
    rd_seek(&in, 8);
    int64_t  logon = time_filetime(rd_u64le(&in));
    rd_seek(&in, 0x30);
    uint32_t own = rd_u32le(&in);
    rd_seek(&in, 0x38);
    uint16_t flags = rd_u16le(&in);
    rd_seek(&in, 0x42 < f.n ? 0x42 : 0);
    uint16_t logons = f.n >= 0x44 ? rd_u16le(&in) : 0;
    bool     enabled = !(flags & ACB_DISABLED), admin = is_admin(g, (uint32_t)rid), dollar = name.p[name.n - 1] == '$';
    struct str names = str_cat(&a, STR(USERS "\\Names\\"), name);
    bool       has_names = names.p && reg_key(r, &a, names, &named);
    char       last[TIME_TEXT];
    time_text(logon, last);
    struct str shown = files_text(r->c, "%.*s, number %u%s%s, %s%s, %u logons", STR_ARG(str_sub(files_quote(r->c, name), 0, 80)), (unsigned)rid, admin ? ", administrator" : "", enabled ? "" : ", disabled",
                                  *last ? "last logon " : "never logged on", last, logons);
    struct file_fact *x = NULL;
    if (own != rid) {
        x = tell(r, true, SEV_CRITICAL, 0.95, k, path, name, files_text(r->c, "%.*s; its record says number %u", STR_ARG(shown), own), "An account acts as another one",
                 "The number in its record is that of another account, whose rights it has.");
        if (x)
            files_attack(x, "T1098");
    } else if (dollar && rid >= 1000 && enabled && !str_ieq(name, STR("HomeGroupUser$"))) {
        x = tell(r, true, SEV_HIGH, 0.85, k, path, name, shown, "A local account with the name of a computer", "Names that end in '$' are not listed by `net user`; honest machines have them only in the domain.");
        if (x)
            files_attack(x, "T1136.001");
    } else if (enabled && (rid == RID_GUEST || rid == RID_DEFAULT || rid == RID_SANDBOX)) {
        x = tell(r, admin, admin ? SEV_HIGH : SEV_MEDIUM, admin ? 0.9 : 0.5, k, path, name, shown, admin ? "A built-in account was made an administrator" : "A built-in account that should be off is on",
                 admin ? "Windows ships with it disabled and without rights." : "Windows ships with it disabled.");
        if (x)
            files_attack(x, "T1078.001");
    } else if (enabled && admin && rid >= 1000) {
        x = tell(r, false, SEV_LOW, 0.4, k, path, name, shown, "A local administrator", "Ask who made the account, and why.");
    }
    if (x && has_names && own == rid)
        x->created_us = time_filetime(named.written);         /* this key is written once, with the account */
    struct reg_account *slot = g->m->account_n < REG_ACCOUNTS_MAX ? GROW(&r->c->work->pile, g->m->account, g->m->account_n, &g->m->account_cap) : NULL;
    if (slot) {
        *slot = (struct reg_account){ .name = str_dup(r->c->keep, name), .rid = (uint32_t)rid, .enabled = enabled, .admin = admin, .named_us = has_names ? time_filetime(named.written) : TIME_NONE,
                                      .node = r->n->id, .key = str_dup(r->c->keep, path) };
        g->m->account_n++;
    }
    return true;
}

static void administrators(struct reg *r, struct gather *g, struct arena a)
{
    struct hive_key k;
    struct str      path = STR(ADMINS);

    if (!reg_key(r, &a, path, &k))
        return;
    struct rd in = { .s = data_of(r, &a, &k, "C") };
    rd_seek(&in, 0x28);
    uint32_t at = rd_u32le(&in);
    rd_seek(&in, 0x30);
    uint32_t n = rd_u32le(&in);
    rd_seek(&in, 0x34);
    rd_skip(&in, at);
    for (uint32_t i = 0; i < n && i < ADMINS_MAX && !in.bad; i++) {
        struct sid s = { 0 };
        if (!sid_read(&in, &s))
            break;
        if (s.authority == 5 && s.n == 5 && s.part[0] == 21 && g->has_machine && memcmp(&s.part[1], g->machine, sizeof g->machine) == 0)
            g->admin[g->admin_n++] = s.part[4];
        bool world = s.authority == 1, pool = s.authority == 5 && s.n > 1 && s.part[0] == 82;
        bool service = s.authority == 5 && s.n == 1 && (s.part[0] == 7 || s.part[0] == 11 || s.part[0] == 19 || s.part[0] == 20 || s.part[0] == 4 || s.part[0] == 2);
        if (!world && !pool && !service)
            continue;
        char text[40];
        snprintf(text, sizeof text, "S-1-%u-%u%s", s.authority, s.n ? s.part[0] : 0, s.n > 1 ? "-..." : "");
        struct file_fact *f = tell(r, false, SEV_HIGH, 0.6, &k, path, str_c(text), files_text(r->c, "member %s", text),
                                   pool ? "An application pool is an administrator" : world || s.part[0] == 11 || s.part[0] == 7 ? "Everybody is an administrator" : "An account of services is an administrator",
                                   "Whatever runs in a web page or over the network then has all rights. Some administrators do this to make a program work.");
        if (f)
            files_attack(f, "T1098");
    }
}

static void machine(struct reg *r, struct gather *g, struct arena a)
{
    struct hive_key k;

    if (!reg_key(r, &a, STR("SAM\\Domains\\Account"), &k))
        return;
    struct str v = data_of(r, &a, &k, "V");
    if (v.n < 12)
        return;
    struct rd in = { .s = v };
    rd_seek(&in, v.n - 12);
    for (size_t i = 0; i < 3; i++)
        g->machine[i] = rd_u32le(&in);
    g->has_machine = true;
}

static void hidden(struct reg *r)
{
    struct arena       a = r->a;
    struct reg_memory *m = r->c->work->reg;
    struct hive_key    k;
    struct hive_value *v;
    size_t             n;
    struct str         path = STR("Microsoft\\Windows NT\\CurrentVersion\\Winlogon\\SpecialAccounts\\UserList");

    if (!reg_key(r, &a, path, &k) || !hive_values(r->h, &a, &k, &v, &n))
        return;
    for (size_t i = 0; i < n && i < REG_ACCOUNTS_MAX; i++) {
        struct arena scratch = a;
        struct str   data;
        uint64_t     number;
        if (!hive_data(r->h, &scratch, &v[i], &data) || !hive_number(v[i].type, data, &number) || number != 0)
            continue;
        struct str *slot = GROW(&r->c->work->pile, m->hidden, m->hidden_n, &m->hidden_cap);
        if (!slot)
            return;
        *slot = str_dup(r->c->keep, v[i].name);
        m->hidden_n++;
        m->hidden_node = r->n->id;
        struct file_fact *f = tell(r, false, SEV_MEDIUM, 0.5, &k, path, v[i].name, v[i].name, "An account that the logon screen does not show", "Some products hide their own account so; intruders do, too.");
        if (f)
            files_attack(f, "T1564.002");
    }
}

bool reg_accounts(struct reg *r)
{
    if (r->kind == REG_SOFTWARE)
        hidden(r);
    if (r->kind == REG_SAM) {
        struct gather g = { .m = r->c->work->reg };
        machine(r, &g, r->a);
        administrators(r, &g, r->a);
        return reg_each(r, r->a, STR(USERS), user, &g);
    }
    return !r->failed;
}

bool reg_accounts_done(struct files_context *c, struct err *e)
{
    const struct reg_memory *m = c->work->reg;

    (void)e;
    for (size_t i = 0; m && i < m->account_n; i++) {
        const struct reg_account *x = &m->account[i];
        bool is = false;
        for (size_t k = 0; k < m->hidden_n; k++)
            is = is || str_ieq(m->hidden[k], x->name);
        if (!is || !x->enabled || !x->admin || x->rid < 1000)
            continue;
        bool since = x->named_us != TIME_NONE && x->named_us >= c->pack->exploited_from_us;
        struct file_fact *f = files_fact_at(c, &c->ev->node[x->node], since ? FILE_FACT_WAY_BACK : FILE_FACT_NOTE, "registry/account-hidden", since ? SEV_HIGH : SEV_MEDIUM, since ? 0.85 : 0.5);
        if (!f)
            continue;
        f->what       = STR("account");
        f->name       = x->name;
        f->path       = f->url = f->hash_hex = STR_EMPTY;
        f->bytes      = 0;
        f->created_us = f->time_us = x->named_us;
        f->cite.time_us = x->named_us;
        f->cite.excerpt = files_text(c, "HKLM\\SAM\\%.*s: %.*s, number %u, administrator, hidden by SpecialAccounts\\UserList", STR_ARG(x->key), STR_ARG(x->name), x->rid);
        f->title = STR("A local administrator that the logon screen does not show");
        f->why   = since ? STR("The account was made since the flaws were used, has all rights, and somebody keeps it out of sight.")
                         : STR("The account is older than the campaign. Products hide accounts of their own so.");
        files_attack(f, "T1564.002");
        files_attack(f, "T1136.001");
    }
    return true;
}
