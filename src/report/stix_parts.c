/* The objects of stix.json, one at a time. */
#include "report/stix.h"
#include "report/stix_mark.h"
#include "base/num.h"

#include <stdio.h>
#include <string.h>

enum { COUNT_MOST = 999999999 };

void stix_str(struct stix *s, const char *key, struct str v) { js_key(&s->j, key); js_str(&s->j, v); }
void stix_c(struct stix *s, const char *key, const char *v)  { js_key(&s->j, key); js_c(&s->j, v); }

void stix_time(struct stix *s, const char *key, int64_t us) { stix_ms(&s->j, key, us); }

void stix_refs(struct stix *s, const char *key, const struct str *ref, size_t n)
{
    js_key(&s->j, key);
    js_array(&s->j);
    for (size_t i = 0; i < n; i++)
        js_str(&s->j, ref[i]);
    js_end(&s->j);
}

void stix_word(struct stix *s, const char *key, const char *word)
{
    js_key(&s->j, key);
    js_array(&s->j);
    js_c(&s->j, word);
    js_end(&s->j);
}

static struct str stix_id(struct stix *s, const char *type, struct str uuid) { return outs_fmt(&s->x, "%s--%.*s", type, STR_ARG(uuid)); }
/* Of this hunt, and of every hunt. */
struct str stix_own(struct stix *s, const char *type, struct str name)
{
    return stix_id(s, type, outs_uuid(&s->x, outs_cat(&s->x, outs_fmt(&s->x, "%s|", type), name)));
}
struct str stix_common(struct stix *s, const char *type, struct str name)
{
    return stix_id(s, type, outs_uuid_in(&s->x, uuid_ours, outs_cat(&s->x, outs_fmt(&s->x, "%s|", type), name)));
}

/* Opens an object. False: it stands in the bundle already. */
bool stix_begin(struct stix *s, const char *type, struct str id)
{
    if (s->x.bad || map_get(&s->known, id) != MAP_NONE)
        return false;
    struct str *slot = GROW(&s->x.a, s->id, s->id_n, &s->id_cap);
    if (!slot || !map_put(&s->known, &s->x.a, id, 1)) {
        s->x.bad = true;
        return false;
    }
    s->id[s->id_n++] = id;
    js_object(&s->j);
    stix_c(s, "type", type);
    stix_c(s, "spec_version", "2.1");
    stix_str(s, "id", id);
    return true;
}

static void stix_marked(struct stix *s) { stix_refs(s, "object_marking_refs", &s->marking, 1); }

/* Opens a domain or relationship object. What every hunt would say in the same words is public: no marking, and a date of its own. */
bool stix_begin_at(struct stix *s, const char *type, struct str id, enum stix_whose whose)
{
    int64_t us = whose == STIX_OF_ALL ? s->common_us : s->x.when_us;

    if (!stix_begin(s, type, id))
        return false;
    stix_str(s, "created_by_ref", s->author);
    stix_time(s, "created", us);
    stix_time(s, "modified", us);
    if (whose == STIX_OF_HUNT)
        stix_marked(s);
    return true;
}

void stix_end(struct stix *s) { js_end(&s->j); }

void stix_relate(struct stix *s, struct str from, const char *how, struct str to)
{
    if (!from.n || !to.n)
        return;
    struct str name = outs_fmt(&s->x, "%.*s %s %.*s", STR_ARG(from), how, STR_ARG(to));
    if (!stix_begin_at(s, "relationship", stix_own(s, "relationship", name), STIX_OF_HUNT))
        return;
    stix_c(s, "relationship_type", how);
    stix_str(s, "source_ref", from);
    stix_str(s, "target_ref", to);
    stix_end(s);
}

void stix_note(struct stix *s, const char *name, struct str abstract, struct str content, const struct str *ref, size_t ref_n)
{
    if (content.n == 0 || !stix_begin_at(s, "note", stix_own(s, "note", outs_cat(&s->x, outs_fmt(&s->x, "%s|", name), abstract)), STIX_OF_HUNT))
        return;
    stix_str(s, "abstract", abstract);
    stix_str(s, "content", content);
    stix_refs(s, "object_refs", ref_n ? ref : &s->server, ref_n ? ref_n : 1);
    stix_end(s);
}

/* Observables. Each gives its id; empty when the value is not fit for one. */
static struct str observable(struct stix *s, const char *type, const char *key, struct str value)
{
    struct str canon = outs_canon(&s->x, value);
    struct str name = outs_cat(&s->x, outs_fmt(&s->x, "{\"%s\":", key), outs_cat(&s->x, canon, STR("}")));
    struct str id = stix_id(s, type, outs_uuid_in(&s->x, uuid_stix, name));

    if (stix_begin(s, type, id)) {
        stix_marked(s);
        stix_str(s, key, value);
        stix_end(s);
    }
    return id;
}

struct str stix_address(struct stix *s, struct str client)
{
    switch (outs_ip(client)) {
    case OUTS_IP4: return observable(s, "ipv4-addr", "value", client);
    case OUTS_IP6: return observable(s, "ipv6-addr", "value", client);
    default:       return STR_EMPTY;
    }
}

struct str stix_url(struct stix *s, struct str path)
{
    struct str url = outs_url(&s->x, path);
    return url.n ? observable(s, "url", "value", url) : STR_EMPTY;
}

struct str stix_file(struct stix *s, struct str path, struct str sha256)
{
    struct str dir, name = outs_base(path, &dir), parent = STR_EMPTY, canon = STR("{"), hash = STR_EMPTY;

    if (name.n == 0)
        return STR_EMPTY;
    if (outs_sha256(sha256)) {
        hash = str_lower(&s->x.a, sha256);
        s->x.bad |= !hash.p;
        canon = outs_fmt(&s->x, "{\"hashes\":{\"SHA-256\":\"%.*s\"},", STR_ARG(hash));
    }
    if (dir.n)
        parent = observable(s, "directory", "path", dir);
    canon = outs_cat(&s->x, outs_cat(&s->x, canon, STR("\"name\":")), outs_canon(&s->x, name));
    canon = parent.n ? outs_cat(&s->x, canon, outs_fmt(&s->x, ",\"parent_directory_ref\":\"%.*s\"}", STR_ARG(parent))) : outs_cat(&s->x, canon, STR("}"));
    struct str id = stix_id(s, "file", outs_uuid_in(&s->x, uuid_stix, canon));
    if (stix_begin(s, "file", id)) {
        stix_marked(s);
        if (hash.n) {
            js_key(&s->j, "hashes");
            js_object(&s->j);
            stix_str(s, "SHA-256", hash);
            js_end(&s->j);
        }
        stix_str(s, "name", name);
        if (parent.n)
            stix_str(s, "parent_directory_ref", parent);
        stix_end(s);
    }
    return id;
}

struct str stix_observed(struct stix *s, struct str name, int64_t first_us, int64_t last_us, uint64_t n, const struct str *ref, size_t ref_n)
{
    struct str id = stix_own(s, "observed-data", name);

    if (ref_n == 0 || first_us == TIME_NONE || !stix_begin_at(s, "observed-data", id, STIX_OF_HUNT))
        return STR_EMPTY;
    stix_time(s, "first_observed", first_us);
    stix_time(s, "last_observed", outs_later(first_us, last_us));
    js_key(&s->j, "number_observed");
    js_u64(&s->j, n == 0 ? 1 : n > COUNT_MOST ? COUNT_MOST : n);
    stix_refs(s, "object_refs", ref, ref_n);
    stix_end(s);
    return id;
}

void stix_sighting(struct stix *s, struct str of, struct stix_seen t)
{
    if (!of.n || !stix_begin_at(s, "sighting", stix_own(s, "sighting", of), STIX_OF_HUNT))
        return;
    if (t.confidence >= 0) {
        js_key(&s->j, "confidence");
        js_u64(&s->j, t.confidence > 1 ? 100 : (uint64_t)(t.confidence * 100 + 0.5));
    }
    stix_str(s, "sighting_of_ref", of);
    stix_refs(s, "where_sighted_refs", &s->server, 1);
    if (t.observed_n)
        stix_refs(s, "observed_data_refs", t.observed, t.observed_n);
    if (t.first_us != TIME_NONE) {
        stix_time(s, "first_seen", t.first_us);
        stix_time(s, "last_seen", outs_later(t.first_us, t.last_us));
    }
    if (t.count) {
        js_key(&s->j, "count");
        js_u64(&s->j, t.count > COUNT_MOST ? COUNT_MOST : t.count);
    }
    stix_end(s);
}

void stix_external(struct stix *s, const char *source, struct str id)
{
    js_key(&s->j, "external_references");
    js_array(&s->j);
    js_object(&s->j);
    stix_c(s, "source_name", source);
    stix_str(s, "external_id", id);
    js_end(&s->j);
    js_end(&s->j);
}

static struct str write_named(struct stix *s, const char *type, const char *source, struct str name)
{
    struct str id = stix_common(s, type, name);

    if (stix_begin_at(s, type, id, STIX_OF_ALL)) {
        stix_str(s, "name", name);
        stix_external(s, source, name);
        stix_end(s);
    }
    return id;
}
struct str stix_cve(struct stix *s, struct str cve) { return write_named(s, "vulnerability", "cve", cve); }
struct str stix_technique(struct stix *s, struct str t) { return write_named(s, "attack-pattern", "mitre-attack", t); }

struct str stix_indicator(struct stix *s, struct str id, struct str name, const char *of, const char *type, struct str pattern,
                          enum stix_whose whose, int64_t from_us)
{
    if (!stix_begin_at(s, "indicator", id, whose))
        return id;
    stix_str(s, "name", name);
    stix_word(s, "indicator_types", of);
    stix_str(s, "pattern", pattern);
    stix_c(s, "pattern_type", type);
    stix_time(s, "valid_from", from_us == TIME_NONE ? (whose == STIX_OF_ALL ? s->common_us : s->x.when_us) : from_us);
    stix_end(s);
    return id;
}
