/* truth: what the story says is true, by the definitions of docs/report-contract.md. */
#include "lab/lab.h"

#include <string.h>

static json_object *inner(json_object *o, const char **path)
{
    for (const char *dot; (dot = strchr(*path, '.')); *path = dot + 1) {
        char         part[64];
        json_object *next;
        snprintf(part, sizeof part, "%.*s", (int)(dot - *path), *path);
        if (!json_object_object_get_ex(o, part, &next)) {
            next = json_object_new_object();
            json_object_object_add(o, part, next);
        }
        o = next;
    }
    return o;
}

static void add(json_object *o, const char *path, json_object *value)
{
    json_object *in = inner(o, &path);

    json_object_object_add(in, path, value);
}

void truth_text(struct lab *l, const char *path, const char *value) { add(l->truth, path, value ? json_object_new_string(value) : NULL); }
void truth_bool(struct lab *l, const char *path, bool value) { add(l->truth, path, json_object_new_boolean(value)); }
void truth_int(struct lab *l, const char *path, int64_t value) { add(l->truth, path, json_object_new_int64(value)); }

void truth_drop(struct lab *l, const char *path)
{
    json_object *in = inner(l->truth, &path);

    json_object_object_del(in, path);
}

static json_object *time_json(int64_t us)
{
    char text[TIME_TEXT];

    time_text(us, text);
    return us == TIME_NONE ? NULL : json_object_new_string(text);
}

void truth_time(struct lab *l, const char *path, int64_t us) { add(l->truth, path, time_json(us)); }

static json_object *list_of(json_object *o, const char *path)
{
    json_object *list, *in = inner(o, &path);

    if (!json_object_object_get_ex(in, path, &list)) {
        list = json_object_new_array();
        json_object_object_add(in, path, list);
    }
    return list;
}

void truth_list(struct lab *l, const char *path, const char *value)
{
    json_object_array_add(list_of(l->truth, path), json_object_new_string(value));
}

json_object *truth_door(struct lab *l, const char *path, const char *state, const char *use)
{
    json_object *door = json_object_new_object();

    add(door, "path", json_object_new_string(path));
    add(door, "state", json_object_new_string(state));
    add(door, "use.state", json_object_new_string(use));
    json_object_array_add(list_of(l->truth, "back_doors"), door);
    return door;
}

void truth_door_use(struct lab *l, json_object *door, const char *key, int requests, const char *const *client, size_t client_n)
{
    (void)l;
    if (key)
        add(door, "key", json_object_new_string(key));
    add(door, "use.requests", json_object_new_int(requests));
    add(door, "use.reached", json_object_new_boolean(requests > 0));
    json_object *list = list_of(door, "use.clients");
    for (size_t i = 0; i < client_n; i++)
        json_object_array_add(list, json_object_new_string(client[i]));
}

/* The state of a quiet, patched, fully collected server; stories change what they must. */
void truth_open(struct lab *l)
{
    l->truth = json_object_new_object();
    truth_text(l, "schema", "afterpatch-lab-truth/1");
    truth_text(l, "scenario", l->scenario->name);
    truth_text(l, "about", l->scenario->about);
    truth_int(l, "seed", (int64_t)l->seed);
    truth_text(l, "server.name", l->server);
    truth_text(l, "server.domain", l->domain);
    truth_int(l, "exit_code", 0);
    truth_text(l, "verdict", "no_trace");
    /* Registry is not among what this collection holds, so "no" can never be proven. */
    truth_text(l, "door_open.state", "unproven");
    truth_text(l, "exposure.state", "patched");
    truth_text(l, "exploitation.state", "none_seen");
    truth_text(l, "back_door.state", "none_seen");
    truth_text(l, "use.state", "none_seen");
    truth_bool(l, "use.re_entered", false);
    truth_text(l, "theft.state", "none_seen");
    truth_int(l, "intruders", 0);
    list_of(l->truth, "back_doors");
    list_of(l->truth, "ways_back");
    list_of(l->truth, "must_not");
    list_of(l->truth, "other_servers");
}

void truth_write(struct lab *l)
{
    char  path[1024];
    FILE *f;

    snprintf(path, sizeof path, "%s/truth.json", l->out);
    f = fopen(path, "wb");
    if (!f)
        lab_die("%s cannot be written", path);
    fprintf(f, "%s\n", json_object_to_json_string_ext(l->truth, JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_NOSLASHESCAPE));
    file_close(f, path);
}
