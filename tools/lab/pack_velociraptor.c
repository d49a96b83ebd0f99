/*
 * pack_velociraptor: what the offline collector writes, what the server exports, and the server's own file store.
 *
 * Traps    C%3A and \\.\C: side by side; some files through both accessors; a sparse $J and a sparse log with their .idx; a shadow copy
 *          from before (half a log, pages removed since); results about the files; rows of an .idx carry the _Components of its file.
 * Source   Velocidex/velociraptor: reporting/container.go (names, rows, index), utils/sanitize.go (file store); fact sheet, 2.1.
 */
#include "lab/pack.h"

#include <stdlib.h>
#include <string.h>

struct velo {
    struct pack_list list;
    struct buf       rows, meta;
    bool             store, server;
};

static const char *const flow[] = { "clients", "C.1bfa6928675831f5", "collections", "F.CBAKERY0001" };

/* One component of an entry's name. */
static void escaped(const struct velo *v, struct buf *b, const char *c)
{
    size_t n = strlen(c);

    for (size_t i = 0; i < n; i++) {
        bool edge = (i == 0 || i == n - 1) && (c[i] == '.' || c[i] == ' ');
        bool odd = strchr("?\"*:|<>%/\\", c[i]) != NULL;
        if (v->store) {
            edge = i == 0 && c[i] == '.';
            odd = !ch_alnum((uint8_t)c[i]) && !strchr("-_.~ $", c[i]);
        }
        if (edge || odd)
            buf_fmt(b, "%%%02X", (uint8_t)c[i]);
        else
            buf_chr(b, c[i]);
    }
    if (v->store && n && (c[n - 1] == '_' || (n > 2 && !strcmp(c + n - 3, ".db"))))
        buf_chr(b, '_');
}

/* accessor, volume ("C:", "\\.\C:" ...), the path below it with '/' between: the entry, its row, and a row of metadata. */
static void upload(struct pack *p, struct velo *v, struct pack_item it, const char *accessor, const char *volume, const char *below, uint64_t logical, const char *type)
{
    struct buf name = { 0 }, parts = { 0 }, path = { 0 };
    char       copy[1024], *save = NULL;
    bool       idx = !strcmp(type, "idx");

    buf_fmt(&name, "uploads/%s/", accessor);
    escaped(v, &name, volume);
    buf_chr(&parts, '[');
    if (v->server)
        for (size_t i = 0; i < sizeof flow / sizeof *flow; i++) {
            buf_json(&parts, flow[i]);
            buf_chr(&parts, ',');
        }
    buf_fmt(&parts, "\"uploads\",\"%s\",", accessor);
    buf_json(&parts, volume);
    buf_str(&path, volume);
    snprintf(copy, sizeof copy, "%s", below);
    for (char *c = strtok_r(copy, "/", &save); c; c = strtok_r(NULL, "/", &save)) {
        buf_chr(&name, '/');
        escaped(v, &name, c);
        buf_chr(&parts, ',');
        buf_json(&parts, c);
        buf_chr(&path, '\\');
        buf_str(&path, c);
    }
    buf_chr(&parts, ']');
    if (idx) {
        buf_str(&name, ".idx");
        buf_str(&path, ".idx");
    }
    buf_chr(&name, 0), buf_chr(&parts, 0), buf_chr(&path, 0);
    it.name = pool_fmt(&p->keep, "%s", name.p);
    pack_push(&v->list, &it);

    if (v->server)
        buf_fmt(&v->rows, "{\"Timestamp\":%lld,", (long long)(p->stamp_us / TIME_SECOND));
    else
        buf_fmt(&v->rows, "{\"Timestamp\":\"%sZ\",", pack_time(p, p->stamp_us, '-', "T", ':', 0));
    buf_fmt(&v->rows, "\"started\":\"%s +0000 UTC\",\"vfs_path\":", pack_time(p, p->stamp_us, '-', " ", ':', 0));
    buf_json(&v->rows, path.p);
    buf_fmt(&v->rows, ",\"_Components\":%s,\"file_size\":%llu,\"uploaded_size\":%llu,\"Type\":\"%s\"}\n", parts.p, (unsigned long long)logical, (unsigned long long)it.size, type);
    if (!idx) {
        const char *when = pack_time(p, it.mtime_us, '-', "T", ':', 6);
        buf_str(&v->meta, "{\"SourceFile\":");
        buf_json(&v->meta, path.p);
        buf_fmt(&v->meta, ",\"Size\":%llu,\"Created\":\"%sZ\",\"Changed\":\"%sZ\",\"Modified\":\"%sZ\",\"LastAccessed\":\"%sZ\"}\n", (unsigned long long)logical, when, when, when, when);
    }
    buf_free(&name);
    buf_free(&parts);
    buf_free(&path);
}

static void index_of(struct pack *p, struct velo *v, const char *accessor, const char *volume, const char *below, const char *ranges)
{
    struct pack_list one = { 0 };
    struct buf       b = { 0 };

    buf_fmt(&b, "{\"ranges\":[%s]}", ranges);
    pack_mem(p, &one, "idx", &b, p->stamp_us);
    upload(p, v, one.item[0], accessor, volume, below, one.item[0].size, "idx");
    free(one.item);
}

/* The change journal: a hole of 64 MiB, then one page with a record about a style sheet. Source: [MS-FSCC] 2.4.51, USN_RECORD_V2. */
static void journal(struct pack *p, struct velo *v)
{
    struct pack_list one = { 0 };
    struct buf       b = { 0 };
    uint8_t          page[4096] = { 0 };
    const char       name[] = "logon.css";
    uint32_t         n = 60 + 2 * (sizeof name - 1);

    page[0] = (uint8_t)((n + 7) & ~7u), page[4] = 2;
    page[24] = 0x03, page[26] = 0x04;                 /* usn 64 MiB */
    page[56] = 2 * (sizeof name - 1), page[58] = 60;
    for (size_t i = 0; i + 1 < sizeof name; i++)
        page[60 + 2 * i] = (uint8_t)name[i];
    buf_add(&b, (const char *)page, sizeof page);
    pack_mem(p, &one, "$J", &b, p->stamp_us - TIME_HOUR);
    upload(p, v, one.item[0], "ntfs", "\\\\.\\C:", "$Extend/$UsnJrnl:$J", 67108864 + sizeof page, "");
    pack_file_table(p, &one, "$MFT");
    upload(p, v, one.item[1], "ntfs", "\\\\.\\C:", "$MFT", one.item[1].size, "");
    index_of(p, v, "ntfs", "\\\\.\\C:", "$Extend/$UsnJrnl:$J", "{\"length\":67108864},{\"original_offset\":67108864,\"file_length\":4096,\"length\":4096}");
    free(one.item);
}

static void collect(struct pack *p, struct velo *v)
{
    const char      *device = "\\\\.\\C:", *copy = "\\\\?\\GLOBALROOT\\Device\\HarddiskVolumeShadowCopy1";
    struct pack_list old = { 0 };

    for (size_t i = 0; i < p->file.n; i++) {
        const struct pack_item *it = &p->file.item[i];
        const char             *below = it->name + 2;
        bool                    c = it->name[0] == 'C', ntfs = c && pack_like(it->name, "C/Windows/System32/*");
        if (it->dir)
            continue;
        if (c && pack_like(it->name, "*/W3SVC2/u_ex210210.log")) {
            /* Windows sets room aside for a growing log: the rest of the block is a hole. */
            char ranges[128];
            snprintf(ranges, sizeof ranges, "{\"file_length\":%llu,\"length\":%llu},{\"original_offset\":%llu,\"file_offset\":%llu,\"length\":4096}", (unsigned long long)it->size,
                     (unsigned long long)it->size, (unsigned long long)it->size, (unsigned long long)it->size);
            upload(p, v, *it, "ntfs", device, below, it->size + 4096, "");
            index_of(p, v, "ntfs", device, below, ranges);
            continue;
        }
        upload(p, v, *it, ntfs ? "ntfs" : "auto", ntfs ? device : c ? "C:" : pool_fmt(&p->keep, "%c:", it->name[0]), below, it->size, "");
        if (c && pack_like(it->name, "*/W3SVC1/u_ex210303*")) {
            struct buf half = { 0 };
            upload(p, v, *it, "ntfs", device, below, it->size, "");
            pack_half(p, it, &half);
            pack_mem(p, &old, it->name, &half, it->mtime_us - TIME_HOUR);
        }
        if (c && pack_like(it->name, "*/applicationHost.config"))
            pack_push(&old, it);
    }
    if (p->file.n)
        pack_removed_pages(p, &old);
    for (size_t i = 0; i < old.n; i++)
        if (old.item[i].name[0] == 'C')
            upload(p, v, old.item[i], "ntfs_vss", copy, old.item[i].name + 2, old.item[i].size, "");
    free(old.item);
    journal(p, v);
}

static void about(struct pack *p, struct velo *v)
{
    struct buf  b = { 0 };
    const char *results = v->store ? "artifacts/Windows.KapeFiles.Targets/All File Metadata.json" : "results/Windows.KapeFiles.Targets%2FAll File Metadata.json";

    pack_mem(p, &v->list, "uploads.json", &v->rows, p->stamp_us);
    pack_mem(p, &v->list, results, &v->meta, p->stamp_us);
    if (v->server)
        buf_fmt(&b, "{\n \"client_id\": \"%s\",\n \"hostname\": \"%s\",\n \"fqdn\": \"%s\",\n \"system\": \"windows\",\n \"release\": \"Microsoft Windows Server 2016 Standard10.0.14393\",\n \"os_info\": {\n  \"hostname\": \"%s\",\n"
                "  \"fqdn\": \"%s\"\n }\n}", flow[1], p->server, p->fqdn, p->server, p->fqdn);
    else
        buf_fmt(&b, "{\n \"Hostname\": \"%s\",\n \"Uptime\": 90000,\n \"BootTime\": 1616000000,\n \"OS\": \"windows\",\n \"Platform\": \"Microsoft Windows Server 2016 Standard\",\n \"PlatformFamily\": \"Server\",\n"
                " \"PlatformVersion\": \"10.0.14393 Build 14393\",\n \"KernelVersion\": \"10.0.14393 Build 14393\",\n \"Architecture\": \"amd64\",\n \"Fqdn\": \"%s\",\n \"LocalTZ\": \"UTC\",\n \"LocalTZOffset\": 0\n}", p->server, p->fqdn);
    pack_mem(p, &v->list, "client_info.json", &b, p->stamp_us);
    buf_fmt(&b, "{\n \"session_id\": \"%s\",\n \"total_uploaded_files\": %zu\n}", flow[3], v->list.n);
    pack_mem(p, &v->list, "collection_context.json", &b, p->stamp_us);
    buf_str(&b, "{\"items\":[]}");
    pack_mem(p, &v->list, "requests.json", &b, p->stamp_us);
    buf_str(&b, "{\"_ts\":1616000000,\"message\":\"Starting collection\"}\n");
    pack_mem(p, &v->list, v->server ? "logs.json" : "log.json", &b, p->stamp_us);
}

static const char *file_name(struct pack *p)
{
    char fqdn[128];

    snprintf(fqdn, sizeof fqdn, "%s", p->fqdn);
    for (char *c = fqdn; *c; c++)
        if (*c == '.')
            *c = '_';
    return pool_fmt(&p->keep, "Collection-%s-%sZ.zip", fqdn, pack_time(p, p->stamp_us, '-', "T", '_', 0));
}

void pack_velociraptor(struct pack *p)
{
    struct velo v = { 0 };

    collect(p, &v);
    about(p, &v);
    pack_made(p, &v.list, PACK_ZIP, (struct pack_how){ .utc = true }, file_name(p));
    free(v.list.item);
}

void pack_velociraptor_server(struct pack *p)
{
    struct velo v = { .server = true };

    collect(p, &v);
    about(p, &v);
    pack_made(p, &v.list, PACK_ZIP, (struct pack_how){ .utc = true }, pool_fmt(&p->keep, "%s-%s-%s.zip", p->server, flow[1], flow[3]));
    free(v.list.item);
}

void pack_velociraptor_store(struct pack *p)
{
    struct velo v = { .server = true, .store = true };

    collect(p, &v);
    about(p, &v);
    pack_made(p, &v.list, PACK_FOLDER, (struct pack_how){ 0 }, flow[3]);
    free(v.list.item);
}

void pack_velociraptor_encrypted(struct pack *p)
{
    struct velo      v = { 0 };
    struct pack_list outer = { 0 }, data = { 0 };
    struct buf       b = { 0 };

    collect(p, &v);
    about(p, &v);
    buf_str(&b, "[\n {\n  \"Scheme\": \"X509\",\n  \"EncryptedPass\": \"bm90IGEgcGFzc3dvcmQ=\",\n  \"PublicKey\": \"\"\n }\n]");
    pack_mem(p, &outer, "metadata.json", &b, p->stamp_us);
    pack_inner(p, &v.list, PACK_ZIP, (struct pack_how){ .utc = true }, "data.zip", &data);
    data.item[0].sealed = true;
    pack_push(&outer, &data.item[0]);
    pack_made(p, &outer, PACK_ZIP, (struct pack_how){ .utc = true, .password = p->password }, file_name(p));
    free(v.list.item);
    free(outer.item);
    free(data.item);
}
