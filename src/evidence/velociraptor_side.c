/* What a Velociraptor collection says about itself: the server, its files, their times. Every word of it may be a lie. */
#include "evidence/layout_velociraptor.h"

#include "base/num.h"
#include "evidence/ev.h"

#include <string.h>

struct side {
    struct layout *l;
    struct arena   scratch;       /* of one row; taken by value */
    uint64_t       bad;           /* rows whose path is none */
};

/* ---- the server ---- */

static void take_names(struct layout *l, struct str host, struct str fqdn)
{
    struct layout_server *s = &l->server;

    s->name = layout_host_take(host, l->keep);
    s->fqdn = layout_host_take(fqdn, l->keep);
    if (!s->fqdn.n && str_chr(s->name, '.') != STR_NONE)
        s->fqdn = s->name;
    if (!s->name.n)
        s->name = s->fqdn;
    s->name = str_sub(s->name, 0, str_chr(s->name, '.'));      /* a computer's name is the first label */
}

static struct str whole(struct json_object *o, const char *key)
{
    struct str s = STR_EMPTY;

    layout_json_text(o, key, &s);
    return s;
}

static struct str text(struct json_object *o, const char *key) { return str_sub(whole(o, key), 0, 200); }

/* A server's own record of the client parts its words between `info` and itself. */
static struct str either(struct json_object *info, struct json_object *o, const char *key)
{
    struct str s = info ? text(info, key) : STR_EMPTY;

    return s.n ? s : text(o, key);
}

static bool take_client(void *ctx, struct json_object *o, struct err *e)
{
    struct layout        *l = ctx;
    struct layout_server *s = &l->server;
    struct json_object   *info = layout_json_object(o, "os_info");
    int64_t               off;

    (void)e;
    bool       capitals = text(o, "Hostname").n || text(o, "Fqdn").n;      /* an offline collector; else a server */
    struct str platform = capitals ? text(o, "Platform") : either(info, o, "release"), version = capitals ? text(o, "PlatformVersion") : STR_EMPTY;
    if (!platform.n)
        platform = capitals ? text(o, "OS") : either(info, o, "system");
    if (capitals)
        take_names(l, text(o, "Hostname"), text(o, "Fqdn"));
    else
        take_names(l, either(info, o, "hostname"), either(info, o, "fqdn"));
    struct arena *keep = l->keep;
    s->os        = version.n ? str_fmt(keep, "%.*s %.*s", STR_ARG(platform), STR_ARG(version)) : str_dup(keep, platform);
    s->time_zone = str_dup(keep, text(o, "LocalTZ"));
    /* Seconds east of UTC. Whole quarters of an hour, so that 900 is the least that can be meant by them; smaller numbers are minutes. */
    if (layout_json_i64(o, "LocalTZOffset", &off) && off >= -50400 && off <= 50400) {
        s->offset_minutes = (int)(off > -900 && off < 900 ? off : off / 60);
        s->has_offset     = true;
    }
    return false;
}

static bool all_of(struct str s, bool (*fits)(uint8_t))
{
    for (size_t i = 0; i < s.n; i++)
        if (!fits(s.p[i]))
            return false;
    return s.n != 0;
}

/* "EXCH01_example_test": dots became '_'. Only with two of them and a last label of letters; one may be part of a name. */
static struct str undot(struct arena *a, struct str host)
{
    size_t n = 0;

    for (size_t i = 0; i < host.n; i++)
        n += host.p[i] == '_';
    if (n < 2 || str_chr(host, '.') != STR_NONE || !all_of(str_from(host, str_rchr(host, '_') + 1), ch_alpha))
        return host;
    struct str copy = str_dup(a, host);
    uint8_t   *p    = (uint8_t *)(uintptr_t)copy.p;
    for (size_t i = 0; i < copy.n; i++)
        if (p[i] == '_')
            p[i] = '.';
    return copy;
}

/* "Collection-<host>-2021-03-12T10_00_00Z", or "<host>-C.<client>-F.<flow>". Empty: neither. */
static struct str host_of(struct str stem)
{
    if (str_istarts(stem, STR("Collection-"))) {
        stem = str_from(stem, 11);
        for (size_t i = 1; i < stem.n; i++)
            if (layout_pattern(str_from(stem, i), "-dddd-dd-ddTdd"))
                return str_sub(stem, 0, i);
        return STR_EMPTY;
    }
    size_t at = str_find(stem, STR("-C."));
    return at != STR_NONE && at && str_has(str_from(stem, at), STR("-F.")) ? str_sub(stem, 0, at) : STR_EMPTY;
}

static void take_archive_name(struct layout *l, struct str archive_name, struct arena scratch)
{
    size_t     at   = str_rchr(l->top, '/');
    struct str host = host_of(layout_stem(archive_name));

    if (!host.n)
        host = host_of(at == STR_NONE ? l->top : str_from(l->top, at + 1));
    if (!host.n)
        return;
    take_names(l, undot(&scratch, host), STR_EMPTY);
    if (l->server.name.n) {
        l->server.stated_by    = "name of the archive";
        l->server.by_name_only = true;
    }
}

bool velociraptor_server(struct layout *l, struct str archive_name, struct arena scratch, struct err *e)
{
    /* The artifact that the first is made from is often collected by itself too. */
    static const char *const file[] = { "client_info.json", "results/Generic.Client.Info%2FBasicInformation.json", "Generic.Client.Info/BasicInformation.json" };

    for (size_t i = 0; i < COUNT_OF(file) && !l->server.name.n; i++) {
        struct arena here = scratch;
        struct str   body;
        if (!layout_slurp(l, str_c(file[i]), &here, &body, e) || !layout_json_first(body, take_client, l, e))
            return false;
        if (l->server.name.n)
            l->server.stated_by = i ? "BasicInformation.json" : "client_info.json";
    }
    if (!l->server.name.n)
        take_archive_name(l, archive_name, scratch);
    return true;
}

/* ---- the sealed container ---- */

struct seal { bool x509, password; };

static bool take_seal(void *ctx, struct json_object *o, struct err *e)
{
    struct seal *s = ctx;

    (void)e;
    s->x509     = str_ieq(text(o, "Scheme"), STR("X509"));
    s->password = text(o, "EncryptedPass").n != 0;
    return false;
}

bool velociraptor_sealed(struct layout *l, struct str archive_name, struct arena scratch, struct err *e)
{
    struct seal s = { 0 };
    struct str  body;

    if (!layout_slurp(l, STR("metadata.json"), &scratch, &body, e) || !layout_json_first(body, take_seal, &s, e))
        return false;
    take_archive_name(l, archive_name, scratch);
    if (!l->encrypted)
        return true;
    if (s.x509)
        layout_note_add(l, STR("data.zip"), s.password ? "encrypted container (scheme X509, with EncryptedPass)" : "encrypted container (scheme X509)",
                        "Its password is sealed with the certificate of the Velociraptor server. Import it there and export the collection, or decrypt "
                        "data.zip and hunt the result, or give the password.");
    else
        layout_note_add(l, STR("data.zip"), s.password ? "encrypted container (with EncryptedPass)" : "encrypted container",
                        "Give the password it was made with, or hunt the decrypted data.zip.");
    return true;
}

/* ---- uploads.json ---- */

/* Components from the accessor on as one key. False: the row states none that could be a name. */
static bool key_of(struct json_object *o, struct arena *a, struct str *ret)
{
    size_t     n = layout_json_count(o, "_Components"), from = n, room = 0;
    struct str one;

    for (size_t i = 0; i < n && i <= 4 && from == n; i++)
        if (layout_json_item(o, "_Components", i, &one) && str_eq(one, STR("uploads")))
            from = i + 1;
    for (size_t i = from; i < n; i++) {
        if (i - from > EV_DEPTH_MAX || !layout_json_item(o, "_Components", i, &one) || one.n == 0 || str_chr(one, '/') != STR_NONE ||
            str_chr(one, 0) != STR_NONE)
            return false;
        room += one.n + 1;
    }
    uint8_t *p  = TAKE(a, uint8_t, room + 1);
    size_t   at = 0;
    for (size_t i = from; p && i < n && layout_json_item(o, "_Components", i, &one); i++) {
        if (at)
            p[at++] = '/';
        memcpy(p + at, one.p, one.n);
        at += one.n;
    }
    *ret = (struct str){ p, at };
    return p && at;
}

static bool take_upload(void *ctx, struct json_object *o, struct err *e)
{
    struct side               *s    = ctx;
    struct layout_work        *w    = s->l->work;
    struct arena               here = s->scratch;
    struct layout_row          row  = { .mtime_us = TIME_NONE, .btime_us = TIME_NONE };
    struct velociraptor_volume v;
    struct str                 key, stated = whole(o, "vfs_path"), rest, place;
    const char                *wrong;
    uint64_t                   size, stored;

    row.partial = layout_json_u64(o, "file_size", &size) && layout_json_u64(o, "uploaded_size", &stored) && stored < size;
    if (layout_json_count(o, "_Components")) {
        if (!key_of(o, &here, &key)) {
            s->bad++;
            return true;
        }
        if (layout_json_text(o, "Type", &rest) && str_eq(rest, STR("idx"))) {
            w->look = true;              /* the entry itself is found by its name: writers disagree on what its components are */
            return true;
        }
        /* Only for a volume that the components do not name; the components are the better word for all others. */
        if (!layout_path_take(stated, &here, &row.path, &wrong))
            row.path = STR_EMPTY;
        struct str accessor, volume = key;
        str_cut(&volume, '/', &accessor);
        if (velociraptor_stated(str_sub(volume, 0, str_chr(volume, '/')), &v, &rest))
            row.path = STR_EMPTY;
        return layout_rows_add(&w->up, s->l->keep, key, &row, e);
    }
    if (!velociraptor_stated(stated, &v, &rest) || !layout_path_rest(rest, &here, &rest, &wrong)) {
        s->bad++;
        return true;
    }
    if (!velociraptor_place_key(v, rest, &here, &place))
        return err_set(e, ERR_MEMORY, "no room for a row of uploads.json");
    if (str_ends(place, STR(".idx")))
        w->look = true;
    return layout_rows_add(&w->stated, s->l->keep, place, &row, e);
}

/* Room for a row a line: growing by doubling would cost three times as much of keep. */
static bool reserve(struct layout *l, struct layout_rows *t, struct str body, struct err *e)
{
    size_t room = arena_room(l->keep), most = room > l->floor_bytes ? (room - l->floor_bytes) / (2 * sizeof *t->row) : 0, n = 1;

    for (size_t i = 0; i < body.n && n < most && n < LAYOUT_ROWS_MAX; i++)
        n += body.p[i] == '\n';
    if (t->n || n < 64)
        return true;
    t->row = TAKE(l->keep, struct layout_row, n);
    t->cap = n;
    return t->row || err_set(e, ERR_MEMORY, "no room for %zu rows", n);
}

bool velociraptor_uploads(struct layout *l, struct arena scratch, struct err *e)
{
    struct layout_work *w    = l->work;
    struct str          body, file = STR("uploads.json");
    uint64_t            bad;

    w->stated.fold = true;
    if (!layout_slurp(l, file, &scratch, &body, e))
        return false;
    struct side s = { .l = l, .scratch = scratch };
    if (!reserve(l, &w->up, body, e))
        return false;
    if (!layout_json_rows(l, file, body, take_upload, &s, &bad, e))
        return false;
    if (s.bad)
        layout_note_add(l, file, "rows of uploads.json state no usable path", "Their files are placed by the names of the entries.");
    w->look = w->look || bad || !w->up.n || body.n >= l->limits->side || l->row_n >= LAYOUT_ROWS_MAX;
    layout_rows_settle(&w->up);
    layout_rows_settle(&w->stated);
    if (w->up.again)
        layout_note_add(l, file, "uploads.json names an entry more than once", "The first row stands. Somebody may have added rows to it.");
    return true;
}

/* ---- times ---- */

static bool take_times(void *ctx, struct json_object *o, struct err *e)
{
    struct side               *s    = ctx;
    struct arena               here = s->scratch;
    struct layout_row          row  = { .mtime_us = layout_json_time(o, "Modified"), .btime_us = layout_json_time(o, "Created") };
    struct velociraptor_volume v;
    struct str                 rest, place;
    const char                *wrong;

    if (!velociraptor_stated(whole(o, "SourceFile"), &v, &rest) || !layout_path_rest(rest, &here, &rest, &wrong)) {
        s->bad++;
        return true;
    }
    if (row.mtime_us == TIME_NONE && row.btime_us == TIME_NONE)
        return true;
    if (!velociraptor_place_key(v, rest, &here, &place))
        return err_set(e, ERR_MEMORY, "no room for a row of file times");
    return layout_rows_add(&s->l->work->times, s->l->keep, place, &row, e);
}

static bool is_times(struct str name)
{
    return str_iends(name, STR("All File Metadata.json")) || str_iends(name, STR("All Matches Metadata.json"));
}

static bool read_times(struct layout *l, struct str dir, bool deeper, struct arena scratch, struct err *e)
{
    struct os_entry *list = NULL;
    size_t           n    = 0;

    if (!layout_list(l, dir, &scratch, &list, &n))
        return true;
    for (size_t i = 0; i < n; i++) {
        struct arena here = scratch;
        struct str   body, name = layout_join(&here, dir, '/', list[i].name);
        if (!name.p)
            return err_set(e, ERR_MEMORY, "no room for a name below results");
        if (list[i].st.kind == OS_DIR && deeper && !read_times(l, name, false, here, e))
            return false;
        if (list[i].st.kind != OS_FILE || !is_times(list[i].name))
            continue;
        if (!layout_slurp(l, name, &here, &body, e))
            return false;
        struct side s = { .l = l, .scratch = here };
        if (!reserve(l, &l->work->times, body, e))
            return false;
        if (!layout_json_rows(l, name, body, take_times, &s, NULL, e))
            return false;
        if (s.bad)
            layout_note_add(l, name, "rows of file times state no usable path", "The times of these files are those of the container, if any.");
    }
    return true;
}

bool velociraptor_times(struct layout *l, struct arena scratch, struct err *e)
{
    l->work->times.fold = true;
    if (!read_times(l, STR("results"), true, scratch, e))
        return false;
    layout_rows_settle(&l->work->times);
    return true;
}
