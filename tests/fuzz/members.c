/*
 * members: lines of names become a tree. Each line: 'f', 'd' or 'l' and a name; a link's target follows a tab. First byte of all: zip or not.
 * Whatever the names: nothing leaves the tree, listings are sorted, and every member is found by the path that the listings spell.
 */
#include "archivefuzz.h"

#include "base/utf.h"

static size_t walk(const struct members *m, struct str below, size_t depth, struct arena a)
{
    struct os_entry *list;
    struct err       e = { 0 };
    size_t           n, seen = 0;

    MUST(depth <= EV_DEPTH_MAX && members_list(m, below, &a, &list, &n, &e));
    for (size_t i = 0; i < n; i++) {
        struct arena here = a;
        struct str   name = list[i].name, path = str_cat(&here, below.n ? str_cat(&here, below, STR("/")) : below, list[i].key.n ? list[i].key : name);
        MUST(name.n && str_chr(name, '/') == STR_NONE && str_chr(name, 0) == STR_NONE && !str_eq(name, STR(".")) && !str_eq(name, STR("..")));
        MUST(i == 0 || str_cmp(list[i - 1].name, name) <= 0);
        if (list[i].st.kind == OS_DIR) {
            MUST(depth < EV_DEPTH_MAX);
            seen += walk(m, path, depth + 1, here);
            continue;
        }
        const struct member *one = members_find(m, path);
        MUST(one && one->kind != MEMBER_DIR && str_ends(one->name, name) && (one->copy > 0) == (list[i].key.n > 0));
        seen++;
    }
    return seen;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct arena     a = fuzz_room(), whole = a;
    struct ev_limits limits = ev_limits_default();
    struct members  *m;
    struct str       rest = { data, n }, line;
    struct err       e = { 0 };
    size_t           told = 0, files = 0;

    limits.members = FUZZ_MEMBERS;
    bool zip = n && data[0] == 'z';
    MUST(members_open(&m, &limits, zip, fuzz_tell, &told, &a, &e));
    while (str_cut(&rest, '\n', &line)) {
        struct str    raw = str_from(line, 1), name;
        struct member one = { .kind = line.n && line.p[0] == 'd' ? MEMBER_DIR : line.n && line.p[0] == 'l' ? MEMBER_LINK : MEMBER_FILE };
        size_t        was = members_n(m);
        if (one.kind == MEMBER_LINK && str_cut(&raw, '\t', &name)) {
            one.link = raw;
            raw = name;
        }
        one.raw = raw;
        MUST(members_add(m, &one, line.n & 1, &e));
        MUST(members_n(m) - was <= 1);
        if (members_n(m) > was)
            files += one.kind != MEMBER_DIR;
    }
    MUST(members_settle(m, &e) && members_n(m) <= FUZZ_MEMBERS && walk(m, STR(""), 0, a) == files);
    for (size_t i = 0; i < members_n(m); i++) {
        const struct member *x = members_at(m, i);
        struct str name = x->name, part;
        MUST(name.n && name.p[0] != '/' && utf8_valid(name));
        while (str_cut(&name, '/', &part))
            MUST(part.n && !str_eq(part, STR("..")) && !str_eq(part, STR(".")));
    }
    os_arena_unmap(&whole);
    return 0;
}
