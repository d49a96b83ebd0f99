/*
 * ual: who used this server's roles, from where and how often, by user access logging: Windows Server counts it by itself, for up to three years, and intruders seldom know.
 *
 * Rule 1   nothing here accuses: that an address used a role proves no break-in. An address that is published, or that the operator brought, is a note that nobody overlooks.
 * Rule 2   addresses of the internet that used a role of this server by themselves are notes: mail goes through the web server, which is not counted so.
 * Rule 3   the whole is told in one line, so that its interval can be compared with that of the logs.
 * Source   ways back in, 10; Microsoft Learn, "Get started with User Access Logging"; formats/ese.h. Addresses are as the database has them, 4 or 16 bytes.
 */
#include "detect/files_inner.h"

#include "base/net.h"
#include "base/net_special.h"
#include "base/time.h"
#include "formats/ese.h"

#include <string.h>

enum { PUBLIC_MAX = 40, PUBLISHED_MAX = 40, ARENA_LEAST = 1 << 20 };

static bool wants(const struct files_context *c, const struct ev_node *n)
{
    (void)c;
    return !n->shadow && str_ieq(winpath_ext(n->path), STR(".mdb")) && str_ihas(n->path, STR("\\LogFiles\\Sum\\"));
}

/* The body where it is whole, else the node, read where it lies. */
struct source { struct files_context *c; const struct files_node *n; };
static bool source_read(void *ctx, uint64_t off, uint8_t *buf, size_t cap, size_t *ret_got, struct err *e)
{
    const struct source *s = ctx;
    struct str           body = s->n->body;

    if (s->n->cut)
        return ev_read(s->c->ev, s->n->node, off, buf, cap, ret_got, e);
    *ret_got = off >= body.n ? 0 : body.n - off < cap ? body.n - (size_t)off : cap;
    if (*ret_got)
        memcpy(buf, body.p + off, *ret_got);
    return true;
}

struct clients {
    struct files_context    *c;
    const struct ev_node    *n;
    struct arena             a;
    const struct ese_column *role, *total, *first, *last, *address, *user;
    uint64_t                 rows, accesses;
    int64_t                  from_us, to_us;
    uint32_t                 of_internet, published;
};

static const char *role_name(struct str guid)
{
    static const struct { uint8_t guid[16]; const char *name; } role[] = {
        { { 0x6F, 0x22, 0xA9, 0x10, 0xEE, 0x50, 0xD8, 0x49, 0xA3, 0x93, 0x9A, 0x50, 0x1D, 0x47, 0xCE, 0x04 }, "file server" },
        { { 0xC3, 0x5F, 0x49, 0xAD, 0xAA, 0x0E, 0x3D, 0x41, 0xBA, 0x7D, 0x8B, 0x13, 0xFA, 0x7E, 0xC5, 0x98 }, "Active Directory" },
        { { 0xD3, 0x9B, 0xB0, 0x7F, 0xE6, 0x7F, 0x5E, 0x43, 0x83, 0x48, 0x7D, 0x8A, 0xEF, 0xB6, 0xCE, 0xA3 }, "print server" },
    };
    for (size_t i = 0; guid.n == 16 && i < COUNT_OF(role); i++)
        if (memcmp(guid.p, role[i].guid, 16) == 0)
            return role[i].name;
    return "another role";
}

/* IPv4 as ::ffff:a.b.c.d. False: no address. */
static bool address_of(struct str raw, uint8_t ret[16])
{
    static const uint8_t mapped[12] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF };

    if (raw.n == 16) {
        memcpy(ret, raw.p, 16);
        return true;
    }
    memcpy(ret, mapped, 12);
    if (raw.n == 4)
        memcpy(ret + 12, raw.p, 4);
    return raw.n == 4;
}

static bool of_internet(const uint8_t ip[16]) { return !net_special_find(ip); }

static const struct ioc *published(const struct files_context *c, const char *text)
{
    for (size_t i = 0; i < c->pack->ioc_n; i++)
        if (c->pack->ioc[i].kind == IOC_IP && str_eq(c->pack->ioc[i].value, str_c(text)))
            return &c->pack->ioc[i];
    return NULL;
}

static void tell(struct clients *k, const char *address, const struct ioc *x, struct str user, const char *role, uint64_t total, int64_t first_us, int64_t last_us)
{
    char         from[TIME_TEXT], to[TIME_TEXT];
    struct file_fact *f = files_fact_at(k->c, k->n, FILE_FACT_NOTE, "files/access", x ? SEV_HIGH : SEV_MEDIUM, x ? 0.7 : 0.4);

    if (!f)
        return;
    time_text(first_us, from);
    time_text(last_us, to);
    f->what     = STR("client");
    f->name     = files_text(k->c, "%s", address);
    f->path     = STR_EMPTY;
    f->hash_hex = STR_EMPTY;
    f->bytes    = 0;
    f->time_us  = first_us;
    f->used_us  = last_us;
    f->title    = x ? STR("A published address used this server beside the web server") : STR("An address of the internet used this server beside the web server");
    f->why      = x ? files_text(k->c, "User access logging counted it. Published: %.*s (%.*s).", STR_ARG(str_sub(x->description, 0, 200)), STR_ARG(str_sub(x->source, 0, 120)))
                    : STR("User access logging counted it. File shares, directory and printers are seldom meant for the internet.");
    f->cite.time_us = first_us;
    f->cite.excerpt = files_text(k->c, "%s as %.*s: %s, %llu times from %s to %s", address, STR_ARG(str_sub(user.n ? files_quote(k->c, user) : STR("nobody"), 0, 100)), role, (unsigned long long)total, from, to);
    files_attack(f, "T1021");
}

static bool client(void *ctx, const struct ese_record *r)
{
    struct clients *k = ctx;
    struct arena    a = k->a;
    struct str      raw, guid = STR_EMPTY;
    uint8_t         ip[16];
    char            text[NET_TEXT];
    int64_t         first = time_filetime(ese_number(r, k->first, a)), last = time_filetime(ese_number(r, k->last, a));
    uint64_t        total = ese_number(r, k->total, a);

    k->rows++;
    k->accesses += total;
    if (first != TIME_NONE && (k->from_us == TIME_NONE || first < k->from_us))
        k->from_us = first;
    if (last != TIME_NONE && (k->to_us == TIME_NONE || last > k->to_us))
        k->to_us = last;
    if (!ese_get(r, k->address, &a, &raw) || !address_of(raw, ip))
        return true;
    net_ip_text(ip, text);
    const struct ioc *x = published(k->c, text);
    if (x ? k->published++ >= PUBLISHED_MAX : !of_internet(ip) || k->of_internet++ >= PUBLIC_MAX) {
        k->c->found->fact_more += x != NULL;
        return true;
    }
    (void)ese_get(r, k->role, &a, &guid);
    tell(k, text, x, ese_text(r, k->user, &a), role_name(guid), total, first, last);
    return true;
}

static bool trouble(struct files_context *c, const struct files_node *n, const struct err *why, struct err *e)
{
    if (why->kind == ERR_MEMORY)
        return *e = *why, false;
    ev_refuse(c->ev, n->node->path, "damaged: a part of it", why->what);
    return true;
}

static bool look(struct files_context *c, struct files_node *n, struct err *e)
{
    struct source    s = { c, n };
    struct blocks    b = { source_read, &s, n->cut ? n->node->size_bytes : n->body.n };
    struct clients   k = { .c = c, .n = n->node, .from_us = TIME_NONE, .to_us = TIME_NONE };
    struct arena     a = n->scratch;
    struct ese       d;
    struct ese_table t;
    struct err       why = { 0 };

    if (!ese_is(str_sub(n->body, 0, 8)) || arena_room(&a) < ARENA_LEAST)
        return true;
    if (n->cut && n->node->entry.n) {
        ev_refuse(c->ev, n->node->path, "not read: a large database inside of an archive", "Unpack it elsewhere, and hunt the folder.");
        return true;
    }
    if (!ese_open(&d, &b, &why))
        return trouble(c, n, &why, e);
    if (!ese_table_find(&d, &a, STR("CLIENTS"), &t, &why))
        return str_starts(str_c(why.what), STR("it has no table")) || trouble(c, n, &why, e);       /* SystemIdentity.mdb has others */
    k.role    = ese_column_find(&t, STR("RoleGuid"));
    k.total   = ese_column_find(&t, STR("TotalAccesses"));
    k.first   = ese_column_find(&t, STR("InsertDate"));
    k.last    = ese_column_find(&t, STR("LastAccess"));
    k.address = ese_column_find(&t, STR("Address"));
    k.user    = ese_column_find(&t, STR("AuthenticatedUserName"));
    /* Pages are read into the upper half of the scratch, texts of a record go to the lower. */
    struct arena pages = a;
    k.a = a;
    k.a.end = pages.beg = a.beg + arena_room(&a) / 2 / 16 * 16;
    if (!ese_rows(&d, pages, &t, client, &k, &why) && !trouble(c, n, &why, e))
        return false;
    if (d.bad || d.dirty)
        ev_refuse(c->ev, n->node->path, d.bad ? "damaged: a part of it" : "not closed: its last changes are in its logs, which are not read", "What could be read was read. Collect the folder Sum with Volume Shadow Copy, or stop the service UALSVC first.");
    if (k.rows == 0)
        return true;
    struct file_fact *f = files_fact_at(c, n->node, FILE_FACT_NOTE, "files/access-log", SEV_INFO, 0.9);
    char         from[TIME_TEXT], to[TIME_TEXT];
    if (!f)
        return true;
    time_text(k.from_us, from);
    time_text(k.to_us, to);
    f->what  = STR("client");
    f->url   = STR_EMPTY;
    f->title = STR("User access logging");
    f->why   = files_text(c, "Windows counted %llu clients and accounts with %llu accesses from %s to %s; %u of them came from the internet.", (unsigned long long)k.rows, (unsigned long long)k.accesses,
                          from[0] ? from : "?", to[0] ? to : "?", k.of_internet);
    f->cite.excerpt = files_text(c, "CLIENTS: %llu rows", (unsigned long long)k.rows);
    return true;
}

const struct files_detector files_ual = {
    .name = "access", .about = "who used this server's roles and from where, by user access logging (Sum\\*.mdb)", .wants = wants, .look = look,
};
