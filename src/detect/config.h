/*
 * config: what one entry of an IIS or ASP.NET configuration says. Pure judgement: nothing is told here, so that the living file, its history and a site's
 * own web.config are judged by one measure.
 *
 * CONFIG_ACCUSES  an honest administrator or product does not configure that
 * CONFIG_NOTE     it deserves a look; many products add entries of their own
 * Source   ways back in, 2.1 to 2.4; IIS 10's own applicationHost.config for names and files of its modules.
 */
#ifndef DETECT_CONFIG_H
#define DETECT_CONFIG_H

#include "detect/files_inner.h"
#include "formats/iisconfig.h"

enum config_grade { CONFIG_SILENT, CONFIG_NOTE, CONFIG_ACCUSES };

struct config_says {
    enum config_grade grade;
    const char   *what, *detector, *title, *why, *attack;   /* what: kind of way back */
    enum severity severity;
    double        confidence;
    struct str    name, path, url;                          /* path: what it runs, canonical; empty: the configuration itself */
    enum reach    reachable;
};

/* Which file an entry stands in. */
struct config_file {
    bool       server;         /* applicationHost.config, or the framework's own: for every site */
    bool       bare;           /* in aspnet_client, which holds no application */
    bool       product;        /* below an Exchange folder */
    bool       code;           /* it holds server script as well */
    bool       worker;         /* w3wp.exe.config */
    struct str dir;
};

void config_judge(const struct files_context *c, struct arena *a, const struct config_file *w, const struct iis_item *it, struct config_says *ret);
void config_judge_vdir(const struct files_context *c, struct arena *a, const struct iis_vdir *v, struct config_says *ret);
void config_judge_pool(const struct iis_pool *p, struct config_says *ret);

/* Assembly of a type name: "N.C, Assembly, Version=1.0.0.0" gives "Assembly"; empty: none named. */
struct str config_assembly(struct str type);
/* A rule, redirect or error page that hands requests to a script of this server: its path as written; empty: it does not. */
struct str config_route(const struct iis_item *it);
bool config_product_place(const struct files_context *c, struct str path);
bool config_product_type(struct str type);
/* A maker whose products add modules or agents of their own. */
bool config_known_maker(struct str text);

/* The fact of what an entry says; NULL: no room. */
struct file_fact *config_tell(struct files_context *c, const struct ev_node *n, const struct config_says *s, uint32_t line);

/* ---- what waits for the end of the hunt (files_modules.c) ---- */

/* A program that a configuration names, whose file may tell more of it than the entry did. `fact`: index in found->fact. */
enum config_use { CONFIG_NATIVE, CONFIG_MANAGED, CONFIG_AGENT };
bool config_expect_file(struct files_context *c, struct str path, size_t fact, enum config_use use, struct err *e);
/* The same of an assembly that lies in the global cache, or nowhere: by its name. */
bool config_expect_assembly(struct files_context *c, struct str assembly, size_t fact, struct err *e);
/* A route to a script: an accusation when that script is a back door. */
bool config_expect_page(struct files_context *c, const struct ev_node *n, const struct iis_item *it, struct err *e);
/* A fixed machine key, by hash. */
bool config_key(struct files_context *c, const struct ev_node *n, const struct iis_item *it, struct err *e);
/* One version of applicationHost.config (files_history.c). */
bool config_version(struct files_context *c, const struct ev_node *n, bool live, const struct iis_config *w, struct arena *scratch, struct err *e);
bool config_history(struct files_context *c, struct err *e);

extern const struct files_detector files_modules, files_objects;

#endif
