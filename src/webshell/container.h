/*
 * container: what of a page the server would run, in which language, and what stands around it.
 *
 * Shape    container_read decodes the bytes (byte order marks, UTF-16, UTF-7, EBCDIC and other declared code pages, Script Encoder) and cuts them
 *          into units of code, directives, server controls, objects, includes. Units come in the order in which the server would see them.
 *          UNIT_RENDER  the page's blocks <% %> <%= %> <%: %> joined: expressions become the call of `Response.Write`, in the unit's language;
 *                       static text between two blocks becomes a line end (and is where IR_MARKUP would stand). <%# %> stands in UNIT_BINDING,
 *                       where Eval is data binding.
 *          UNIT_MEMBERS <script runat=server> ... </script> of ASP.NET. In classic ASP it is UNIT_RENDER of its own language.
 *          UNIT_FILE    all that follows the directive of a handler or service, a code file.
 *          UNIT_EVENT   code in an attribute of a server control (onclick of a server control names a method: see control.event, no unit).
 * Kinds    by extension (container_kind_of); the same text is read differently as .asp, .aspx, .ashx, .cshtml or .config.
 * Lines    counted by LF. `places` maps the unit's bytes to lines of the page.
 * Bounds   CONTAINER_BYTES_MAX bytes are looked at (`cut`), CONTAINER_UNITS_MAX units, CONTAINER_ITEMS_MAX of each other kind. Linear in the bytes.
 * Errors   false: the arena is full. Any bytes give an answer.
 * Owner    views into the page or its decoded copy in the arena.
 * Not done reads no other file: includes and code files are named (`ref`), whoever has a tree may read and add them.
 * Source   ASP.NET page syntax; Razor syntax; ASP 3.0 reference; web.config schema; RFC 2152 (UTF-7); code page 37 (all Microsoft Learn, IBM).
 */
#ifndef WEBSHELL_CONTAINER_H
#define WEBSHELL_CONTAINER_H

#include "webshell/ir.h"

enum { CONTAINER_BYTES_MAX = 16 << 20, CONTAINER_UNITS_MAX = 64, CONTAINER_ITEMS_MAX = 4096, CONTAINER_BLOCKS_MAX = 200000 };

enum page_kind { PAGE_NOT, PAGE_ASPX, PAGE_ASCX, PAGE_MASTER, PAGE_ASHX, PAGE_ASMX, PAGE_SVC, PAGE_ASAX, PAGE_ASP, PAGE_RAZOR_CS, PAGE_RAZOR_VB, PAGE_CONFIG, PAGE_SOURCE_CS, PAGE_SOURCE_VB, PAGE_KINDS };
enum unit_kind { UNIT_RENDER, UNIT_MEMBERS, UNIT_FILE, UNIT_BINDING, UNIT_EVENT };
enum page_wrap { WRAP_NONE, WRAP_SETTINGS, WRAP_MAILBOX, WRAP_CERTIFICATE, WRAP_IMAGE, WRAP_ARCHIVE, WRAP_BINARY };
enum page_text { TEXT_PLAIN, TEXT_UTF16, TEXT_UTF7, TEXT_EBCDIC, TEXT_SCRIPT_ENCODED, TEXT_CODEPAGE };

struct unit {
    enum unit_kind   kind;
    enum ir_language language;
    struct str       code;
    struct ir_places places;
    bool             unclosed;          /* its block has no end mark */
    bool             encoded;           /* Script Encoder */
};
struct control { struct str tag, id, event, handler; uint32_t line; };    /* <asp:Button id=.. OnClick=handler>; several events: several items. event empty: none */
struct page_object { struct str id, progid, classid; uint32_t line; };     /* <object runat=server> */
enum ref_kind { REF_INCLUDE_FILE, REF_INCLUDE_VIRTUAL, REF_CODE, REF_MASTER, REF_ASSEMBLY, REF_CONTROL, REF_SCRIPT };
struct page_ref { enum ref_kind kind; struct str path; uint32_t line; };
struct directive { struct str name, text; uint32_t line; };                /* "Page", attributes, entities undone; container_attribute reads them */

struct container {
    enum page_kind  kind;
    enum ir_language language;           /* declared, or the kind's default, or guessed from the code when `guessed` */
    bool            guessed, declared;
    enum page_wrap  wrap;
    enum page_text  text_kind;
    uint32_t        codepage;            /* declared; 0: none */
    struct str      text;                /* the decoded page */
    struct unit       *unit;       size_t unit_n;
    struct directive  *directive;  size_t directive_n;
    struct control    *control;    size_t control_n;
    struct page_object *object;    size_t object_n;
    struct page_ref   *ref;        size_t ref_n;
    struct str      inherits;            /* class behind it */
    bool            behind;              /* names a class or file behind it */
    size_t          binding_n, markup_bytes, code_bytes;
    bool            padded;              /* nearly all blanks, or code after column 500 or 200 blank lines */
    bool            client_code;         /* script without runat=server that reads like server code: would not run */
    bool            validate_off, debug_on;   /* ValidateRequest=false, Debug=true in the directive */
    bool            damaged;             /* a Script Encoder block whose sum or end is wrong: the script engine would refuse it */
    bool            odd_quotes;          /* runat in quotation marks of a word processor: the server refuses the page */
    bool            misnamed;            /* its directive is of another kind than its name: read as the directive says, would not run under this name */
    bool            mapped;              /* a web.config that has .config run as a page */
    bool            cut;
};

enum page_kind container_kind_of(struct str file_name);     /* by extension; PAGE_NOT: not one that IIS runs as a page */
bool container_read(struct container *ret, struct arena *a, struct str bytes, enum page_kind kind);
/* The attribute of a directive's text, quotes off. (The text has its entities undone already, but for those of quotes.) False: not there. */
bool container_attribute(struct str tag, struct str name, struct str *ret);

#endif
