/*
 * compiled: the ".compiled" files of the ASP.NET compile cache.
 *
 * Shape    one small XML document: root "preserve" with the attributes below, child filedeps with filedep name="...".
 *          What it proves: ASP.NET found the page `virtual_path` and compiled it into `assembly`, whether or not the page is still there.
 * Bounds   COMPILED_DEPS_MAX dependencies; those of formats/xml.
 * Errors   ERR_FORMAT: not such a file. Others as xml_parse.
 * Owner    the arena.
 * Not done the hash values are kept as text: their algorithm is ASP.NET's own and differs by version.
 * Source   evidence sheet, 8.5; ways back in, 1.5.
 */
#ifndef FORMATS_COMPILED_H
#define FORMATS_COMPILED_H

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

enum { COMPILED_DEPS_MAX = 256 };

struct compiled {
    struct str  virtual_path;      /* "/aspnet_client/x.aspx" */
    struct str  assembly;          /* "App_Web_abcd1234" (no extension), or with culture and version after a comma */
    struct str  type;              /* "ASP.aspnet_client_x_aspx" */
    struct str  result_type, hash, file_hash;
    struct str *dep;               /* virtual paths of what it was compiled from */
    size_t      dep_n;
    bool        damaged;
};

bool compiled_parse(struct compiled *ret, struct arena *a, struct str in, struct err *e);

#endif
