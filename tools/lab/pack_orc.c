/*
 * pack_orc: DFIR-ORC: archives in an archive, samples without a path in their name, GetThis.csv to tell.
 *
 * Traps    FullName has no drive: only volstats.csv says which letter a volume has; samples of one name in many folders; '\' in SampleName
 *          where the archive has '/'.
 * Source   DFIR-ORC/dfir-orc: GetThisSqlSchema.xml, NTFSInfoSqlSchema.xml (volstats, MountPoint since 10.0.23); fact sheet, 2.5.
 */
#include "lab/pack.h"

#include <stdlib.h>
#include <string.h>

#define NO_SNAPSHOT "{00000000-0000-0000-0000-000000000000}"

static uint64_t serial_of(char letter) { return UINT64_C(0xE0C4A1B2C4A18A00) + (uint64_t)letter; }

static const char *rule_of(const char *name)
{
    if (pack_like(name, "*.evtx"))
        return "Event";
    return pack_like(name, "*/LogFiles/*") || pack_like(name, "*/IISLogs/*") ? "IISLogs" : "Exchange";
}

static const char *upper(struct pack *p, const char *hex)
{
    char *up = pool_room(&p->keep, strlen(hex) + 1);

    for (size_t i = 0; i <= strlen(hex); i++)
        up[i] = hex[i] >= 'a' && hex[i] <= 'f' ? (char)(hex[i] - 32) : hex[i];
    return up;
}

static void csv_cell(struct buf *b, const char *text)
{
    buf_chr(b, '"');
    for (; *text; text++) {
        if (*text == '"')
            buf_chr(b, '"');
        buf_chr(b, *text);
    }
    buf_str(b, "\",");
}

static void rule(struct pack *p, const char *name, struct pack_list *outer)
{
    struct pack_list inner = { 0 };
    struct buf       csv = { 0 };
    const char      *taken = pack_time(p, p->stamp_us, '-', " ", ':', 3);

    buf_str(&csv, "\xef\xbb\xbf" "ComputerName,VolumeID,ParentFRN,FRN,FullName,SampleName,SizeInBytes,MD5,SHA1,FindMatch,ContentType,SampleCollectionDate,CreationDate,LastModificationDate,"
                  "LastAccessDate,LastAttrChangeDate,FileNameCreationDate,FileNameLastModificationDate,FileNameLastAccessDate,FileNameLastAttrModificationDate,AttrType,AttrName,AttrID,"
                  "SnapshotID,SHA256,SSDeep,TLSH,YaraRules,RecordInUse\r\n");
    for (size_t i = 0; i < p->file.n; i++) {
        struct pack_item it = p->file.item[i];
        if (it.dir || strcmp(rule_of(it.name), name))
            continue;
        uint64_t    frn = (UINT64_C(1) << 48) + 40000 + i, parent = (UINT64_C(1) << 48) + 1000 + str_hash(str_c(pool_fmt(&p->keep, "%.*s", (int)(strrchr(it.name, '/') - it.name), it.name))) % 30000;
        const char *when = pack_time(p, it.mtime_us, '-', " ", ':', 3), *full = pack_win(p, it.name) + 2;
        char        leaf[256];
        snprintf(leaf, sizeof leaf, "%s", strrchr(it.name, '/') + 1);
        for (char *c = leaf; *c; c++)
            if (*c == ' ' || *c == ':' || *c == '#')
                *c = '_';
        const char *sample = pool_fmt(&p->keep, "%s/%016llX_%016llX_%016llX_3_%s_" NO_SNAPSHOT ".data", name, (unsigned long long)serial_of(it.name[0]), (unsigned long long)parent,
                                      (unsigned long long)frn, leaf);
        buf_fmt(&csv, "%s,0x%016llX,0x%016llX,0x%016llX,", p->server, (unsigned long long)serial_of(it.name[0]), (unsigned long long)parent, (unsigned long long)frn);
        csv_cell(&csv, full);
        csv_cell(&csv, pool_fmt(&p->keep, "%s\\%s", name, strchr(sample, '/') + 1));
        buf_fmt(&csv, "%llu,%s,%s,%s,data,%s,", (unsigned long long)it.size, upper(p, pack_digest(p, &it, PACK_MD5)), upper(p, pack_digest(p, &it, PACK_SHA1)), name, taken);
        for (int k = 0; k < 8; k++)
            buf_fmt(&csv, "%s,", when);
        buf_fmt(&csv, "$DATA,,3,%s,%s,,,,Y\r\n", NO_SNAPSHOT, upper(p, pack_digest(p, &it, PACK_SHA256)));
        it.name = sample;
        pack_push(&inner, &it);
    }
    if (inner.n) {
        pack_mem(p, &inner, "GetThis.csv", &csv, p->stamp_us);
        pack_inner(p, &inner, PACK_7Z, (struct pack_how){ 0 }, pool_fmt(&p->keep, "%s.7z", name), outer);
    }
    buf_free(&csv);
    free(inner.item);
}

static void volumes(struct pack *p, struct pack_list *outer)
{
    struct pack_list inner = { 0 };
    struct buf       b = { 0 };
    char             last = 0;

    buf_str(&b, "\xef\xbb\xbf" "ComputerName,VolumeID,Location,Type,Parse,MountPoint\r\n");
    for (size_t i = 0; i < p->file.n; i++)
        if (p->file.item[i].name[0] != last) {
            last = p->file.item[i].name[0];
            buf_fmt(&b, "%s,0x%016llX,\\\\.\\HarddiskVolume%d,NTFS,Y,%c:\\\r\n", p->server, (unsigned long long)serial_of(last), last - 'A' + 1, last);
        }
    pack_mem(p, &inner, "volstats.csv", &b, p->stamp_us);
    pack_inner(p, &inner, PACK_7Z, (struct pack_how){ 0 }, "NTFSInfo_detail.7z", outer);
    free(inner.item);
}

static void beside(struct pack *p, const char *base)
{
    struct pack_list list = { 0 };
    struct buf       b = { 0 };

    buf_fmt(&b, "{\"dfir-orc\": {\"outline\": {\"system\": {\"name\": \"%s\", \"fullname\": \"%s\", \"type\": \"Server\"}}}}\n", p->server, p->fqdn);
    pack_mem(p, &list, pool_fmt(&p->keep, "%s_Outline.json", base), &b, p->stamp_us);
    pack_write(p, &list, PACK_FOLDER, (struct pack_how){ 0 }, pool_fmt(&p->keep, "%s/beside", p->out));
    free(list.item);
}

void pack_orc(struct pack *p)
{
    struct pack_list outer = { 0 };
    const char      *base = pool_fmt(&p->keep, "DFIR-ORC_Server_%s", p->fqdn);

    rule(p, "Event", &outer);
    rule(p, "IISLogs", &outer);
    rule(p, "Exchange", &outer);
    volumes(p, &outer);
    pack_made(p, &outer, PACK_7Z, (struct pack_how){ 0 }, pool_fmt(&p->keep, "%s_General.7z", base));
    beside(p, base);
    free(outer.item);
}

/* Two archives of one run: the logs in one, the rest in the other. */
void pack_orc_two(struct pack *p)
{
    static const char *const part[2][3] = { { "General", "Event", "IISLogs" }, { "Detail", "Exchange", NULL } };

    for (int i = 0; i < 2; i++) {
        struct pack_list outer = { 0 };
        for (int k = 1; k < 3 && part[i][k]; k++)
            rule(p, part[i][k], &outer);
        volumes(p, &outer);
        pack_made(p, &outer, PACK_7Z, (struct pack_how){ 0 }, pool_fmt(&p->keep, "DFIR-ORC_Server_%s_%s.7z", p->fqdn, part[i][0]));
        free(outer.item);
    }
}
