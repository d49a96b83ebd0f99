/*
 * tiles: the world as a map of tiles, one for each country (ISO 3166-1 alpha-2, and XK), all of one size: a small country is seen as well as a large one.
 *
 * Shape    tiles_draw takes counts by country and draws each tile in one of five shades, with its code and its number; a table beside it is the caller's, for
 *          those who do not see it, and for what has no tile.
 * Shades   by the logarithm: the darkest is a third of the largest or more, each next a third of that. 0 and absent are empty.
 * Source   tools/tiles.py.
 */
#ifndef REPORT_TILES_H
#define REPORT_TILES_H

#include "report/sheet.h"

enum { TILES = 238, TILES_COLUMNS = 32, TILES_ROWS = 22, TILES_SHADES = 5 };
struct tile { char code[3]; uint8_t column, row; };
extern const struct tile tiles_world[TILES];               /* by code */

/* NULL: no tile. */
const struct tile *tile_of(struct str code);

/* text: what stands in the tile, at most 5 letters; our own. */
struct tile_count { const struct tile *tile; double n; char text[8]; };
/* says: what the picture shows, for those who do not see it. */
void tiles_draw(const struct page *p, const struct tile_count *c, size_t n, const char *says);
/* "1.2k", "950" */
void tile_number(uint64_t n, char ret[8]);

#endif
