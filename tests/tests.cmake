# Tests that are more than one module. Append-only: each block stands by itself.

# The report fixture in every mood and form, for the two tests below.
add_executable(report_sample EXCLUDE_FROM_ALL tests/browser/sample.c)
target_link_libraries(report_sample PRIVATE ap)
if(TARGET tests)
  add_dependencies(tests report_sample)
endif()

# report.json against docs/report.schema.json. Fails, and does not skip, where python3-jsonschema is missing.
add_test(NAME schema/report COMMAND /bin/sh ${CMAKE_SOURCE_DIR}/tests/schema/report.sh $<TARGET_FILE:report_sample> ${CMAKE_SOURCE_DIR} ${CMAKE_BINARY_DIR}/schema)
set_tests_properties(schema/report PROPERTIES TIMEOUT 300)

# Reports that the hunt wrote from evidence of the lab, into casework: none is refused, and each says what it is worth.
add_executable(report_try EXCLUDE_FROM_ALL tests/casework/report_try.c)
target_link_libraries(report_try PRIVATE ap)
if(TARGET tests)
  add_dependencies(tests report_try)
endif()

# Every scenario of the lab, end to end: made twice with equal bytes, hunted, and compared with its truth. The table of
# scenarios is the only list of them. Until there is a program to hunt with, the first half runs.
if(TARGET lab)
  add_test(NAME scenario/check COMMAND /bin/sh ${CMAKE_SOURCE_DIR}/tests/scenarios/check.sh $<TARGET_FILE:lab>)
  file(STRINGS ${CMAKE_SOURCE_DIR}/tools/lab/scenarios.c ap_scenarios REGEX "^    { \"[a-z0-9-]+\", \"")
  foreach(line IN LISTS ap_scenarios)
    string(REGEX REPLACE "^    { \"([a-z0-9-]+)\".*" "\\1" name "${line}")
    if(TARGET afterpatch)
      set(hunt $<TARGET_FILE:afterpatch>)
    else()
      set(hunt -)
    endif()
    add_test(NAME scenario/${name} COMMAND /bin/sh ${CMAKE_SOURCE_DIR}/tests/scenarios/run.sh ${hunt} $<TARGET_FILE:lab> ${name} $<TARGET_FILE:report_try>)
    set_tests_properties(scenario/${name} PROPERTIES TIMEOUT 300)
  endforeach()
endif()

# The front door as people meet it: help, usage, errors. `make golden` rewrites what is expected.
if(TARGET afterpatch AND NOT AP_FUZZ)
  add_test(NAME golden COMMAND ${CMAKE_SOURCE_DIR}/tests/golden/run.sh $<TARGET_FILE:afterpatch>)
  set_tests_properties(golden PROPERTIES TIMEOUT 300)
endif()

# report.html in a browser: hostile text stays text. Without a browser the rest is still checked, and CTest says "Skipped".
add_test(NAME browser/report COMMAND /usr/bin/python3 ${CMAKE_SOURCE_DIR}/tests/browser/report.py $<TARGET_FILE:report_sample> ${CMAKE_BINARY_DIR}/browser)
set_tests_properties(browser/report PROPERTIES TIMEOUT 600 SKIP_RETURN_CODE 77)

# stix.json, misp.json, ecs.ndjson and l2t.csv against their standards, in every mood of the fixture. The scenarios check theirs themselves.
add_test(NAME schema/forms COMMAND /bin/sh ${CMAKE_SOURCE_DIR}/tests/schema/forms.sh $<TARGET_FILE:report_sample> ${CMAKE_SOURCE_DIR} ${CMAKE_BINARY_DIR}/forms)
set_tests_properties(schema/forms PROPERTIES TIMEOUT 300)

# Evidence that somebody made on purpose, hunted with the real program: exit codes, bounds on memory and time, what is refused and why.
if(TARGET afterpatch AND NOT AP_FUZZ)
  add_test(NAME hostile COMMAND /usr/bin/python3 ${CMAKE_SOURCE_DIR}/tests/hostile/run.py $<TARGET_FILE:afterpatch> ${CMAKE_BINARY_DIR}/hostile)
  set_tests_properties(hostile PROPERTIES TIMEOUT 900)
endif()

# A baseline made from a clean server of the lab, and the hunts that compare with it.
if(TARGET lab AND TARGET afterpatch AND NOT AP_FUZZ)
  add_test(NAME baseline COMMAND /bin/sh ${CMAKE_SOURCE_DIR}/tests/baseline/run.sh $<TARGET_FILE:afterpatch> $<TARGET_FILE:lab>)
  set_tests_properties(baseline PROPERTIES TIMEOUT 300)
endif()

# The worker: killed at random moments the report is the same; a file that brings its reader down is left out and told.
if(TARGET afterpatch AND TARGET lab AND NOT AP_FUZZ)
  add_executable(guard_crash EXCLUDE_FROM_ALL tests/guard/crash.c)
  target_link_libraries(guard_crash PRIVATE ap)
  if(TARGET tests)
    add_dependencies(tests guard_crash)
  endif()
  add_test(NAME guard/kill COMMAND /usr/bin/python3 -B ${CMAKE_SOURCE_DIR}/tests/guard/kill.py $<TARGET_FILE:afterpatch> $<TARGET_FILE:lab> ${CMAKE_BINARY_DIR}/guard-kill)
  add_test(NAME guard/crash COMMAND /usr/bin/python3 -B ${CMAKE_SOURCE_DIR}/tests/guard/crash.py $<TARGET_FILE:guard_crash> $<TARGET_FILE:lab> ${CMAKE_BINARY_DIR}/guard-crash)
  set_tests_properties(guard/kill guard/crash PROPERTIES TIMEOUT 400)
endif()

# The batch file of `afterpatch collect` under Wine's cmd, on a server that the lab makes; its copies hunted. Without Wine CTest says "Skipped".
if(TARGET lab AND TARGET afterpatch AND NOT AP_FUZZ)
  add_test(NAME collect/wine COMMAND /bin/sh ${CMAKE_SOURCE_DIR}/tests/collect/wine.sh $<TARGET_FILE:afterpatch> $<TARGET_FILE:lab>)
  set_tests_properties(collect/wine PROPERTIES TIMEOUT 600 SKIP_RETURN_CODE 77)
endif()

# Archives that somebody made on purpose, each around a small true story: what is said of each, and that the story is read to its end.
if(TARGET lab AND TARGET afterpatch AND NOT AP_FUZZ)
  add_test(NAME hostile/archives COMMAND /usr/bin/python3 -B ${CMAKE_SOURCE_DIR}/tests/hostile/archives.py $<TARGET_FILE:afterpatch> $<TARGET_FILE:lab> ${CMAKE_BINARY_DIR}/hostile-archives)
  set_tests_properties(hostile/archives PROPERTIES TIMEOUT 900)
  add_test(NAME hostile/pages COMMAND /usr/bin/python3 -B ${CMAKE_SOURCE_DIR}/tests/hostile/pages.py $<TARGET_FILE:afterpatch> ${CMAKE_BINARY_DIR}/hostile-pages)
  set_tests_properties(hostile/pages PROPERTIES TIMEOUT 900)
endif()

# Collections in every collector's layout: one verdict whoever carried the evidence. All layouts for two scenarios, a layout for each of
# many others; `make collections` runs every scenario in every layout.
if(TARGET lab AND TARGET afterpatch AND NOT AP_FUZZ)
  foreach(part untouched shell-removed rotating profiles servers)
    add_test(NAME collections/${part} COMMAND /usr/bin/python3 ${CMAKE_SOURCE_DIR}/tests/collections/run.py $<TARGET_FILE:afterpatch> $<TARGET_FILE:lab>
             ${CMAKE_BINARY_DIR}/collections/${part} ${part})
    set_tests_properties(collections/${part} PROPERTIES TIMEOUT 900)
  endforeach()
endif()

# Hits of YARA rules are those of the `yara` program on the same files. Without it CTest says "Skipped".
if(NOT AP_FUZZ)
  add_executable(yara_hits EXCLUDE_FROM_ALL tests/yara/hits.c)
  target_link_libraries(yara_hits PRIVATE ap)
  if(TARGET tests)
    add_dependencies(tests yara_hits)
  endif()
  add_test(NAME yara/program COMMAND /usr/bin/python3 -B ${CMAKE_SOURCE_DIR}/tests/yara/compare.py $<TARGET_FILE:yara_hits> ${CMAKE_BINARY_DIR}/yara-program)
  set_tests_properties(yara/program PROPERTIES TIMEOUT 300 SKIP_RETURN_CODE 77)
endif()

# A hit of somebody's own rule in every form of the report: whose rule it is, and that it moves nothing unless it says so.
if(TARGET afterpatch AND NOT AP_FUZZ)
  add_test(NAME schema/own-rules COMMAND /usr/bin/python3 -B ${CMAKE_SOURCE_DIR}/tests/schema/own_rules.py $<TARGET_FILE:afterpatch> ${CMAKE_BINARY_DIR}/own-rules)
  set_tests_properties(schema/own-rules PROPERTIES TIMEOUT 300)
endif()

# A user's rules in whole hunts: the report with and without the cache of compiled rules, and rules that were made to cost time.
if(TARGET lab AND TARGET afterpatch AND NOT AP_FUZZ)
  add_executable(rules_crash EXCLUDE_FROM_ALL tests/rules/crash.c)
  target_link_libraries(rules_crash PRIVATE ap)
  if(TARGET tests)
    add_dependencies(tests rules_crash)
  endif()
  add_test(NAME rules COMMAND /usr/bin/python3 -B ${CMAKE_SOURCE_DIR}/tests/rules/run.py $<TARGET_FILE:afterpatch> $<TARGET_FILE:lab> $<TARGET_FILE:rules_crash> ${CMAKE_BINARY_DIR}/rules)
  set_tests_properties(rules PROPERTIES TIMEOUT 300)
endif()

# The document that lists the rules for event logs says what they are.
add_test(NAME packs/list COMMAND /usr/bin/python3 -B ${CMAKE_SOURCE_DIR}/tests/packs_list.py ${CMAKE_SOURCE_DIR})

# Disk images: every form, deleted files, times that were set back, hostile tables. What this machine has no writer for is left out, and said.
if(TARGET lab AND TARGET afterpatch AND TARGET imgls AND NOT AP_FUZZ)
  add_test(NAME image/forms COMMAND /bin/sh ${CMAKE_SOURCE_DIR}/tests/image.sh $<TARGET_FILE:afterpatch> $<TARGET_FILE:lab> $<TARGET_FILE:imgls>)
  set_tests_properties(image/forms PROPERTIES TIMEOUT 600)
endif()

# The heap fails at each step, too: what libraries and adapters ask of it goes through the test.
if(TARGET test_evidence_image_forms)
  target_link_options(test_evidence_image_forms PRIVATE -Wl,--wrap=malloc -Wl,--wrap=calloc)
endif()

# `afterpatch events` with its worker, on logs of the lab.
if(TARGET lab AND TARGET afterpatch AND NOT AP_FUZZ)
  add_test(NAME events COMMAND /bin/sh ${CMAKE_SOURCE_DIR}/tests/events/run.sh $<TARGET_FILE:afterpatch> $<TARGET_FILE:lab>)
  set_tests_properties(events PROPERTIES TIMEOUT 120)
endif()

# Every build of the table at four, three and two numbers, for every group, against release dates.
if(TARGET afterpatch AND NOT AP_FUZZ)
  add_test(NAME survey/builds COMMAND /usr/bin/python3 -B ${CMAKE_SOURCE_DIR}/tests/survey/builds.py $<TARGET_FILE:afterpatch> ${CMAKE_SOURCE_DIR}/packs/survey/builds.csv)
  # Published figures from observations whose truth is known, through import, status and export.
  add_test(NAME survey/published COMMAND /usr/bin/python3 -B ${CMAKE_SOURCE_DIR}/tests/survey/published.py $<TARGET_FILE:afterpatch> ${CMAKE_BINARY_DIR}/survey-published)
endif()

# The probe against real servers on loopback, killed in between; their logs say whether every limit held. `make probe-lab` is the long form. Without nginx CTest says "Skipped".
if(TARGET afterpatch AND NOT AP_FUZZ)
  add_test(NAME probe/lab COMMAND /usr/bin/python3 -B ${CMAKE_SOURCE_DIR}/tests/probe/lab.py $<TARGET_FILE:afterpatch> ${CMAKE_BINARY_DIR}/probe-lab)
  set_tests_properties(probe/lab PROPERTIES TIMEOUT 300 SKIP_RETURN_CODE 77)
endif()


# `afterpatch survey import` against Python's readers on made-up scans; packed, cut, huge and killed imports.
if(TARGET surveyimport AND TARGET afterpatch AND NOT AP_FUZZ)
  add_test(NAME survey/import-files COMMAND /usr/bin/python3 -B ${CMAKE_SOURCE_DIR}/tests/survey/import_files.py $<TARGET_FILE:afterpatch> $<TARGET_FILE:surveyimport> ${CMAKE_BINARY_DIR}/survey-import)
  set_tests_properties(survey/import-files PROPERTIES TIMEOUT 300)
endif()

# The laboratory's campaign through grouping, states and intruder groups; `campaign_cores full` is the large one.
if(TARGET tests AND NOT AP_FUZZ)
  add_executable(campaign_cores EXCLUDE_FROM_ALL tests/campaign/cores.c tools/lab/campaign.c tools/lab/campaign_intruders.c tools/lab/util.c)
  target_include_directories(campaign_cores PRIVATE tests tools)
  target_link_libraries(campaign_cores PRIVATE ap PkgConfig::CMOCKA ap_test_flags)
  add_dependencies(tests campaign_cores)
  add_test(NAME campaign/cores COMMAND campaign_cores)
  set_tests_properties(campaign/cores PROPERTIES TIMEOUT 300)
  # The same campaign as facts of the ledger, through update_facts and update_cases into the board.
  add_executable(campaign_board EXCLUDE_FROM_ALL tests/campaign/board.c tools/lab/campaign.c tools/lab/campaign_intruders.c tools/lab/util.c)
  target_include_directories(campaign_board PRIVATE tests tools)
  target_link_libraries(campaign_board PRIVATE ap PkgConfig::CMOCKA ap_test_flags)
  add_dependencies(tests campaign_board)
  add_test(NAME campaign/board COMMAND campaign_board)
  set_tests_properties(campaign/board PROPERTIES TIMEOUT 300)
endif()

add_test(NAME symbols COMMAND sh ${CMAKE_SOURCE_DIR}/tests/symbols.sh $<TARGET_FILE:ap>)

# Never twice: senders killed at random moments, a real Postfix behind a proxy that cuts connections. `make notify-kills` is the long form. Without Postfix or root CTest says "Skipped".
if(TARGET tests AND NOT AP_FUZZ)
  foreach(name kills arrows)
    add_executable(notify_${name} EXCLUDE_FROM_ALL tests/notify/${name}.c)
    target_include_directories(notify_${name} PRIVATE tests)
    target_link_libraries(notify_${name} PRIVATE ap PkgConfig::CMOCKA ap_test_flags)
    add_dependencies(tests notify_${name})
  endforeach()
  add_test(NAME notify/kills COMMAND notify_kills 5 lite)
  add_test(NAME notify/arrows COMMAND notify_arrows both)
  set_tests_properties(notify/kills notify/arrows PROPERTIES TIMEOUT 300 SKIP_RETURN_CODE 77)
endif()

# Notices as they are written: structure, signatures, tables and reports judged by Python and GnuPG. notify_speed is for `make notify-bench`.
if(TARGET tests AND NOT AP_FUZZ)
  foreach(name compose_write speed)
    add_executable(notify_${name} EXCLUDE_FROM_ALL tests/notify/${name}.c)
    target_include_directories(notify_${name} PRIVATE tests)
    target_link_libraries(notify_${name} PRIVATE ap PkgConfig::CMOCKA ap_test_flags)
    add_dependencies(tests notify_${name})
  endforeach()
  add_test(NAME notify/compose_check COMMAND /usr/bin/python3 -B ${CMAKE_SOURCE_DIR}/tests/notify/compose_check.py $<TARGET_FILE:notify_compose_write>)
  set_tests_properties(notify/compose_check PROPERTIES TIMEOUT 120)
endif()

# Real mail through two Postfix: sent, relayed, delivered, reported, read; signatures by GnuPG, structure by Python. `make notify-mail` is the long form. Without Postfix or root CTest says "Skipped".
if(TARGET tests AND TARGET afterpatch AND NOT AP_FUZZ)
  add_executable(notify_mail EXCLUDE_FROM_ALL tests/notify/mail.c)
  target_include_directories(notify_mail PRIVATE tests)
  target_link_libraries(notify_mail PRIVATE ap PkgConfig::CMOCKA ap_test_flags)
  add_dependencies(tests notify_mail)
  add_test(NAME notify/mail COMMAND notify_mail $<TARGET_FILE:afterpatch> ${CMAKE_SOURCE_DIR} 1)
  set_tests_properties(notify/mail PROPERTIES TIMEOUT 300 SKIP_RETURN_CODE 77)
endif()

# The laboratory's campaign told in full: a simulated month of plans, approvals, mail, letters, answers, against the truth. `make told` is the large one. Without libfaketime CTest says "Skipped".
if(TARGET lab AND TARGET afterpatch AND NOT AP_FUZZ)
  add_test(NAME notify/told-in-full COMMAND /usr/bin/python3 -B ${CMAKE_SOURCE_DIR}/tests/notify/told.py $<TARGET_FILE:afterpatch> $<TARGET_FILE:lab> ${CMAKE_BINARY_DIR}/notify-told)
  set_tests_properties(notify/told-in-full PROPERTIES TIMEOUT 300 SKIP_RETURN_CODE 77)
endif()

# The pages of `afterpatch status` in a browser; status_world makes their store, and large ones to measure.
if(TARGET afterpatch AND CMOCKA_FOUND AND NOT AP_FUZZ)
  add_executable(status_world EXCLUDE_FROM_ALL tests/browser/status_world.c)
  target_include_directories(status_world PRIVATE tests)
  target_link_libraries(status_world PRIVATE ap PkgConfig::CMOCKA ap_test_flags)
  add_dependencies(tests status_world)
  add_test(NAME browser/status COMMAND /usr/bin/python3 -B ${CMAKE_SOURCE_DIR}/tests/browser/status.py $<TARGET_FILE:afterpatch> $<TARGET_FILE:status_world> ${CMAKE_BINARY_DIR}/browser-status)
  set_tests_properties(browser/status PROPERTIES TIMEOUT 300 SKIP_RETURN_CODE 77)
  # What is told to everybody, against docs/public.schema.json and against itself, day after day.
  add_test(NAME schema/status-public COMMAND /usr/bin/python3 -B ${CMAKE_SOURCE_DIR}/tests/schema/status_public.py $<TARGET_FILE:afterpatch> $<TARGET_FILE:status_world>
           ${CMAKE_SOURCE_DIR}/docs/public.schema.json ${CMAKE_BINARY_DIR}/status-public)
  set_tests_properties(schema/status-public PROPERTIES TIMEOUT 300)
endif()

# The laboratory's campaign as files through the program itself: import, update and views against the truth, a kill, hostile text. `make campaign` is the large one, on
# both engines, with two hundred kills each.
if(TARGET lab AND TARGET afterpatch AND NOT AP_FUZZ)
  add_test(NAME campaign/files COMMAND /usr/bin/python3 -B ${CMAKE_SOURCE_DIR}/tests/campaign/run.py $<TARGET_FILE:afterpatch> $<TARGET_FILE:lab> ${CMAKE_BINARY_DIR}/campaign-files
           --size check --parts figures,kills,hostile --kills 1)
  set_tests_properties(campaign/files PROPERTIES TIMEOUT 300)
endif()

# Every view of casework as JSON against docs/case.schema.json, after a first day through the front door and with hostile names in every field.
if(TARGET afterpatch AND NOT AP_FUZZ)
  add_test(NAME schema/case COMMAND /usr/bin/python3 -B ${CMAKE_SOURCE_DIR}/tests/schema/case_views.py $<TARGET_FILE:afterpatch> ${CMAKE_SOURCE_DIR}/docs/case.schema.json ${CMAKE_BINARY_DIR}/case-views)
  set_tests_properties(schema/case PROPERTIES TIMEOUT 300)
endif()

# `afterpatch contact look` as it is shipped, in a network of its own with servers at real ports. Where there can be none CTest says "Skipped".
if(TARGET afterpatch AND TARGET guard_crash AND NOT AP_FUZZ)
  add_test(NAME notify/lookup-lab COMMAND /usr/bin/python3 -B ${CMAKE_SOURCE_DIR}/tests/notify/lookup_lab.py $<TARGET_FILE:afterpatch> $<TARGET_FILE:guard_crash> ${CMAKE_BINARY_DIR}/lookup-lab)
  set_tests_properties(notify/lookup-lab PROPERTIES TIMEOUT 120 SKIP_RETURN_CODE 77)
endif()
