/*
 * page: where the server-side code of an ASP or ASP.NET page stands, and in which language.
 *
 * Shape    blocks of code in order: <% ... %>, <%= ... %>, <script runat=server> ... </script>, and for handlers and services all that
 *          follows their directive. Data binding (<%# ... %>), comments (<%-- ... --%>) and resources (<%$ ... %>) are not code here.
 * Bounds   PAGE_BLOCKS_MAX blocks; more: `cut`.
 * Errors   false: the arena is full.
 * Owner    blocks are views into the text; the array lives in the arena.
 * Not done include files, code-behind files.
 * Source   ASP.NET page syntax (Microsoft Learn); ways back in, 1.2 and 1.4.
 */
#ifndef WEBSHELL_PAGE_H
#define WEBSHELL_PAGE_H

#include "base/arena.h"
#include "base/str.h"

enum { PAGE_BLOCKS_MAX = 256 };

enum page_language { PAGE_UNKNOWN, PAGE_CSHARP, PAGE_VBNET, PAGE_JSCRIPT, PAGE_VBSCRIPT };

struct page {
    struct str        *block;
    size_t             block_n;
    enum page_language language;
    uint32_t           codepage;        /* declared; 0: none */
    bool               directive;       /* <%@ Page ...%> or the like was there */
    bool               has_page;        /* ... and it was one of ASP.NET (Page, Control, WebHandler ...) */
    bool               behind;          /* names a class or file behind it (Inherits, CodeBehind, CodeFile, Src) */
    size_t             binding_n;       /* data-binding expressions */
    bool               cut;
};

/* classic: the extension is one of classic ASP (.asp, .asa, .cer, .cdx), where VBScript is the default. */
bool page_read(struct page *ret, struct arena *a, struct str text, bool classic);
static inline bool page_has_code(const struct page *p) { return p->block_n > 0; }

#endif
