/*
 * cache: things that can be made again, kept in a private folder of the user, by the SHA-256 of what they were made from.
 *
 * Shape    one file each, named by its key. cache_get gives back what cache_put kept, or says that there is nothing that fits.
 * Folder   "afterpatch" in $XDG_CACHE_HOME or in $HOME/.cache; made with mode 0700. Refused when it is a link, not ours, or open for others to
 *          write, and when the folder around it is another user's or anybody's (unless sticky): then there is no cache.
 * Files    mode 0600, written under another name and renamed. A file says its key, its length and the SHA-256 of its content; what does not
 *          fit to the last byte is nothing, and is removed.
 * Bounds   CACHE_ALL_BYTES in the folder: files that were not used the longest leave first.
 * Errors   false is never a reason to stop: without a cache everything is made again.
 * Owner    cache_drop gives the bytes back. They are a copy: the file may change meanwhile.
 * Trust    whoever can write as this user can write here as well; the digest finds damage, not an enemy.
 */
#ifndef OS_CACHE_H
#define OS_CACHE_H

#include "base/arena.h"
#include "base/err.h"
#include "base/hash.h"
#include "base/str.h"

#define CACHE_ALL_BYTES ((uint64_t)512 << 20)

/* Where this user keeps such things: the folder in which ours is made. Empty: nobody says so. The text lives in the arena. */
struct str cache_home(struct arena *a);

struct cache { int dir; };
#define CACHE_NONE ((struct cache){ -1 })
bool cache_open(struct cache *ret, struct str home, struct err *e);
void cache_close(struct cache *c);                       /* accepts CACHE_NONE */

bool cache_get(const struct cache *c, const uint8_t key[HASH_SHA256_BYTES], uint64_t max, struct str *ret, struct err *e);
bool cache_put(const struct cache *c, const uint8_t key[HASH_SHA256_BYTES], struct str bytes, struct err *e);
void cache_drop(struct str bytes);                       /* accepts an empty one */

#endif
