# Builds build/vint (runs VintLang programs) and build/vint-kernel (the Jupyter kernel).
# `make help` lists what else it does. Everything that is made goes into build/.

BUILD        ?= release
JUPYTER      ?= auto
PREFIX       ?= /usr/local
FUZZ_SECONDS ?= 30

ifeq ($(MAKELEVEL)$(filter -j%,$(MAKEFLAGS)),0)
MAKEFLAGS += -j$(shell nproc 2>/dev/null || echo 2)
endif
MAKEFLAGS += --no-print-directory
.DEFAULT_GOAL := all
.DELETE_ON_ERROR:
.SECONDARY:
.SUFFIXES:
Q := $(if $(V),,@)

# ---- Variants: each has its own flags and its own folder --------------------------------------------------------

sanitize := -O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=undefined

ifeq ($(BUILD),release)
variant := -O2 -fno-plt -DNDEBUG
else ifeq ($(BUILD),debug)
variant := -O0 -g3
else ifeq ($(BUILD),asan)# collects nearly all the time, in small steps
variant := $(sanitize) -DVINT_SMALL_STEPS=1
else ifeq ($(BUILD),stress)# collects at every allocation, moves stacks, switches tasks at every safe point
variant := $(sanitize) -DVINT_STRESS=1
else ifeq ($(BUILD),clang)
override CC := clang
variant := -O2 -DNDEBUG
else ifeq ($(BUILD),fuzz)
override CC := clang
variant := $(sanitize) -fsanitize=fuzzer-no-link -DVINT_SMALL_STEPS=1
else
$(error BUILD is one of release debug asan stress clang fuzz)
endif

# The release programs stand in build/ itself, those of the other variants in build/<variant>/.
obj := build/obj/$(BUILD)
bin := $(if $(filter release,$(BUILD)),build,build/$(BUILD))

# ---- Sources: every C file is found by its place ----------------------------------------------------------------

interp_c := $(filter-out interp/cli/%,$(sort $(wildcard interp/*.c interp/*/*.c)))
cli_c    := $(sort $(wildcard interp/cli/*.c))
kernel_c := $(sort $(wildcard kernel/*.c))
unit_c   := $(sort $(wildcard tests/unit/test_*.c))
fuzz_c   := $(sort $(wildcard tests/fuzz/*.c))

# Those written in VintLang become arrays of bytes in C.
vint_c   := build/gen/prelude.c $(patsubst interp/modules/%.vint,build/gen/%_vint.c,$(wildcard interp/modules/*.vint))

interp_o := $(interp_c:%.c=$(obj)/%.o) $(vint_c:build/%.c=$(obj)/%.o)
cli_o    := $(cli_c:%.c=$(obj)/%.o)
kernel_o := $(kernel_c:%.c=$(obj)/%.o)

# ---- Flags ------------------------------------------------------------------------------------------------------

interp_packages := libuv jansson libpcre2-8
kernel_packages := $(interp_packages) libcrypto libzmq sqlite3
packages  := $(kernel_packages) libedit libcurl
includes  := $(shell pkg-config --cflags $(packages) 2>/dev/null)
libraries  = $(shell pkg-config --libs $(1) 2>/dev/null) -lm
# Of libcrypto the kernel needs a few hash functions (kernel/signer.c), of SQLite nothing until a cell runs. Linked in from
# their archives, where there are such, they cost no more memory than what is used of them.
archive    = $(or $(wildcard $(shell pkg-config --variable=libdir $(1) 2>/dev/null)/$(2:-l%=lib%.a)),$(2))
kernel_libraries := $(call libraries,$(kernel_packages))
kernel_libraries := $(patsubst -lcrypto,$(call archive,libcrypto,-lcrypto),$(kernel_libraries))
kernel_libraries := $(patsubst -lsqlite3,$(call archive,sqlite3,-lsqlite3),$(kernel_libraries))
CPPFLAGS  += -D_GNU_SOURCE -I.
CFLAGS    += -std=gnu11 -Wall -Wextra -Werror $(variant) -pthread $(includes)
LDFLAGS   += -pthread -Wl,--as-needed,-z,pack-relative-relocs $(filter -f%,$(variant))

# The kernel gets no include path into the interpreter: interp/vint.h is all that it may know.
$(obj)/interp/% $(obj)/gen/% $(obj)/tests/%: CPPFLAGS += -Iinterp

# gcc would merge the jumps that the dispatch loop keeps apart on purpose, one for each instruction.
ifeq ($(findstring clang,$(shell $(CC) --version 2>/dev/null)),)
$(obj)/interp/vm/run.o: CFLAGS += -fno-gcse -fno-crossjumping -fno-tree-slp-vectorize
endif

# ---- Programs ---------------------------------------------------------------------------------------------------

all: $(bin)/vint $(bin)/vint-kernel ## the two programs; BUILD=debug, asan, stress or clang for other variants

# The interpreter as one object. Of its names only those of vint.h stay visible: the linker, too, knows no other way in.
$(obj)/vint.o: $(interp_o)
	$(Q)$(LD) -r -o $@ $^
	$(Q)objcopy --wildcard --keep-global-symbol='vint_*' $@

$(bin)/vint: $(cli_o) $(obj)/vint.o
	@mkdir -p $(@D)
	@echo "LINK $@"
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ $(call libraries,$(interp_packages) libedit)

$(bin)/vint-kernel: $(kernel_o) $(obj)/vint.o
	@mkdir -p $(@D)
	@echo "LINK $@"
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ $(kernel_libraries)

$(obj)/%.o: %.c Makefile | check-packages
	@mkdir -p $(@D)
	@echo "CC   $< ($(BUILD))"
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

$(obj)/gen/%.o: build/gen/%.c Makefile
	@mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) -c -o $@ $<

$(obj)/kernel/install_files.o: $(wildcard kernelspec/* kernelspec/*/*)

# NAME_source, the bytes of a file written in VintLang, and NAME_length.
build/gen/prelude.c: interp/lib/prelude.vint Makefile
	$(embed)
build/gen/%_vint.c: interp/modules/%.vint Makefile
	$(embed)

define embed
@mkdir -p $(@D)
@{ echo '#include <stddef.h>'; \
   echo 'extern const char $(basename $(@F))_source[]; extern const size_t $(basename $(@F))_length;'; \
   echo 'const char $(basename $(@F))_source[] = {'; od -An -v -td1 $< | sed 's/-\{0,1\}[0-9]\{1,\}/&,/g'; echo '0};'; \
   echo 'const size_t $(basename $(@F))_length = sizeof $(basename $(@F))_source - 1;'; } > $@
endef

check-packages:
	@pkg-config --exists --print-errors $(packages) || { echo "'make setup' installs what is missing."; exit 1; }

-include $(wildcard $(obj)/*/*.d $(obj)/*/*/*.d)

# ---- To look at it ----------------------------------------------------------------------------------------------

# Jupyter from build/venv; it finds the kernel that is installed there before any other.
python := JUPYTER_PATH=$(CURDIR)/build/venv/share/jupyter build/venv/bin/python
as_root := $(if $(filter 0,$(shell id -u)),--allow-root)

setup: ## install what is missing; JUPYTER=pypi or debian says where Jupyter comes from
	@tests/setup/setup.sh $(JUPYTER)

kernel-here: setup
	@$(MAKE) all
	@build/vint-kernel install --prefix build/venv

tutorial: kernel-here ## run the notebooks, as HTML into build/tutorial/
	@build/venv/bin/python tests/notebooks/run.py
	@echo; echo "Open in a browser:"; ls -1 $(CURDIR)/build/tutorial/*.html

lab: kernel-here ## open JupyterLab (or Notebook, where there is no Lab) on the notebooks
	@$(python) -m $$($(python) -c 'import jupyterlab' 2>/dev/null && echo jupyterlab || echo notebook) $(as_root) notebooks

console: kernel-here ## open a console in the terminal
	@$(python) -m jupyter_console --kernel vint

# ---- Tests ------------------------------------------------------------------------------------------------------

test: kernel-here ## all tests
	@tests/setup/setup.sh $(JUPYTER) chromium
	@$(MAKE) BUILD=asan all unit
	@$(MAKE) BUILD=stress build/stress/vint
	@tests/run

# The fuzzers are compiled, too, so that they keep up with what they test.
unit: $(unit_c:tests/unit/%.c=$(bin)/unit/%) $(fuzz_c:%.c=$(obj)/%.o) ## the C unit tests, built but not run
fuzzers: $(fuzz_c:tests/fuzz/%.c=$(bin)/fuzz/%)

# A test takes what it calls, and nothing else, from an archive of the interpreter, or of the kernel when it includes
# anything of the kernel.
kernel_test_c := $(shell grep -ls '^\#include "kernel/' $(unit_c) $(fuzz_c))
interp_test_c := $(filter-out $(kernel_test_c),$(unit_c) $(fuzz_c))
$(kernel_test_c:tests/%.c=$(bin)/%): $(obj)/kernel.a $(obj)/vint.o
$(interp_test_c:tests/%.c=$(bin)/%): $(obj)/interp.a

$(bin)/unit/%: $(obj)/tests/unit/%.o
	@mkdir -p $(@D)
	@echo "LINK $@"
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ -lcmocka $(kernel_libraries)

$(bin)/fuzz/%: $(obj)/tests/fuzz/%.o
	@mkdir -p $(@D)
	@echo "LINK $@"
	$(Q)$(CC) $(LDFLAGS) -fsanitize=fuzzer -o $@ $^ $(kernel_libraries)

# Programs that are made up at random must not reach files, processes and networks.
$(bin)/fuzz/fuzz_run: LDFLAGS += -Wl,--wrap=io_submit,--wrap=uv_spawn,--wrap=modules_read_file,--wrap=curl_load,--wrap=uv_tcp_connect,--wrap=uv_tcp_bind

$(obj)/interp.a: $(interp_o)
$(obj)/kernel.a: $(filter-out $(obj)/kernel/main.o,$(kernel_o))
$(obj)/%.a:
	@mkdir -p $(@D)
	@rm -f $@
	$(Q)$(AR) rcs $@ $^

valgrind: ## the language cases and a kernel session under valgrind
	@tests/setup/setup.sh $(JUPYTER) valgrind
	@$(MAKE) BUILD=debug all
	@build/debug/vint-kernel install --prefix build/venv
	@$(python) tests/valgrind/run.py

fuzz: ## throw random programs and messages at the parts, for FUZZ_SECONDS each
	@tests/setup/setup.sh $(JUPYTER) clang libclang-rt-dev
	@$(MAKE) BUILD=fuzz fuzzers
	@set -e; for fuzzer in build/fuzz/fuzz/*; do \
	    corpus=build/fuzz/corpus/$$(basename $$fuzzer); mkdir -p $$corpus; \
	    $$fuzzer -max_total_time=$(FUZZ_SECONDS) -timeout=30 -artifact_prefix=build/fuzz/ $$corpus tests/language; done

# ---- Measurements -----------------------------------------------------------------------------------------------

bench: ## all measurements that take minutes, one after the other; each line with its peers and a verdict
	-@$(MAKE) bench-vm
	-@$(MAKE) bench-limits
	@$(MAKE) bench-kernel

bench-vm: all ## the language beside others, program by program
	@tests/bench/vmbench.py

bench-limits: all ## start, memory, pauses, tasks that wait, compiling
	@tests/bench/limits.py

bench-scale: kernel-here ## do time and memory stay flat as things get many?
	@$(python) tests/bench/scale.py

bench-kernel: kernel-here ## the kernel beside others, through its five sockets
	@$(MAKE) build/zmqecho
	@$(python) tests/bench/kernelbench.py --all --tries 1 --limit 20

build/zmqecho: tests/bench/zmqecho.c
	$(Q)$(CC) -O2 -o $@ $< $(call libraries,libzmq libcrypto)

# ---- Housekeeping -----------------------------------------------------------------------------------------------

root := $(DESTDIR)$(PREFIX)

install: all ## install into PREFIX (/usr/local), below DESTDIR when that is set
	install -D -m 755 build/vint $(root)/bin/vint
	install -D -m 755 build/vint-kernel $(root)/bin/vint-kernel
	$(root)/bin/vint-kernel install --prefix $(root)
	$(if $(DESTDIR),sed -i 's|$(DESTDIR)||' $(root)/share/jupyter/kernels/vint/kernel.json)

uninstall: ## remove what install put there
	-$(root)/bin/vint-kernel uninstall --prefix $(root)
	rm -f $(root)/bin/vint $(root)/bin/vint-kernel

clean: ## remove build/
	rm -rf build

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' Makefile

.PHONY: all setup kernel-here tutorial lab console test unit fuzzers valgrind fuzz bench bench-vm bench-limits bench-scale \
        bench-kernel install uninstall clean help check-packages
