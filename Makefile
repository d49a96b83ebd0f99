# Afterpatch: a thin front door over CMake and Ninja. `make help` lists it.
BUILD ?= build
JOBS  ?= $(shell nproc)
ASAN   = ASAN_OPTIONS=detect_leaks=1:allocator_may_return_null=1 UBSAN_OPTIONS=print_stacktrace=1

.PHONY: all check layers help clean fuzz

all: ## the tool, optimised, with warnings shown: build/afterpatch
	@cmake -S . -B $(BUILD) -G Ninja -DCMAKE_BUILD_TYPE=RelWithDebInfo >/dev/null
	@cmake --build $(BUILD) -j $(JOBS)

layers: ## arrows between the folders of src/ point down
	@awk 'FNR == NR { rank[$$1] = $$2; next } \
	     FNR == 1  { split(FILENAME, d, "/"); me = d[2] } \
	     /^#include "/ { split($$2, q, /["\/]/); to = q[2]; \
	         if (to != me && to != "test.h" && (!(to in rank) || rank[to] >= rank[me])) \
	             { print FILENAME ": " $$2 " does not point down"; bad = 1 } } \
	     END { exit bad }' src/ranks $$(find src -name '*.[ch]')

check: layers ## tests, golden cases and corpus under ASan and UBSan; layers
	@cmake -S . -B $(BUILD)/check -G Ninja -DCMAKE_BUILD_TYPE=Debug -DAP_SANITIZE=ON -DAP_WERROR=ON >/dev/null
	@cmake --build $(BUILD)/check -j $(JOBS) --target all tests
	@cd $(BUILD)/check && $(ASAN) ctest --output-on-failure -j $(JOBS)

T ?= w3c
TIME ?= 60
fuzz: ## one fuzz target: make fuzz T=w3c TIME=60
	@CC=clang cmake -S . -B $(BUILD)/fuzz -G Ninja -DCMAKE_BUILD_TYPE=RelWithDebInfo -DAP_FUZZ=ON >/dev/null
	@cmake --build $(BUILD)/fuzz -j $(JOBS) --target fuzz_$(T)
	@mkdir -p $(BUILD)/fuzz/new/$(T) tests/corpus/$(T)
	@$(BUILD)/fuzz/fuzz_$(T) -max_total_time=$(TIME) -timeout=20 -rss_limit_mb=1024 $(BUILD)/fuzz/new/$(T) tests/corpus/$(T)

help: ## this list
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 12

clean: ## removes build/
	@rm -rf $(BUILD)
