/* case_why_json: see case_why.h. */
#include "cli/case_why.h"

static void key_json(struct js *j, const struct why_key *k)
{
    js_object(j);
    js_key(j, "class");   js_c(j, org_class_name(k->is));
    js_key(j, "value");   js_str(j, k->value);
    js_key(j, "country"); js_str_or_null(j, str_c(k->country));
    js_key(j, "does");    js_c(j, group_state_name(k->state));
    js_key(j, "servers"); js_u64(j, k->assets);
    js_key(j, "domains"); js_u64(j, k->domains);
    js_key(j, "why");     js_str_or_null(j, k->why);
    js_end(j);
}

static void given_json(struct js *j, const struct why_given *g)
{
    js_object(j);
    js_key(j, "by");         js_c(j, why_by_name(g->by));
    js_key(j, "kind");       js_c(j, g->kind < ORG_KEYS ? org_kinds[g->kind].name : NULL);
    js_key(j, "row");        js_i64(j, g->row);
    js_key(j, "source");     js_str_or_null(j, g->source);
    js_key(j, "file");       js_str_or_null(j, g->file);
    js_key(j, "line");       js_u64(j, g->line);
    js_key(j, "detail");     js_str_or_null(j, g->detail);
    js_key(j, "confidence"); js_u64(j, g->confidence);
    js_key(j, "revoked");    js_bool(j, g->revoked);
    js_key(j, "observed");   js_time(j, g->observed_us);
    js_end(j);
}

void why_json_begin(struct why_view *v, const char *about)
{
    js_open(&v->j, v->o, false);
    js_object(&v->j);
    js_key(&v->j, "view");  js_c(&v->j, "why");
    js_key(&v->j, "about"); js_c(&v->j, about);
}

void why_json_end(struct why_view *v)
{
    js_end(&v->j);
    out_c(v->o, "\n");
}

void why_json_server(struct why_view *v, const struct why_asset *w)
{
    struct js *j = &v->j;

    js_key(j, "server");       js_i64(j, w->asset);
    js_key(j, "name");         js_str_or_null(j, w->name);
    js_key(j, "org");          js_i64(j, w->org);
    js_key(j, "organisation"); js_str_or_null(j, w->org_name);
    js_key(j, "confidence");   js_u64(j, w->confidence);
    js_key(j, "shared");       js_bool(j, w->shared);
    js_key(j, "why");          js_str_or_null(j, w->why);
    js_key(j, "keys");
    js_array(j);
    for (size_t i = 0; i < w->has_n; i++) {
        js_object(j);
        js_key(j, "key");        key_json(j, &w->has[i].key);
        js_key(j, "given");      given_json(j, &w->has[i].given);
        js_key(j, "weight");     js_u64(j, w->has[i].weight);
        js_key(j, "confidence"); js_u64(j, w->has[i].confidence);
        js_key(j, "joins");      js_bool(j, w->has[i].joins);
        js_key(j, "why");        js_str_or_null(j, w->has[i].why);
        js_end(j);
    }
    js_end(j);
    js_key(j, "more"); js_bool(j, w->more);
}

void why_json_two(struct why_view *v, const struct why_two *w)
{
    struct js *j = &v->j;

    why_json_begin(v, "two");
    js_key(j, "joined");     js_bool(j, w->joined);
    js_key(j, "org");        js_i64(j, w->org_one);
    js_key(j, "other_org");  js_i64(j, w->org_other);
    js_key(j, "confidence"); js_u64(j, w->confidence);
    js_key(j, "why");        js_str_or_null(j, w->why);
    js_key(j, "steps");
    js_array(j);
    for (size_t i = 0; i < w->step_n; i++) {
        const struct why_step *s = &w->step[i];

        js_object(j);
        js_key(j, "from");       js_str_or_null(j, s->from_name);
        js_key(j, "to");         js_str_or_null(j, s->to_name);
        js_key(j, "key");        key_json(j, &s->key);
        js_key(j, "also");
        if (s->also.id)
            key_json(j, &s->also);
        else
            js_null(j);
        js_key(j, "from_given"); given_json(j, &s->from_given);
        js_key(j, "to_given");   given_json(j, &s->to_given);
        js_key(j, "weight");     js_u64(j, s->weight);
        js_key(j, "confidence"); js_u64(j, s->confidence);
        js_key(j, "why");        js_str_or_null(j, s->why);
        js_end(j);
    }
    js_end(j);
    why_json_end(v);
}

void why_json_key(struct why_view *v, const struct why_about_key *w)
{
    struct js *j = &v->j;

    why_json_begin(v, "key");
    js_key(j, "key");      key_json(j, &w->key);
    js_key(j, "provider"); js_str_or_null(j, w->name);
    js_key(j, "provider_org"); js_i64(j, w->provider_org);
    js_key(j, "ruled");
    if (w->ruled) {
        js_object(j);
        js_key(j, "as");     js_c(j, w->ruled == GROUP_OWNER ? "owner" : "provider");
        js_key(j, "who");    js_str(j, w->ruled_by);
        js_key(j, "reason"); js_str(j, w->ruled_why);
        js_key(j, "at");     js_time(j, w->ruled_us);
        js_end(j);
    } else
        js_null(j);
    js_key(j, "servers");
    js_array(j);
    for (size_t i = 0; i < w->server_n; i++) {
        js_object(j);
        js_key(j, "server"); js_i64(j, w->server[i].asset);
        js_key(j, "org");    js_i64(j, w->server[i].org);
        js_key(j, "name");   js_str_or_null(j, w->server[i].name);
        js_end(j);
    }
    js_end(j);
    js_key(j, "more");     js_bool(j, w->more);
    js_key(j, "question"); js_str_or_null(j, w->review);
    why_json_end(v);
}
