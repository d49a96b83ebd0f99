#include "formats/partitions.h"

#include "base/num.h"
#include "base/rd.h"

#include <string.h>

enum { SECTOR = 512, HEAD = 4096 };

static const uint8_t guid_ldm_data[16]  = { 0xA0, 0x60, 0x9B, 0xAF, 0x31, 0x14, 0x62, 0x4F, 0xBC, 0x68, 0x33, 0x11, 0x71, 0x4A, 0x69, 0xAD };
static const uint8_t guid_ldm_meta[16]  = { 0xAA, 0xC8, 0x08, 0x58, 0x8F, 0x7E, 0xE0, 0x42, 0x85, 0xD2, 0xE1, 0xE9, 0x04, 0x34, 0xCF, 0xB3 };
static const uint8_t guid_spaces[16]    = { 0x8F, 0xAF, 0x5C, 0xE7, 0x80, 0xF6, 0xEE, 0x4C, 0xAF, 0xA3, 0xB0, 0x01, 0xE5, 0x6E, 0xFC, 0x2D };
static const uint8_t guid_reserved[16]  = { 0x16, 0xE3, 0xC9, 0xE3, 0x5C, 0x0B, 0xB8, 0x4D, 0x81, 0x7D, 0xF9, 0x2D, 0xF0, 0x02, 0x15, 0xAE };

static uint32_t le32(const uint8_t *p) { return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24; }
static uint64_t le64(const uint8_t *p) { return le32(p) | (uint64_t)le32(p + 4) << 32; }

enum volume_kind volume_kind_of(struct str head)
{
    struct str oem = str_sub(head, 3, 11);

    if (head.n < SECTOR)
        return VOLUME_UNKNOWN;
    if (str_eq(oem, STR("NTFS    ")))
        return VOLUME_NTFS;
    /* Also the "to go" form, which looks like FAT: its GUID stands at 0x1A8. */
    if (str_eq(oem, STR("-FVE-FS-")) || str_eq(str_sub(head, 0x1A8, 0x1B8), STR("\x3B\xD6\x67\x49\x29\x2E\xD8\x4A\x83\x99\xF6\xA3\x39\xE3\xD0\x01")))
        return VOLUME_BITLOCKER;
    if (str_eq(oem, STR("EXFAT   ")))
        return VOLUME_EXFAT;
    if (str_eq(str_sub(head, 3, 7), STR("ReFS")))
        return VOLUME_REFS;
    if (str_eq(str_sub(head, 0x52, 0x57), STR("FAT32")) || str_eq(str_sub(head, 0x36, 0x39), STR("FAT")))
        return VOLUME_FAT;
    if (str_starts(head, STR("LUKS\xBA\xBE")))
        return VOLUME_LUKS;
    if (str_eq(str_sub(head, 512, 520), STR("LABELONE")))
        return VOLUME_LVM;
    if (str_eq(str_sub(head, 0x438, 0x43A), STR("\x53\xEF")) || str_starts(head, STR("XFSB")))
        return VOLUME_LINUX;
    for (size_t i = 0; i < head.n; i++)
        if (head.p[i])
            return VOLUME_UNKNOWN;
    return VOLUME_EMPTY;
}

const char *volume_kind_says(enum volume_kind k, const char **ret_hint)
{
    static const struct { const char *what, *hint; } says[] = {
        [VOLUME_UNKNOWN]   = { "a volume of no known kind", "Look at it by hand; if it is encrypted, decrypt it and hunt the result." },
        [VOLUME_BITLOCKER] = { "encrypted by BitLocker", "Decrypt it with the recovery key (48 digits) or the key file, or take an image of the mounted volume, and hunt that." },
        [VOLUME_FAT]       = { "a FAT volume: not read", "Mount it read-only and hunt the mount point, if more than boot files lie there." },
        [VOLUME_EXFAT]     = { "an exFAT volume: not read", "Mount it read-only and hunt the mount point." },
        [VOLUME_REFS]      = { "a ReFS volume: not read", "Mount it read-only on Windows, copy the folders that the report names, and hunt the copy." },
        [VOLUME_LDM]       = { "part of a dynamic disk: its volumes are not put together", "Attach all disks of the group to Windows read-only, and take an image of each volume." },
        [VOLUME_SPACES]    = { "part of a storage pool: its volumes are not put together", "Attach all disks of the pool to Windows read-only, and take an image of each volume." },
        [VOLUME_LVM]       = { "part of an LVM group: its volumes are not put together", "Activate the group read-only, and take an image of each volume." },
        [VOLUME_LUKS]      = { "encrypted by LUKS", "Open it with its key, and take an image of what it holds." },
        [VOLUME_LINUX]     = { "a volume of Linux: not read", "An Exchange server has none. Look which disk this is." },
    };
    *ret_hint = "";
    if (k >= COUNT_OF(says) || !says[k].what)
        return NULL;
    *ret_hint = says[k].hint;
    return says[k].what;
}

static void say(struct partitions *p, const char *what)
{
    if (!p->trouble)
        p->trouble = what;
}

/* Looks at its first bytes. hint: what the table says, for kinds that have no mark of their own. */
static bool add(struct partitions *p, const struct blocks *b, uint64_t off, uint64_t size, uint32_t number, enum volume_kind hint, const uint8_t *guid, struct err *e)
{
    uint8_t head[HEAD] = { 0 };
    size_t  got = 0;

    if (p->n == PARTITIONS_MAX) {
        say(p, "more partitions than this build reads");
        return true;
    }
    if (off >= b->size_bytes || size == 0) {
        say(p, "a partition lies beyond the end of the image: it is cut, or the table is damaged");
        return true;
    }
    if (size > b->size_bytes - off) {
        say(p, "a partition ends beyond the end of the image: it is cut, or the table is damaged");
        size = b->size_bytes - off;
    }
    if (!b->read(b->ctx, off, head, sizeof head, &got, e))
        return false;
    struct partition *x = &p->one[p->n++];
    *x = (struct partition){ .off = off, .size_bytes = size, .number = number, .kind = hint ? hint : volume_kind_of((struct str){ head, got }) };
    if (guid)
        memcpy(x->guid, guid, 16);
    return true;
}

static bool is_mbr(const uint8_t *s)
{
    size_t used = 0;

    if (s[510] != 0x55 || s[511] != 0xAA)
        return false;
    for (int i = 0; i < 4; i++) {
        const uint8_t *x = s + 446 + 16 * i;
        if (x[0] != 0 && x[0] != 0x80)
            return false;
        if (x[4] && le32(x + 12) == 0 && x[4] != 0xEE)
            return false;
        used += x[4] != 0;
    }
    return used > 0;
}

bool partitions_probe(struct str head)
{
    if (head.n < SECTOR)
        return false;
    enum volume_kind k = volume_kind_of(str_sub(head, 0, SECTOR));
    return is_mbr(head.p) || (k != VOLUME_UNKNOWN && k != VOLUME_EMPTY && head.p[510] == 0x55 && head.p[511] == 0xAA);
}

static bool read_gpt(struct partitions *p, const struct blocks *b, uint32_t sector, uint64_t at, bool *ret_any, struct err *e)
{
    uint8_t head[512], entry[128];

    *ret_any = false;
    if (b->size_bytes < sizeof head || at > b->size_bytes - sizeof head)
        return true;
    if (!block_whole(b, at, head, sizeof head, e))
        return false;
    if (memcmp(head, "EFI PART", 8) != 0)
        return true;
    uint64_t lba = le64(head + 72);
    uint32_t n = le32(head + 80), size = le32(head + 84);
    if (size < 128 || size > 4096 || lba > b->size_bytes / sector) {
        say(p, "the partition table is damaged");
        return true;
    }
    *ret_any = p->gpt = true;
    memcpy(p->disk_id, head + 56, 16);
    if (n > 1024)
        say(p, "more partitions than this build reads");
    for (uint32_t i = 0; i < n && i < 1024; i++) {
        uint64_t off = lba * sector + (uint64_t)i * size;
        size_t   got = 0;
        if (!b->read(b->ctx, off, entry, sizeof entry, &got, e))
            return false;
        if (got < sizeof entry) {
            say(p, "the partition table is cut");
            return true;
        }
        static const uint8_t none[16] = { 0 };
        if (memcmp(entry, none, 16) == 0)
            continue;
        uint64_t first = le64(entry + 32), last = le64(entry + 40);
        enum volume_kind hint = memcmp(entry, guid_ldm_data, 16) == 0 || memcmp(entry, guid_ldm_meta, 16) == 0 ? VOLUME_LDM : memcmp(entry, guid_spaces, 16) == 0 ? VOLUME_SPACES
                              : memcmp(entry, guid_reserved, 16) == 0 ? VOLUME_MS_RESERVED : VOLUME_UNKNOWN;
        if (last < first || last > UINT64_MAX / sector - 1) {
            say(p, "a partition of the table ends before it begins");
            continue;
        }
        if (!add(p, b, first * sector, (last - first + 1) * sector, i + 1, hint, entry + 16, e))
            return false;
    }
    return true;
}

static bool is_extended(uint8_t type) { return type == 0x05 || type == 0x0F || type == 0x85; }

/* Each link of the chain names a volume, from itself, and the next link, from the first. */
static bool read_extended(struct partitions *p, const struct blocks *b, uint64_t first, uint32_t *number, struct err *e)
{
    uint8_t  s[SECTOR];
    uint64_t at = first;

    for (int i = 0;; i++) {
        if (i == PARTITIONS_CHAIN) {
            say(p, "a chain of extended partitions that does not end");
            return true;
        }
        size_t got = 0;
        if (!b->read(b->ctx, at * SECTOR, s, sizeof s, &got, e))
            return false;
        if (got < sizeof s || s[510] != 0x55 || s[511] != 0xAA) {
            say(p, "a chain of extended partitions that breaks off");
            return true;
        }
        const uint8_t *one = s + 446, *next = s + 462;
        if (one[4] && !is_extended(one[4])) {
            if (p->n && p->one[p->n - 1].off == (at + le32(one + 8)) * SECTOR) {
                say(p, "a chain of extended partitions that leads into itself");
                return true;
            }
            if (!add(p, b, (at + le32(one + 8)) * SECTOR, (uint64_t)le32(one + 12) * SECTOR, (*number)++, one[4] == 0x42 ? VOLUME_LDM : VOLUME_UNKNOWN, NULL, e))
                return false;
        }
        if (!is_extended(next[4]))
            return true;
        if (first + le32(next + 8) <= at) {
            say(p, "a chain of extended partitions that leads back");
            return true;
        }
        at = first + le32(next + 8);
    }
}

bool partitions_read(struct partitions *ret, const struct blocks *b, struct err *e)
{
    uint8_t s[HEAD] = { 0 };
    size_t  got = 0;

    memset(ret, 0, sizeof *ret);
    if (!b->read(b->ctx, 0, s, sizeof s, &got, e))
        return false;
    if (got < SECTOR)
        return true;
    enum volume_kind whole = volume_kind_of((struct str){ s, got });
    if (whole != VOLUME_UNKNOWN && whole != VOLUME_EMPTY && !(whole == VOLUME_LINUX && is_mbr(s)))
        return add(ret, b, 0, b->size_bytes, 0, VOLUME_UNKNOWN, NULL, e);
    bool gpt = false, protective = false;
    for (int i = 0; i < 4; i++)
        protective = protective || s[446 + 16 * i + 4] == 0xEE;
    if (protective || !is_mbr(s)) {
        if (!read_gpt(ret, b, 512, 512, &gpt, e) || (!gpt && !read_gpt(ret, b, 4096, 4096, &gpt, e)))
            return false;
        /* Its copy stands in the last sector. */
        if (!gpt && b->size_bytes > 1024) {
            if (!read_gpt(ret, b, 512, b->size_bytes / 512 * 512 - 512, &gpt, e))
                return false;
            if (gpt)
                say(ret, "the partition table at the beginning is damaged: its copy was used");
        }
        if (gpt)
            return true;
    }
    if (!is_mbr(s))
        return true;
    memcpy(ret->disk_id, s + 440, 4);
    uint32_t number = 1, logical = 5;
    for (int i = 0; i < 4; i++) {
        const uint8_t *x = s + 446 + 16 * i;
        uint64_t first = le32(x + 8), count = le32(x + 12);
        if (!x[4] || x[4] == 0xEE)
            continue;
        if (is_extended(x[4]) ? !read_extended(ret, b, first, &logical, e)
                              : !add(ret, b, first * SECTOR, count * SECTOR, number++, x[4] == 0x42 ? VOLUME_LDM : VOLUME_UNKNOWN, NULL, e))
            return false;
    }
    return true;
}
