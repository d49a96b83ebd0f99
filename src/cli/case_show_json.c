/* `case show --json`. See case_show.h. */
#include "cli/case_show.h"

static void organisation(struct js *j, const struct show *s)
{
    js_key(j, "owner");
    js_object(j);
    js_key(j, "name_from");         js_c(j, case_naming_text(s->name_from));
    js_key(j, "sector_from");       js_str_or_null(j, s->sector_from);
    js_key(j, "confidence");        js_i64(j, s->confidence);
    js_key(j, "address_countries");
    js_array(j);
    for (size_t i = 0; i < s->country_n; i++)
        js_str(j, s->country[i]);
    js_end(j);
    js_end(j);
}

static void graded(struct js *j, const char *key, const char *is, enum grade g, int64_t since_us)
{
    js_key(j, key);
    js_object(j);
    js_key(j, "is");    js_c(j, is);
    js_key(j, "grade"); js_c(j, g == GRADE_NONE ? NULL : grade_name(g));
    js_key(j, "since"); js_time(j, since_us);
    js_end(j);
}

static void server(struct js *j, const struct show_server *v)
{
    static const char *const theft[] = { "none", "suspected", "seen" };
    char ip[NET_TEXT] = "";

    if (v->has_ip)
        net_ip_text(v->ip, ip);
    js_object(j);
    js_key(j, "server");     js_i64(j, v->asset);
    js_key(j, "name");       js_str_or_null(j, v->name);
    js_key(j, "also");
    js_array(j);
    for (size_t i = 0; i < v->alias_n; i++)
        js_str(j, v->alias[i]);
    js_end(j);
    js_key(j, "address");    js_str_or_null(j, str_c(ip));
    js_key(j, "port");       js_u64(j, v->port);
    js_key(j, "country");    js_str_or_null(j, v->country);
    js_key(j, "asn");        js_u64(j, v->asn);
    js_key(j, "product");    js_str_or_null(j, v->product);
    js_key(j, "build");      js_str_or_null(j, v->build);
    graded(j, "exposure", server_exposure_name(v->exposure), v->exposure_grade, v->exposure_us);
    graded(j, "compromise", compromise_name(v->compromise), v->compromise_grade, v->compromise_us);
    js_key(j, "clean");      js_bool(j, v->clean);
    js_key(j, "clean_since"); js_time(j, v->clean_us);
    js_key(j, "hunted");     js_time(j, v->hunted_us);
    js_key(j, "suspicion");  js_bool(j, v->suspicion);
    js_key(j, "re_entered"); js_bool(j, v->re_entered);
    js_key(j, "moved_on");   js_bool(j, v->beyond);
    js_key(j, "still_there"); js_bool(j, v->still_there);
    js_key(j, "back_door_ever"); js_bool(j, v->backdoored_ever);
    js_key(j, "mail_stolen"); js_c(j, v->theft >= 0 && v->theft < 3 ? theft[v->theft] : NULL);
    js_key(j, "relapsed");   js_i64(j, v->relapses);
    js_key(j, "missed");     js_i64(j, v->missed);
    js_key(j, "not_mine");   js_bool(j, v->not_mine);
    js_key(j, "shared");     js_bool(j, v->shared);
    js_key(j, "confidence"); js_i64(j, v->confidence);
    js_key(j, "first_seen"); js_time(j, v->first_seen_us);
    js_key(j, "last_seen");  js_time(j, v->last_seen_us);
    js_end(j);
}

static void report(struct js *j, const struct show_report *r)
{
    js_object(j);
    js_key(j, "file");       js_str_or_null(j, r->name);
    js_key(j, "sha256");     js_hex(j, r->sha256, 32);
    js_key(j, "server");     js_i64(j, r->asset);
    js_key(j, "verdict");    js_str(j, r->verdict);
    js_key(j, "door_open");  js_str_or_null(j, r->door_open);
    js_key(j, "theft");      js_str_or_null(j, r->theft);
    js_key(j, "worth");      js_c(j, r->grade == GRADE_NONE ? NULL : grade_name(r->grade));
    js_key(j, "why_not_more"); js_str_or_null(j, r->why);
    js_key(j, "nonce");      js_bool(j, r->nonce_ok);
    js_key(j, "hunted");     js_time(j, r->hunted_us);
    js_key(j, "window_from"); js_time(j, r->from_us);
    js_key(j, "window_to");  js_time(j, r->to_us);
    js_key(j, "entered");    js_time(j, r->entered_us);
    js_key(j, "placed");     js_time(j, r->placed_us);
    js_key(j, "first_used"); js_time(j, r->used_us);
    js_key(j, "last_used");  js_time(j, r->last_us);
    js_key(j, "re_entered"); js_bool(j, r->re_entered);
    js_key(j, "moved_on");   js_bool(j, r->beyond);
    js_key(j, "back_doors"); js_i64(j, r->back_doors);
    js_key(j, "ways_back");  js_i64(j, r->ways_back);
    js_key(j, "mail_bytes"); js_i64(j, r->mail_bytes);
    js_key(j, "tool");       js_str_or_null(j, r->tool);
    js_key(j, "recorded");   js_time(j, r->recorded_us);
    js_end(j);
}

static void door(struct js *j, const struct show_door *d)
{
    js_object(j);
    js_key(j, "what");       js_c(j, d->way ? "way_back" : "back_door");
    js_key(j, "server");     js_i64(j, d->asset);
    js_key(j, "path");       js_str_or_null(j, d->path);
    js_key(j, "state");      js_str(j, d->state);
    js_key(j, "kind");       js_str_or_null(j, d->kind);
    js_key(j, "use");        js_str_or_null(j, d->used);
    js_key(j, "sha256");     js_str_or_null(j, d->sha256);
    js_key(j, "intruder");   js_str_or_null(j, d->intruder);
    js_key(j, "created");    js_time(j, d->created_us);
    js_key(j, "removed");    js_time(j, d->removed_us);
    js_key(j, "first_used"); js_time(j, d->first_us);
    js_key(j, "last_used");  js_time(j, d->last_us);
    js_key(j, "requests");   js_i64(j, d->requests);
    js_key(j, "as_of");      js_time(j, d->hunted_us);
    js_end(j);
}

static void intruders(struct js *j, const struct show *s)
{
    js_key(j, "second_group"); js_bool(j, s->intruders.suspected);
    js_key(j, "lone_visits");  js_u64(j, s->intruders.alone);
    js_key(j, "intruders");
    js_array(j);
    for (uint32_t i = 0; i < s->intruders.group_n; i++) {
        const struct second_on *g = &s->intruders.group[i];

        js_object(j);
        js_key(j, "intruder");      js_i64(j, g->intruder);
        js_key(j, "visits");        js_u64(j, g->visits);
        js_key(j, "servers");       js_u64(j, g->servers);
        js_key(j, "first");         js_time(j, g->first_us);
        js_key(j, "last");          js_time(j, g->last_us);
        js_key(j, "all_visits");    js_u64(j, g->all_visits);
        js_key(j, "all_servers");   js_u64(j, g->all_servers);
        js_key(j, "known_by");
        js_array(j);
        for (uint32_t k = 0; k < g->mark_n; k++) {
            js_object(j);
            js_key(j, "kind");    js_c(j, intruder_kinds[g->mark[k].kind].name);
            js_key(j, "value");   js_str(j, g->mark[k].value);
            js_key(j, "visits_here"); js_u64(j, g->mark[k].here);
            js_key(j, "visits");  js_u64(j, g->mark[k].sessions);
            js_key(j, "servers"); js_u64(j, g->mark[k].servers);
            js_end(j);
        }
        js_end(j);
        js_end(j);
    }
    js_end(j);
}

static void notices(struct js *j, const struct show *s)
{
    js_key(j, "notices");
    js_array(j);
    for (size_t i = 0; i < s->notice_n; i++) {
        const struct show_notice *n = &s->notice[i];
        char                      name[CASE_NAME_TEXT];

        js_object(j);
        js_key(j, "notice");    js_i64(j, n->notice);
        js_key(j, "step");      js_c(j, notice_step_name(n->s.step));
        js_key(j, "attempts");  js_u64(j, n->s.attempts);
        js_key(j, "accepted");  js_time(j, n->s.accepted_us);
        js_key(j, "delivered"); js_time(j, n->s.delivered_us);
        js_key(j, "answered");  js_time(j, n->s.answered_us);
        js_key(j, "inherited_from");
        if (n->from_case) {
            case_name_of(s->d, n->from_case, s->line.campaign, name);
            js_c(j, name);
        } else
            js_null(j);
        js_end(j);
    }
    js_end(j);
    js_key(j, "heir_of");
    js_array(j);
    for (size_t i = 0; i < s->heir_n; i++) {
        char name[CASE_NAME_TEXT];
        case_name_of(s->d, s->heir_of[i], s->line.campaign, name);
        js_c(j, name);
    }
    js_end(j);
}

static void files(struct js *j, const struct show *s)
{
    js_key(j, "evidence");
    js_array(j);
    for (size_t i = 0; i < s->file_n; i++) {
        js_object(j);
        js_key(j, "file");     js_str(j, s->file[i].name);
        js_key(j, "kind");     js_str(j, s->file[i].kind);
        js_key(j, "source");   js_str_or_null(j, s->file[i].source);
        js_key(j, "sha256");   js_hex(j, s->file[i].sha256, 32);
        js_key(j, "recorded"); js_time(j, s->file[i].recorded_us);
        js_end(j);
    }
    js_end(j);
}

static void history(struct js *j, const struct show *s)
{
    static const char *const from[] = { "server", "case", "inherited", "survey" };
    char says[DESK_TEXT];

    js_key(j, "history");
    js_array(j);
    for (size_t i = 0; i < s->desk.n; i++) {
        const struct desk_fact *d = &s->desk.fact[i];

        desk_says(&d->f, says);
        js_object(j);
        js_key(j, "at");       js_time(j, d->us);
        js_key(j, "recorded"); js_time(j, d->from == DESK_SURVEY ? TIME_NONE : d->f.recorded_us);
        js_key(j, "of");       js_c(j, (size_t)d->from < sizeof from / sizeof *from ? from[d->from] : NULL);
        js_key(j, "server");   js_str_or_null(j, d->server);
        js_key(j, "says");     js_c(j, says);
        js_key(j, "source");   js_str_or_null(j, d->source);
        js_key(j, "file");     js_str_or_null(j, d->file);
        js_key(j, "line");     js_u64(j, d->line);
        js_key(j, "who");      js_str_or_null(j, d->f.who);
        js_key(j, "reason");   js_str_or_null(j, d->f.reason);
        js_end(j);
    }
    js_end(j);
    js_key(j, "older"); js_u64(j, s->desk.left_out);
}

void case_show_json(struct out *o, const struct show *s, bool with_history)
{
    struct js j;

    js_open(&j, o, false);
    js_object(&j);
    js_key(&j, "view");     js_c(&j, "show");
    js_key(&j, "campaign"); js_str(&j, s->campaign ? s->campaign->slug : STR_EMPTY);
    js_key(&j, "made");     js_time(&j, s->d->made_us);
    js_key(&j, "stale");    js_bool(&j, s->d->stale);
    case_line_json(&j, &s->line);
    organisation(&j, s);
    js_key(&j, "server");
    js_array(&j);
    for (size_t i = 0; i < s->server_n; i++)
        server(&j, &s->server[i]);
    js_end(&j);
    js_key(&j, "reports");
    js_array(&j);
    for (size_t i = 0; i < s->report_n; i++)
        report(&j, &s->report[i]);
    js_end(&j);
    js_key(&j, "back_doors");
    js_array(&j);
    for (size_t i = 0; i < s->door_n; i++)
        door(&j, &s->door[i]);
    js_end(&j);
    intruders(&j, s);
    notices(&j, s);
    files(&j, s);
    if (with_history)
        history(&j, s);
    js_end(&j);
    out_c(o, "\n");
}
