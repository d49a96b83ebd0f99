/*
 * reg: what the detectors of the registry share (files_registry.c opens the hives and calls the others).
 *
 * Order    a hive belongs to one node; facts come in the order of the tables, then of the hive.
 * Memory   `a` is the hive's scratch: each function goes on with the arena that it was given, never with this one again; facts and their texts go to c->keep, what waits for other hives to c->work->pile.
 * Bounds   REG_TOLD_MAX notes a hive (what accuses is always told), REG_EACH_MAX children of one key looked at.
 * Errors   functions give false only when the hunt has to end; a hive that fails says so in h->why.
 * Times    a key has one time, that of its last change: created_us is never set from it, time_us is.
 */
#ifndef DETECT_REG_H
#define DETECT_REG_H

#include "detect/files_inner.h"
#include "formats/hive.h"

enum reg_kind { REG_OTHER = 0, REG_SYSTEM = 1, REG_SOFTWARE = 2, REG_SAM = 4, REG_SECURITY = 8, REG_USER = 16, REG_CLASSES = 32, REG_AMCACHE = 64 };
enum { REG_TOLD_MAX = 400, REG_EACH_MAX = 200000, REG_ACCOUNTS_MAX = 4096, REG_DATA_SHOWN = 220 };

struct reg {
    struct files_context *c;
    const struct ev_node *n;
    struct hive          *h;
    struct arena          a;
    struct hive_key       root;
    enum reg_kind         kind;
    struct str            label;         /* "HKLM\\SOFTWARE", "HKU\\admin" */
    struct str            control;       /* "ControlSet001" */
    bool                  service;       /* a profile of the system or of a service */
    uint32_t              told;
    struct err           *e;
    bool                  failed;        /* memory of the hunt: e is set */
};

/* Accounts and what other hives say of them. */
struct reg_account { struct str name; uint32_t rid; bool enabled, admin, hidden; int64_t named_us; uint32_t node; struct str key; };
struct reg_memory {
    enum reg_kind      seen;             /* bits */
    struct reg_account *account; size_t account_n, account_cap;
    struct str         *hidden;  size_t hidden_n, hidden_cap;        /* names that the logon screen does not show */
    uint32_t            hidden_node;
    struct str         *profile; size_t profile_n, profile_cap;      /* folders of profiles */
    struct reg_certificate *certificate; size_t certificate_n;       /* of the machine's store; reg_certificates.c */
    uint8_t             bound[8][20]; size_t bound_n;                /* SHA-1 of those that the web server shows on port 443 */
};

/* Key by path; '@' at its beginning stands for the current control set. */
bool reg_key(struct reg *r, struct arena *a, struct str path, struct hive_key *ret);
/* Text of a value; empty: none, or no text. */
struct str reg_text(struct reg *r, struct arena *a, const struct hive_key *k, const char *name);
bool reg_number(struct reg *r, struct arena a, const struct hive_key *k, const char *name, uint64_t *ret);
/* Children in order, at most REG_EACH_MAX; false ends it. */
typedef bool reg_child(struct reg *r, void *ctx, struct arena a, const struct hive_key *k, struct str path);
bool reg_each(struct reg *r, struct arena a, struct str path, reg_child *child, void *ctx);

/* A fact that cites a value: `path` in the hive, `value` NULL: the key. NULL: no room or told enough. */
struct file_fact *reg_fact(struct reg *r, enum file_fact_kind kind, const char *detector, enum severity severity, double confidence, const struct hive_key *k, struct str path,
                           const char *value, struct str data);
/* What a command line or the path of a module says: adds reasons, path and techniques to the fact. */
struct command;
void reg_judged(struct reg *r, struct file_fact *f, const struct command *k);
/* "C:\x.dll" of a command: what is run, where that is no part of Windows. */
struct str reg_runs(const struct command *k);

bool reg_autostarts(struct reg *r);      /* tables of keys that start programs */
bool reg_services(struct reg *r);
bool reg_tasks(struct reg *r);           /* the task cache */
/* What the bytes of a task's actions start: the command line of the worst; empty: nothing. */
struct command;
struct str reg_task_actions(struct reg *r, struct arena *a, struct str data, struct command *worst, struct str *ret_user);
bool reg_firewall(struct reg *r);
bool reg_deleted(struct reg *r);         /* keys in free cells */
bool reg_settings(struct reg *r);        /* weakened defences */
bool reg_server(struct reg *r);          /* who this is: names, versions, time zone, updates, profiles */
bool reg_accounts(struct reg *r);        /* SAM */
bool reg_certificates(struct reg *r);    /* what the web server shows on port 443 */
void reg_certificates_done(struct files_context *c);
bool reg_ran(struct reg *r);             /* Amcache, ShimCache, traces of tools in profiles */
bool reg_accounts_done(struct files_context *c, struct err *e);

#endif
