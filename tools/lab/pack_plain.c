/* pack_plain: the layouts that keep the path nearly as it was: CyLR, acquire, UAC, Tanium, and archives that people make by hand. */
#include "lab/pack.h"

#include <stdlib.h>
#include <string.h>

static const char *stamp(struct pack *p) { return pack_time(p, p->stamp_us, '-', "T", '-', 0); }

/* Every file with a new name; folders as well where `dirs`. */
static void renamed(struct pack *p, struct pack_list *ret, const char *before, bool dirs)
{
    for (size_t i = 0; i < p->file.n; i++) {
        struct pack_item it = p->file.item[i];
        if (it.dir && !dirs)
            continue;
        it.name = pool_fmt(&p->keep, "%s%s", before, it.name);
        pack_push(ret, &it);
    }
}

static const char *lower(struct pack *p, const char *text)
{
    char *low = pool_room(&p->keep, strlen(text) + 1);

    for (size_t i = 0; i <= strlen(text); i++)
        low[i] = (char)ch_lower((uint8_t)text[i]);
    return low;
}

/* ---- CyLR ---- */

void pack_cylr_entries(struct pack *p, struct pack_list *ret)
{
    renamed(p, ret, "", false);
    pack_file_table(p, ret, "C/$MFT");
    pack_sort(ret);
}

static void cylr(struct pack *p)
{
    struct pack_list list = { 0 };

    pack_cylr_entries(p, &list);
    pack_made(p, &list, PACK_ZIP, (struct pack_how){ 0 }, pool_fmt(&p->keep, "%s.zip", p->server));
    free(list.item);
}

/* ---- acquire ---- */

/* Some files a second time, in the letter case of another glob. Source: Velocidex/velociraptor#3748, on collections of acquire. */
static void other_case(struct pack *p, struct pack_list *list)
{
    size_t n = list->n;

    for (size_t i = 0; i < n; i++) {
        struct pack_item it = list->item[i];
        if (!pack_like(it.name, "*/W3SVC1/u_ex210303*") && !pack_like(it.name, "*/applicationHost.config"))
            continue;
        it.name = pool_fmt(&p->keep, "%.6s%s", it.name, lower(p, it.name + 6));      /* "fs/C:/" stays */
        pack_push(list, &it);
    }
}

static void acquire_list(struct pack *p, struct pack_list *ret)
{
    struct buf b = { 0 };

    for (size_t i = 0; i < p->file.n; i++) {
        struct pack_item it = p->file.item[i];
        if (it.dir)
            continue;
        it.name = pool_fmt(&p->keep, "fs/%c:%s", it.name[0], it.name + 1);
        pack_push(ret, &it);
    }
    other_case(p, ret);
    pack_file_table(p, ret, "fs/C:/$MFT");
    buf_str(&b, "\r\nWindows IP Configuration\r\n");
    pack_mem(p, ret, "fs/$metadata$/command-output/ipconfig", &b, p->stamp_us);
    pack_sort(ret);
}

/* What lies beside the archive. */
static void acquire_report(struct pack *p, const char *base)
{
    struct pack_list list = { 0 };
    struct buf       b = { 0 };

    buf_fmt(&b, "{\"tool\": \"acquire\", \"target\": \"%s\", \"files\": %zu}\n", p->server, p->file.n);
    pack_mem(p, &list, pool_fmt(&p->keep, "%s_report.json", base), &b, p->stamp_us);
    buf_str(&b, "acquire.log\n");
    pack_mem(p, &list, pool_fmt(&p->keep, "%s.log", base), &b, p->stamp_us);
    pack_write(p, &list, PACK_FOLDER, (struct pack_how){ 0 }, pool_fmt(&p->keep, "%s/beside", p->out));
    free(list.item);
}

static void acquire_as(struct pack *p, enum pack_form form, const char *end)
{
    struct civil     c = civil_of(p->stamp_us);
    const char      *base = pool_fmt(&p->keep, "%s_%04d%02d%02d%02d%02d%02d", p->server, c.year, c.month, c.day, c.hour, c.minute, c.second);
    struct pack_list list = { 0 };

    acquire_list(p, &list);
    pack_made(p, &list, form, (struct pack_how){ 0 }, pool_fmt(&p->keep, "%s%s", base, end));
    acquire_report(p, base);
    free(list.item);
}

static void acquire(struct pack *p) { acquire_as(p, PACK_TAR, ".tar"); }
static void acquire_zip(struct pack *p) { acquire_as(p, PACK_ZIP, ".zip"); }

static void acquire_old(struct pack *p)
{
    struct civil     c = civil_of(p->stamp_us);
    struct pack_list list = { 0 };

    for (size_t i = 0; i < p->file.n; i++) {
        struct pack_item it = p->file.item[i];
        if (it.dir)
            continue;
        it.name = it.name[0] == 'C' ? lower(p, pool_fmt(&p->keep, "sysvol%s", it.name + 1)) : lower(p, pool_fmt(&p->keep, "%c:%s", it.name[0], it.name + 1));
        pack_push(&list, &it);
    }
    pack_sort(&list);
    pack_made(p, &list, PACK_TAR_GZ, (struct pack_how){ 0 }, pool_fmt(&p->keep, "%s_%04d%02d%02d%02d%02d%02d.tar.gz", p->server, c.year, c.month, c.day, c.hour, c.minute, c.second));
    free(list.item);
}

/* ---- UAC, Tanium ---- */

/* UAC runs on Unix; this is what it brings from a host that has the server's volumes mounted by letter. */
static void uac(struct pack *p)
{
    struct civil     c = civil_of(p->stamp_us);
    struct pack_list list = { 0 };
    struct buf       body = { 0 }, log = { 0 };

    renamed(p, &list, "[root]/", true);
    for (size_t i = 0; i < p->file.n; i++) {
        const struct pack_item *it = &p->file.item[i];
        long long               t = (long long)(it->mtime_us / TIME_SECOND);
        buf_fmt(&body, "0|/%s|%zu|%s|0|0|%llu|%lld|%lld|%lld|0\n", it->name, i + 1000, it->dir ? "drwxr-xr-x" : "-rw-r--r--", (unsigned long long)it->size, t, t, t);
    }
    pack_mem(p, &list, "bodyfile/bodyfile.txt", &body, p->stamp_us);
    buf_fmt(&log, "[%s] UAC started on %s\n", stamp(p), p->server);
    pack_mem(p, &list, "uac.log", &log, p->stamp_us);
    pack_sort(&list);
    pack_made(p, &list, PACK_TAR_GZ, (struct pack_how){ 0 },
              pool_fmt(&p->keep, "uac-%s-linux-%04d%02d%02d%02d%02d%02d.tar.gz", p->server, c.year, c.month, c.day, c.hour, c.minute, c.second));
    free(list.item);
}

static void tanium(struct pack *p)
{
    struct civil     c = civil_of(p->stamp_us);
    const char      *base = pool_fmt(&p->keep, "%04d%02d%02d%02d%02d%02d-%s", c.year, c.month, c.day, c.hour, c.minute, c.second, p->server);
    struct pack_list list = { 0 };
    struct buf       b = { 0 };

    renamed(p, &list, pool_fmt(&p->keep, "%s/file/", base), false);
    buf_fmt(&b, "Host Name: %s\r\n", p->server);
    pack_mem(p, &list, pool_fmt(&p->keep, "%s/collector/SystemInfo.txt", base), &b, p->stamp_us);
    pack_sort(&list);
    pack_made(p, &list, PACK_ZIP, (struct pack_how){ .utc = true }, pool_fmt(&p->keep, "%s.zip", base));
    free(list.item);
}

/* ---- by hand ---- */

static void plain_as(struct pack *p, enum pack_form form, const char *name)
{
    struct pack_list list = { 0 };

    renamed(p, &list, "", true);
    pack_made(p, &list, form, (struct pack_how){ 0 }, name);
    free(list.item);
}

static void plain_zip(struct pack *p) { plain_as(p, PACK_ZIP_STREAM, "evidence.zip"); }
static void plain_7z(struct pack *p) { plain_as(p, PACK_7Z, "evidence.7z"); }
static void plain_tar(struct pack *p) { plain_as(p, PACK_TAR, "evidence.tar"); }
static void plain_tar_gz(struct pack *p) { plain_as(p, PACK_TAR_GZ, "evidence.tar.gz"); }
static void plain_tar_xz(struct pack *p) { plain_as(p, PACK_TAR_XZ, "evidence.tar.xz"); }
static void plain_tar_zst(struct pack *p) { plain_as(p, PACK_TAR_ZST, "evidence.tar.zst"); }

/* Older .NET: '\' between the parts, names in the OEM code page and no UTF-8 flag. Source: APPNOTE 4.4.17.1 forbids it; .NET before 4.6.1 did it. */
static void plain_backslash(struct pack *p)
{
    struct pack_list list = { 0 };

    for (size_t i = 0; i < p->file.n; i++) {
        struct pack_item it = p->file.item[i];
        size_t           n = strlen(it.name), k = 0;
        char            *name = pool_room(&p->keep, n + 1);
        if (it.dir)
            continue;
        for (size_t j = 0; j < n; j++) {
            if ((uint8_t)it.name[j] == 0xc3 && (uint8_t)it.name[j + 1] == 0x9c) {     /* U+00DC is 0x9A in code page 437 */
                name[k++] = (char)0x9a;
                j++;
            } else
                name[k++] = it.name[j] == '/' ? '\\' : it.name[j];
        }
        name[k] = 0;
        it.name = name;
        pack_push(&list, &it);
    }
    pack_made(p, &list, PACK_ZIP, (struct pack_how){ .cp437 = true }, "evidence.zip");
    free(list.item);
}

/* The collection was zipped once more on its way, inside a folder. */
static void nested(struct pack *p)
{
    struct pack_list inner = { 0 }, outer = { 0 };
    struct buf       b = { 0 };

    renamed(p, &inner, "", false);
    pack_inner(p, &inner, PACK_ZIP, (struct pack_how){ 0 }, pool_fmt(&p->keep, "from %s/evidence.zip", p->server), &outer);
    buf_str(&b, "as agreed by telephone\r\n");
    pack_mem(p, &outer, "readme.txt", &b, p->stamp_us);
    pack_made(p, &outer, PACK_ZIP, (struct pack_how){ 0 }, "upload.zip");
    free(inner.item);
    free(outer.item);
}

static void plain_dir(struct pack *p)
{
    struct pack_list list = { 0 };

    renamed(p, &list, "", true);
    pack_made(p, &list, PACK_FOLDER, (struct pack_how){ 0 }, "evidence");
    free(list.item);
}

const struct pack_layout pack_layouts[] = {
    { "plain", "a folder, as it is made", plain_dir, false },
    { "velociraptor", "offline collector: zip, percent-encoded, uploads.json, sparse map, shadow copy, two accessors", pack_velociraptor, false },
    { "velociraptor-server", "export of a flow by the server: zip, prefixed _Components", pack_velociraptor_server, false },
    { "velociraptor-store", "the server's own file store: folder, stricter encoding", pack_velociraptor_store, false },
    { "velociraptor-encrypted", "metadata.json and an encrypted data.zip (--password, else \"exchange\")", pack_velociraptor_encrypted, false },
    { "kape", "folder: copy and skip logs, VSS1, LongFileNames", pack_kape, false },
    { "kape-zip", "the same as a zip, deduplicated", pack_kape_zip, false },
    { "cylr", "HOST.zip, no metadata", cylr, false },
    { "acquire", "tar: fs/C:/..., some files twice in another letter case", acquire, false },
    { "acquire-old", "tar.gz: sysvol/..., small letters", acquire_old, false },
    { "acquire-zip", "zip: fs/C:/...", acquire_zip, false },
    { "orc", "DFIR-ORC: 7z in 7z, GetThis.csv", pack_orc, false },
    { "orc-two", "the same in two archives of one server", pack_orc_two, false },
    { "uac", "tar.gz: [root]/..., bodyfile", uac, false },
    { "tanium", "zip: TIME-HOST/file/C/...", tanium, false },
    { "plain-zip", "zip written as a stream, with folders", plain_zip, false },
    { "plain-zip-backslash", "zip of older .NET: '\\' in names, code page 437", plain_backslash, false },
    { "plain-7z", "7z", plain_7z, false },
    { "plain-tar", "tar", plain_tar, false },
    { "plain-tar.gz", "tar, gzip", plain_tar_gz, false },
    { "plain-tar.xz", "tar, xz", plain_tar_xz, false },
    { "plain-tar.zst", "tar, zstd", plain_tar_zst, false },
    { "nested-zip", "a zip in a zip", nested, false },
    { "many-zip", "DIR of several made servers: one zip with a CyLR zip of each", NULL, true },
    { NULL, NULL, NULL, false },
};
