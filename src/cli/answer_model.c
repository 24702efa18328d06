/* answer_model.c - JSON of registered models and versions in the form of the protocol. */
#include "base/buf.h"
#include "cli/answer.h"
#include "cli/put.h"

/* Numbers of versions are texts in the protocol. */
static void add_number(struct mill_buf *out, int64_t number)
{
    struct mill_buf text = {0};
    mill_buf_add_int(&text, number);
    mill_put_text(out, "version", mill_buf_view(&text));
    mill_buf_release(&text);
}

static void add_aliases(struct mill_buf *out, const struct mill_model_version *v)
{
    if (v->alias_count == 0)
        return;
    mill_put_open(out, "aliases", '[');
    for (size_t i = 0; i < v->alias_count; i++)
        mill_put_text(out, NULL, v->aliases[i]);
    mill_put_close(out, ']');
}

void mill_answer_version(struct mill_buf *out, const char *key,
                         const struct mill_model_version *v)
{
    mill_put_open(out, key, '{');
    mill_put_text(out, "name", v->name);
    add_number(out, v->version);
    mill_answer_int(out, "creation_timestamp", v->creation_timestamp);
    mill_answer_int(out, "last_updated_timestamp", v->last_updated_timestamp);
    mill_answer_text(out, "user_id", v->user_id);
    mill_put_text(out, "current_stage", mill_view_of(mill_stage_name(v->current_stage)));
    mill_answer_text(out, "description", v->description);
    mill_answer_text(out, "source", v->source);
    mill_answer_text(out, "run_id", v->run_id);
    mill_put_text(out, "status", mill_view_of(mill_version_status_name(v->status)));
    mill_answer_text(out, "status_message", v->status_message);
    mill_answer_tags(out, v->tags, v->tag_count);
    mill_answer_text(out, "run_link", v->run_link);
    add_aliases(out, v);
    mill_put_close(out, '}');
}

static void add_model_aliases(struct mill_buf *out, const struct mill_registered_model *m)
{
    if (m->alias_count == 0)
        return;
    mill_put_open(out, "aliases", '[');
    for (size_t i = 0; i < m->alias_count; i++) {
        mill_put_open(out, NULL, '{');
        mill_put_text(out, "alias", m->aliases[i].alias);
        add_number(out, m->aliases[i].version);
        mill_put_close(out, '}');
    }
    mill_put_close(out, ']');
}

void mill_answer_model(struct mill_buf *out, const char *key,
                       const struct mill_registered_model *m)
{
    mill_put_open(out, key, '{');
    mill_put_text(out, "name", m->name);
    mill_answer_int(out, "creation_timestamp", m->creation_timestamp);
    mill_answer_int(out, "last_updated_timestamp", m->last_updated_timestamp);
    mill_answer_text(out, "description", m->description);
    if (m->latest_version_count > 0) {
        mill_put_open(out, "latest_versions", '[');
        for (size_t i = 0; i < m->latest_version_count; i++)
            mill_answer_version(out, NULL, &m->latest_versions[i]);
        mill_put_close(out, ']');
    }
    mill_answer_tags(out, m->tags, m->tag_count);
    add_model_aliases(out, m);
    mill_put_close(out, '}');
}

void mill_answer_one_model(struct mill_buf *out, const struct mill_registered_model *model)
{
    mill_put_open(out, NULL, '{');
    mill_answer_model(out, "registered_model", model);
    mill_put_end(out);
}

void mill_answer_one_version(struct mill_buf *out, const struct mill_model_version *version)
{
    mill_put_open(out, NULL, '{');
    mill_answer_version(out, "model_version", version);
    mill_put_end(out);
}
