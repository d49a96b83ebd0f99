/*
 * server: what the registry says of the machine: its name, Windows, time zone, Exchange and its updates, profiles.
 *
 * Rule 1   what a collector or better sources said stands; only what is missing is filled in.
 * Rule 2   Exchange's keys name the cumulative update, never the security update: the build counts with three parts.
 * Source   ways back in, 1.1 and 2.4; survey sheet, 2; Microsoft Learn, "Exchange Server build numbers and release dates".
 */
#include "detect/reg.h"

#include <string.h>

static struct str keep_upper(struct reg *r, struct str s)
{
    uint8_t *p = NEW(r->c->keep, uint8_t, s.n + 1);

    for (size_t i = 0; p && i < s.n; i++)
        p[i] = s.p[i] >= 'a' && s.p[i] <= 'z' ? (uint8_t)(s.p[i] - 32) : s.p[i];
    return p ? (struct str){ p, s.n } : STR_EMPTY;
}

static bool plain_name(struct str s)
{
    for (size_t i = 0; i < s.n; i++)
        if (!ch_alnum(s.p[i]) && s.p[i] != '-' && s.p[i] != '_' && s.p[i] != '.')
            return false;
    return s.n > 0 && s.n <= 200;
}

static void of_system(struct reg *r)
{
    struct server  *s = &r->c->found->server;
    struct arena    a = r->a;
    struct hive_key k;

    if (s->name.n == 0 && reg_key(r, &a, STR("@\\Control\\ComputerName\\ComputerName"), &k)) {
        struct str name = reg_text(r, &a, &k, "ComputerName");
        if (plain_name(name) && name.n <= 15)
            s->name = keep_upper(r, name);
    }
    if (s->time_zone.n == 0 && reg_key(r, &a, STR("@\\Control\\TimeZoneInformation"), &k)) {
        struct str zone = reg_text(r, &a, &k, "TimeZoneKeyName");
        /* Before Windows 7 and after daylight rules of its own, the name is a reference to a resource. */
        if (zone.n && zone.p[0] != '@')
            s->time_zone = files_quote(r->c, str_sub(zone, 0, 100));
    }
    if (s->domain.n == 0 && reg_key(r, &a, STR("@\\Services\\Tcpip\\Parameters"), &k)) {
        struct str domain = reg_text(r, &a, &k, "Domain");
        domain = domain.n ? domain : reg_text(r, &a, &k, "NV Domain");
        if (plain_name(domain) && str_chr(domain, '.') != STR_NONE)
            s->domain = str_lower(r->c->keep, domain);
    }
}

static void windows(struct reg *r)
{
    struct server  *s = &r->c->found->server;
    struct arena    a = r->a;
    struct hive_key k;
    uint64_t        revision;

    if (s->os.n || !reg_key(r, &a, STR("Microsoft\\Windows NT\\CurrentVersion"), &k))
        return;
    struct str name = reg_text(r, &a, &k, "ProductName"), build = reg_text(r, &a, &k, "CurrentBuild");
    if (name.n == 0)
        return;
    if (build.n && reg_number(r, a, &k, "UBR", &revision))
        s->os = files_text(r->c, "%.*s (build %.*s.%u)", STR_ARG(str_sub(files_quote(r->c, name), 0, 100)), STR_ARG(str_sub(build, 0, 10)), (unsigned)revision);
    else if (build.n)
        s->os = files_text(r->c, "%.*s (build %.*s)", STR_ARG(str_sub(files_quote(r->c, name), 0, 100)), STR_ARG(str_sub(build, 0, 10)));
    else
        s->os = files_quote(r->c, str_sub(name, 0, 100));
}

static void exchange(struct reg *r, const char *key)
{
    struct server  *s = &r->c->found->server;
    struct arena    a = r->a;
    struct hive_key k;
    uint64_t        part[4];
    static const char *const name[] = { "MsiProductMajor", "MsiProductMinor", "MsiBuildMajor", "MsiBuildMinor" };

    if (!reg_key(r, &a, str_c(key), &k))
        return;
    struct str install = reg_text(r, &a, &k, "MsiInstallPath");
    struct str path    = install.n ? winpath_canon(r->c->keep, str_sub(install, 0, 400), r->c->ev->system_drive) : STR_EMPTY;
    bool       whole   = true;
    for (size_t i = 0; i < COUNT_OF(name); i++)
        whole = whole && reg_number(r, a, &k, name[i], &part[i]) && part[i] <= UINT16_MAX;
    struct file_fact *f = reg_fact(r, FILE_FACT_NOTE, "registry/exchange", SEV_INFO, 0.9, &k, str_c(key), NULL, install);
    if (f) {
        f->name  = whole ? files_text(r->c, "%u.%u.%u.%u", (unsigned)part[0], (unsigned)part[1], (unsigned)part[2], (unsigned)part[3]) : STR("Exchange");
        f->path  = path;
        f->title = whole ? files_text(r->c, "The registry names Exchange %.*s", STR_ARG(f->name)) : STR("The registry names an installation of Exchange");
        f->why   = STR("It is the number of the cumulative update: security updates do not change it.");
    }
    for (size_t i = 0; i < s->product_n; i++)
        if (s->product[i].install_path.n == 0 && path.n)
            s->product[i].install_path = path;
    if (s->product_n == 0 && whole) {
        struct build_answer answer = { 0 };
        uint16_t            v[4] = { (uint16_t)part[0], (uint16_t)part[1], (uint16_t)part[2], (uint16_t)part[3] };
        struct err          mine = { 0 };
        if (!build_judge(r->c->pack, r->c->keep, v, 3, TIME_NONE, s->um_role, &answer, &mine))
            return;
        struct product *p = &s->product[s->product_n++];
        *p = (struct product){ .product = answer.product, .parts = 3, .install_path = path, .cite = { .node = r->n->id, .time_us = time_filetime(k.written) } };
        memcpy(p->v, v, sizeof p->v);
        p->v[3]  = 0;
        p->build = files_text(r->c, "%u.%u.%u", v[0], v[1], v[2]);
        p->cite.excerpt = f ? f->cite.excerpt : STR_EMPTY;
    }
}

/* "...\KB5000871": is it one of those that the campaign's list of builds names? */
static bool update(struct reg *r, void *ctx, struct arena a, const struct hive_key *k, struct str path)
{
    int depth = *(int *)ctx, next = depth - 1;

    if (depth > 0)
        return reg_each(r, a, path, update, &next);
    for (size_t i = 0; i < r->c->pack->build_n; i++) {
        struct str kb = r->c->pack->build[i].kb;
        if (kb.n < 6 || !str_istarts(k->name, kb) || (k->name.n > kb.n && ch_alnum(k->name.p[kb.n])))
            continue;
        struct str   when = reg_text(r, &a, k, "InstalledDate");
        struct file_fact *f = reg_fact(r, FILE_FACT_NOTE, "registry/update", SEV_INFO, 0.9, k, path, when.n ? "InstalledDate" : NULL, when);
        if (f) {
            f->name  = files_quote(r->c, k->name);
            f->title = files_text(r->c, "The registry lists the update %.*s as installed", STR_ARG(str_sub(f->name, 0, 60)));
            f->why   = STR("It stands there when its setup ended well; the time is that of the key's last change.");
        }
        break;
    }
    return true;
}

static bool profile(struct reg *r, void *ctx, struct arena a, const struct hive_key *k, struct str path)
{
    struct reg_memory *m = r->c->work->reg;
    struct str         dir = reg_text(r, &a, k, "ProfileImagePath");

    (void)ctx;
    (void)path;
    /* The system's own hive is DEFAULT in the folder of hives. */
    if (dir.n == 0 || str_ihas(dir, STR("\\systemprofile")) || m->profile_n >= 500)
        return true;
    struct str *slot = GROW(&r->c->work->pile, m->profile, m->profile_n, &m->profile_cap);
    if (slot && (*slot = winpath_canon(r->c->keep, str_sub(dir, 0, 400), r->c->ev->system_drive)).p)
        m->profile_n++;
    return true;
}

/* Keys for the state of pages that ASP.NET made by itself: with the rights of the system they can be read, and outlive every update. */
static void page_keys(struct reg *r)
{
    struct arena    a = r->a;
    struct hive_key k;
    struct str      path = STR("Microsoft\\ASP.NET\\4.0.30319.0\\AutoGenKeys");

    if (!reg_key(r, &a, path, &k) || k.subkey_n == 0)
        return;
    struct file_fact *f = reg_fact(r, FILE_FACT_NOTE, "registry/page-keys", SEV_INFO, 0.6, &k, path, NULL, files_text(r->c, "%u application pools", k.subkey_n));
    if (f) {
        f->name  = STR("AutoGenKeys");
        f->title = STR("Keys of ASP.NET that are kept in the registry");
        f->why   = STR("Whoever had the rights of the system could read them. Deleting the values and restarting IIS makes new ones.");
    }
}

static void iis(struct reg *r)
{
    struct arena    a = r->a;
    struct hive_key k;
    struct str      path = STR("Microsoft\\InetStp");

    if (!reg_key(r, &a, path, &k))
        return;
    struct str version = reg_text(r, &a, &k, "VersionString"), root = reg_text(r, &a, &k, "PathWWWRoot");
    struct file_fact *f = reg_fact(r, FILE_FACT_NOTE, "registry/iis", SEV_INFO, 0.9, &k, path, "PathWWWRoot", root);
    if (f) {
        f->name  = files_quote(r->c, version.n ? version : STR("IIS"));
        f->path  = root.n ? winpath_canon(r->c->keep, str_sub(root, 0, 400), r->c->ev->system_drive) : STR_EMPTY;
        f->title = STR("The registry names the web server and its folder");
        f->why   = STR("Sites and their folders stand in applicationHost.config; this is where setup put the first.");
    }
}

bool reg_server(struct reg *r)
{
    int deep = 2;

    if (r->kind == REG_SYSTEM)
        of_system(r);
    if (r->kind != REG_SOFTWARE)
        return !r->failed;
    windows(r);
    exchange(r, "Microsoft\\ExchangeServer\\v15\\Setup");
    exchange(r, "Microsoft\\ExchangeServer\\v14\\Setup");
    page_keys(r);
    iis(r);
    return reg_each(r, r->a, STR("Microsoft\\Updates"), update, &deep) && reg_each(r, r->a, STR("Microsoft\\Windows NT\\CurrentVersion\\ProfileList"), profile, NULL);
}
