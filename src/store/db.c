/* db.c - see db.h. */
#include "store/db.h"

#include <math.h>
#include <stdarg.h>

#include "base/alloc.h"

enum mill_status mill_db_open(const char *path, int flags, struct db **out,
                              struct mill_error *err)
{
    struct db *db = mill_alloc_zero(1, sizeof(*db));
    if (db == NULL)
        return mill_fail(err, MILL_E_NOMEM, "out of memory to open %s", path);
    if (sqlite3_open_v2(path, &db->handle, flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE,
                        NULL) != SQLITE_OK) {
        enum mill_status st = mill_db_failed(db, path, err);
        mill_db_close(db);
        return st;
    }
    sqlite3_busy_timeout(db->handle, 10000);
    *out = db;
    return MILL_OK;
}

void mill_db_close(struct db *db)
{
    if (db == NULL)
        return;
    for (size_t i = 0; i < SQL_COUNT; i++)
        sqlite3_finalize(db->stmts[i]);
    sqlite3_close_v2(db->handle);
    mill_free(db);
}

enum mill_status mill_db_failed(struct db *db, const char *doing, struct mill_error *err)
{
    const char *what = sqlite3_errmsg(db->handle);
    switch (sqlite3_errcode(db->handle) & 0xff) {
    case SQLITE_NOMEM:
        return mill_fail(err, MILL_E_NOMEM, "%s: out of memory", doing);
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return mill_fail(err, MILL_E_BUSY, "%s: the database is locked by another program",
                         doing);
    case SQLITE_FULL:
        return mill_fail(err, MILL_E_FULL, "%s: the disk is full", doing);
    case SQLITE_READONLY:
        return mill_fail(err, MILL_E_IO, "%s: the database cannot be written (%s)", doing,
                         what);
    case SQLITE_CORRUPT:
        return mill_fail(err, MILL_E_CORRUPT, "%s: the database file is damaged (%s)", doing,
                         what);
    case SQLITE_NOTADB:
        return mill_fail(err, MILL_E_UNSUPPORTED, "%s: the file is not an SQLite database",
                         doing);
    case SQLITE_CONSTRAINT:
        return mill_fail(err, MILL_E_EXISTS, "%s: already there (%s)", doing, what);
    case SQLITE_INTERRUPT:
        return mill_fail(err, MILL_E_CANCELLED, "%s: interrupted", doing);
    default:
        return mill_fail(err, MILL_E_IO, "%s: %s", doing, what);
    }
}

static int bind_view(sqlite3_stmt *stmt, int at, struct mill_view v, bool text)
{
    if (v.ptr == NULL)
        return sqlite3_bind_null(stmt, at);
    if (text)
        return sqlite3_bind_text64(stmt, at, v.ptr, v.len, SQLITE_STATIC, SQLITE_UTF8);
    return sqlite3_bind_blob64(stmt, at, v.ptr, v.len, SQLITE_STATIC);
}

static sqlite3_stmt *query(struct db *db, enum db_sql sql, const char *format, va_list args)
{
    sqlite3_stmt *stmt = db->stmts[sql];
    if (stmt == NULL) {
        if (sqlite3_prepare_v3(db->handle, mill_sql[sql], -1, SQLITE_PREPARE_PERSISTENT, &stmt,
                               NULL) != SQLITE_OK)
            return NULL;
        db->stmts[sql] = stmt;
    }
    int rc = SQLITE_OK;
    for (int at = 1; rc == SQLITE_OK && format[at - 1] != '\0'; at++) {
        switch (format[at - 1]) {
        case 'i':
            rc = sqlite3_bind_int64(stmt, at, va_arg(args, int64_t));
            break;
        case 'd':
            rc = sqlite3_bind_double(stmt, at, va_arg(args, double)); /* NaN becomes NULL */
            break;
        default:
            rc = bind_view(stmt, at, va_arg(args, struct mill_view), format[at - 1] == 't');
            break;
        }
    }
    return rc == SQLITE_OK ? stmt : NULL;
}

sqlite3_stmt *mill_db_query(struct db *db, enum db_sql sql, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    sqlite3_stmt *stmt = query(db, sql, format, args);
    va_end(args);
    return stmt;
}

enum mill_status mill_db_run(struct db *db, struct mill_error *err, enum db_sql sql,
                             const char *format, ...)
{
    va_list args;
    va_start(args, format);
    sqlite3_stmt *stmt = query(db, sql, format, args);
    va_end(args);
    enum mill_status st = MILL_OK;
    while (mill_db_step(db, stmt, &st, err))
        ;
    return st;
}

bool mill_db_step(struct db *db, sqlite3_stmt *stmt, enum mill_status *st,
                  struct mill_error *err)
{
    int rc = stmt != NULL ? sqlite3_step(stmt) : SQLITE_ERROR;
    if (rc == SQLITE_ROW)
        return true;
    *st = rc == SQLITE_DONE ? MILL_OK : mill_db_failed(db, "database", err);
    if (stmt != NULL)
        sqlite3_reset(stmt);
    return false;
}

void mill_db_done(sqlite3_stmt *stmt)
{
    if (stmt != NULL)
        sqlite3_reset(stmt);
}

enum mill_status mill_db_exec(struct db *db, const char *sql, struct mill_error *err)
{
    if (sqlite3_exec(db->handle, sql, NULL, NULL, NULL) != SQLITE_OK)
        return mill_db_failed(db, "database", err);
    return MILL_OK;
}

enum mill_status mill_db_integer(struct db *db, const char *sql, int64_t *out,
                                 struct mill_error *err)
{
    sqlite3_stmt *stmt = NULL;
    enum mill_status st = MILL_OK;
    if (sqlite3_prepare_v2(db->handle, sql, -1, &stmt, NULL) != SQLITE_OK ||
        sqlite3_step(stmt) != SQLITE_ROW)
        st = mill_db_failed(db, "database", err);
    else
        *out = sqlite3_column_int64(stmt, 0);
    sqlite3_finalize(stmt);
    return st;
}

struct mill_view mill_db_text(sqlite3_stmt *stmt, int column)
{
    const char *text = (const char *)sqlite3_column_text(stmt, column);
    return (struct mill_view){text, (size_t)sqlite3_column_bytes(stmt, column)};
}

struct mill_view mill_db_blob(sqlite3_stmt *stmt, int column)
{
    const char *bytes = sqlite3_column_blob(stmt, column);
    return (struct mill_view){bytes, (size_t)sqlite3_column_bytes(stmt, column)};
}

double mill_db_double(sqlite3_stmt *stmt, int column)
{
    return sqlite3_column_type(stmt, column) == SQLITE_NULL
               ? (double)NAN
               : sqlite3_column_double(stmt, column);
}
