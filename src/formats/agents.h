/*
 * agents: the transport agents that Exchange loads (agents.config, fetagents.config).
 *
 * Shape    <mexRuntime>...<agentList><agent name baseType classFactory assemblyPath enabled priority/>, in order of the file.
 * Bounds   AGENTS_MAX; others: formats/xml.
 * Errors   ERR_FORMAT: no agentList. Others as xml_parse.
 * Owner    the arena.
 * Not done telling good from bad: detect does.
 * Source   ways back in, 3.
 */
#ifndef FORMATS_AGENTS_H
#define FORMATS_AGENTS_H

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

enum { AGENTS_MAX = 512 };

struct agent {
    struct str name, base_type, class_factory, assembly_path;
    bool       enabled;
    uint32_t   line;
};
struct agents {
    struct agent *agent;
    size_t        n;
    bool          damaged;
};

bool agents_parse(struct agents *ret, struct arena *a, struct str in, struct err *e);

#endif
