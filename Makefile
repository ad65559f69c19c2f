# web4: build and install as every PGXS extension does.
#
#   make && make install        needs PostgreSQL's server headers and libsodium
#   make installcheck           regression and isolation tests in a running server
#   make demo | test | bench    install what is missing, use a server of their own
EXTENSION = web4
EXTVERSION := $(shell sed -n "s/^default_version *= *'\(.*\)'/\1/p" web4.control)

# The rooms in floor order: a room uses those to its left (docs/architecture.md).
ROOMS = host protocol types keyring evidence identity economy trust law authority

MODULE_big = web4
OBJS = $(patsubst %.c,%.o,$(wildcard src/*.c src/core/*.c $(ROOMS:%=src/%/*.c)))
SQL_PARTS = src/web4.sql $(wildcard $(foreach room,$(ROOMS),src/$(room)/tables.sql src/$(room)/$(room).sql)) src/last.sql
INSTALL_SQL = web4--$(EXTVERSION).sql
DATA = $(sort $(INSTALL_SQL) $(wildcard web4--*--*.sql))

PG_CPPFLAGS = -Isrc -DW4_VERSION='"$(EXTVERSION)"'
PG_CFLAGS = -Wall -Wextra -Wno-unused-parameter -Wno-sign-compare -Wno-missing-field-initializers -Wmissing-prototypes -Wshadow=local $(W4_CFLAGS)
SHLIB_LINK = -lsodium

# Every test gets a database of its own, so "installcheck" is ours (below).
NO_INSTALLCHECK = 1
EXTRA_CLEAN = $(INSTALL_SQL) build

# On a machine without PostgreSQL, demo, test and bench install it first.
PG_CONFIG ?= pg_config
PGXS := $(shell $(PG_CONFIG) --pgxs 2>/dev/null)
ifneq ($(PGXS),)
include $(PGXS)
else ifneq ($(filter-out demo test bench,$(or $(MAKECMDGOALS),all)),)
$(error no $(PG_CONFIG): install PostgreSQL's server headers and libsodium, or say "make demo")
endif

all: $(INSTALL_SQL)

# Debian builds PostgreSQL without dependency tracking, so name the headers.
$(OBJS): $(wildcard src/*.h src/*/*.h)

$(INSTALL_SQL): $(SQL_PARTS) Makefile web4.control
	cat $(SQL_PARTS) > $@

installcheck:
	PG_CONFIG=$(PG_CONFIG) test/steps/regress.sh
	PG_CONFIG=$(PG_CONFIG) test/steps/isolation.sh

.PHONY: installcheck demo test bench
demo test bench:
	@tools/$@.sh
