/* eval_datasets.c - evaluation datasets: their tags, links and records. */
#include <stdio.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/list.h"
#include "store/evaluation_tables.h"
#include "store/select.h"

static enum mill_status not_there(struct mill_view dataset_id, struct mill_error *err)
{
    return mill_fail(err, MILL_E_NOT_FOUND, "there is no evaluation dataset '%.*s'",
                     MILL_FMT(mill_utf8_prefix(dataset_id, 60)));
}

/* The row of a dataset, MILL_ABSENT for none. */
static enum mill_status look_for(struct db *db, struct mill_view dataset_id, int64_t *id_out,
                                 struct mill_error *err)
{
    return mill_take_number(db, mill_db_query(db, SQL_EVAL_DATASET_FIND, "t", dataset_id),
                            id_out, err);
}

static enum mill_status find(struct db *db, struct mill_view dataset_id, int64_t *id_out,
                             struct mill_error *err)
{
    enum mill_status st = look_for(db, dataset_id, id_out, err);
    return st == MILL_OK && *id_out == MILL_ABSENT ? not_there(dataset_id, err) : st;
}

/* Eight hex digits that change with every change of the dataset. */
static struct mill_view make_digest(struct mill_arena *arena)
{
    char hex[33];
    mill_random_hex32(hex);
    return mill_arena_copy(arena, (struct mill_view){hex, 8});
}

/* --- changes --- */

static enum mill_status set_tags(struct evaluating *e, int64_t id, struct mill_error *err)
{
    enum mill_status st = MILL_OK;
    for (size_t i = 0; st == MILL_OK && i < e->change->as.eval_dataset.tag_count; i++)
        st = mill_db_run(e->db, err, SQL_EVAL_TAG_SET, "itt", id,
                         e->change->as.eval_dataset.tags[i].key,
                         e->change->as.eval_dataset.tags[i].value);
    return st;
}

static enum mill_status set_links(struct evaluating *e, int64_t id, enum db_sql sql,
                                  struct mill_error *err)
{
    enum mill_status st = MILL_OK;
    for (size_t i = 0; st == MILL_OK && i < e->change->as.eval_dataset.experiment_count; i++)
        st = mill_db_run(e->db, err, sql, "ii", id,
                         e->change->as.eval_dataset.experiment_ids[i]);
    return st;
}

static enum mill_status give(struct evaluating *e, struct mill_error *err)
{
    struct mill_eval_dataset_row *dataset =
        mill_arena_zero(e->outcome->arena, 1, sizeof(*dataset));
    if (dataset == NULL)
        return mill_no_memory(err);
    e->outcome->eval_dataset = dataset;
    return mill_read_eval_dataset(e->db, e->change->as.eval_dataset.dataset_id,
                                  e->outcome->arena, dataset, err);
}

enum mill_status mill_create_eval_dataset(struct evaluating *e, struct mill_error *err)
{
    struct mill_view digest = make_digest(e->outcome->arena);
    if (digest.ptr == NULL)
        return mill_no_memory(err);
    enum mill_status st =
        mill_db_run(e->db, err, SQL_EVAL_DATASET_INSERT, "tttit",
                    e->change->as.eval_dataset.dataset_id, e->change->as.eval_dataset.name,
                    digest, e->change->now_ms, e->change->as.eval_dataset.user);
    int64_t id = sqlite3_last_insert_rowid(e->db->handle);
    if (st == MILL_OK)
        st = set_tags(e, id, err);
    if (st == MILL_OK)
        st = set_links(e, id, SQL_EVAL_LINK_SET, err);
    return st == MILL_OK ? give(e, err) : st;
}

enum mill_status mill_delete_eval_dataset(struct evaluating *e, struct mill_error *err)
{
    static const enum db_sql parts[] = {SQL_EVAL_RECORD_ITEMS_CLEAR, SQL_EVAL_RECORDS_CLEAR,
                                        SQL_EVAL_FIELDS_CLEAR,       SQL_EVAL_LINKS_CLEAR,
                                        SQL_EVAL_TAGS_CLEAR,         SQL_EVAL_DATASET_DELETE};
    int64_t id;
    enum mill_status st = look_for(e->db, e->change->as.eval_dataset.dataset_id, &id, err);
    for (size_t i = 0; st == MILL_OK && id != MILL_ABSENT && i < MILL_COUNT(parts); i++)
        st = mill_db_run(e->db, err, parts[i], "i", id);
    return st;
}

enum mill_status mill_tag_eval_dataset(struct evaluating *e, struct mill_error *err)
{
    int64_t id;
    enum mill_status st = find(e->db, e->change->as.eval_dataset.dataset_id, &id, err);
    return st == MILL_OK ? set_tags(e, id, err) : st;
}

enum mill_status mill_untag_eval_dataset(struct evaluating *e, struct mill_error *err)
{
    int64_t id;
    enum mill_status st = look_for(e->db, e->change->as.eval_dataset.dataset_id, &id, err);
    if (st == MILL_OK && id != MILL_ABSENT)
        st = mill_db_run(e->db, err, SQL_EVAL_TAG_DELETE, "it", id,
                         e->change->as.eval_dataset.tags[0].key);
    return st;
}

static enum mill_status change_links(struct evaluating *e, enum db_sql sql,
                                     struct mill_error *err)
{
    int64_t id;
    enum mill_status st = find(e->db, e->change->as.eval_dataset.dataset_id, &id, err);
    if (st == MILL_OK)
        st = set_links(e, id, sql, err);
    if (st == MILL_OK)
        st = mill_db_run(e->db, err, SQL_EVAL_DATASET_TOUCH, "ii", e->change->now_ms, id);
    return st == MILL_OK ? give(e, err) : st;
}

enum mill_status mill_link_eval_dataset(struct evaluating *e, struct mill_error *err)
{
    return change_links(e, SQL_EVAL_LINK_SET, err);
}

enum mill_status mill_unlink_eval_dataset(struct evaluating *e, struct mill_error *err)
{
    return change_links(e, SQL_EVAL_LINK_DELETE, err);
}

/* --- records --- */

/* FNV-1a; only equal texts count, the number makes them quick to find. */
static int64_t hash_of(struct mill_view text)
{
    uint64_t hash = 0xcbf29ce484222325U;
    for (size_t i = 0; i < text.len; i++)
        hash = (hash ^ (unsigned char)text.ptr[i]) * 0x100000001b3U;
    return (int64_t)hash;
}

enum item_kind { ITEM_EXPECTATION, ITEM_TAG };

static enum mill_status set_items(struct evaluating *e, int64_t record, enum item_kind kind,
                                  const struct mill_tag *items, size_t count,
                                  struct mill_error *err)
{
    enum mill_status st = MILL_OK;
    for (size_t i = 0; st == MILL_OK && i < count; i++)
        st = mill_db_run(e->db, err, SQL_EVAL_ITEM_SET, "iitt", record, (int64_t)kind,
                         items[i].key, items[i].value);
    return st;
}

/* What a record that is there gets from another one with the same inputs. */
static enum mill_status update_record(struct evaluating *e, int64_t id,
                                      const struct mill_eval_record_row *record,
                                      struct mill_error *err)
{
    enum mill_status st =
        mill_db_run(e->db, err, SQL_EVAL_RECORD_UPDATE, "itiit", id, record->outputs,
                    (int64_t)(record->expectation_count != 0), e->change->now_ms, record->user);
    e->outcome->updated++;
    return st;
}

static enum mill_status insert_record(struct evaluating *e, int64_t dataset,
                                      const struct mill_eval_record_row *record,
                                      int64_t *id_out, struct mill_error *err)
{
    char hex[33], text[40];
    struct mill_view outputs = record->outputs.ptr != NULL ? record->outputs : MILL_VIEW("{}");
    mill_timed_hex32(e->change->now_ms, hex);
    snprintf(text, sizeof(text), "dr-%s", hex);
    enum mill_status st =
        mill_db_run(e->db, err, SQL_EVAL_RECORD_INSERT, "tiitttitttit", mill_view_of(text),
                    dataset, hash_of(record->canonical), record->canonical, record->inputs,
                    outputs, (int64_t)record->has_expectations, record->source,
                    record->source_id, record->source_type, e->change->now_ms, record->user);
    *id_out = sqlite3_last_insert_rowid(e->db->handle);
    e->outcome->inserted++;
    return st;
}

static enum mill_status add_record(struct evaluating *e, int64_t dataset,
                                   const struct mill_eval_record_row *record,
                                   struct mill_error *err)
{
    int64_t id;
    enum mill_status st =
        mill_take_number(e->db,
                         mill_db_query(e->db, SQL_EVAL_RECORD_FIND, "iit", dataset,
                                       hash_of(record->canonical), record->canonical),
                         &id, err);
    if (st != MILL_OK)
        return st;
    st = id != MILL_ABSENT ? update_record(e, id, record, err)
                           : insert_record(e, dataset, record, &id, err);
    if (st == MILL_OK)
        st = set_items(e, id, ITEM_EXPECTATION, record->expectations, record->expectation_count,
                       err);
    if (st == MILL_OK)
        st = set_items(e, id, ITEM_TAG, record->tags, record->tag_count, err);
    return st;
}

static enum mill_status add_fields(struct evaluating *e, int64_t dataset,
                                   struct mill_error *err)
{
    enum mill_status st = MILL_OK;
    for (size_t i = 0; st == MILL_OK && i < e->change->as.eval_records.field_count; i++) {
        const struct mill_eval_field *field = &e->change->as.eval_records.fields[i];
        st = mill_db_run(e->db, err, SQL_EVAL_FIELD_ADD, "iitt", dataset, (int64_t)field->part,
                         field->key, field->type);
    }
    return st;
}

enum mill_status mill_add_eval_records(struct evaluating *e, struct mill_error *err)
{
    struct mill_view digest = make_digest(e->outcome->arena);
    int64_t id;
    if (digest.ptr == NULL)
        return mill_no_memory(err);
    enum mill_status st = find(e->db, e->change->as.eval_records.dataset_id, &id, err);
    for (size_t i = 0; st == MILL_OK && i < e->change->as.eval_records.record_count; i++)
        st = add_record(e, id, &e->change->as.eval_records.records[i], err);
    if (st == MILL_OK)
        st = add_fields(e, id, err);
    if (st == MILL_OK)
        st = mill_db_run(e->db, err, SQL_EVAL_DATASET_CHANGED, "iitti", id, e->change->now_ms,
                         digest, e->change->as.eval_records.user, e->outcome->inserted);
    return st;
}

enum mill_status mill_delete_eval_records(struct evaluating *e, struct mill_error *err)
{
    int64_t id;
    enum mill_status st = look_for(e->db, e->change->as.eval_records.dataset_id, &id, err);
    for (size_t i = 0;
         st == MILL_OK && id != MILL_ABSENT && i < e->change->as.eval_records.record_id_count;
         i++) {
        struct mill_view record_id = e->change->as.eval_records.record_ids[i];
        st = mill_db_run(e->db, err, SQL_EVAL_RECORD_ITEMS_DELETE, "it", id, record_id);
        if (st == MILL_OK)
            st = mill_db_run(e->db, err, SQL_EVAL_RECORD_DELETE, "it", id, record_id);
        e->outcome->deleted += sqlite3_changes(e->db->handle);
    }
    if (st == MILL_OK && e->outcome->deleted != 0)
        st = mill_db_run(e->db, err, SQL_EVAL_RECORDS_FEWER, "ii", e->outcome->deleted, id);
    return st;
}
