/* hive_walk: all keys of a hive, those that live and those in cells that are free. */
#include "formats/hive_inner.h"

#include <string.h>

/* ---- the tree ---- */

struct level { uint32_t *sub; size_t n, i; struct arena a; struct str path; };

bool hive_walk(struct hive *h, struct arena a, const struct hive_key *from, struct str base, hive_visit *visit, void *ctx)
{
    uint64_t      cells = (h->end - HIVE_BASE_BYTES) / 8;
    uint8_t      *seen = NEW(&a, uint8_t, (size_t)(cells / 8 + 1));
    struct level *level = NEW(&a, struct level, HIVE_DEPTH_MAX);
    size_t        depth = 1;

    if (!seen || !level)
        return hive_no_room(h);
    if (from->at / 8 <= cells)
        seen[from->at / 64] |= (uint8_t)(1u << from->at / 8 % 8);
    if (!visit(ctx, h, a, from, base))
        return false;
    level[0] = (struct level){ .a = a, .path = base };
    if (!hive_subkeys(h, &level[0].a, from, &level[0].sub, &level[0].n))
        return false;
    while (depth) {
        struct level *l = &level[depth - 1];
        if (l->i == l->n) {
            depth--;
            continue;
        }
        uint32_t        at = l->sub[l->i++];
        struct arena    scratch = l->a;
        struct hive_key k;
        if (at / 8 <= cells && at % 8 == 0 && seen[at / 64] >> (at / 8 % 8) & 1) {
            hive_bad(h, "a key stands below two others");
            continue;
        }
        if (!hive_key_at(h, &scratch, at, &k)) {
            if (h->why.kind != ERR_NONE)
                return false;
            continue;
        }
        seen[at / 64] |= (uint8_t)(1u << at / 8 % 8);
        struct str path = l->path.n ? str_fmt(&scratch, "%.*s\\", STR_ARG(l->path)) : STR("");
        if (!path.p || !(path = str_cat(&scratch, path, k.name)).p)
            return hive_no_room(h);
        if (!visit(ctx, h, scratch, &k, path))
            return false;
        if (k.subkey_n == 0)
            continue;
        if (depth == HIVE_DEPTH_MAX) {
            hive_bad(h, "keys lie deeper than Windows allows");
            continue;
        }
        level[depth] = (struct level){ .a = scratch, .path = path };
        if (!hive_subkeys(h, &level[depth].a, &k, &level[depth].sub, &level[depth].n))
            return false;
        depth++;
    }
    return true;
}

/* ---- keys in free cells ---- */

enum { NK_FIXED = 76, BIN_HEAD = 32, WINDOW = 4096 };

/* Could these bytes be a key's? `room`: up to the end of its free cell. */
static bool looks_like_key(const struct hive *h, const uint8_t *p, uint64_t room)
{
    uint32_t parent = hive_u32(p + 16), name = hive_u16(p + 72), values = hive_u32(p + 36), written_high = hive_u32(p + 8);

    /* Written between 1990 and 2100; flags that exist; a parent inside. */
    return (hive_u16(p + 2) & ~0x7FFFu) == 0 && written_high > 0x01B00000 && written_high < 0x02500000 && parent % 8 == 0 && HIVE_BASE_BYTES + (uint64_t)parent < h->end && name > 0 &&
           name <= HIVE_KEY_NAME_MAX && NK_FIXED + (uint64_t)name <= room && values <= HIVE_VALUES_MAX;
}

static struct str path_of(struct hive *h, struct arena *a, const struct hive_key *k)
{
    struct str path = k->name;
    uint32_t   at = k->parent;

    for (int i = 0; i < HIVE_DELETED_DEPTH && path.p; i++) {
        struct hive_key up;
        if (at == h->root)
            return path;
        if (!hive_key_at(h, a, at, &up) || up.at == k->at)
            break;
        path = str_fmt(a, "%.*s\\%.*s", STR_ARG(up.name), STR_ARG(str_sub(path, 0, 4096)));
        at   = up.parent;
    }
    return path.p ? str_fmt(a, "?\\%.*s", STR_ARG(str_sub(path, 0, 4096))) : path;
}

/* One free cell, which may be what is left of several. */
static bool free_cell(struct hive *h, struct arena a, uint64_t at, uint64_t end, uint32_t *found, hive_visit *visit, void *ctx)
{
    uint8_t window[WINDOW + 4 + NK_FIXED];

    for (uint64_t p = at; p + 4 + NK_FIXED <= end; p += WINDOW) {
        size_t n = end - p < sizeof window ? (size_t)(end - p) : sizeof window;
        if (!hive_step(h) || !hive_bytes(h, p, window, n))
            return h->why.kind == ERR_NONE;
        for (size_t i = 0; i < WINDOW && i + 4 + NK_FIXED <= n; i += 8) {
            struct arena    scratch = a;
            struct hive_key k;
            if (window[i + 4] != 'n' || window[i + 5] != 'k' || !looks_like_key(h, window + i + 4, end - p - i - 4))
                continue;
            if (!hive_key_at(h, &scratch, (uint32_t)(p + i - HIVE_BASE_BYTES), &k)) {
                if (h->why.kind != ERR_NONE)
                    return false;
                continue;
            }
            struct str path = path_of(h, &scratch, &k);
            if (h->why.kind != ERR_NONE || !path.p)
                return path.p ? false : hive_no_room(h);
            if (++*found > HIVE_DELETED_MAX)
                return true;
            if (!visit(ctx, h, scratch, &k, path))
                return false;
        }
    }
    return true;
}

bool hive_deleted(struct hive *h, struct arena a, hive_visit *visit, void *ctx)
{
    uint32_t found = 0;
    bool     ok = true;

    h->deleted = true;
    for (uint64_t bin = HIVE_BASE_BYTES; ok && bin + BIN_HEAD < h->end && found <= HIVE_DELETED_MAX;) {
        uint8_t head[BIN_HEAD];
        ok = hive_step(h) && (hive_bytes(h, bin, head, sizeof head) || h->why.kind == ERR_NONE);
        uint64_t size = ok && memcmp(head, "hbin", 4) == 0 ? hive_u32(head + 8) : 0, end;
        if (size < 4096 || size % 4096) {
            bin += 4096;                           /* no bin: the next page may be one */
            continue;
        }
        end = bin + size < h->end ? bin + size : h->end;
        for (uint64_t at = bin + BIN_HEAD; ok && at + 8 <= end;) {
            uint8_t  raw[4];
            if (!hive_step(h) || !hive_bytes(h, at, raw, 4)) {
                ok = h->why.kind == ERR_NONE;
                break;
            }
            uint32_t cell = hive_u32(raw), n = cell >> 31 ? 0 - cell : cell;
            if (n < 8 || n % 8 || n > end - at)
                break;
            if (!(cell >> 31))
                ok = free_cell(h, a, at, at + n, &found, visit, ctx);
            at += n;
        }
        bin += size;
    }
    h->deleted = false;
    return ok && h->why.kind == ERR_NONE;
}
