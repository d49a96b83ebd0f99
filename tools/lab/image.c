/*
 * image: an NTFS volume with the files of a folder, as a disk image: its file table, its bitmap, and a change journal. No driver, no mount, no tool of others.
 *
 * Enough for who reads the file table, which is what the hunt does; there are no folder indexes and no $LogFile, so Windows would not mount it.
 * Same     folder and options give the same bytes: times are those of the files; names are sorted.
 */
#include "lab/lab.h"
#include "lab/pack.h"

#include "../../tests/make_hive.h"
#include "../../tests/make_mft.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { CLUSTER = 4096, FIRST_RECORD = 64, RECORDS_MAX = 2000000, RESIDENT_MAX = 500, NAMES_MAX = 64, PART_AT = 1 << 20, DATA_MAX = 3 };
#define DATA_STEP (UINT64_C(1) << 30)       /* further volumes begin at the first, second ... of these */

struct volume {
    FILE     *f;
    uint64_t  base;                         /* of the volume in the disk */
    uint8_t  *mft;   size_t record_n, record_cap;
    uint8_t  *used;  size_t used_cap;       /* a bit each cluster */
    uint64_t  next;                         /* free cluster */
    struct buf journal;
    const char **gone;    size_t gone_n;    /* files that were deleted, by their path below the folder */
    const char **stamped; size_t stamped_n; /* files whose times were set back */
    bool      log;                          /* keep a journal */
    uint64_t  gigabytes;                    /* of the volume at least; what is more than the files is a hole of the image */
};

static void put(struct volume *v, uint64_t off, const void *p, size_t n)
{
    if (fseeko(v->f, (off_t)(v->base + off), SEEK_SET) != 0 || fwrite(p, 1, n, v->f) != n)
        lab_die("an image cannot be written");
}

static uint64_t take(struct volume *v, uint64_t clusters)
{
    uint64_t at = v->next;

    while ((at + clusters) / 8 + 1 > v->used_cap) {
        size_t cap = v->used_cap ? 2 * v->used_cap : 1 << 16;
        v->used = realloc(v->used, cap);
        if (!v->used)
            lab_die("no memory");
        memset(v->used + v->used_cap, 0, cap - v->used_cap);
        v->used_cap = cap;
    }
    for (uint64_t i = at; i < at + clusters; i++)
        v->used[i / 8] |= (uint8_t)(1 << (i % 8));
    v->next += clusters;
    return at;
}

static void give(struct volume *v, uint64_t at, uint64_t clusters)
{
    for (uint64_t i = at; i < at + clusters; i++)
        v->used[i / 8] &= (uint8_t)~(1 << (i % 8));
}

static uint8_t *record(struct volume *v, size_t number)
{
    while (number >= v->record_cap) {
        size_t cap = v->record_cap ? 2 * v->record_cap : 1024;
        v->mft = realloc(v->mft, cap * MK_RECORD);
        if (!v->mft || cap > 2 * RECORDS_MAX)
            lab_die("no memory for a file table");
        memset(v->mft + v->record_cap * MK_RECORD, 0, (cap - v->record_cap) * MK_RECORD);
        v->record_cap = cap;
    }
    if (number >= v->record_n)
        v->record_n = number + 1;
    return v->mft + number * MK_RECORD;
}

/* One run of that many clusters. */
static size_t run(uint8_t *p, uint64_t clusters, uint64_t lcn)
{
    p[0] = 0x48;
    mk_le(p + 1, clusters, 8);
    mk_le(p + 9, lcn, 4);
    p[13] = 0;
    return 14;
}

static void event(struct volume *v, int64_t us, size_t number, size_t parent, uint32_t reason, uint32_t attributes, const char *name)
{
    uint8_t one[1024];

    if (!v->log)
        return;
    size_t n = mku_record(one, 2, MKU_REF(number, 1), MKU_REF(parent, parent == 5 ? 5 : 1), v->journal.n, us, reason, attributes, name);
    if (v->journal.n % 4096 + n > 4096) {
        static const char zeros[4096];
        buf_add(&v->journal, zeros, 4096 - v->journal.n % 4096);
    }
    buf_add(&v->journal, (const char *)one, n);
}

static bool among(const char **list, size_t n, const char *path)
{
    for (size_t i = 0; i < n; i++)
        if (!strcmp(list[i], path))
            return true;
    return false;
}

static int64_t mtime_of(const struct stat *st) { return st->st_mtim.tv_sec * TIME_SECOND + st->st_mtim.tv_nsec / 1000; }

static void add_file(struct volume *v, size_t parent, const char *disk, const char *below, const char *name, const struct stat *st)
{
    size_t   number = v->record_n < FIRST_RECORD ? FIRST_RECORD : v->record_n;
    bool     gone = among(v->gone, v->gone_n, below), stamped = among(v->stamped, v->stamped_n, below);
    int64_t  when = mtime_of(st), says = stamped ? at("2016-07-16T13:18:45") : when;
    uint8_t *raw = record(v, number);
    struct mk_mft m = mkf_begin(raw, number, gone ? 2 : 1, !gone, 0);
    FILE    *in = fopen(disk, "rb");
    static uint8_t block[CLUSTER * 256];

    if (!in)
        lab_die("%s cannot be read", disk);
    mkf_standard(&m, says, says);
    mkf_name(&m, parent, parent == 5 ? 5 : 1, name, when, 1);
    if (st->st_size <= RESIDENT_MAX) {
        size_t n = fread(block, 1, RESIDENT_MAX, in);
        mkf_resident(&m, 0x80, "", block, n, 0);
    } else {
        uint64_t clusters = ((uint64_t)st->st_size + CLUSTER - 1) / CLUSTER, lcn = take(v, clusters), off = lcn * CLUSTER;
        uint8_t  runs[16];
        for (size_t n; (n = fread(block, 1, sizeof block, in)) > 0; off += n)
            put(v, off, block, n);
        mkf_runs(&m, "", runs, run(runs, clusters, lcn), clusters, (uint64_t)st->st_size, 0);
        if (gone)
            give(v, lcn, clusters);
    }
    fclose(in);
    mkf_end(&m);
    event(v, when, number, parent, 0x100, 0x20, name);
    if (stamped)
        event(v, when + TIME_MINUTE, number, parent, 0x80008000, 0x20, name);
    if (gone)
        event(v, when + TIME_DAY, number, parent, 0x80000200, 0x20, name);
}

static int by_name(const struct dirent **a, const struct dirent **b) { return strcmp((*a)->d_name, (*b)->d_name); }

static void add_folder(struct volume *v, size_t self, const char *disk, const char *below)
{
    struct dirent **entry;
    int             n = scandir(disk, &entry, NULL, by_name);

    if (n < 0)
        lab_die("%s cannot be listed", disk);
    for (int i = 0; i < n; i++) {
        struct pool *pool = NULL;
        const char  *name = entry[i]->d_name, *path = pool_fmt(&pool, "%s/%s", disk, name), *inner = pool_fmt(&pool, "%s%s%s", below, *below ? "/" : "", name);
        struct stat  st;
        if (!strcmp(name, ".") || !strcmp(name, "..") || lstat(path, &st) != 0) {
            pool_drop(&pool);
            free(entry[i]);
            continue;
        }
        if (S_ISREG(st.st_mode)) {
            add_file(v, self, path, inner, name, &st);
        } else if (S_ISDIR(st.st_mode)) {
            size_t number = v->record_n < FIRST_RECORD ? FIRST_RECORD : v->record_n;
            mkf_file(record(v, number), number, 1, 1, 1, self, self == 5 ? 5 : 1, name, mtime_of(&st), mtime_of(&st), NULL);
            add_folder(v, number, path, inner);
        }
        pool_drop(&pool);
        free(entry[i]);
    }
    free(entry);
}

static void metadata(struct volume *v, size_t number, const char *name, uint64_t lcn, uint64_t clusters, uint64_t size)
{
    struct mk_mft m = mkf_begin(record(v, number), number, (uint16_t)number, 1, 0);
    uint8_t       runs[16];

    mkf_standard(&m, at("2020-01-01T00:00:00"), at("2020-01-01T00:00:00"));
    mkf_name(&m, 5, 5, name, at("2020-01-01T00:00:00"), 3);
    mkf_runs(&m, "", runs, run(runs, clusters, lcn), clusters, size, 0);
    mkf_end(&m);
}

/* $Extend\$UsnJrnl:$J: a hole of 1 MiB, then the records. */
static void add_journal(struct volume *v)
{
    enum { HOLE = 256 };
    uint64_t clusters = (v->journal.n + CLUSTER - 1) / CLUSTER + 1, lcn = take(v, clusters);
    uint8_t  runs[32];
    size_t   n = 0;

    put(v, lcn * CLUSTER, v->journal.p, v->journal.n);
    mkf_file(record(v, 11), 11, 11, 1, 1, 5, 5, "$Extend", at("2020-01-01T00:00:00"), at("2020-01-01T00:00:00"), NULL);
    struct mk_mft m = mkf_begin(record(v, 40), 40, 1, 1, 0);
    mkf_standard(&m, at("2020-01-01T00:00:00"), at("2020-01-01T00:00:00"));
    mkf_name(&m, 11, 11, "$UsnJrnl", at("2020-01-01T00:00:00"), 3);
    runs[n++] = 0x02, mk_le(runs + n, HOLE, 2), n += 2;
    n += run(runs + n, clusters, lcn);
    mkf_runs(&m, "$J", runs, n, HOLE + clusters, (HOLE + clusters) * CLUSTER, 0x8000);
    mkf_end(&m);
}

static size_t count(const char *disk)
{
    struct dirent **entry;
    int             n = scandir(disk, &entry, NULL, by_name);
    size_t          all = 0;

    for (int i = 0; i < n; i++) {
        struct pool *pool = NULL;
        const char  *path = pool_fmt(&pool, "%s/%s", disk, entry[i]->d_name);
        struct stat  st;
        if (strcmp(entry[i]->d_name, ".") && strcmp(entry[i]->d_name, "..") && lstat(path, &st) == 0)
            all += 1 + (S_ISDIR(st.st_mode) ? count(path) : 0);
        pool_drop(&pool);
        free(entry[i]);
    }
    if (n >= 0)
        free(entry);
    return all;
}

static void finish(struct volume *v, uint64_t mft, uint64_t *ret_clusters)
{
    uint8_t boot[512] = { 0xEB, 0x52, 0x90 };

    if (v->log)
        add_journal(v);
    mkf_file(record(v, 5), 5, 5, 1, 1, 5, 5, ".", at("2020-01-01T00:00:00"), at("2020-01-01T00:00:00"), NULL);
    uint64_t mft_clusters = (v->record_n * MK_RECORD + CLUSTER - 1) / CLUSTER;
    uint64_t total = v->next + 1024 > v->gigabytes << 18 ? v->next + 1024 : v->gigabytes << 18, bitmap_clusters = (total / 8 + CLUSTER) / CLUSTER, bitmap = take(v, bitmap_clusters);
    metadata(v, 0, "$MFT", mft, mft_clusters, v->record_n * MK_RECORD);
    metadata(v, 6, "$Bitmap", bitmap, bitmap_clusters, total / 8 + 1);
    put(v, mft * CLUSTER, v->mft, v->record_n * MK_RECORD);
    put(v, bitmap * CLUSTER, v->used, total / 8 + 1 < v->used_cap ? total / 8 + 1 : v->used_cap);       /* behind it, zeros: free */
    memcpy(boot + 3, "NTFS    ", 8);
    mk_le(boot + 11, 512, 2), boot[13] = CLUSTER / 512, mk_le(boot + 0x28, total * (CLUSTER / 512) - 1, 8), mk_le(boot + 0x30, mft, 8), mk_le(boot + 0x38, mft, 8);
    boot[0x40] = 0xF6, boot[0x44] = 1, mk_le(boot + 0x48, UINT64_C(0x1122334455667788), 8), boot[510] = 0x55, boot[511] = 0xAA;
    put(v, 0, boot, sizeof boot);
    put(v, total * CLUSTER - 512, boot, sizeof boot);
    *ret_clusters = total;
}

/* Partitions of NTFS. */
static void table(struct volume *v, const uint64_t *at_bytes, const uint64_t *clusters, size_t n)
{
    uint8_t s[512] = { 0 };

    for (size_t i = 0; i < n; i++) {
        s[446 + 16 * i + 4] = 7;
        mk_le(s + 446 + 16 * i + 8, at_bytes[i] / 512, 4), mk_le(s + 446 + 16 * i + 12, clusters[i] * (CLUSTER / 512), 4);
    }
    memcpy(s + 440, "lab!", 4);
    s[510] = 0x55, s[511] = 0xAA;
    v->base = 0;
    put(v, 0, s, sizeof s);
}

/* The registry of a Windows that gave these letters: \Windows\System32\config\SYSTEM of the folder. */
static void letters(const char *folder, const char *letter, const uint64_t *at_bytes, size_t n)
{
    struct pool *pool = NULL;
    struct mh   *m = mh_open("ROOT", at("2020-01-01T00:00:00"));
    size_t       size;

    for (size_t i = 0; i < n; i++) {
        uint8_t device[12] = "lab!";
        mk_le(device + 4, at_bytes[i], 8);
        mh_value(mh_key(m, "MountedDevices", at("2020-01-01T00:00:00")), pool_fmt(&pool, "\\DosDevices\\%c:", letter[i]), MH_BINARY, device, sizeof device);
    }
    uint8_t *p = mh_write(m, "SYSTEM", at("2020-01-01T00:00:00"), &size);
    FILE    *f = fopen(pool_fmt(&pool, "%s/Windows/System32/config/SYSTEM", folder), "wb");
    if (!f) {
        (void)mkdir(pool_fmt(&pool, "%s/Windows/System32/config", folder), 0755);
        f = fopen(pool_fmt(&pool, "%s/Windows/System32/config/SYSTEM", folder), "wb");
    }
    if (!f || fwrite(p, 1, size, f) != size || fclose(f) != 0)
        lab_die("the registry of %s cannot be written", folder);
    free(p);
    mh_free(m);
    pool_drop(&pool);
}

/* One volume, from where v->base says. */
static uint64_t write_volume(struct volume *v, const char *folder)
{
    uint64_t clusters;

    v->next = 16;
    (void)take(v, 0);
    for (uint64_t i = 0; i < 16; i++)
        v->used[i / 8] |= (uint8_t)(1 << (i % 8));
    /* The table comes first, as Windows does it: an image that is cut still has it. */
    uint64_t mft = take(v, ((count(folder) + FIRST_RECORD + 1) * MK_RECORD + CLUSTER - 1) / CLUSTER);
    add_folder(v, 5, folder, "");
    finish(v, mft, &clusters);
    free(v->mft);
    free(v->used);
    buf_free(&v->journal);
    v->mft  = v->used = NULL;
    v->record_n = v->record_cap = v->used_cap = 0;
    return clusters;
}

int image_main(const char *folder, const char *out, int argc, char **argv)
{
    const char   *gone[NAMES_MAX], *stamped[NAMES_MAX], *data[DATA_MAX];
    char          letter[DATA_MAX + 1] = { 'C' };
    struct volume v = { .gone = gone, .stamped = stamped };
    uint64_t      at_bytes[DATA_MAX + 1] = { PART_AT }, clusters[DATA_MAX + 1];
    size_t        data_n = 0;
    bool          bare = false;

    for (int i = 0; i < argc; i++) {
        if (!strcmp(argv[i], "--volume"))
            bare = true;
        else if (!strcmp(argv[i], "--journal"))
            v.log = true;
        else if (!strcmp(argv[i], "--gigabytes") && i + 1 < argc)
            v.gigabytes = strtoull(argv[++i], NULL, 10) & 0xFFF;
        else if (!strcmp(argv[i], "--deleted") && i + 1 < argc && v.gone_n < NAMES_MAX)
            gone[v.gone_n++] = argv[++i];
        else if (!strcmp(argv[i], "--stamped") && i + 1 < argc && v.stamped_n < NAMES_MAX)
            stamped[v.stamped_n++] = argv[++i];
        else if (!strcmp(argv[i], "--data") && i + 1 < argc && data_n < DATA_MAX && strlen(argv[i + 1]) > 2 && argv[i + 1][1] == '=') {
            letter[data_n + 1]   = argv[++i][0];
            at_bytes[data_n + 1] = (data_n + 1) * DATA_STEP;
            data[data_n++]       = argv[i] + 2;
        } else
            return 64;
    }
    if (data_n)
        letters(folder, letter, at_bytes, data_n + 1);
    v.base = bare ? 0 : PART_AT;
    v.f    = fopen(out, "wb");
    if (!v.f)
        lab_die("%s cannot be made", out);
    clusters[0] = write_volume(&v, folder);
    if (data_n && clusters[0] * CLUSTER > DATA_STEP - PART_AT)
        lab_die("%s is too large for a disk with further volumes", folder);
    for (size_t i = 0; i < data_n; i++) {
        v.base = at_bytes[i + 1];
        clusters[i + 1] = write_volume(&v, data[i]);
    }
    if (!bare)
        table(&v, at_bytes, clusters, data_n + 1);
    if (fclose(v.f) != 0)
        lab_die("%s cannot be written", out);
    return 0;
}
