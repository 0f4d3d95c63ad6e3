/*
 * store.c -- the history's database: SQLite, in the user's state folder.
 *
 * Several kernels share the file. Each takes a session number when it starts and adds cells under it. Write-ahead
 * logging lets them read while another one writes.
 *
 * The cells of this session stand in memory, too, in the temporary table `own`, and that is where they are looked for.
 * So nothing is missing when the file cannot be written for a while, or at all: without one, an empty database in
 * memory takes its place, and nothing else changes. What `own` has that the file has not is marked `dirty`.
 *
 * Searching. A glob like "*word*" has no beginning that a usual index could help to find. `search` is a full-text index
 * of all sequences of three characters, out of which SQLite looks up those that the pattern contains; so a rare word is
 * found among a million cells without reading them. Triggers keep it in step with `cells`, also when somebody deletes
 * what should not be remembered.
 */
#include "store.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "files.h"

#define VERSION 1            /* of the tables; a file with a higher one is left alone */
#define OPEN_MS 1000         /* how long to wait for others that lock the file: when it is opened … */
#define RETRY_MS 5
#define SAVE_MS 20           /* … when cells are saved … */
#define CLOSE_MS 200         /* … and when it is the last chance */
#define OUTPUT_MAX (64 << 10) /* bytes; longer results are not kept */
#define ROOM_MIN 64

static const char tables[] =
    "PRAGMA journal_mode = WAL;"
    "PRAGMA synchronous = NORMAL;"
    "PRAGMA temp_store = MEMORY;"
    "BEGIN IMMEDIATE;"
    "CREATE TABLE IF NOT EXISTS sessions (id INTEGER PRIMARY KEY AUTOINCREMENT, started TEXT NOT NULL);"
    "CREATE TABLE IF NOT EXISTS cells (id INTEGER PRIMARY KEY, session INTEGER NOT NULL, line INTEGER NOT NULL,"
    "  entry INTEGER NOT NULL, code TEXT NOT NULL, output TEXT, UNIQUE (session, line, entry));"
    "CREATE VIRTUAL TABLE IF NOT EXISTS search USING fts5(code, content = 'cells', content_rowid = 'id',"
    "  detail = 'none', tokenize = 'trigram case_sensitive 1');"
    "CREATE TRIGGER IF NOT EXISTS cell_added AFTER INSERT ON cells BEGIN"
    "  INSERT INTO search (rowid, code) VALUES (new.id, new.code); END;"
    "CREATE TRIGGER IF NOT EXISTS cell_deleted AFTER DELETE ON cells BEGIN"
    "  INSERT INTO search (search, rowid, code) VALUES ('delete', old.id, old.code); END;"
    "CREATE TRIGGER IF NOT EXISTS cell_changed AFTER UPDATE OF code ON cells BEGIN"
    "  INSERT INTO search (search, rowid, code) VALUES ('delete', old.id, old.code);"
    "  INSERT INTO search (rowid, code) VALUES (new.id, new.code); END;"
    "PRAGMA user_version = 1;"
    "INSERT INTO sessions (started) VALUES (strftime('%Y-%m-%dT%H:%M:%SZ', 'now'));"
    "COMMIT;";

static const char own_tables[] =
    "CREATE TEMP TABLE own (entry INTEGER PRIMARY KEY, line INTEGER NOT NULL, code TEXT NOT NULL, output TEXT,"
    "  dirty INTEGER NOT NULL DEFAULT 1);"
    "CREATE INDEX temp.own_lines ON own (line);"
    "CREATE INDEX temp.own_dirty ON own (dirty) WHERE dirty;"
    "CREATE TEMP TABLE seen (code TEXT PRIMARY KEY) WITHOUT ROWID;";

#define COLUMNS "session, line, cells.code, output"
#define OWN "SELECT ?1, line, code, output FROM own "
#define EARLIER "SELECT " COLUMNS " FROM cells "

#define STATEMENT_LIST(X) \
    X(ADD, "INSERT INTO own (line, code) VALUES (?1, ?2)") \
    X(ADD_OUTPUT, "UPDATE own SET output = ?2, dirty = 1" \
                  " WHERE entry = (SELECT max(entry) FROM own WHERE line = ?1)") \
    X(SAVE, "INSERT INTO cells (session, line, entry, code, output)" \
            " SELECT ?1, line, entry, code, output FROM own WHERE dirty" \
            " ON CONFLICT (session, line, entry) DO UPDATE SET output = excluded.output") \
    X(SAVED, "UPDATE own SET dirty = 0 WHERE dirty") \
    X(SEEN, "INSERT OR IGNORE INTO seen VALUES (?1)") \
    X(FORGET, "DELETE FROM seen") \
    X(SESSION_BEFORE, "SELECT id FROM sessions WHERE id < ?1 AND EXISTS" \
                      " (SELECT 1 FROM cells WHERE session = sessions.id) ORDER BY id DESC LIMIT 1 OFFSET ?2") \
    /* The last comes first in all of these. */ \
    X(OWN_ALL, OWN "ORDER BY entry DESC") \
    X(OWN_LINES, OWN "WHERE line >= ?2 AND line < ?3 ORDER BY line DESC, entry DESC") \
    X(OWN_MATCHES, OWN "WHERE code GLOB ?2 ORDER BY entry DESC") \
    X(EARLIER_ALL, EARLIER "WHERE session <> ?1 ORDER BY id DESC") \
    X(EARLIER_LINES, EARLIER "WHERE session = ?1 AND line >= ?2 AND line < ?3 ORDER BY line DESC, entry DESC") \
    X(EARLIER_MATCHES, EARLIER "WHERE session <> ?1 AND code GLOB ?2 ORDER BY id DESC") \
    X(EARLIER_INDEXED, "SELECT " COLUMNS " FROM search JOIN cells ON id = search.rowid" \
                       " WHERE session <> ?1 AND search.code GLOB ?2 ORDER BY search.rowid DESC")

typedef enum {
#define X(name, text) name,
    STATEMENT_LIST(X)
#undef X
    STATEMENTS
} Statement;

static struct {
    sqlite3 *database;
    sqlite3_stmt *statements[STATEMENTS];
    sqlite3_int64 session;
    bool in_file;    /* false: the database is in memory only */
    bool complained; /* a line on stderr has said that something is wrong */
} store;

/* ---- Where ---- */

/* The path of the file, NUL-terminated; empty when there is to be none. */
static void print_path(Buffer *path) {
    const char *chosen = getenv("VINT_HISTORY"), *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
    if (chosen && *chosen) {
        if (strcmp(chosen, "off") != 0) buffer_text(path, chosen);
    } else if (state && *state == '/') {
        buffer_format(path, "%s/vint/history.sqlite", state);
    } else if (home && *home) {
        buffer_format(path, "%s/.local/state/vint/history.sqlite", home);
    }
    buffer_add(path, "", 1);
}

/* ---- Opening and closing ---- */

/* Says once what is wrong. */
static void complain(const char *what, const char *why) {
    if (!store.complained) fprintf(stderr, "vint-kernel: history %s: %s\n", what, why);
    store.complained = true;
}

static void close_database(void) {
    for (int i = 0; i < STATEMENTS; i++) {
        sqlite3_finalize(store.statements[i]);
        store.statements[i] = NULL;
    }
    sqlite3_close(store.database);
    store.database = NULL;
}

/* A file that is too new for this program is as good as none. */
static bool is_known_version(void) {
    sqlite3_stmt *statement;
    if (sqlite3_prepare_v2(store.database, "PRAGMA user_version", -1, &statement, NULL) != SQLITE_OK) return false;
    bool known = sqlite3_step(statement) == SQLITE_ROW && sqlite3_column_int(statement, 0) <= VERSION;
    return sqlite3_finalize(statement) == SQLITE_OK && known;
}

/* Opens the file at [path], or none; false: it cannot be used, and errors of SQLite tell why. */
static bool open_database(const char *path) {
    static const char *const texts[] = {
#define X(name, text) [name] = text,
        STATEMENT_LIST(X)
#undef X
    };
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
    if (sqlite3_open_v2(path, &store.database, flags, NULL) != SQLITE_OK) return false;
    sqlite3_busy_timeout(store.database, OPEN_MS);
    if (!is_known_version()) return false;
    if (sqlite3_exec(store.database, tables, NULL, NULL, NULL) != SQLITE_OK) return false;
    store.session = sqlite3_last_insert_rowid(store.database);
    if (sqlite3_exec(store.database, own_tables, NULL, NULL, NULL) != SQLITE_OK) return false;
    for (int i = 0; i < STATEMENTS; i++) {
        unsigned flag = SQLITE_PREPARE_PERSISTENT;
        if (sqlite3_prepare_v3(store.database, texts[i], -1, flag, &store.statements[i], NULL) != SQLITE_OK) return false;
    }
    sqlite3_busy_timeout(store.database, SAVE_MS);
    return true;
}

/* Makes an empty file that only its owner can read: SQLite gives its side files the same rights. */
static bool make_file(const char *path) {
    int descriptor = files_make_folders(path, 0700) ? open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600) : -1;
    if (descriptor >= 0) close(descriptor);
    return descriptor >= 0;
}

/*
 * SQLite waits for others that lock the file, but not when two of them are about to turn on write-ahead logging: it
 * would be in vain if both did. Kernels whose first cells are run in the same moment come to that.
 */
static bool open_patiently(const char *path) {
    int64_t until = clock_now() + OPEN_MS * CLOCK_MS;
    while (!open_database(path)) {
        if (sqlite3_errcode(store.database) != SQLITE_BUSY || clock_now() >= until) return false;
        close_database();
        usleep(RETRY_MS * 1000);
    }
    return true;
}

void store_open(void) {
    static const char without[] = "is kept in memory only";
    Buffer path = {0};
    print_path(&path);
    if (*path.data) {
        if (!make_file(path.data)) {
            complain(without, strerror(errno));
        } else if (open_patiently(path.data)) {
            store.in_file = true;
        } else {
            int error = sqlite3_errcode(store.database);
            bool newer = error == SQLITE_OK || error == SQLITE_ROW || error == SQLITE_DONE;
            complain(without, newer ? "the file is of a newer version" : sqlite3_errmsg(store.database));
            close_database();
        }
    }
    buffer_free(&path);
    if (!store.in_file && !open_database(":memory:")) abort(); /* only when there is no memory */
}

void store_close(void) {
    sqlite3_busy_timeout(store.database, CLOSE_MS);
    store_save();
    close_database();
    store.in_file = false;
}

/* ---- Statements ---- */

static sqlite3_stmt *bind_text(Statement which, int at, Slice text) {
    sqlite3_stmt *statement = store.statements[which];
    sqlite3_bind_text(statement, at, text.data, (int)text.length, SQLITE_STATIC);
    return statement;
}

/* Runs a statement that has no rows; false: an error. */
static bool run(Statement which) {
    sqlite3_step(store.statements[which]);
    return sqlite3_reset(store.statements[which]) == SQLITE_OK;
}

static void keep(Statement which, int line, Slice text) {
    sqlite3_bind_int(store.statements[which], 1, line);
    bind_text(which, 2, text);
    if (!run(which)) complain("lost a cell", sqlite3_errmsg(store.database));
    sqlite3_clear_bindings(store.statements[which]);
}

void store_add(int line, Slice code) {
    keep(ADD, line, code);
}

void store_output(int line, Slice output) {
    if (output.length <= OUTPUT_MAX) keep(ADD_OUTPUT, line, output);
}

static bool save(void) {
    sqlite3_bind_int64(store.statements[SAVE], 1, store.session);
    return sqlite3_exec(store.database, "BEGIN IMMEDIATE", NULL, NULL, NULL) == SQLITE_OK && run(SAVE) && run(SAVED) &&
           sqlite3_exec(store.database, "COMMIT", NULL, NULL, NULL) == SQLITE_OK;
}

void store_save(void) {
    if (!store.in_file || save()) return;
    complain("cannot be saved now, it is kept in memory", sqlite3_errmsg(store.database));
    if (!sqlite3_get_autocommit(store.database)) sqlite3_exec(store.database, "ROLLBACK", NULL, NULL, NULL);
}

/* ---- Finding ---- */

static Slice column_text(sqlite3_stmt *statement, int at) {
    const char *text = (const char *)sqlite3_column_text(statement, at);
    if (!text) return (Slice){0};
    size_t length = (size_t)sqlite3_column_bytes(statement, at);
    return (Slice){memory_copy(text, length), length};
}

/* Notes a cell's code; false: it was there before. */
static bool is_new(sqlite3_stmt *row) {
    bind_text(SEEN, 1, (Slice){(const char *)sqlite3_column_text(row, 2), (size_t)sqlite3_column_bytes(row, 2)});
    run(SEEN);
    return sqlite3_changes(store.database) > 0;
}

/* Does a pattern have three characters in a row that stand for themselves? */
static bool can_use_index(Slice pattern) {
    size_t run = 0;
    for (size_t i = 0; i < pattern.length && run < 3; i++) {
        if (pattern.data[i] == '[') return false; /* where it ends is SQLite's to know */
        if (pattern.data[i] == '*' || pattern.data[i] == '?') {
            run = 0;
        } else if ((pattern.data[i] & 0xC0) != 0x80) {
            run++;
        }
    }
    return run == 3;
}

/* Adds the rows of a statement to a list, as many as the query wants. */
static void collect(Statement which, const HistoryQuery *query, HistoryList *list, size_t *room) {
    sqlite3_stmt *statement = store.statements[which];
    long limit = query->kind == HISTORY_RANGE ? LONG_MAX : query->n;
    while ((long)list->count < limit && sqlite3_step(statement) == SQLITE_ROW) {
        if (query->kind == HISTORY_SEARCH && query->unique && !is_new(statement)) continue;
        if (list->count == *room) {
            *room = *room ? *room * 2 : ROOM_MIN;
            list->entries = realloc(list->entries, *room * sizeof *list->entries);
            if (!list->entries) abort();
        }
        list->entries[list->count++] = (HistoryEntry){
            .session = sqlite3_column_int64(statement, 0),
            .line = sqlite3_column_int64(statement, 1),
            .code = column_text(statement, 2),
            .output = column_text(statement, 3),
        };
    }
    if (sqlite3_reset(statement) != SQLITE_OK) complain("cannot be read", sqlite3_errmsg(store.database));
}

static void reverse(HistoryList *list) {
    for (size_t i = 0, j = list->count; i + 1 < j; i++) {
        HistoryEntry entry = list->entries[i];
        list->entries[i] = list->entries[--j];
        list->entries[j] = entry;
    }
}

/* The number of the session that a query means by 0, or by a negative number; 0 when there is none. */
static sqlite3_int64 absolute_session(long session) {
    if (session == 0) return store.session;
    if (session > 0) return session;
    sqlite3_stmt *statement = store.statements[SESSION_BEFORE];
    sqlite3_bind_int64(statement, 1, store.session);
    sqlite3_bind_int64(statement, 2, -(sqlite3_int64)(session + 1));
    sqlite3_int64 number = sqlite3_step(statement) == SQLITE_ROW ? sqlite3_column_int64(statement, 0) : 0;
    sqlite3_reset(statement);
    return number;
}

static void bind_lines(Statement which, sqlite3_int64 session, const HistoryQuery *query) {
    sqlite3_bind_int64(store.statements[which], 1, session);
    sqlite3_bind_int64(store.statements[which], 2, query->start);
    sqlite3_bind_int64(store.statements[which], 3, query->stop);
}

HistoryList store_find(const HistoryQuery *query) {
    HistoryList list = {0};
    size_t room = 0;
    if (query->kind == HISTORY_RANGE) {
        sqlite3_int64 session = absolute_session(query->session);
        Statement which = session == store.session ? OWN_LINES : EARLIER_LINES;
        bind_lines(which, session, query);
        collect(which, query, &list, &room);
    } else {
        bool search = query->kind == HISTORY_SEARCH;
        Statement own = search ? OWN_MATCHES : OWN_ALL;
        Statement earlier = EARLIER_ALL;
        if (search) earlier = can_use_index(query->pattern) ? EARLIER_INDEXED : EARLIER_MATCHES;
        sqlite3_bind_int64(store.statements[own], 1, store.session);
        sqlite3_bind_int64(store.statements[earlier], 1, store.session);
        if (search) {
            run(FORGET);
            bind_text(own, 2, query->pattern);
            bind_text(earlier, 2, query->pattern);
        }
        collect(own, query, &list, &room);
        collect(earlier, query, &list, &room);
    }
    reverse(&list);
    return list;
}
