/* MaxMind databases: the one place that knows libmaxminddb. It maps the file itself, so the path is the operator's and a real one. */
#include "survey/where_inner.h"

#include <maxminddb.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

bool where_mmdb_open(void **ret, struct str path, struct arena scratch, struct err *e)
{
    const char *name = str_cstr(&scratch, path);
    MMDB_s     *db = calloc(1, sizeof *db);
    int         code = !name || !db ? MMDB_OUT_OF_MEMORY_ERROR : MMDB_open(name, MMDB_MODE_MMAP, db);

    *e = (struct err){ 0 };
    if (code == MMDB_SUCCESS) {
        *ret = db;
        return true;
    }
    free(db);
    if (code == MMDB_OUT_OF_MEMORY_ERROR)
        return err_set(e, ERR_MEMORY, "no room for the database");
    if (code == MMDB_UNKNOWN_DATABASE_FORMAT_ERROR || code == MMDB_CORRUPT_SEARCH_TREE_ERROR)
        err_set(e, ERR_FORMAT, "the MaxMind database is damaged: %s", MMDB_strerror(code));
    return false;
}

static struct str text_at(MMDB_entry_s *entry, const char *a, const char *b)
{
    MMDB_entry_data_s d;
    int               code = b ? MMDB_get_value(entry, &d, a, b, NULL) : MMDB_get_value(entry, &d, a, NULL);

    if (code != MMDB_SUCCESS || !d.has_data || d.type != MMDB_DATA_TYPE_UTF8_STRING)
        return STR_EMPTY;
    return (struct str){ (const uint8_t *)d.utf8_string, d.data_size };
}

static uint32_t number_at(MMDB_entry_s *entry, const char *a)
{
    MMDB_entry_data_s d;

    if (MMDB_get_value(entry, &d, a, NULL) != MMDB_SUCCESS || !d.has_data)
        return 0;
    return d.type == MMDB_DATA_TYPE_UINT32 ? d.uint32 : d.type == MMDB_DATA_TYPE_UINT16 ? d.uint16 : 0;
}

bool where_mmdb_find(const void *handle, const uint8_t ip[16], struct place *ret)
{
    const MMDB_s        *db = handle;
    struct sockaddr_in6  six = { .sin6_family = AF_INET6 };
    struct sockaddr_in   four = { .sin_family = AF_INET };
    bool                 is4 = net_is4(ip);
    int                  code;

    memcpy(&six.sin6_addr, ip, 16);
    memcpy(&four.sin_addr, ip + 12, 4);
    if (!is4 && db->metadata.ip_version == 4)
        return false;
    MMDB_lookup_result_s found = MMDB_lookup_sockaddr(db, is4 ? (const struct sockaddr *)&four : (const struct sockaddr *)&six, &code);
    if (code != MMDB_SUCCESS || !found.found_entry)
        return false;
    struct str cc = text_at(&found.entry, "country", "iso_code");
    uint32_t   asn = number_at(&found.entry, "autonomous_system_number");

    if (!cc.n)
        cc = text_at(&found.entry, "registered_country", "iso_code");
    if (!cc.n)
        cc = text_at(&found.entry, "country_code", NULL);
    if (!ret->country[0] && cc.n == 2 && ch_alpha(cc.p[0]) && ch_alpha(cc.p[1])) {
        ret->country[0] = (char)(cc.p[0] & 0xDF);
        ret->country[1] = (char)(cc.p[1] & 0xDF);
        ret->country[2] = '\0';
    }
    if (!ret->asn)
        ret->asn = asn;
    return true;
}

void where_mmdb_close(void *db)
{
    if (db)
        MMDB_close(db);
    free(db);
}
