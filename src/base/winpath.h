/*
 * winpath: Windows paths and URL paths as text.
 *
 * Shape    "C:\dir\file.aspx"; a volume that is not known is "?:". Separators are backslashes, no trailing one but
 *          after a drive ("C:\"). Case is kept; comparing folds ASCII.
 * Not done 8.3 names and junctions that only the tree itself can resolve: evidence/tree does that.
 * Source   "Naming Files, Paths, and Namespaces" (Microsoft Learn): reserved names, trailing dot and blank, prefixes.
 */
#ifndef BASE_WINPATH_H
#define BASE_WINPATH_H

#include "base/arena.h"
#include "base/str.h"

/*
 * Canonical spelling: "\\?\" and "\??\" and "\\.\" prefixes go, "/" becomes "\", doubled separators fold, "." and ".." resolve (never
 * above the drive), %SystemDrive% %SystemRoot% %windir% %ProgramFiles% %ProgramData% become their defaults with `sys` as system drive letter,
 * the junctions every Windows has ("\Users\All Users", "\Documents and Settings") become their targets.
 */
struct str winpath_canon(struct arena *a, struct str raw, uint8_t sys);

struct str winpath_name(struct str path);         /* last component */
struct str winpath_dir(struct str path);          /* what stands before it, without separator; "C:" for "C:\x" */
struct str winpath_ext(struct str path);          /* ".aspx" with its dot, or empty; streams ("a.aspx:x") cut off */
bool winpath_below(struct str path, struct str dir);   /* dir itself, or anything below; folded */
struct str winpath_rest(struct str path, struct str dir); /* what follows "dir\"; empty when not below */
bool winpath_reserved(struct str component);      /* CON, AUX, NUL, COM1.., LPT1.., also with an extension */
bool winpath_hidden_name(struct str component);   /* reserved, or ends in a dot or blank */
/* "PROGRA~1" could be "Program Files": same first letters (6, blanks and dots dropped), same first 3 of the extension. */
bool winpath_short_fits(struct str shortname, struct str longname);
/* Extensions that IIS or ASP.NET executes by default, lower case with dot. Source: ways back in, 1.2. */
bool winpath_is_page(struct str path);

/*
 * "/owa/auth/x.aspx": decoded once, folded to lower case, "//" and dot segments resolved; what follows the page's own name cut off: path
 * info, stream, parameter, dots and blanks.
 */
struct str urlpath_canon(struct arena *a, struct str raw);
/* The same with path info kept: "/ecp/ddi/ddiservice.svc/setobject" names a method, not a page. */
struct str urlpath_fold(struct arena *a, struct str raw);

#endif
