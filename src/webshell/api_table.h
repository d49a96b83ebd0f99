/*
 * api_table: how the rows of the tables of api.h are written. Included by api*.c only.
 *
 * Shape    one class is a const struct api_class api_NAME, made by CLASS; the names by which it is found stand in api_names.h, sorted. The members of a class
 *          are sorted by name without case (api_test.c looks).
 */
#ifndef WEBSHELL_API_TABLE_H
#define WEBSHELL_API_TABLE_H

#include "base/num.h"
#include "webshell/api.h"

#define USE(name, sink, roles)                       { name, API_SINK, sink, roles, 0, NULL }
#define USE_GIVES(name, sink, roles, marks, gives)   { name, API_SINK, sink, roles, marks, gives }
#define SOURCE(name, roles, marks, gives)            { name, API_SOURCE, SINK_NONE, roles, marks, gives }
#define FIELD(name, roles)                           { name, API_FIELD, SINK_NONE, roles, 0, "" }
#define FIELD_GIVES(name, roles, gives)              { name, API_FIELD, SINK_NONE, roles, 0, gives }
#define GIVES(name, gives)                           { name, API_PASS, SINK_NONE, "", 0, gives }
#define PASS(name, marks, gives)                     { name, API_PASS, SINK_NONE, "", marks, gives }
#define TEXT(name)                                   { name, API_PASS, SINK_NONE, "", 0, NULL }
#define SAME(name)                                   { name, API_PASS, SINK_NONE, "", 0, "" }
#define CLEAN(name)                                  { name, API_CLEAN, SINK_NONE, "", 0, NULL }
#define CLEAN_GIVES(name, gives)                     { name, API_CLEAN, SINK_NONE, "", 0, gives }
#define NUMBER(name)                                 { name, API_NUMBER, SINK_NONE, "", 0, NULL }
#define LIMITED(name, marks)                         { name, API_LIMITED, SINK_NONE, "", marks, NULL }
#define MAKE(name, roles)                            { name, API_MAKE, SINK_NONE, roles, 0, NULL }
#define INVOKE(name, roles)                          { name, API_INVOKE, SINK_NONE, roles, 0, NULL }
#define STORED(name, roles)                          { name, API_STORED, SINK_NONE, roles, 0, NULL }
#define EVENT(name, roles)                           { name, API_EVENT, SINK_NONE, roles, 0, NULL }

#define MARKS_ALL UINT32_MAX

#define CLASS(id, label, parent, table)              const struct api_class api_##id = { label, parent, table, COUNT_OF(table), NULL, NULL, 0 }
#define CLASS_MARKED(id, label, parent, table, m)    const struct api_class api_##id = { label, parent, table, COUNT_OF(table), NULL, NULL, m }
#define CLASS_COM(id, label, parent, table, clsid)   const struct api_class api_##id = { label, parent, table, COUNT_OF(table), label, clsid, 0 }
/* A class that is known by name alone: what is done with it is what its base does. */
#define CLASS_BARE(id, label, parent, m)             const struct api_class api_##id = { label, parent, NULL, 0, NULL, NULL, m }

/* Declarations of all classes. */
#define NAMED(name, id) extern const struct api_class api_##id;
#include "webshell/api_names.h"
#undef NAMED

struct api_function { struct api_member m; uint8_t languages; };
enum { LANG_CS = 1 << IR_CSHARP, LANG_VB = 1 << IR_VBNET, LANG_JSN = 1 << IR_JSCRIPT_NET, LANG_VBS = 1 << IR_VBSCRIPT, LANG_JS = 1 << IR_JSCRIPT,
       LANG_ANY_VB = LANG_VB | LANG_VBS, LANG_ANY_JS = LANG_JSN | LANG_JS };
extern const struct api_function api_function_table[];
extern const size_t              api_function_table_n;

#endif
