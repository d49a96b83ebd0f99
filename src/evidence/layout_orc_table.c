#include "evidence/layout_orc.h"

#include "base/num.h"
#include "base/utf.h"
#include "base/winpath.h"

#define NO_SNAPSHOT "{00000000-0000-0000-0000-000000000000}"

static bool no_room(struct err *e) { return err_set(e, ERR_MEMORY, "no room for the tables of this collection"); }

struct str orc_head(const struct layout *l, struct str below, struct arena *a)
{
    struct os_file f   = OS_FILE_NONE;
    struct err     why = { 0 };
    uint64_t       size;
    size_t         got = 0, skip = 0;
    struct str     native = layout_join(a, l->top, '/', below);
    uint8_t       *p = TAKE(a, uint8_t, ORC_HEAD);

    if (!native.p || !p || !l->os->open(l->os, l->root, native, &f, &size, &why))
        return STR_EMPTY;
    bool ok = l->os->read_at(l->os, f, 0, p, ORC_HEAD, &got, &why);
    l->os->close(l->os, &f);
    struct str    head = { p, ok ? got : 0 };
    enum utf_kind kind = utf_guess(str_sub(head, 0, 4096), &skip);
    head = str_from(head, skip);
    return kind == UTF_16LE || kind == UTF_16BE ? utf_to8(a, head, kind) : head;
}

bool orc_is_table(struct str head)
{
    struct str line = str_sub(head, 0, str_chr(head, '\n'));

    return (str_istarts(line, STR("ComputerName,")) || str_istarts(line, STR("\"ComputerName\","))) &&
           (str_ihas(line, STR("VolumeID")) || str_ihas(line, STR("SnapshotID")) || str_ihas(line, STR("FRN")));
}

void orc_server(struct layout *l, struct str stated, const char *by)
{
    struct str full = l->server.name.n ? STR_EMPTY : layout_host_take(stated, l->keep);
    size_t     dot  = str_chr(full, '.');

    if (!full.n)
        return;
    l->server.name      = str_sub(full, 0, dot);
    l->server.fqdn      = dot == STR_NONE ? STR_EMPTY : full;
    l->server.stated_by = by;
}

/* ---- volumes ---- */

static bool serial_take(struct str stated, uint64_t *ret)
{
    stated = str_trim(stated);
    if (str_istarts(stated, STR("0x")))
        stated = str_from(stated, 2);
    return num_hex(stated, ret);
}

static uint8_t volume_at(struct layout_work *w, uint64_t serial)
{
    for (size_t i = 0; i < w->volume_n; i++)
        if (w->volume[i].serial == serial)
            return (uint8_t)i;
    if (w->volume_n == ORC_VOLUMES_MAX)
        return ORC_VOLUME_NONE;
    w->volume[w->volume_n] = (struct orc_volume){ .serial = serial, .own = true };
    return (uint8_t)w->volume_n++;
}

static bool volume_row(struct layout *l, const struct layout_csv *csv, struct arena row, struct err *e)
{
    uint64_t serial;

    (void)row, (void)e;
    orc_server(l, layout_csv_get(csv, STR("ComputerName")), "volstats.csv");
    if (!serial_take(layout_csv_get(csv, STR("VolumeID")), &serial))
        return true;
    uint8_t at = volume_at(l->work, serial);
    /* "C:\;\\?\Volume{...}\": mounted here and there. */
    for (struct str left = layout_csv_get(csv, STR("MountPoint")), one; at != ORC_VOLUME_NONE && str_cut(&left, ';', &one);) {
        one = str_trim(one);
        if (!l->work->volume[at].stated && one.n >= 2 && one.n <= 3 && one.p[1] == ':' && (one.n == 2 || one.p[2] == '\\'))
            l->work->volume[at].stated = layout_drive(str_sub(one, 0, 2));
    }
    return true;
}

bool orc_volumes_read(struct layout *l, struct str file, struct arena scratch, struct err *e)
{
    return layout_csv_each(l, file, scratch, volume_row, e);
}

/* ---- samples ---- */

static void few_add(struct orc_few *f, struct arena *keep, struct str rest, uint8_t volume)
{
    bool    page = winpath_is_page(rest);
    size_t *n = page ? &f->page_n : &f->other_n;

    f->all++;
    if (*n == ORC_FEW)
        return;
    struct str own = str_dup(keep, rest);
    if (own.p)
        (page ? f->page : f->other)[(*n)++] = (struct orc_some){ own, volume };
}

static uint8_t shadow_at(struct layout_work *w, struct arena *keep, struct str id)
{
    if (!id.n || str_eq(id, STR(NO_SNAPSHOT)))
        return 0;
    for (size_t i = 0; i < w->shadow_n; i++)
        if (str_ieq(w->shadow[i], id))
            return (uint8_t)(i + 1);
    if (w->shadow_n == ORC_SHADOWS_MAX)
        return ORC_SHADOWS_MAX + 1;
    struct str own = str_dup(keep, id);
    if (own.p)
        w->shadow[w->shadow_n++] = own;
    return (uint8_t)(w->shadow_n ? w->shadow_n : 1);
}

/* "\x" + ":stream", and its type where it is no $DATA. False: not harmless. */
static bool add_stream(struct str *io_rest, struct str type, struct str name, struct arena *a)
{
    bool data = type.n == 0 || str_eq(type, STR("$DATA"));

    if (data && name.n == 0)
        return true;
    if ((name.n && layout_component_wrong(name)) || (!data && layout_component_wrong(type)))
        return false;
    struct str tail = str_cat(a, STR(":"), name);
    if (!data)
        tail = str_cat(a, tail, str_cat(a, STR(":"), type));
    if (!data || !str_iends(*io_rest, tail))
        *io_rest = str_cat(a, *io_rest, tail);
    return tail.p && io_rest->p;
}

/* Set by hand, perhaps: created in whole seconds, and earlier than the name of the file itself. Installers do it as well. */
static bool looks_stomped(int64_t si_us, int64_t fn_us)
{
    return si_us != TIME_NONE && fn_us != TIME_NONE && si_us % TIME_SECOND == 0 && fn_us > si_us && fn_us - si_us > TIME_SECOND;
}

static bool sample_row(struct layout *l, const struct layout_csv *csv, struct arena row, struct err *e)
{
    struct layout_work *w = l->work;
    struct layout_row   one = { .volume = ORC_VOLUME_NONE };
    struct str          full = layout_csv_get(csv, STR("FullName")), sample = layout_csv_get(csv, STR("SampleName")), rest, path;
    struct str          type = str_trim(layout_csv_get(csv, STR("AttrType"))), content = layout_csv_get(csv, STR("ContentType"));
    const char         *wrong = NULL;
    uint64_t            serial;
    uint8_t             letter = 0;

    orc_server(l, layout_csv_get(csv, STR("ComputerName")), "GetThis.csv");
    if (!full.n)
        return true;
    bool ok;
    if (full.n > 1 && full.p[1] == ':') {
        ok = layout_path_take(full, &row, &path, &wrong);
        letter = ok ? path.p[0] : 0;
        rest   = ok ? str_from(path, 2) : STR_EMPTY;
    } else {
        ok = layout_path_rest(full, &row, &rest, &wrong);
    }
    ok = ok && rest.n && add_stream(&rest, type, str_trim(layout_csv_get(csv, STR("AttrName"))), &row);
    if (!ok) {
        if (!w->wrong++)
            w->wrong_first = str_dup(l->keep, str_sub(full, 0, 300));
        return true;
    }
    if (serial_take(layout_csv_get(csv, STR("VolumeID")), &serial))
        one.volume = volume_at(w, serial);
    if (one.volume != ORC_VOLUME_NONE) {
        struct orc_volume *v = &w->volume[one.volume];
        v->stated  = v->stated ? v->stated : letter;
        v->windows = v->windows || str_istarts(rest, STR("\\Windows\\"));
    }
    one.btime_us = layout_time_take(layout_csv_get(csv, STR("CreationDate")));
    one.mtime_us = layout_time_take(layout_csv_get(csv, STR("LastModificationDate")));
    one.shadow   = shadow_at(w, l->keep, layout_csv_get(csv, STR("SnapshotID")));
    one.partial  = content.n && !str_ieq(content, STR("data"));
    one.path     = rest;
    if (looks_stomped(one.btime_us, layout_time_take(layout_csv_get(csv, STR("FileNameCreationDate")))))
        few_add(&w->stomped, l->keep, rest, one.volume);
    if (!sample.n) {
        few_add(&w->left, l->keep, rest, one.volume);
        return true;
    }
    sample = layout_native(&row, sample);
    while (sample.n && sample.p[0] == '/')
        sample = str_from(sample, 1);
    return sample.p ? layout_rows_add(&w->rows, l->keep, sample, &one, e) : no_room(e);
}

bool orc_samples_read(struct layout *l, struct str file, struct arena scratch, struct err *e)
{
    return layout_csv_each(l, file, scratch, sample_row, e);
}

/* ---- what it amounts to ---- */

static bool letters(struct layout *l, struct err *e)
{
    struct layout_work *w = l->work;
    size_t windows = 0, which = 0;
    bool   taken = false;

    w->guessed = false;
    for (size_t i = 0; i < w->volume_n; i++) {
        struct orc_volume *v = &w->volume[i];
        v->letter = v->stated;
        taken     = taken || v->letter == 'C';
        if (!v->letter && v->windows) {
            windows++;
            which = i;
        }
    }
    if (!taken && windows == 1) {
        w->volume[which].letter = 'C';
    } else if (w->volume_n == 1 && !w->volume[0].letter) {
        w->volume[0].letter = 'C';
        w->guessed = true;
    }
    for (size_t i = 0; i < w->volume_n; i++) {
        struct orc_volume *v = &w->volume[i];
        if (!v->unknown.p)
            v->unknown = str_fmt(l->keep, "?:\\Volume{%016llX}", (unsigned long long)v->serial);
        if (!v->unknown.p)
            return no_room(e);
        v->text = v->letter ? layout_volume(v->letter) : v->unknown;
    }
    return true;
}

static struct str some_path(const struct layout_work *w, const struct orc_some *x, struct arena *a)
{
    return str_cat(a, x->volume < w->volume_n ? w->volume[x->volume].text : STR("?:"), x->rest);
}

static const struct orc_some *few_at(const struct orc_few *f, size_t i)
{
    if (i >= ORC_FEW)
        return NULL;
    if (i < f->page_n)
        return &f->page[i];
    return i - f->page_n < f->other_n ? &f->other[i - f->page_n] : NULL;
}

static void note_stomped(struct layout *l)
{
    const struct orc_few *f = &l->work->stomped;
    struct str hint = STR_EMPTY, what;

    if (!f->all)
        return;
    for (size_t i = 1; i < 4 && few_at(f, i); i++) {
        struct str path = some_path(l->work, few_at(f, i), l->keep);
        hint = str_fmt(l->keep, "%.*s %.*s", STR_ARG(hint), STR_ARG(str_sub(path, 0, 200)));
    }
    what = str_fmt(l->keep, "%llu files whose creation time may have been set by hand", (unsigned long long)f->all);
    hint = str_fmt(l->keep, "Whole seconds, and earlier than the time in the file's name record ($FILE_NAME). Installers do this as well.%s%.*s", hint.n ? " Also:" : "",
                   STR_ARG(hint));
    layout_note_add(l, few_at(f, 0) ? some_path(l->work, few_at(f, 0), l->keep) : STR_EMPTY, what.p ? (const char *)what.p : "times that may have been set by hand",
                    hint.p ? (const char *)hint.p : "Compare both sets of times in GetThis.csv.");
    l->note[l->note_n - 1].remark = true;
}

static bool tell(struct layout *l, struct err *e)
{
    struct layout_work *w = l->work;
    size_t              told = 0;

    if (!letters(l, e))
        return false;
    for (const struct orc_some *x; (x = few_at(&w->left, told)) != NULL; told++)
        layout_note_add(l, some_path(w, x, l->keep), "not copied: beyond the limits of the collection",
                        "DFIR-ORC saw the file and did not take it. Collect it by itself, or raise the limits of its configuration.");
    if (w->left.all > told) {
        struct str what = str_fmt(l->keep, "%llu more not copied: beyond the limits of the collection", (unsigned long long)(w->left.all - told));
        layout_note_add(l, STR("GetThis.csv"), what.p ? (const char *)what.p : "more not copied", "Rows without a SampleName.");
    }
    note_stomped(l);
    if (w->guessed)
        layout_note_add(l, STR("GetThis.csv"), "the drive letter is not stated: taken as C:", "All files here are of one volume. If it was another drive, read its letter for C:.");
    if (w->wrong) {
        struct str what = str_fmt(l->keep, "%llu rows state no usable path", (unsigned long long)w->wrong);
        layout_note_add(l, w->wrong_first.n ? w->wrong_first : STR("GetThis.csv"), what.p ? (const char *)what.p : "rows state no usable path",
                        "Their samples are hunted as what they are, without a path.");
    }
    return true;
}

bool orc_settle(struct layout *l, struct err *e)
{
    layout_rows_settle(&l->work->rows);
    l->work->note_from = l->note_n;
    return tell(l, e);
}

/* What one tree knows of a volume, all know. Rows point at the places of a tree's own volumes: these stay, others are put behind them. */
bool orc_share(struct layout *const *all, size_t n, struct err *e)
{
    struct layout_work sum = { 0 };

    for (size_t i = 0; i < n; i++) {
        const struct layout_work *w = all[i]->kind == &layout_orc ? all[i]->work : NULL;
        for (size_t k = 0; w && k < w->volume_n; k++) {
            uint8_t at = w->volume[k].own ? volume_at(&sum, w->volume[k].serial) : ORC_VOLUME_NONE;
            if (at == ORC_VOLUME_NONE)
                continue;
            sum.volume[at].stated  = sum.volume[at].stated ? sum.volume[at].stated : w->volume[k].stated;
            sum.volume[at].windows = sum.volume[at].windows || w->volume[k].windows;
        }
    }
    for (size_t i = 0; i < n; i++) {
        struct layout_work *w = all[i]->kind == &layout_orc ? all[i]->work : NULL;
        for (size_t k = 0; w && k < sum.volume_n; k++) {
            size_t  before = w->volume_n;
            uint8_t at     = volume_at(w, sum.volume[k].serial);
            if (at == ORC_VOLUME_NONE)
                continue;
            w->volume[at].stated  = w->volume[at].stated ? w->volume[at].stated : sum.volume[k].stated;
            w->volume[at].windows = sum.volume[k].windows;
            w->volume[at].own     = at < before && w->volume[at].own;
        }
        if (!w)
            continue;
        all[i]->note_n = w->note_from;
        if (!tell(all[i], e))
            return false;
    }
    return true;
}
