/*
 * check: compares what the truth states with what the report says; prints each difference.
 *
 * Only what the truth states is compared. Lists of back doors, ways back, intruders and other servers must match in
 * number, so that nothing is accused that the story does not hold.
 * Slack    an update takes minutes, an installation an hour: window.patched and window.to may differ by 30 minutes, window.from by 60.
 */
#include "lab/lab.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

struct check { int bad; };

static void differ(struct check *c, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static void differ(struct check *c, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    vprintf(fmt, ap);
    va_end(ap);
    putchar('\n');
    c->bad++;
}

static json_object *get(json_object *o, const char *path)
{
    char  copy[128], *save = NULL;

    snprintf(copy, sizeof copy, "%s", path);
    for (char *part = strtok_r(copy, ".", &save); part; part = strtok_r(NULL, ".", &save))
        if (!json_object_is_type(o, json_type_object) || !json_object_object_get_ex(o, part, &o))
            return NULL;
    return o;
}

static bool stated(json_object *truth, const char *path)
{
    char        head[128];
    const char *dot = strrchr(path, '.');
    json_object *in = truth;

    if (dot) {
        snprintf(head, sizeof head, "%.*s", (int)(dot - path), path);
        in = get(truth, head);
    }
    return in && json_object_object_get_ex(in, dot ? dot + 1 : path, NULL);
}

static const char *text(json_object *o) { return o ? json_object_get_string(o) : "null"; }
static size_t count(json_object *list) { return json_object_is_type(list, json_type_array) ? json_object_array_length(list) : 0; }
static json_object *item(json_object *list, size_t i) { return i < count(list) ? json_object_array_get_idx(list, i) : NULL; }

static void same(struct check *c, json_object *truth, json_object *report, const char *path, const char *in)
{
    if (stated(truth, path) && strcmp(text(get(truth, path)), text(get(report, path))))
        differ(c, "%s%s: truth %s, report %s", in, path, text(get(truth, path)), text(get(report, path)));
}

static void near_time(struct check *c, json_object *truth, json_object *report, const char *path, int64_t slack_us)
{
    const char *t = text(get(truth, path)), *r = text(get(report, path));
    int64_t     a, b;

    if (!stated(truth, path) || !strcmp(t, r))
        return;
    if (!time_parse(str_c(t), &a) || !time_parse(str_c(r), &b) || llabs(a - b) > slack_us)
        differ(c, "%s: truth %s, report %s", path, t, r);
}

static bool holds(json_object *list, const char *value)
{
    for (size_t i = 0; i < count(list); i++)
        if (!strcasecmp(text(item(list, i)), value))
            return true;
    return false;
}

static void same_set(struct check *c, json_object *truth, json_object *report, const char *what)
{
    for (size_t i = 0; i < count(truth); i++)
        if (!holds(report, text(item(truth, i))))
            differ(c, "%s: %s is missing", what, text(item(truth, i)));
    for (size_t i = 0; i < count(report); i++)
        if (!holds(truth, text(item(report, i))))
            differ(c, "%s: %s should not be there", what, text(item(report, i)));
}

static json_object *by_path(json_object *list, const char *path)
{
    for (size_t i = 0; i < count(list); i++)
        if (!strcasecmp(text(get(item(list, i), "path")), path))
            return item(list, i);
    return NULL;
}

static void doors(struct check *c, json_object *truth, json_object *report)
{
    for (size_t i = 0; i < count(truth); i++) {
        json_object *t = item(truth, i), *r = by_path(report, text(get(t, "path")));
        char         in[512];
        snprintf(in, sizeof in, "back door %s: ", text(get(t, "path")));
        if (!r) {
            differ(c, "%snot in the report", in);
            continue;
        }
        same(c, t, r, "state", in);
        same(c, t, r, "key", in);
        same(c, t, r, "use.state", in);
        same(c, t, r, "use.reached", in);
        same(c, t, r, "use.requests", in);
        same(c, t, r, "use.errors", in);
        if (stated(t, "use.clients")) {
            strncat(in, "clients", sizeof in - strlen(in) - 1);
            same_set(c, get(t, "use.clients"), get(r, "use.clients"), in);
        }
    }
    for (size_t i = 0; i < count(report); i++)
        if (!by_path(truth, text(get(item(report, i), "path"))))
            differ(c, "back door %s: not in the story", text(get(item(report, i), "path")));
}

/* Addresses match whole texts, names any part of one. */
static bool says(json_object *o, const char *needle)
{
    if (json_object_is_type(o, json_type_string))
        return ch_digit((uint8_t)needle[0]) ? !strcmp(text(o), needle) : strcasestr(text(o), needle) != NULL;
    if (json_object_is_type(o, json_type_array)) {
        for (size_t i = 0; i < count(o); i++)
            if (says(item(o, i), needle))
                return true;
        return false;
    }
    if (json_object_is_type(o, json_type_object)) {
        json_object_object_foreach(o, name, value) {
            (void)name;
            if (says(value, needle))
                return true;
        }
    }
    return false;
}

static void must_not(struct check *c, json_object *truth, json_object *report)
{
    json_object *list = get(truth, "must_not"), *door = get(report, "back_doors"), *session = get(report, "sessions");

    for (size_t i = 0; i < count(list); i++) {
        const char *needle = text(item(list, i));
        for (const char *const *part = (const char *const[]){ "intruders", "ways_back", "other_servers", NULL }; *part; part++)
            if (says(get(report, *part), needle))
                differ(c, "%s: accuses %s", *part, needle);
        for (size_t k = 0; k < count(door); k++) {
            json_object *t = by_path(get(truth, "back_doors"), text(get(item(door, k), "path")));
            if (says(get(item(door, k), "path"), needle) || (says(get(item(door, k), "use.clients"), needle) && !(t && holds(get(t, "use.clients"), needle))))
                differ(c, "back_doors: accuses %s", needle);
        }
        for (size_t k = 0; k < count(session); k++)
            if (json_object_get_boolean(get(item(session, k), "succeeded")) && says(get(item(session, k), "clients"), needle))
                differ(c, "sessions: a successful one holds %s", needle);
    }
}

/* "events/pivot: mallory": some finding of that detector says so, or none does. */
static void found(struct check *c, json_object *list, json_object *finding, bool wanted)
{
    for (size_t i = 0; i < count(list); i++) {
        const char *want = text(item(list, i)), *colon = strchr(want, ':');
        size_t      n = colon ? (size_t)(colon - want) : strlen(want), hits = 0;
        for (size_t k = 0; k < count(finding); k++) {
            const char *detector = text(get(item(finding, k), "detector"));
            hits += strlen(detector) == n && !memcmp(detector, want, n) && (!colon || says(get(item(finding, k), "why"), colon + 2));
        }
        if ((hits > 0) != wanted)
            differ(c, wanted ? "findings: none says %s" : "findings: one says %s", want);
    }
}

static void used_ways(struct check *c, json_object *list, json_object *way)
{
    for (size_t i = 0; i < count(list); i++)
        for (size_t k = 0; k < count(way); k++)
            if (!strcmp(text(get(item(way, k), "name")), text(item(list, i))) && strcmp(text(get(item(way, k), "used")), "used"))
                differ(c, "ways_back: %s is %s", text(item(list, i)), text(get(item(way, k), "used")));
}

static bool names(const char *a, const char *b)
{
    size_t x = strlen(a), y = strlen(b), n = x < y ? x : y;

    return !strncasecmp(a, b, n) && (x == y || (x > y ? a : b)[n] == '.');
}

/* Each name of the truth in some item of the report, and as many items as names. */
static void named(struct check *c, json_object *truth, json_object *report, const char *what)
{
    for (size_t i = 0; i < count(truth); i++) {
        bool found = false;
        for (size_t k = 0; k < count(report); k++)
            found = found || names(text(get(item(report, k), "name")), text(item(truth, i)));
        if (!found)
            differ(c, "%s: %s is missing", what, text(item(truth, i)));
    }
    if (count(truth) != count(report)) {
        differ(c, "%s: truth %zu, report %zu", what, count(truth), count(report));
        for (size_t k = 0; k < count(report); k++)
            printf("    %s\n", text(get(item(report, k), "name")));
    }
}

int check_main(const char *truth_path, const char *report_path)
{
    static const char *const path[] = {
        "verdict", "door_open.state", "exposure.state", "exposure.covered", "exploitation.state", "exploitation.covered", "back_door.state", "back_door.covered",
        "use.state", "use.re_entered", "use.covered", "theft.state", "theft.covered",
    };
    struct check c = { 0 };
    json_object *truth = json_object_from_file(truth_path), *report = json_object_from_file(report_path);

    if (!truth || !report)
        lab_die("%s cannot be read as JSON", truth ? report_path : truth_path);
    json_object *campaign = item(get(report, "campaigns"), 0);
    if (!count(get(report, "campaigns")) || !campaign) {
        differ(&c, "the report has no campaign");
    } else {
        for (size_t i = 0; i < sizeof path / sizeof *path; i++)
            same(&c, truth, campaign, path[i], "");
        near_time(&c, truth, campaign, "window.from", TIME_HOUR);
        near_time(&c, truth, campaign, "window.patched", 30 * TIME_MINUTE);
        near_time(&c, truth, campaign, "window.to", get(truth, "window.patched") ? 30 * TIME_MINUTE : TIME_SECOND);
        for (size_t i = 0; i < count(get(truth, "cves")); i++)
            if (!holds(get(campaign, "exploitation.cves"), text(item(get(truth, "cves"), i))))
                differ(&c, "exploitation.cves: %s is missing", text(item(get(truth, "cves"), i)));
        for (size_t i = 0; i < count(get(truth, "theft.names")); i++)
            if (!says(get(campaign, "theft.items"), text(item(get(truth, "theft.names"), i))))
                differ(&c, "theft.items: %s is missing", text(item(get(truth, "theft.names"), i)));
    }
    same(&c, truth, report, "server.name", "");
    if (get(report, "server.domain"))                  /* not every evidence tells it; what is told is right */
        same(&c, truth, report, "server.domain", "");
    doors(&c, get(truth, "back_doors"), get(report, "back_doors"));
    named(&c, get(truth, "other_servers"), get(report, "other_servers"), "other_servers");
    named(&c, get(truth, "ways_back"), get(report, "ways_back"), "ways_back");
    used_ways(&c, get(truth, "ways_used"), get(report, "ways_back"));
    found(&c, get(truth, "findings"), get(report, "findings"), true);
    found(&c, get(truth, "no_findings"), get(report, "findings"), false);

    json_object *intruder = get(report, "intruders"), *all = json_object_new_array();
    if (stated(truth, "intruders") && json_object_get_int64(get(truth, "intruders")) != (int64_t)count(intruder))
        differ(&c, "intruders: truth %s, report %zu", text(get(truth, "intruders")), count(intruder));
    for (size_t i = 0; i < count(intruder); i++)
        for (size_t k = 0; k < count(get(item(intruder, i), "clients")); k++)
            json_object_array_add(all, json_object_get(item(get(item(intruder, i), "clients"), k)));
    if (stated(truth, "intruder_clients"))
        same_set(&c, get(truth, "intruder_clients"), all, "intruders' clients");
    if (json_object_get_boolean(get(truth, "damage_told"))) {
        size_t damaged = 0;
        for (size_t i = 0; i < count(get(report, "coverage")); i++)
            damaged += count(get(item(get(report, "coverage"), i), "damaged"));
        if (!damaged)
            differ(&c, "coverage: the damage is not told");
    }
    must_not(&c, truth, report);
    if (c.bad)
        printf("%s: %d differences\n", text(get(truth, "scenario")), c.bad);
    json_object_put(all);
    json_object_put(truth);
    json_object_put(report);
    return c.bad ? 1 : 0;
}
