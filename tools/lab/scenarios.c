/*
 * scenarios: the stories, each with its truth.
 *
 * The truth follows from the story and from the definitions of docs/report-contract.md; where the contract leaves room, the
 * truth says nothing. Addresses are of the documentation ranges, names are invented.
 */
#include "lab/story.h"

#include <string.h>

const struct scenario scenario_table[] = {
    { "bakery", "a small bakery, patched two days late: one page placed, used, and used again after the patch (the demo)", set_bakery, tell_bakery, NULL },
    { "untouched", "patched in time, nothing happened", NULL, tell_untouched, NULL },
    { "scanner-only", "scanners probe the flaw and ask for known shell names; nothing answers", NULL, tell_scanner, NULL },
    { "busy-admin", "an administrator edits and resets virtual directories, colleagues use a page of their own", set_busy, tell_busy, NULL },
    { "own-scan", "the organisation's own scanner checks the flaw", NULL, tell_own_scan, NULL },
    { "load-balancer", "two balancers in front, a scanner behind them", set_balanced, tell_balanced, NULL },
    { "load-balancer-victim", "an intruder behind two balancers, with a forged X-Forwarded-For", set_balanced, tell_victim_balanced, NULL },
    { "expired-logs", "collected in May: the logs of the window are gone", set_expired, tell_expired, NULL },
    { "autodiscover-only", "forged Autodiscover requests, nothing more", NULL, tell_autodiscover, NULL },
    { "mail-theft", "mail read through forged requests, more than 1 MB, and another server named", NULL, tell_mail, NULL },
    { "mail-sample", "mail read through forged requests, less than 1 MB", NULL, tell_sample, NULL },
    { "shell-unused", "a page placed and never requested", NULL, tell_unused, NULL },
    { "shell-reached", "a page placed and looked at, by its maker and by a scanner", NULL, tell_reached, NULL },
    { "shell-used", "a page placed and used in one visit", NULL, tell_used, NULL },
    { "shell-removed", "a page placed, used, used again and removed; a compiled copy stays", NULL, tell_removed, NULL },
    { "shell-in-logs-only", "the same, but the web roots were not collected", set_no_roots, tell_logs_only, drop_tree },
    { "task-left", "the page is gone, a scheduled task is not", NULL, tell_task, NULL },
    { "two-groups", "two groups with a page each; the first comes back after the patch from another address", set_two, tell_two, NULL },
    { "oab-download", "a page placed through an address book download", NULL, tell_download, NULL },
    { "exchange-2010", "Exchange 2010 without event logs", set_2010, tell_2010, NULL },
    { "mitigated-only", "never patched, rewrite rules in place", set_mitigated, tell_mitigated, NULL },
    { "open-door", "never patched, nothing happened", set_unpatched, tell_open, NULL },
    { "never-patched", "a page used and removed, the flaw still open", set_unpatched, tell_never_patched, NULL },
    { "hand-over", "one address begins, another goes on", NULL, tell_hand_over, NULL },
    { "mail-export", "a mailbox export ordered through a forged request", NULL, tell_export, NULL },
    { "shared-address", "the intruder shares an address with half the staff", set_shared, tell_shared, NULL },
    { "iis-only", "quiet; Exchange's own logs are older than their month, both IIS logs are whole", set_month, tell_iis_only, NULL },
    { "iis-victim", "a page used and used again; only the IIS logs reach back to it", set_month, tell_iis_victim, NULL },
    { "log-hole", "five days missing from every log, scanners on other days", set_hole, tell_hole, NULL },
    { "late-install", "set up in February, patched in March, nothing happened", set_late, tell_untouched, NULL },
    { "born-patched", "set up after it all with a fixed build", set_born_patched, tell_born_patched, NULL },
    { "shell-removed-owa", "a used page below /owa/auth is gone; later requests are redirected", NULL, tell_removed_owa, NULL },
    { "moved-roots", "Exchange on D:, sites and hourly logs on E:", set_moved, tell_moved, NULL },
    { "coexistence", "an older Exchange beside it, and an edited logon page", set_coexistence, tell_coexistence, NULL },
    { "loot-fetched", "an archive staged in a web folder and fetched", NULL, tell_loot, NULL },
    { "msert-removed", "the page was removed by the Safety Scanner, whose log is the last trace", NULL, tell_msert, NULL },
    { "damaged", "used page, damaged and hostile logs", NULL, tell_damaged, after_damaged },
    { "events-quiet", "every event log of a quiet server, with all that resembles an intrusion and is none", NULL, tell_events_quiet, NULL },
    { "events-cleared", "an administrator cleared logs and audit went off; nobody came in", NULL, tell_events_cleared, NULL },
    { "events-planted", "event logs alone: an account, services, a task, a subscription, an agent and a tunnel", set_events_only, tell_events_planted, NULL },
    { "events-more", "event logs alone: pages by other ways, a machine key, a tool, a door at the sign-in screen, a guest among administrators", set_events_only, tell_events_more, NULL },
    { "events-story", "a page placed, used and deleted; cmdlets, child processes and the file itself stand in the event logs", NULL, tell_events_story, NULL },
    { "events-beyond", "the same, then a dump of LSASS and a sign-in to another server", NULL, tell_events_beyond, NULL },
    { "events-pivot", "an intruder signs in with an account that he planted, also from elsewhere; only event logs tell of that", NULL, tell_events_pivot, NULL },
    { "events-pivot-shared", "the same way in through an address from which everybody signs in, beside an administrator's new account", NULL, tell_events_pivot_shared, NULL },
    { "events-messaging", "Unified Messaging took an object that was not its own; only event logs tell", NULL, tell_events_messaging, NULL },
    { "ways-config", "nobody came through the flaw; tasks, modules, a virtual directory, a handler and a transport agent let somebody back in", NULL, tell_ways_config, NULL },
    { "ways-config-benign", "the honest twins of those: backups, agents, vendors' modules, a farm's machine key, an intranet", NULL, tell_ways_config_benign, NULL },
    { "ways-registry", "the page is gone; services, autostarts, libraries, a hidden task, accounts and a forwarded port are left in the registry", NULL, tell_ways_registry, NULL },
    { "ways-registry-benign", "the honest twins of those: vendors' services and filters, monitoring, a backup account, asked-for exclusions", NULL, tell_ways_registry_benign, NULL },
    { "ways-files", "the page is gone; commands typed, a profile, a subscription, a transfer job, dumps, a tunnel and an autostart item are left", NULL, tell_ways_files, NULL },
    { "ways-files-benign", "the honest twins of those: an administrator's history, vendors' jobs and consumers, crash dumps, backups", NULL, tell_ways_files_benign, NULL },
    { NULL, NULL, NULL, NULL, NULL },
};

const struct scenario *scenario_find(const char *name)
{
    for (const struct scenario *s = scenario_table; s->name; s++)
        if (!strcmp(s->name, name))
            return s;
    return NULL;
}
