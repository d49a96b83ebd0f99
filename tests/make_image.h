/*
 * make_image: a small volume of NTFS, and any disk in the forms that images come in, written for tests. Each gives an exact-size heap block.
 *
 * The forms are the smallest that their documents allow, or a little smaller: enough for who reads them by offset.
 */
#ifndef MAKE_IMAGE_H
#define MAKE_IMAGE_H

#include "base/arena.h"
#include "base/time.h"
#include "formats/block.h"
#include "make_mft.h"

#include <stdlib.h>
#include <zlib.h>

/* Bytes as a block; a read fails on request. */
struct mki_disk { uint8_t *p; size_t n; struct fault fault; };
static inline bool mki_disk_read(void *ctx, uint64_t off, uint8_t *buf, size_t cap, size_t *ret_got, struct err *e)
{
    struct mki_disk *d = ctx;

    if (fault_now(&d->fault))
        return err_set(e, ERR_IO, "read: broken on purpose");
    *ret_got = off >= d->n ? 0 : d->n - off < cap ? d->n - (size_t)off : cap;
    if (*ret_got)
        memcpy(buf, d->p + off, *ret_got);
    return true;
}
static inline struct blocks mki_block(struct mki_disk *d) { return (struct blocks){ mki_disk_read, d, d->n }; }

/* A volume of 512-byte clusters with a few files; `TABLE` is the first byte of its table, `MIRROR` that of the copy of its first records. */
enum { CLUSTER = 512, TABLE = 16 * CLUSTER, MIRROR = 90 * CLUSTER, VOLUME = 256 * CLUSTER };
#define DAY (INT64_C(18689) * TIME_DAY)

static inline void mki_volume(uint8_t *v)
{
    static const uint8_t table[] = { 0x11, 64, 16, 0 }, bitmap[] = { 0x11, 1, 100, 0 }, gone[] = { 0x11, 2, 110, 0 }, taken[] = { 0x11, 2, 120, 0 };
    struct mk_mft m;

    memset(v, 0, VOLUME);
    memcpy(v + 3, "NTFS    ", 8), mk_le(v + 11, 512, 2), v[13] = 1, mk_le(v + 0x28, 255, 8), mk_le(v + 0x30, 16, 8), mk_le(v + 0x38, MIRROR / CLUSTER, 8);
    v[0x40] = 0xF6, v[510] = 0x55, v[511] = 0xAA;
    uint8_t *t = v + TABLE;
    m = mkf_begin(t, 0, 1, 1, 0), mkf_standard(&m, DAY, DAY), mkf_name(&m, 5, 5, "$MFT", DAY, 3), mkf_runs(&m, "", table, 4, 64, 32 * 1024, 0), mkf_end(&m);
    memcpy(v + MIRROR, t, 1024);
    mkf_file(t + 5 * 1024, 5, 5, 1, 1, 5, 5, ".", DAY, DAY, NULL);
    m = mkf_begin(t + 6 * 1024, 6, 6, 1, 0), mkf_standard(&m, DAY, DAY), mkf_name(&m, 5, 5, "$Bitmap", DAY, 3), mkf_runs(&m, "", bitmap, 4, 1, 32, 0), mkf_end(&m);
    v[100 * CLUSTER + 15] = 0x03;                        /* clusters 120 and 121 are in use */
    mkf_file(t + 10 * 1024, 10, 1, 1, 1, 5, 5, "Windows", DAY, DAY, NULL);
    mkf_file(t + 11 * 1024, 11, 1, 1, 1, 10, 1, "System32", DAY, DAY, NULL);
    mkf_file(t + 12 * 1024, 12, 1, 1, 1, 5, 5, "inetpub", DAY, DAY, NULL);
    mkf_file(t + 13 * 1024, 13, 1, 1, 1, 12, 1, "wwwroot", DAY, DAY, NULL);
    mkf_file(t + 14 * 1024, 14, 1, 1, 0, 13, 1, "web.config", DAY, DAY - TIME_DAY, "<configuration/>");
    m = mkf_begin(t + 15 * 1024, 15, 2, 0, 0), mkf_standard(&m, DAY, DAY), mkf_name(&m, 13, 1, "gone.aspx", DAY, 1), mkf_runs(&m, "", gone, 4, 2, 700, 0), mkf_end(&m);
    m = mkf_begin(t + 16 * 1024, 16, 2, 0, 0), mkf_standard(&m, DAY, DAY), mkf_name(&m, 13, 1, "taken.aspx", DAY, 1), mkf_runs(&m, "", taken, 4, 2, 700, 0), mkf_end(&m);
    memset(v + 110 * CLUSTER, 'p', 700);
    mkf_file(t + 17 * 1024, 17, 1, 1, 1, 18, 1, "a", DAY, DAY, NULL), mkf_file(t + 18 * 1024, 18, 1, 1, 1, 17, 1, "b", DAY, DAY, NULL);      /* within each other */
}

static inline void mk_be(uint8_t *p, uint64_t v, int n) { for (int i = 0; i < n; i++) p[i] = (uint8_t)(v >> (8 * (n - 1 - i))); }

/* Dynamic, in blocks of 32 KiB; those that hold only zeros are left out. */
static inline uint8_t *mki_vhd(const uint8_t *disk, size_t n, size_t *ret_n)
{
    enum { BLOCK = 32768, AT = 512 + 1024 };
    size_t   count = (n + BLOCK - 1) / BLOCK, table = (count * 4 + 511) / 512 * 512, at = AT + table;
    uint8_t *v = calloc(1, at + count * (BLOCK + 512) + 512), foot[512] = { 0 };

    memcpy(foot, "conectix", 8), mk_be(foot + 16, 512, 8), mk_be(foot + 48, n, 8), mk_be(foot + 60, 3, 4);
    memcpy(v, foot, 512);
    memcpy(v + 512, "cxsparse", 8), mk_be(v + 512 + 16, AT, 8), mk_be(v + 512 + 28, count, 4), mk_be(v + 512 + 32, BLOCK, 4);
    memset(v + AT, 0xFF, table);
    for (size_t i = 0; i < count; i++) {
        size_t len = n - i * BLOCK < BLOCK ? n - i * BLOCK : BLOCK, k = 0;
        while (k < len && !disk[i * BLOCK + k])
            k++;
        if (k == len)
            continue;
        mk_be(v + AT + 4 * i, at / 512, 4);
        memset(v + at, 0xFF, 512), memcpy(v + at + 512, disk + i * BLOCK, len);
        at += 512 + BLOCK;
    }
    memcpy(v + at, foot, 512);
    *ret_n = at + 512;
    return realloc(v, *ret_n);
}

/* CRC-32C, as VHDX has it. */
static inline uint32_t mki_crc(const uint8_t *p, size_t n)
{
    uint32_t c = 0xFFFFFFFF;
    while (n--) {
        c ^= *p++;
        for (int k = 0; k < 8; k++)
            c = c >> 1 ^ (0x82F63B78 & -(c & 1));
    }
    return ~c;
}

/* Blocks of 1 MiB, the first of them at 1 MiB of the file. MKI_LOG: room for a log of 64 KiB. MKI_BAT, MKI_META: where its tables stand. */
enum { MKI_LOG = 320 << 10, MKI_LOG_BYTES = 64 << 10, MKI_META = 512 << 10, MKI_BAT = 640 << 10, MKI_DATA = 1 << 20 };
static inline uint8_t *mki_vhdx(const uint8_t *disk, size_t n, size_t *ret_n)
{
    static const uint8_t bat[16] = { 0x66, 0x77, 0xC2, 0x2D, 0x23, 0xF6, 0x00, 0x42, 0x9D, 0x64, 0x11, 0x5E, 0x9B, 0xFD, 0x4A, 0x08 },
                         meta[16] = { 0x06, 0xA2, 0x7C, 0x8B, 0x90, 0x47, 0x9A, 0x4B, 0xB8, 0xFE, 0x57, 0x5F, 0x05, 0x0F, 0x88, 0x6E },
                         file[16] = { 0x37, 0x67, 0xA1, 0xCA, 0x36, 0xFA, 0x43, 0x4D, 0xB3, 0xB6, 0x33, 0xF0, 0xAA, 0x44, 0xE7, 0x6B },
                         size[16] = { 0x24, 0x42, 0xA5, 0x2F, 0x1B, 0xCD, 0x76, 0x48, 0xB2, 0x11, 0x5D, 0xBE, 0xD8, 0x3B, 0xF4, 0xB8 },
                         sector[16] = { 0x1D, 0xBF, 0x41, 0x81, 0x6F, 0xA9, 0x09, 0x47, 0xBA, 0x47, 0xF2, 0x33, 0xA8, 0xFA, 0xAB, 0x5F };
    size_t   blocks = (n + (1 << 20) - 1) >> 20;
    uint8_t *v = calloc(1, MKI_DATA + (blocks << 20));

    *ret_n = MKI_DATA + (blocks << 20);
    memcpy(v, "vhdxfile", 8);
    for (int i = 0; i < 2; i++) {
        uint8_t *h = v + ((i + 1) * (64 << 10));
        memcpy(h, "head", 4), mk_le(h + 8, (uint64_t)i + 1, 8), mk_le(h + 66, 1, 2), mk_le(h + 68, MKI_LOG_BYTES, 4), mk_le(h + 72, MKI_LOG, 8);
        mk_le(h + 4, mki_crc(h, 4096), 4);
        uint8_t *r = v + (192 << 10) + i * (64 << 10);
        memcpy(r, "regi", 4), mk_le(r + 8, 2, 4);
        memcpy(r + 16, bat, 16), mk_le(r + 32, MKI_BAT, 8), mk_le(r + 40, 64 << 10, 4);
        memcpy(r + 48, meta, 16), mk_le(r + 64, MKI_META, 8), mk_le(r + 72, 128 << 10, 4);
        mk_le(r + 4, mki_crc(r, 64 << 10), 4);
    }
    uint8_t *m = v + MKI_META;
    memcpy(m, "metadata", 8), mk_le(m + 10, 3, 2);
    memcpy(m + 32, file, 16), mk_le(m + 48, 64 << 10, 4), mk_le(m + 52, 8, 4);
    memcpy(m + 64, size, 16), mk_le(m + 80, (64 << 10) + 8, 4), mk_le(m + 84, 8, 4);
    memcpy(m + 96, sector, 16), mk_le(m + 112, (64 << 10) + 16, 4), mk_le(m + 116, 4, 4);
    mk_le(m + (64 << 10), 1 << 20, 4), mk_le(m + (64 << 10) + 8, n, 8), mk_le(m + (64 << 10) + 16, 512, 4);
    for (size_t i = 0; i < blocks; i++)
        mk_le(v + MKI_BAT + 8 * i, (MKI_DATA + (i << 20)) | 6, 8);
    memcpy(v + MKI_DATA, disk, n);
    return v;
}

/*
 * An entry of the log of a VHDX, written at sector `at` of the ring: `n` sectors of the file become what `data` holds. Sectors of the descriptors: one. Returns the sector
 * behind it.
 */
struct mki_change { uint64_t off; const uint8_t *data; /* NULL: zeros */ };
static inline uint32_t mki_vhdx_entry(uint8_t *vhdx, uint32_t at, uint32_t tail, uint64_t number, const struct mki_change *change, size_t n)
{
    uint8_t  whole[17 * 4096] = { 0 };
    uint32_t sectors = 1;

    memcpy(whole, "loge", 4), mk_le(whole + 12, tail * 4096, 4), mk_le(whole + 16, number, 8), mk_le(whole + 24, n, 4), memset(whole + 32, 0x5A, 16);
    mk_le(whole + 48, MKI_DATA, 8), mk_le(whole + 56, MKI_DATA, 8);
    for (size_t i = 0; i < n; i++) {
        uint8_t *d = whole + 64 + 32 * i;
        memcpy(d, change[i].data ? "desc" : "zero", 4), mk_le(d + 16, change[i].off, 8), mk_le(d + 24, number, 8);
        if (!change[i].data) {
            mk_le(d + 8, 4096, 8);
            continue;
        }
        uint8_t *s = whole + 4096 * sectors++;
        memcpy(d + 8, change[i].data, 8), memcpy(d + 4, change[i].data + 4092, 4);
        memcpy(s, "data", 4), mk_le(s + 4, number >> 32, 4), memcpy(s + 8, change[i].data + 8, 4084), mk_le(s + 4092, number & 0xFFFFFFFF, 4);
    }
    mk_le(whole + 8, sectors * 4096, 4);
    mk_le(whole + 4, mki_crc(whole, sectors * 4096), 4);
    for (uint32_t i = 0; i < sectors; i++)
        memcpy(vhdx + MKI_LOG + (at + i) % (MKI_LOG_BYTES / 4096) * 4096, whole + 4096 * i, 4096);
    return (at + sectors) % (MKI_LOG_BYTES / 4096);
}
/* Says that the log counts. guid: 0x5A, as in the entries. */
static inline void mki_vhdx_dirty(uint8_t *vhdx, int guid)
{
    uint8_t *h = vhdx + (128 << 10);
    memset(h + 48, guid, 16), mk_le(h + 4, 0, 4), mk_le(h + 4, mki_crc(h, 4096), 4);
}

/* ---- VMDK ---- */

static inline uint8_t *mki_vmdk(const uint8_t *disk, size_t n, bool packed, size_t *ret_n)
{
    enum { GRAIN = 16 * 512, PER = 512 };
    size_t   grains = (n + GRAIN - 1) / GRAIN, tables = (grains + PER - 1) / PER, at = 1024 + tables * PER * 4;
    uint8_t *v = calloc(1, at + grains * (2 * GRAIN + 1024) + 4096);

    memcpy(v, "KDMV", 4), mk_le(v + 4, packed ? 3 : 1, 4), mk_le(v + 8, packed ? 0x30001 : 3, 4), mk_le(v + 12, n / 512, 8), mk_le(v + 20, GRAIN / 512, 8);
    mk_le(v + 44, PER, 4), mk_le(v + 56, 1, 8);
    for (size_t i = 0; i < tables; i++)
        mk_le(v + 512 + 4 * i, 2 + i * PER * 4 / 512, 4);
    for (size_t i = 0; i < grains; i++) {
        size_t len = n - i * GRAIN < GRAIN ? n - i * GRAIN : GRAIN, k = 0;
        while (k < len && !disk[i * GRAIN + k])
            k++;
        if (k == len)
            continue;
        mk_le(v + 1024 + 4 * i, at / 512, 4);
        if (packed) {
            uint8_t whole[GRAIN] = { 0 };
            uLongf  size = 2 * GRAIN;
            memcpy(whole, disk + i * GRAIN, len);
            compress2(v + at + 12, &size, whole, GRAIN, 6);
            mk_le(v + at, i * GRAIN / 512, 8), mk_le(v + at + 8, size, 4);
            at += (12 + size + 511) / 512 * 512;
        } else {
            memcpy(v + at, disk + i * GRAIN, len);
            at += GRAIN;
        }
    }
    *ret_n = at;
    return realloc(v, at);
}

/* ---- E01 ---- */

static inline size_t mki_section(uint8_t *p, size_t at, const char *type, size_t size, bool last)
{
    memset(p, 0, 76);
    memcpy(p, type, strlen(type)), mk_le(p + 16, last ? at : at + size, 8), mk_le(p + 24, size, 8);
    mk_le(p + 72, adler32(1, p, 72), 4);
    return 76;
}
/* Chunks of 32 KiB, every second one packed. */
static inline uint8_t *mki_e01(const uint8_t *disk, size_t n, size_t *ret_n)
{
    enum { CHUNK = 32768 };
    size_t   chunks = (n + CHUNK - 1) / CHUNK, at = 13;
    uint8_t *v = calloc(1, 4096 + chunks * (CHUNK + 1024) * 2), entry[4096] = { 0 };

    memcpy(v, "EVF\x09\x0d\x0a\xff\0\1\1\0\0\0", 13);
    size_t vol = at + mki_section(v + at, at, "volume", 76 + 1052, false);
    mk_le(v + vol + 4, chunks, 4), mk_le(v + vol + 8, CHUNK / 512, 4), mk_le(v + vol + 12, 512, 4), mk_le(v + vol + 16, n / 512, 8);
    at = vol + 1052;
    size_t data = at, p = at + 76;
    for (size_t i = 0; i < chunks; i++) {
        size_t len = n - i * CHUNK < CHUNK ? n - i * CHUNK : CHUNK;
        mk_le(entry + 4 * i, (p - data) | (i & 1 ? UINT32_C(1) << 31 : 0), 4);
        if (i & 1) {
            uLongf size = 2 * CHUNK;
            compress2(v + p, &size, disk + i * CHUNK, len, 6);
            p += size;
        } else {
            memcpy(v + p, disk + i * CHUNK, len);
            mk_le(v + p + len, adler32(1, v + p, (uInt)len), 4);
            p += len + 4;
        }
    }
    mki_section(v + data, data, "sectors", p - data, false);
    at = p;
    mki_section(v + at, at, "table", 76 + 24 + 4 * chunks + 4, false);
    mk_le(v + at + 76, chunks, 4), mk_le(v + at + 84, data, 8);
    memcpy(v + at + 100, entry, 4 * chunks);
    at += 76 + 24 + 4 * chunks + 4;
    at += mki_section(v + at, at, "done", 76, true);
    *ret_n = at;
    return realloc(v, at);
}

#endif
