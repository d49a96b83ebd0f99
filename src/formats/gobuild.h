/*
 * gobuild: from which module a Go program was built, whatever the file is called.
 *
 * Shape    Go's linker writes, between two marks of 16 bytes, lines "path\t...", "mod\t...\tversion\t..." into the program. They are found by
 *          the first mark, in any part of the file: pieces that overlap by GOBUILD_OVERLAP bytes will do.
 * Bounds   texts of GOBUILD_TEXT_MAX bytes; work is linear in the bytes.
 * Errors   none: false when there is nothing of the kind (another language, or a build whose information was taken out).
 * Owner    views into the bytes given.
 * Not done Go's version, dependencies, settings.
 * Source   Go, src/cmd/go/internal/modload/build.go (infoStart, infoEnd); debug/buildinfo.
 */
#ifndef FORMATS_GOBUILD_H
#define FORMATS_GOBUILD_H

#include "base/str.h"

enum { GOBUILD_TEXT_MAX = 512, GOBUILD_OVERLAP = 4096 };

struct gobuild { struct str path, module, version; };     /* "github.com/fatedier/frp/cmd/frpc", "github.com/fatedier/frp", "v0.36.2" */

bool gobuild_find(struct gobuild *ret, struct str in);
/* Does the file's head say that Go's linker made it? By the names of its sections: cheap, and not proof. */
bool gobuild_likely(struct str head);

#endif
