/*
 * lab: makes a victim's evidence, with ground truth.
 *
 *   lab list
 *   lab make SCENARIO OUT_DIR [--seed N] [--megabytes N] [--days N] [--generation 2013|2016|2019] [--server NAME]
 *   lab check TRUTH.json REPORT.json
 *   lab layouts
 *   lab evtx ROWS.jsonl OUT.evtx
 *   lab image FOLDER OUT_FILE [--volume] [--journal] [--gigabytes N] [--deleted PATH]... [--stamped PATH]... [--data LETTER=FOLDER]...
 *   lab pack EVIDENCE_DIR LAYOUT OUT_DIR [--profile NAME,...] [--drive LETTER] [--server NAME] [--password TEXT]
 *   lab logs OUT_DIR --megabytes N [--hit-rate PER_MILLE] [--seed N] [--days N] [--generation G]
 *   lab campaign OUT_DIR [--seed N] [--organisations N] [--servers N] [--hunts N] [--intruders N] [--days N] [--hostile 1]
 */
#include "lab/campaign_files.h"
#include "lab/evlog.h"
#include "lab/pack.h"

#include <stdlib.h>
#include <string.h>

static int usage(void)
{
    fputs("usage: lab list\n"
          "       lab make SCENARIO OUT_DIR [--seed N] [--megabytes N] [--days N] [--generation 2013|2016|2019] [--server NAME]\n"
          "       lab check TRUTH.json REPORT.json\n"
          "       lab layouts\n"
          "       lab evtx ROWS.jsonl OUT.evtx\n"
          "       lab image FOLDER OUT_FILE [--volume] [--journal] [--gigabytes N] [--deleted PATH]... [--stamped PATH]... [--data LETTER=FOLDER]...\n"
          "       lab pack EVIDENCE_DIR LAYOUT OUT_DIR [--profile NAME,...] [--drive LETTER] [--server NAME] [--password TEXT]\n"
          "       lab logs OUT_DIR --megabytes N [--hit-rate PER_MILLE] [--seed N] [--days N] [--generation G]\n"
          "       lab campaign OUT_DIR [--seed N] [--organisations N] [--servers N] [--hunts N] [--intruders N] [--days N] [--hostile 1]\n", stderr);
    return 2;
}

static uint64_t number(const char *text, uint64_t min, uint64_t max)
{
    char    *end;
    uint64_t v = strtoull(text, &end, 10);

    if (!*text || *end || v < min || v > max)
        lab_die("%s is not a number from %llu to %llu", text, (unsigned long long)min, (unsigned long long)max);
    return v;
}

int main(int argc, char **argv)
{
    struct lab      l = { .seed = 1, .days = 90 };
    enum generation gen = GEN_2016;
    double          hit_rate = 1;
    int             k = 0;
    bool            gen_given = false;
    struct story_sizes sizes = { .seed = 1, .organisations = 20000, .servers = 60000, .hunts = 3000, .intruders = 12, .days = 30 };
    const char     *arg[4] = { 0 }, *profile = NULL, *drive = NULL, *password = NULL;

    if (argc >= 4 && !strcmp(argv[1], "image"))
        return image_main(argv[2], argv[3], argc - 4, argv + 4) ? usage() : 0;
    for (int i = 1; i < argc; i++) {
        const char *value = i + 1 < argc ? argv[i + 1] : NULL;
        if (strncmp(argv[i], "--", 2)) {
            if (k == 4)
                return usage();
            arg[k++] = argv[i];
            continue;
        }
        if (!value)
            return usage();
        i++;
        if (!strcmp(argv[i - 1], "--seed"))
            l.seed = sizes.seed = number(value, 0, UINT64_MAX);
        else if (!strcmp(argv[i - 1], "--megabytes"))
            l.megabytes = (uint32_t)number(value, 1, 1000000);
        else if (!strcmp(argv[i - 1], "--days"))
            l.days = sizes.days = (uint32_t)number(value, 1, 365);
        else if (!strcmp(argv[i - 1], "--organisations"))
            sizes.organisations = (uint32_t)number(value, 1, 1000000);
        else if (!strcmp(argv[i - 1], "--servers"))
            sizes.servers = (uint32_t)number(value, 1, 4000000);
        else if (!strcmp(argv[i - 1], "--hunts"))
            sizes.hunts = (uint32_t)number(value, 1, 1000000);
        else if (!strcmp(argv[i - 1], "--intruders"))
            sizes.intruders = (uint32_t)number(value, 1, 60);
        else if (!strcmp(argv[i - 1], "--hostile"))
            sizes.hostile = number(value, 0, 1);
        else if (!strcmp(argv[i - 1], "--hit-rate"))
            hit_rate = atof(value);
        else if (!strcmp(argv[i - 1], "--server"))
            l.server_wanted = value;
        else if (!strcmp(argv[i - 1], "--profile"))
            profile = value;
        else if (!strcmp(argv[i - 1], "--drive"))
            drive = value;
        else if (!strcmp(argv[i - 1], "--password"))
            password = value;
        else if (!strcmp(argv[i - 1], "--generation")) {
            gen_given = true;
            gen = !strcmp(value, "2013") ? GEN_2013 : !strcmp(value, "2019") ? GEN_2019 : GEN_2016;
            if (gen == GEN_2016 && strcmp(value, "2016"))
                return usage();
        } else
            return usage();
    }
    if (k == 1 && !strcmp(arg[0], "list")) {
        for (const struct scenario *s = scenario_table; s->name; s++)
            printf("%-22s%s\n", s->name, s->about);
        return 0;
    }
    if (k == 1 && !strcmp(arg[0], "layouts"))
        return pack_layout_list();
    if (k == 3 && !strcmp(arg[0], "evtx"))
        return evrows_main(arg[1], arg[2]);
    if (k == 4 && !strcmp(arg[0], "pack"))
        return pack_main(arg[1], arg[2], arg[3], profile, drive, l.server_wanted, password);
    if (k == 3 && !strcmp(arg[0], "check"))
        return check_main(arg[1], arg[2]);
    if (k == 2 && !strcmp(arg[0], "logs") && l.megabytes)
        return bulk_main(arg[1], l.seed, l.megabytes, hit_rate, l.days, gen);
    if (k == 2 && !strcmp(arg[0], "campaign"))
        return campaign_main(arg[1], &sizes);
    if (k != 3 || strcmp(arg[0], "make"))
        return usage();
    l.scenario = scenario_find(arg[1]);
    if (!l.scenario)
        lab_die("no scenario %s; `lab list` names them", arg[1]);
    l.out = arg[2];
    if (l.days < 80)
        lab_die("a story needs 80 days or more");
    l.wanted = gen_given ? (int)gen : -1;
    server_defaults(&l, gen);
    lab_run(&l);
    return 0;
}
