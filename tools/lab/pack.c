/* pack: lists the evidence, keeps what a profile takes, and hands it to a layout. */
#include "lab/pack.h"

#include <dirent.h>
#include <errno.h>
#include <fnmatch.h>
#include <ftw.h>
#include <locale.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

void pack_push(struct pack_list *list, const struct pack_item *item)
{
    if (list->n == list->cap) {
        list->cap = list->cap ? list->cap * 2 : 256;
        list->item = realloc(list->item, list->cap * sizeof *list->item);
        if (!list->item)
            lab_die("out of memory");
    }
    list->item[list->n++] = *item;
}

void pack_mem(struct pack *p, struct pack_list *list, const char *name, struct buf *b, int64_t mtime_us)
{
    struct pack_item it = { .name = pool_fmt(&p->keep, "%s", name), .size = b->n, .mtime_us = mtime_us };
    char            *room = pool_room(&p->keep, b->n + 1);

    if (b->n)
        memcpy(room, b->p, b->n);
    room[b->n] = 0;
    it.mem = room;
    buf_free(b);
    *b = (struct buf){ 0 };
    pack_push(list, &it);
}

static int by_name(const void *x, const void *y) { return strcmp(((const struct pack_item *)x)->name, ((const struct pack_item *)y)->name); }

void pack_sort(struct pack_list *list)
{
    if (list->n)
        qsort(list->item, list->n, sizeof *list->item, by_name);
}

void pack_slurp(const struct pack_item *item, struct buf *ret)
{
    size_t got;

    if (!item->native) {
        buf_add(ret, item->mem, item->size);
        return;
    }
    FILE *f = fopen(item->native, "rb");
    if (!f)
        lab_die("%s: %s", item->native, strerror(errno));
    do {
        buf_room(ret, 65536);
        got = fread(ret->p + ret->n, 1, 65536, f);
        ret->n += got;
    } while (got);
    fclose(f);
}

const char *pack_win(struct pack *p, const char *name)
{
    size_t n = strlen(name);
    char  *w = pool_room(&p->keep, n + 2);

    w[0] = name[0];
    w[1] = ':';
    for (size_t i = 1; i <= n; i++)
        w[i + 1] = name[i] == '/' ? '\\' : name[i];
    return w;
}

bool pack_like(const char *name, const char *pattern) { return fnmatch(pattern, name, FNM_CASEFOLD) == 0; }

const char *pack_digest(struct pack *p, const struct pack_item *item, enum pack_hash kind)
{
    uint8_t    raw[EVP_MAX_MD_SIZE];
    unsigned   n = 0;
    struct buf b = { 0 };

    pack_slurp(item, &b);
    if (!EVP_Digest(b.p ? b.p : "", b.n, raw, &n, kind == PACK_MD5 ? EVP_md5() : kind == PACK_SHA1 ? EVP_sha1() : EVP_sha256(), NULL))
        lab_die("%s cannot be hashed", item->name);
    buf_free(&b);
    char *hex = pool_room(&p->keep, 2 * (size_t)n + 1);
    for (unsigned i = 0; i < n; i++)
        sprintf(hex + 2 * i, "%02x", raw[i]);
    hex[2 * n] = 0;
    return hex;
}

const char *pack_time(struct pack *p, int64_t us, char date, const char *between, char clock, int digits)
{
    struct civil c = civil_of(us);
    char         text[64];
    int          n = snprintf(text, sizeof text, "%04d", c.year);
    const char   d[2] = { date, 0 }, k[2] = { clock, 0 };

    n += snprintf(text + n, sizeof text - (size_t)n, "%s%02d%s%02d%s%02d%s%02d%s%02d", d, c.month, d, c.day, between, c.hour, k, c.minute, k, c.second);
    if (digits) {
        char fraction[16];
        snprintf(fraction, sizeof fraction, "%06lld0", (long long)((us % TIME_SECOND + TIME_SECOND) % TIME_SECOND));
        snprintf(text + n, sizeof text - (size_t)n, ".%.*s", digits, fraction);
    }
    return pool_fmt(&p->keep, "%s", text);
}

void buf_json(struct buf *b, const char *s)
{
    json_object *o = json_object_new_string(s);

    buf_str(b, json_object_to_json_string_ext(o, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE));
    json_object_put(o);
}

void pack_half(struct pack *p, const struct pack_item *item, struct buf *ret)
{
    (void)p;
    pack_slurp(item, ret);
    size_t half = ret->n / 2;
    while (half && ret->p[half - 1] != '\n')
        half--;
    ret->n = half;
}

void pack_file_table(struct pack *p, struct pack_list *ret, const char *name)
{
    struct buf b = { 0 };
    char       record[1024] = "FILE";

    record[4] = 0x30, record[6] = 3;          /* where its fix-ups are, and how many */
    buf_add(&b, record, sizeof record);
    pack_mem(p, ret, name, &b, p->stamp_us - TIME_HOUR);
}

static int unlink_one(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
    (void)st, (void)flag, (void)ftw;
    return remove(path);
}

static bool takes(const struct pack *p, const char *name)
{
    bool taken = p->profile_n == 0;

    for (size_t i = 0; i < p->profile_n; i++)
        taken = taken || pack_profile_takes(p->profile[i], name);
    return taken && (!p->drive || name[0] == p->drive[0]);
}

void pack_removed_pages(struct pack *p, struct pack_list *ret)
{
    json_object *doors, *path, *state;

    if (!p->truth || !json_object_object_get_ex(p->truth, "back_doors", &doors))
        return;
    for (size_t i = 0; i < json_object_array_length(doors); i++) {
        json_object *door = json_object_array_get_idx(doors, i);
        if (!json_object_object_get_ex(door, "state", &state) || strcmp(json_object_get_string(state), "removed") || !json_object_object_get_ex(door, "path", &path))
            continue;
        char        folder[] = "/tmp/lab-pack-XXXXXX", name[512];
        struct lab  l = { .seed = 1, .wanted = -1 };
        struct buf  b = { 0 };
        snprintf(name, sizeof name, "%c%s", json_object_get_string(path)[0], json_object_get_string(path) + 2);
        for (char *c = name; *c; c++)
            if (*c == '\\')
                *c = '/';
        if (!takes(p, name))
            continue;
        if (!mkdtemp(folder))
            lab_die("%s: %s", folder, strerror(errno));
        l.out = folder;
        server_defaults(&l, GEN_2016);
        l.server = p->server;
        l.install_win = win_path(&l, l.at.install);
        raid_page(&l, name, "rye7Qk2LmZp1", at("2021-03-03T02:11:40"));
        file_slurp(&l, name, &b);
        nftw(folder, unlink_one, 8, FTW_DEPTH | FTW_PHYS);
        pool_drop(&l.keep);
        pack_mem(p, ret, name, &b, at("2021-03-03T02:11:40"));
    }
}

/* ---- the evidence ---- */

static void walk(struct pack *p, const char *below)
{
    const char    *folder = pool_fmt(&p->keep, "%s%s%s", p->evidence, *below ? "/" : "", below);
    DIR           *d = opendir(folder);
    struct dirent *at;
    struct stat    st;

    if (!d)
        lab_die("%s: %s", folder, strerror(errno));
    while ((at = readdir(d))) {
        if (!strcmp(at->d_name, ".") || !strcmp(at->d_name, ".."))
            continue;
        struct pack_item it = { .name = pool_fmt(&p->keep, "%s%s%s", below, *below ? "/" : "", at->d_name), .native = pool_fmt(&p->keep, "%s/%s", folder, at->d_name) };
        if (lstat(it.native, &st))
            lab_die("%s: %s", it.native, strerror(errno));
        it.dir = S_ISDIR(st.st_mode);
        if (!it.dir && !S_ISREG(st.st_mode))
            lab_die("%s is neither file nor folder", it.native);
        it.size = it.dir ? 0 : (uint64_t)st.st_size;
        it.mtime_us = (int64_t)st.st_mtim.tv_sec * TIME_SECOND + st.st_mtim.tv_nsec / 1000;
        pack_push(&p->file, &it);
        if (it.dir)
            walk(p, it.name);
    }
    closedir(d);
}

static void extras(struct pack *p)
{
    struct buf b = { 0 };
    int64_t    t = at("2021-02-11T09:30:00");

    buf_str(&b, "notes of a build\r\n");
    pack_mem(p, &p->file, "C/Users/.NET v4.5/a%b.txt", &b, t);
    buf_str(&b, "a list of rooms\r\n");
    pack_mem(p, &p->file, "C/Users/mara/\xc3\x9c" "bersicht.txt", &b, t);
    /* An empty event log: the header of the file and no chunk. Source: [MS-EVEN6] names none; the header as Windows writes it. */
    char head[4096] = "ElfFile";
    head[0x20] = (char)0x80;                 /* size of the header's used part */
    head[0x24] = 1, head[0x26] = 3;          /* version 3.1 */
    head[0x28] = 0, head[0x29] = 0x10;       /* size of the block */
    buf_add(&b, head, sizeof head);
    pack_mem(p, &p->file, "C/Windows/System32/winevt/Logs/Microsoft-IIS-Configuration%4Administrative.evtx", &b, t);
}

static const char *truth_word(struct pack *p, const char *key)
{
    json_object *o;

    return p->truth && json_object_object_get_ex(p->truth, "server", &o) && json_object_object_get_ex(o, key, &o) ? pool_fmt(&p->keep, "%s", json_object_get_string(o)) : NULL;
}

/* What is at `evidence`, or NULL entries where there is no such folder. */
static void take(struct pack *p, const char *evidence, const char *server)
{
    struct pack_list all;
    size_t           n = strlen(evidence);

    while (n > 1 && evidence[n - 1] == '/')
        n--;
    p->evidence = pool_fmt(&p->keep, "%.*s", (int)n, evidence);
    p->truth = json_object_from_file(pool_fmt(&p->keep, "%s/../truth.json", p->evidence));
    p->server = server ? server : truth_word(p, "name");
    p->domain = truth_word(p, "domain");
    if (!p->server)
        lab_die("%s: no truth.json beside it, so --server NAME is needed", p->evidence);
    if (!p->domain)
        p->domain = "bakery.example";
    p->fqdn = pool_fmt(&p->keep, "%s.%s", p->server, p->domain);
    walk(p, "");
    for (size_t i = 0; i < p->file.n; i++)
        if (!p->file.item[i].dir && p->file.item[i].mtime_us > p->stamp_us)
            p->stamp_us = p->file.item[i].mtime_us;
    p->stamp_us = (p->stamp_us / TIME_SECOND + 3600) * TIME_SECOND;
    extras(p);
    all = p->file;
    p->file = (struct pack_list){ 0 };
    for (size_t i = 0; i < all.n; i++) {
        if ((p->profile_n && all.item[i].dir) || !takes(p, all.item[i].name))
            continue;
        if (all.item[i].dir)
            all.item[i].mtime_us = p->stamp_us;         /* a folder's own time is when the lab made it */
        pack_push(&p->file, &all.item[i]);
    }
    free(all.item);
    pack_sort(&p->file);
}

static void drop(struct pack *p)
{
    for (size_t i = 0; i < p->tmp_n; i++)
        unlink(p->tmp[i]);
    free(p->file.item);
    json_object_put(p->truth);
    pool_drop(&p->keep);
}

/* Several servers, each a CyLR zip, in one zip; `folder` holds what `lab make` wrote for each. */
static void many(struct pack *all, const char *folder)
{
    struct dirent  **name = NULL;
    struct pack_list outer = { 0 };
    struct pack      one[16];
    size_t           n = 0;
    int              found = scandir(folder, &name, NULL, alphasort);
    struct stat      st;

    for (int i = 0; i < found; i++) {
        const char *evidence = pool_fmt(&all->keep, "%s/%s/evidence", folder, name[i]->d_name);
        if (name[i]->d_name[0] != '.' && !stat(evidence, &st) && n < sizeof one / sizeof *one) {
            struct pack     *p = &one[n++];
            struct pack_list entries = { 0 };
            *p = (struct pack){ .out = all->out, .profile_n = all->profile_n, .drive = all->drive };
            memcpy(p->profile, all->profile, sizeof p->profile);
            take(p, evidence, NULL);
            for (size_t k = 0; k + 1 < n; k++)
                if (!strcasecmp(one[k].server, p->server))
                    lab_die("two servers are called %s: make one of them with --server NAME", p->server);
            if (all->stamp_us < p->stamp_us)
                all->stamp_us = p->stamp_us;
            pack_cylr_entries(p, &entries);
            pack_inner(p, &entries, PACK_ZIP, (struct pack_how){ 0 }, pool_fmt(&all->keep, "%s.zip", p->server), &outer);
            free(entries.item);
        }
        free(name[i]);
    }
    free(name);
    if (!n)
        lab_die("%s holds no folder with evidence/ in it", folder);
    pack_made(all, &outer, PACK_ZIP, (struct pack_how){ .stored = true }, "servers.zip");
    free(outer.item);
    for (size_t i = 0; i < n; i++)
        drop(&one[i]);
}

int pack_layout_list(void)
{
    for (const struct pack_layout *l = pack_layouts; l->name; l++)
        printf("%-26s%s\n", l->name, l->about);
    for (const struct pack_profile *f = pack_profiles; f->name; f++)
        printf("--profile %-16s%s\n", f->name, f->about);
    return 0;
}

int pack_main(const char *evidence, const char *layout, const char *out, const char *profile, const char *drive, const char *server, const char *password)
{
    const struct pack_layout *l = pack_layouts;
    struct pack               p = { .out = out, .password = password ? password : "exchange", .drive = drive };
    char                      list[256], *save = NULL;

    while (l->name && strcmp(l->name, layout))
        l++;
    if (!l->name)
        lab_die("no layout %s; `lab layouts` names them", layout);
    snprintf(list, sizeof list, "%s", profile ? profile : "");
    for (char *word = strtok_r(list, ",", &save); word; word = strtok_r(NULL, ",", &save)) {
        const struct pack_profile *f = pack_profiles;
        while (f->name && strcmp(f->name, word))
            f++;
        if (!f->name || p.profile_n == sizeof p.profile / sizeof *p.profile)
            lab_die(f->name ? "too many profiles at %s" : "no profile %s; `lab layouts` names them", word);
        p.profile[p.profile_n++] = f;
    }
    setenv("TZ", "UTC0", 1);               /* DOS times of zips are local */
    tzset();
    setlocale(LC_CTYPE, "C.UTF-8");        /* names in tar and 7z */
    pack_parents(pool_fmt(&p.keep, "%s/", out));
    if (l->many)
        many(&p, evidence);
    else {
        take(&p, evidence, server);
        l->make(&p);
    }
    drop(&p);
    return 0;
}
