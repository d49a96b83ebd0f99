/* status_world: a store with a made-up campaign: status_world STORE CASES DAYS CAMPAIGNS [hostile]. For the pages in a browser, and to measure. */
#include "figures_board.h"

static const char *const sectors[] = { "education", "<script>document.title='owned'</script>", "\"><img src=http://evil.invalid/x id=owned onerror=alert(1)>", "retail", "\xE2\x80\xAEgpj.exe", "" };

int main(int argc, char **argv)
{
    struct test_arena t = test_arena((size_t)1 << 30);
    struct store     *s = NULL;
    struct world      w;
    struct err        e = { 0 };

    if (argc < 5) {
        fprintf(stderr, "status_world STORE CASES DAYS CAMPAIGNS [hostile]\n");
        return 2;
    }
    world_make(&w, (size_t)atol(argv[2]), atoi(argv[3]), 11, atol(argv[4]));
    w.rich = argc > 5;
    if (w.rich)
        w.sector = sectors;
    if (!store_open(&s, str_c(argv[1]), STORE_WRITE, &e) || !store_migrate(s, &casework_layer, &e)) {
        fprintf(stderr, "%s: %s\n", e.where, e.what);
        return 1;
    }
    board_wipe(s);
    board_fill(s, &w, atol(argv[4]), t.a);
    store_close(s);
    world_free(&w);
    test_arena_free(&t);
    return 0;
}
