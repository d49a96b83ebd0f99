/*
 * image_letters: which letter a volume has: by the registry of the Windows that used it (SYSTEM, MountedDevices), on the same disk or on another; else a guess, told.
 *
 * Windows knows a volume by the signature of its disk and its place there (MBR), or by the GUID of its partition (GPT). Links without a letter (\??\Volume{...}) say nothing.
 * Source: Microsoft Learn, "Supporting Mount Manager Requests in a Storage Class Driver"; formats/hive.h.
 */
#include "evidence/image_inner.h"

#include "base/num.h"
#include "formats/hive.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ROOM = HIVE_CACHE + (8 << 20), NAME_MAX_BYTES = 40 };

static uint64_t le(const uint8_t *p, int n) { uint64_t v = 0; for (int i = n; i-- > 0;) v = v << 8 | p[i]; return v; }

struct opened { struct os *os; struct os_file f; uint64_t size_bytes; };

static bool read_hive(void *ctx, uint64_t off, uint8_t *buf, size_t cap, size_t *ret_got, struct err *e)
{
    struct opened *o = ctx;
    return o->os->read_at(o->os, o->f, off, buf, cap, ret_got, e);
}

/* A file of \Windows\System32\config; false: not there, or it cannot be opened. */
static bool open_config(struct image *m, size_t volume, const char *name, struct opened *ret)
{
    const char *const way[] = { "Windows", "System32", "config", name };
    struct err        why = { 0 };
    char              native[NAME_MAX_BYTES];
    uint32_t          at = image_volume_find(&m->volume[volume], way, 4);

    if (at == MFT_NOTHING)
        return false;
    snprintf(native, sizeof native, "v%zu/%c%u", volume, IMAGE_KEY, at);
    *ret = (struct opened){ .os = &m->os, .f = OS_FILE_NONE };
    return m->os.open(&m->os, STR_EMPTY, str_c(native), &ret->f, &ret->size_bytes, &why);
}

/* "\DosDevices\D:" and what it stands for. */
static void take_value(struct image *m, struct str name, struct str data)
{
    struct str at = str_from(name, STR("\\DosDevices\\").n);

    if (!str_istarts(name, STR("\\DosDevices\\")) || at.n != 2 || at.p[1] != ':' || !ch_alpha(at.p[0]) || m->letter_n == COUNT_OF(m->letter))
        return;
    struct image_letter x = { .letter = (uint8_t)(at.p[0] & ~0x20) };
    if (data.n == 12) {
        memcpy(x.id, data.p, 4);
        x.off = le(data.p + 4, 8);
    } else if (data.n == 24 && str_starts(data, STR("DMIO:ID:"))) {
        x.gpt = true;
        memcpy(x.id, data.p + 8, 16);
    } else {
        return;
    }
    m->letter[m->letter_n++] = x;
}

static bool read_table(struct image *m, struct opened *file, struct opened *log, size_t log_n, struct arena *a)
{
    struct hive        *h = NEW(a, struct hive, 1);
    struct hive_source  in = { read_hive, file, file->size_bytes }, logs[2];
    struct hive_key     root, key;
    struct hive_value  *v = NULL;
    struct err          why = { 0 };
    size_t              n = 0;

    for (size_t i = 0; i < log_n; i++)
        logs[i] = (struct hive_source){ read_hive, &log[i], log[i].size_bytes };
    if (!h || !hive_open(h, a, &in, logs, log_n, &why) || !hive_root(h, a, &root) || !hive_find(h, a, &root, STR("MountedDevices"), &key) || !hive_values(h, a, &key, &v, &n))
        return false;
    for (size_t i = 0; i < n; i++) {
        struct arena here = *a;
        struct str   data;
        if (v[i].type == HIVE_BINARY && v[i].size <= 24 && hive_data(h, &here, &v[i], &data))
            take_value(m, v[i].name, data);
    }
    return true;
}

bool image_letters_read(struct image *m, struct err *e)
{
    m->letter_n = 0;
    for (size_t i = 0; i < m->volume_n; i++) {
        struct opened file, log[2];
        size_t        log_n = 0;
        if (!m->volume[i].system || m->volume[i].earlier || m->letter_n || !open_config(m, i, "SYSTEM", &file))
            continue;
        log_n += open_config(m, i, "SYSTEM.LOG1", &log[log_n]);
        log_n += open_config(m, i, "SYSTEM.LOG2", &log[log_n]);
        uint8_t     *block = malloc(ROOM);
        struct arena a = { block, block ? block + ROOM : NULL, NULL };
        bool         ok = block != NULL;
        if (ok)
            (void)read_table(m, &file, log, log_n, &a);
        free(block);
        for (size_t k = 0; k < log_n; k++)
            log[k].os->close(log[k].os, &log[k].f);
        file.os->close(file.os, &file.f);
        if (!ok)
            return err_set(e, ERR_MEMORY, "no room to read the letters of drives");
    }
    return true;
}

static bool is_it(const struct image_letter *x, const struct image *m, const struct partition *p)
{
    static const uint8_t none[16] = { 0 };

    if (x->gpt)
        return m->gpt && memcmp(p->guid, none, 16) != 0 && memcmp(x->id, p->guid, 16) == 0;
    return !m->gpt && memcmp(m->disk_id, none, 4) != 0 && memcmp(x->id, m->disk_id, 4) == 0 && x->off == p->off;
}

/* Shadow copies go with their volume. */
static void give(struct image *m, size_t i, uint8_t letter)
{
    for (size_t k = 0; k < m->volume_n; k++)
        if (k == i || (m->volume[k].earlier && m->volume[k].of == i))
            m->volume[k].letter = letter;
}

static bool is_taken(struct image *const *m, size_t n, uint8_t letter)
{
    for (size_t k = 0; k < n; k++)
        for (size_t i = 0; i < m[k]->volume_n; i++)
            if (m[k]->volume[i].letter == letter)
                return true;
    return false;
}

void image_letters(struct image *const *m, size_t n)
{
    for (size_t k = 0; k < n; k++) {
        m[k]->named_by = k;
        for (size_t i = 0; i < m[k]->volume_n; i++) {
            if (m[k]->volume[i].earlier)
                continue;
            m[k]->volume[i].letter = 0;
            /* Its own Windows knows best; then any other that was given. */
            for (size_t from = 0; from <= n && !m[k]->volume[i].letter; from++) {
                const struct image *t = from ? m[from - 1] : m[k];
                for (size_t j = 0; j < t->letter_n && !m[k]->volume[i].letter; j++)
                    if (is_it(&t->letter[j], m[k], &m[k]->volume[i].partition)) {
                        give(m[k], i, t->letter[j].letter);
                        if (from)
                            m[k]->named_by = from - 1;
                    }
            }
        }
    }
    for (size_t k = 0; k < n; k++) {
        bool    system = false, windows = false;
        uint8_t next = 'D';
        for (size_t i = 0; i < m[k]->volume_n; i++) {
            system  = system || (m[k]->volume[i].system && m[k]->volume[i].letter);
            windows = windows || m[k]->volume[i].system;
        }
        for (size_t i = 0; i < m[k]->volume_n; i++) {
            const struct image_volume *v = &m[k]->volume[i];
            char name[32] = "", what[80];
            if (v->letter || v->earlier)
                continue;
            /* Without a registry that says otherwise Windows is on C:; so is a volume by itself, as a folder by itself would be. */
            bool alone = m[k]->volume_n == 1 && !v->partition.number && !windows && !is_taken(m, n, 'C');
            if ((v->system && !system) || alone) {
                give(m[k], i, 'C');
                system = true;
                continue;
            }
            while (next < 'Z' && is_taken(m, n, next))
                next++;
            give(m[k], i, next);
            if (v->partition.number)
                snprintf(name, sizeof name, "partition %u", v->partition.number);
            snprintf(what, sizeof what, "remark: drive letter %c is a guess", v->letter);
            image_say(&m[k]->r, name, what, "It was read. If its letter was another, paths of this volume differ by it. The disk with Windows, hunted together with this one, knows.");
        }
    }
}

size_t image_named_by(const struct image *m) { return m->named_by; }
