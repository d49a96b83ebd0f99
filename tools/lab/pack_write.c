/* pack_write: entries into a folder, a zip (libzip) or a tar, 7z and streamed zip (libarchive). */
#include "lab/pack.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zip.h>

void pack_parents(const char *path)
{
    char copy[4096];

    snprintf(copy, sizeof copy, "%s", path);
    for (char *c = copy + 1; *c; c++)
        if (*c == '/') {
            *c = 0;
            if (mkdir(copy, 0755) && errno != EEXIST)
                lab_die("%s: %s", copy, strerror(errno));
            *c = '/';
        }
}

static void write_folder(struct pack *p, const struct pack_list *list, const char *top)
{
    for (size_t i = 0; i < list->n; i++) {
        const struct pack_item *it = &list->item[i];
        const char             *path = pool_fmt(&p->keep, "%s/%s", top, it->name);
        struct timespec         ts = { .tv_sec = it->mtime_us / TIME_SECOND, .tv_nsec = it->mtime_us % TIME_SECOND * 1000 }, both[2] = { ts, ts };
        struct buf              b = { 0 };
        pack_parents(path);
        if (it->dir) {
            if (mkdir(path, 0755) && errno != EEXIST)
                lab_die("%s: %s", path, strerror(errno));
            continue;
        }
        FILE *f = fopen(path, "wbx");
        if (!f)
            lab_die("%s: %s", path, strerror(errno));
        pack_slurp(it, &b);
        if (b.n && fwrite(b.p, 1, b.n, f) != b.n)
            lab_die("%s: %s", path, strerror(errno));
        buf_free(&b);
        file_close(f, path);
        if (utimensat(AT_FDCWD, path, both, 0))
            lab_die("%s: %s", path, strerror(errno));
    }
}

static uint32_t le(const uint8_t *p, int n)
{
    uint32_t v = 0;

    while (n--)
        v = v << 8 | p[n];
    return v;
}

/* The AES field of one header: version 2. */
static void seal_field(uint8_t *extra, uint32_t n)
{
    for (uint32_t at = 0; at + 4 <= n; at += 4 + le(extra + at + 2, 2))
        if (le(extra + at, 2) == 0x9901)
            extra[at + 4] = 2;
}

/*
 * libzip seals as AE-1, with a checksum; the library of Velociraptor as AE-2, whose checksum is 0. Source: alexmullins/zip; a collection of its
 * tests. The archive is our own and has a plain end record.
 */
static void seal_as_go_does(const char *path)
{
    struct pack_item it = { .native = path };
    struct buf       b = { 0 };

    pack_slurp(&it, &b);
    uint8_t *p = (uint8_t *)b.p, *end = p + b.n - 22, *x = p + le(end + 16, 4);
    for (uint32_t left = le(end + 10, 2); left; left--) {
        uint32_t name = le(x + 28, 2), extra = le(x + 30, 2);
        if (le(x + 10, 2) == 99) {
            uint8_t *local = p + le(x + 42, 4);
            memset(x + 16, 0, 4);
            memset(local + 14, 0, 4);
            seal_field(x + 46 + name, extra);
            seal_field(local + 30 + le(local + 26, 2), le(local + 28, 2));
        }
        x += 46 + name + extra + le(x + 32, 2);
    }
    FILE *f = fopen(path, "wb");
    if (!f || fwrite(b.p, 1, b.n, f) != b.n)
        lab_die("%s: %s", path, strerror(errno));
    file_close(f, path);
    buf_free(&b);
}

static void write_zip(const struct pack_list *list, struct pack_how how, const char *path)
{
    int    code;
    zip_t *z = zip_open(path, ZIP_CREATE | ZIP_TRUNCATE, &code);

    if (!z)
        lab_die("%s: zip error %d", path, code);
    for (size_t i = 0; i < list->n; i++) {
        const struct pack_item *it = &list->item[i];
        zip_flags_t             names = how.cp437 ? ZIP_FL_ENC_CP437 : ZIP_FL_ENC_UTF_8;
        time_t                  seconds = (time_t)(it->mtime_us / TIME_SECOND);
        zip_int64_t             at;
        if (it->dir)
            at = zip_dir_add(z, it->name, names);
        else {
            zip_source_t *s = it->native ? zip_source_file(z, it->native, 0, 0) : zip_source_buffer(z, it->mem, it->size, 0);
            at = s ? zip_file_add(z, it->name, s, names) : -1;
        }
        if (at < 0)
            lab_die("%s: %s: %s", path, it->name, zip_strerror(z));
        zip_uint64_t k = (zip_uint64_t)at;
        uint8_t      extra[5] = { 1, (uint8_t)seconds, (uint8_t)(seconds >> 8), (uint8_t)(seconds >> 16), (uint8_t)(seconds >> 24) };
        /* All collectors but acquire run on Windows; FAT is what most of their libraries say. */
        if (zip_file_set_mtime(z, k, seconds, 0) || zip_file_set_external_attributes(z, k, 0, ZIP_OPSYS_DOS, it->dir ? 0x10 : 0x20) || ((how.stored || it->sealed) && !it->dir && zip_set_file_compression(z, k, ZIP_CM_STORE, 0)) ||
            (how.utc && zip_file_extra_field_set(z, k, 0x5455, ZIP_EXTRA_FIELD_NEW, extra, sizeof extra, ZIP_FL_LOCAL | ZIP_FL_CENTRAL)) ||
            (it->sealed && zip_file_set_encryption(z, k, ZIP_EM_AES_256, how.password)))
            lab_die("%s: %s: %s", path, it->name, zip_strerror(z));
    }
    if (zip_close(z))
        lab_die("%s: %s", path, zip_strerror(z));
    if (how.password)
        seal_as_go_does(path);
}

static void must(struct archive *a, int code)
{
    if (code != ARCHIVE_OK)
        lab_die("%s", archive_error_string(a));
}

static void write_archive(const struct pack_list *list, enum pack_form form, const char *path)
{
    struct archive       *a = archive_write_new();
    struct archive_entry *e = archive_entry_new();

    must(a, form == PACK_7Z ? archive_write_set_format_7zip(a) : form == PACK_ZIP_STREAM ? archive_write_set_format_zip(a) : archive_write_set_format_pax_restricted(a));
    must(a, form == PACK_TAR_GZ    ? archive_write_add_filter_gzip(a)
            : form == PACK_TAR_XZ  ? archive_write_add_filter_xz(a)
            : form == PACK_TAR_ZST ? archive_write_add_filter_zstd(a)
                                   : archive_write_add_filter_none(a));
    if (form == PACK_TAR_GZ)
        must(a, archive_write_set_filter_option(a, "gzip", "timestamp", NULL));
    if (form == PACK_TAR_XZ)
        must(a, archive_write_set_filter_option(a, "xz", "compression-level", "1"));
    must(a, archive_write_open_filename(a, path));
    for (size_t i = 0; i < list->n; i++) {
        const struct pack_item *it = &list->item[i];
        struct buf              b = { 0 };
        archive_entry_clear(e);
        archive_entry_set_pathname(e, it->name);
        archive_entry_set_filetype(e, it->dir ? AE_IFDIR : AE_IFREG);
        archive_entry_set_perm(e, it->dir ? 0755 : 0644);
        archive_entry_set_mtime(e, (time_t)(it->mtime_us / TIME_SECOND), (long)(it->mtime_us % TIME_SECOND * 1000));
        if (!it->dir) {
            pack_slurp(it, &b);
            /* A streaming zip writer does not know the size when it writes the name: it follows behind the data. */
            if (form == PACK_ZIP_STREAM)
                archive_entry_unset_size(e);
            else
                archive_entry_set_size(e, (int64_t)b.n);
        }
        must(a, archive_write_header(a, e));
        if (b.n && archive_write_data(a, b.p, b.n) != (ssize_t)b.n)
            lab_die("%s: %s: %s", path, it->name, archive_error_string(a));
        must(a, archive_write_finish_entry(a));
        buf_free(&b);
    }
    must(a, archive_write_close(a));
    archive_write_free(a);
    archive_entry_free(e);
}

void pack_write(struct pack *p, const struct pack_list *list, enum pack_form form, struct pack_how how, const char *path)
{
    if (form == PACK_FOLDER) {
        write_folder(p, list, path);
        return;
    }
    if (unlink(path) && errno != ENOENT)
        lab_die("%s: %s", path, strerror(errno));
    if (form == PACK_ZIP)
        write_zip(list, how, path);
    else
        write_archive(list, form, path);
}

void pack_made(struct pack *p, const struct pack_list *list, enum pack_form form, struct pack_how how, const char *name)
{
    const char *path = pool_fmt(&p->keep, "%s/%s", p->out, name);

    pack_write(p, list, form, how, path);
    printf("%s\n", path);
}

void pack_inner(struct pack *p, const struct pack_list *list, enum pack_form form, struct pack_how how, const char *name, struct pack_list *ret)
{
    struct pack_item it = { .name = name, .mtime_us = p->stamp_us };
    struct stat      st;

    if (p->tmp_n == sizeof p->tmp / sizeof *p->tmp)
        lab_die("too many archives inside");
    it.native = p->tmp[p->tmp_n] = pool_fmt(&p->keep, "%s/.inner-%s-%zu", p->out, p->server, p->tmp_n);
    p->tmp_n++;
    pack_write(p, list, form, how, it.native);
    if (stat(it.native, &st))
        lab_die("%s: %s", it.native, strerror(errno));
    it.size = (uint64_t)st.st_size;
    pack_push(ret, &it);
}
