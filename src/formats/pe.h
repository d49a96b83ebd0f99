/*
 * pe: what a Windows program file says of itself, without running or mapping it.
 *
 * Shape    machine, link time, fixed file version, ProductName, FileVersion and OriginalFilename of the first StringFileInfo, names of exports, and for a
 *          .NET file where its heaps of strings lie.
 * Units    link_us: microseconds UTC from the header's seconds; many linkers write a hash there, so it is a hint only.
 * Bounds   PE_SECTIONS_MAX, PE_EXPORTS_MAX names, PE_RESOURCE_MAX entries a resource directory, PE_STREAMS_MAX.
 * Errors   ERR_FORMAT: not a PE file, or its headers are cut. A part that is missing or broken leaves its fields empty and sets `damaged`.
 * Owner    views into the bytes given, but product and version texts (UTF-8, in the arena).
 * Not done imports, signatures, languages beyond the first, .NET tables (formats/clr), 16-bit formats.
 * Source   Microsoft PE and COFF specification; VS_VERSIONINFO (Windows SDK); ECMA-335 II.24.2 (metadata root, #US, #Strings).
 */
#ifndef FORMATS_PE_H
#define FORMATS_PE_H

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

enum { PE_SECTIONS_MAX = 96, PE_EXPORTS_MAX = 64, PE_RESOURCE_MAX = 256, PE_STREAMS_MAX = 16, PE_STRINGS_MAX = 100000 };

/* Where the parts of the file lie once it is in memory. */
struct pe_section { uint32_t va, vsize, off, size; };
struct pe_map {
    struct str        in;
    struct pe_section section[PE_SECTIONS_MAX];
    size_t            section_n;
};

struct pe {
    struct pe_map map;
    uint16_t   machine;             /* 0x8664, 0x14c ... */
    bool       is_dll, is_64, has_clr;
    int64_t    link_us;             /* TIME_NONE: none */
    bool       has_version;
    uint16_t   version[4];          /* fixed file version: 15.1.2106.2 */
    struct str product_name, file_version, original_name;
    struct str export_name[PE_EXPORTS_MAX];
    size_t     export_n;            /* names read */
    uint32_t   export_total;        /* names the file says it has */
    struct str metadata;            /* .NET metadata root ("BSJB"); for formats/clr */
    struct str us_heap;             /* .NET user strings: UTF-16 literals of the code */
    struct str name_heap;           /* .NET #Strings: names of types and members */
    bool       damaged;
};

bool pe_parse(struct pe *ret, struct arena *a, struct str in, struct err *e);

/* The bytes of a relative virtual address up to the end of its section, or an empty view. */
struct str pe_at_rva(const struct pe_map *m, uint32_t rva);

/*
 * Walks the user strings: *pos starts at 0. `ret` is UTF-16LE without the trailing flag byte. False at the end, or where the heap breaks.
 */
bool pe_user_string(struct str heap, size_t *pos, struct str *ret);
/* Does a user string, or a name of #Strings, contain `ascii` (without case)? Looks at no more than PE_STRINGS_MAX strings. */
bool pe_has_user_text(const struct pe *p, struct str ascii);
bool pe_has_name(const struct pe *p, struct str ascii);    /* a whole name, with case */

#endif
