# Afterpatch: a thin front door over CMake and Ninja. `make help` lists it.
# It needs what tools/packages.txt names; tools/install-packages installs that on Debian and Ubuntu.
BUILD  ?= build
JOBS   ?= $(shell nproc)
PREFIX ?= /usr/local
ASAN    = ASAN_OPTIONS=detect_leaks=1:allocator_may_return_null=1 UBSAN_OPTIONS=print_stacktrace=1
# $(call configure,DIR,OPTIONS)
configure = cmake -S . -B $(1) -G Ninja $(2) >/dev/null
CHECKED   = -DCMAKE_BUILD_TYPE=Debug -DAP_SANITIZE=ON -DAP_WERROR=ON

.PHONY: all demo check layers clang fault fuzz fuzz-build fuzz-all golden cov bench kills campaign collections oracle eval probe-lab notify-mail notify-kills told picture install help clean

all: ## the tool, optimised, with warnings shown: build/afterpatch
	@$(call configure,$(BUILD),-DCMAKE_BUILD_TYPE=RelWithDebInfo)
	@cmake --build $(BUILD) -j $(JOBS)

demo: all ## hunts a victim server that is made for the purpose, and checks the verdict against the truth
	@BUILD=$(BUILD) tools/demo.sh

layers: ## arrows between the folders of src/ point down
	@awk 'FNR == NR { rank[$$1] = $$2; next } \
	     FNR == 1  { split(FILENAME, d, "/"); me = d[2] } \
	     /^#include "/ { split($$2, q, /["\/]/); to = q[2]; \
	         if (to != me && to != "test.h" && !($$2 !~ "/" && FILENAME ~ /_test\.c$$/) && (!(to in rank) || rank[to] >= rank[me])) \
	             { print FILENAME ": " $$2 " does not point down"; bad = 1 } } \
	     END { exit bad }' src/ranks $$(find src -name '*.[ch]')

clang: ## everything once through the other compiler, warnings as errors
	@CC=clang cmake -S . -B $(BUILD)/clang -G Ninja -DCMAKE_BUILD_TYPE=Debug -DAP_WERROR=ON >/dev/null
	@cmake --build $(BUILD)/clang -j $(JOBS) --target all tests

check: layers clang ## tests, golden cases and corpus under ASan and UBSan; layers; both compilers
	@$(call configure,$(BUILD)/check,$(CHECKED))
	@cmake --build $(BUILD)/check -j $(JOBS) --target all tests
	@cd $(BUILD)/check && $(ASAN) ctest --output-on-failure -j $(JOBS)

fault: ## every fault sweep: memory and I/O fail at each step, one after the other
	@$(call configure,$(BUILD)/check,$(CHECKED))
	@cmake --build $(BUILD)/check -j $(JOBS) --target tests
	@cd $(BUILD)/check && $(ASAN) ctest --output-on-failure -j $(JOBS) -R "^($$(cd $(CURDIR)/src && \
	    grep -lE 'fault_sweep|fault\.left|\.left = ' -r --include='*_test.c' . | sed 's/^\.\///; s/_test\.c$$//' | paste -sd '|'))$$"

T    ?= w3c
TIME ?= 60
fuzz-build:
	@CC=clang cmake -S . -B $(BUILD)/fuzz -G Ninja -DCMAKE_BUILD_TYPE=RelWithDebInfo -DAP_FUZZ=ON >/dev/null

fuzz: fuzz-build ## one fuzz target: make fuzz T=w3c TIME=60
	@cmake --build $(BUILD)/fuzz -j $(JOBS) --target fuzz_$(T)
	@mkdir -p $(BUILD)/fuzz/new/$(T) tests/corpus/$(T)
	@cd $(BUILD)/fuzz && ASAN_OPTIONS=allocator_may_return_null=1 ./fuzz_$(T) -max_total_time=$(TIME) -timeout=20 -rss_limit_mb=1024 -print_final_stats=1 \
	    new/$(T) $(CURDIR)/tests/corpus/$(T)

fuzz-all: ## every fuzz target, one after the other, TIME seconds each
	@for f in tests/fuzz/*.c; do \
	    t=$$(basename $$f .c); [ $$t = replay ] || { echo "== $$t"; $(MAKE) --no-print-directory fuzz T=$$t TIME=$(TIME) || exit 1; }; \
	done

golden: ## rewrites expected output of tests/golden; then read the diff
	@$(call configure,$(BUILD)/check,$(CHECKED))
	@cmake --build $(BUILD)/check -j $(JOBS) --target afterpatch
	@$(ASAN) tests/golden/run.sh --rewrite $(BUILD)/check/afterpatch

cov: ## which lines no test reaches: build/cov/missed.txt
	@$(call configure,$(BUILD)/cov,-DCMAKE_BUILD_TYPE=Debug -DAP_COVERAGE=ON)
	@cmake --build $(BUILD)/cov -j $(JOBS) --target all tests
	@find $(BUILD)/cov -name '*.gcda' -delete
	@cd $(BUILD)/cov && ctest -j $(JOBS) --output-on-failure >ctest.txt || { tail -n 40 ctest.txt; exit 1; }
	@tools/coverage.sh $(BUILD)/cov

bench: all ## speed and peak memory against cat, ripgrep, and unzip with ripgrep, in the same run: make bench GB=5; of event logs: make bench EVTX=FILE; of the survey's readers, store and days: make bench SURVEY=1 SERVERS=100000 DAYS=100; of casework's views, at most 50 ms each, and of ladders of contacts, 1 ms each: make bench CASES=20000
	@$(if $(CASES),cmake --build "$(BUILD)" -j $(JOBS) --target test_cli_case_speed test_casework_ladder_speed >/dev/null && AP_CASES=$(CASES) "$(BUILD)/test_cli_case_speed" && AP_CASES=$(CASES) "$(BUILD)/test_casework_ladder_speed",$(if $(SURVEY),python3 -B tools/surveyimport/bench.py "$(BUILD)" && tools/surveybench/bench.sh "$(BUILD)" $(SERVERS) $(DAYS),$(if $(EVTX),"$(BUILD)/evtbench" $(if $(RULES),--rules "$(RULES)") "$(EVTX)" && python3 -B tests/oracle/evtx_speed.py "$(BUILD)/afterpatch" "$(EVTX)",BUILD=$(BUILD) GB=$(or $(GB),2) tools/bench.sh)))
	@$(if $(PAGES),python3 -B tests/eval/eval.py "$(BUILD)/afterpatch" "$(PAGES)" --runs 3 $(if $(YARA),--rules "$(YARA)") | grep -E "MB/s|^ +\.NET|classic",:)

kills: ## recording observations is killed 200 times on SQLite and on PostgreSQL: nothing is lost, nothing is there twice
	@$(call configure,$(BUILD)/check,$(CHECKED))
	@cmake --build $(BUILD)/check -j $(JOBS) --target test_survey_record
	@$(ASAN) AP_KILLS=$(or $(KILLS),200) $(BUILD)/check/test_survey_record

campaign: all ## the campaign in the laboratory through import, update and every view, against the truth, on both engines, killed 200 times each: make campaign SEED=1 SIZE=full PG=1 KILLS=200 (SIZE=small: seconds)
	@python3 -B tests/campaign/run.py "$(BUILD)/afterpatch" "$(BUILD)/lab" "$(BUILD)/campaign" --size $(or $(SIZE),full) --seed $(or $(SEED),1) $(if $(filter 0,$(PG)),,--pg) \
	    --kills $(or $(KILLS),200) $(if $(PARTS),--parts $(PARTS))

collections: all ## every scenario in every collector's layout, hunted in place; long
	@python3 tests/collections/run.py $(BUILD)/afterpatch $(BUILD)/lab $(BUILD)/collections full profiles servers

eval: all ## the page analyser on a labelled folder (malicious/, benign/): make eval CORPUS=DIR RULES=DIR REWRITE=1 (the last two if wanted)
	@test -n "$(CORPUS)" || { echo "usage: make eval CORPUS=DIR [RULES=DIR] [REWRITE=1]" >&2; exit 2; }
	@python3 -B tests/eval/eval.py "$(BUILD)/afterpatch" "$(CORPUS)" $(if $(RULES),--rules "$(RULES)")
	@$(if $(REWRITE),python3 -B tests/eval/rewrite.py "$(BUILD)/afterpatch" "$(CORPUS)" $(if $(BENIGN_MAX),--benign-max $(BENIGN_MAX)),:)

oracle: all ## third-party samples, rules and schemas that may not be committed: make oracle SAMPLES=DIR RULES=DIR SCHEMAS=DIR (any of them)
	@test -n "$(SAMPLES)$(RULES)$(SCHEMAS)" || { echo "usage: make oracle SAMPLES=DIR RULES=DIR SCHEMAS=DIR" >&2; exit 2; }
	@test -z "$(SAMPLES)" || BUILD=$(BUILD) tests/oracle/run.sh "$(SAMPLES)"
	@test -z "$(RULES)" || cmake --build $(BUILD) -j $(JOBS) --target yara_hits
	@test -z "$(RULES)" || tests/oracle/rules.sh "$(BUILD)/afterpatch" "$(RULES)" "$(BUILD)/yara_hits"
	@test -z "$(SCHEMAS)" || cmake --build $(BUILD) -j $(JOBS) --target report_sample
	@test -z "$(SCHEMAS)" || tests/oracle/schemas.sh "$(BUILD)" "$(SCHEMAS)"

notify-mail: ## notices through two real Postfix and back, 50 rounds: signatures by GnuPG, structure by Python; as root, a minute
	@$(call configure,$(BUILD)/check,$(CHECKED))
	@cmake --build $(BUILD)/check -j $(JOBS) --target notify_mail afterpatch
	@$(ASAN) $(BUILD)/check/notify_mail $(BUILD)/check/afterpatch $(CURDIR) $(or $(ROUNDS),50)

notify-kills: ## senders of notices are killed 1,000 times on SQLite and on PostgreSQL before a real Postfix, and at each step of the outbox: each notice arrives once; as root, minutes
	@$(call configure,$(BUILD)/check,$(CHECKED))
	@cmake --build $(BUILD)/check -j $(JOBS) --target notify_kills notify_arrows
	@$(ASAN) $(BUILD)/check/notify_arrows both
	@$(ASAN) $(BUILD)/check/notify_kills $(or $(KILLS),1000) both $(or $(SEED),1)

told: all ## the laboratory's campaign told in full, a simulated month of plans, mail, letters and answers against the truth: make told SIZE=full PG=1 (SIZE=small: a minute)
	@python3 -B tests/notify/told.py "$(BUILD)/afterpatch" "$(BUILD)/lab" "$(BUILD)/told" --size $(or $(SIZE),full) --seed $(or $(SEED),1) $(if $(filter 0,$(PG)),,--pg) $(if $(DAYS),--days $(DAYS))

notify-bench: all ## notices rendered and signed, beside Python's email package with gpg: make notify-bench N=20000 THREADS=2
	@cmake --build $(BUILD) -j $(JOBS) --target notify_speed
	@python3 -B tests/notify/speed_peer.py $(BUILD)/notify_speed $(or $(N),2000) $(or $(THREADS),2)

probe-lab: all ## the survey's probe against 50,000 addresses of real servers on loopback, killed in between; its CPU beside curl's and nmap's; five to twelve minutes
	@python3 -B tests/probe/lab.py $(BUILD)/afterpatch $(BUILD)/probe-lab long

picture: demo ## docs/report.png anew, from the demo's report (needs chromium)
	@BUILD=$(BUILD) tools/picture.sh

install: all ## program, man page and completion: make install PREFIX=/usr/local
	@cmake --install $(BUILD) --prefix $(PREFIX)

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 12

clean: ## removes build/
	@rm -rf $(BUILD)
