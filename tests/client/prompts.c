/* prompts.c - the prompt registry through the public client.
 *
 *   client_prompts KIND URI    on a server, or on sqlite
 *   client_prompts sqlite      on a database made for the occasion */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include <millstream/millstream.h>

#include "base/view.h"
#include "place.h"

#define PROMPT mill_text("greeting")
#define NONE   mill_text(NULL)

/* --- helpers --------------------------------------------------------------------------- */

static struct mill_new_prompt a_text(const char *text)
{
    return (struct mill_new_prompt){
        .size = sizeof(struct mill_new_prompt), .name = PROMPT, .text = mill_text(text)};
}

static int64_t register_prompt(const struct mill_new_prompt *prompt)
{
    int64_t version = 0;
    place_must(mill_client_register_prompt(place_client, prompt, &version, &place_err));
    return version;
}

static void assert_refused(const struct mill_new_prompt *prompt, const char *named)
{
    int64_t version = 0;
    assert_int_equal(mill_client_register_prompt(place_client, prompt, &version, &place_err),
                     MILL_E_INVALID);
    assert_int_equal(version, 0);
    if (strstr(place_err.message, named) == NULL)
        fail_msg("'%s' is not in '%s'", named, place_err.message);
}

static int make_prompt(void **state)
{
    struct mill_new_prompt first = a_text("Hello {{name}}!"), second = a_text("Hi {{ name }}!");
    (void)state;
    assert_int_equal(register_prompt(&first), 1);
    assert_int_equal(register_prompt(&second), 2);
    return 0;
}

static int delete_prompt(void **state)
{
    (void)state;
    place_must(mill_client_delete_prompt(place_client, PROMPT, &place_err));
    return 0;
}

static int close_place(void **state)
{
    mill_client_delete_model(place_client, PROMPT, NULL);
    return place_close(state);
}

static struct mill_prompt_version_list *load(const char *uri)
{
    struct mill_prompt_version_list *list = NULL;
    place_must(mill_client_load_prompt(place_client, mill_text(uri), &list, &place_err));
    assert_int_equal(list->count, 1);
    assert_null(list->next_page_token.ptr);
    return list;
}

static int64_t version_of(const char *uri)
{
    struct mill_prompt_version_list *list = load(uri);
    int64_t version = list->items[0]->version;
    mill_prompt_version_list_free(list);
    return version;
}

static struct mill_prompt_list *get_prompt(void)
{
    struct mill_prompt_list *list = NULL;
    place_must(mill_client_get_prompt(place_client, PROMPT, &list, &place_err));
    assert_int_equal(list->count, 1);
    return list;
}

static size_t count_prompts(const char *filter)
{
    struct mill_model_query query = {.size = sizeof(query), .filter = mill_text(filter)};
    struct mill_prompt_list *list = NULL;
    place_must(mill_client_search_prompts(place_client, &query, &list, &place_err));
    size_t count = list->count;
    mill_prompt_list_free(list);
    return count;
}

/* --- making ---------------------------------------------------------------------------- */

static void a_text_is_what_was_registered(void **state)
{
    struct mill_tag tags[] = {{mill_text("author"), mill_text("me")}};
    struct mill_new_prompt prompt = a_text("Hello {{name}}!");
    (void)state;
    prompt.commit_message = mill_text("the first");
    prompt.response_format = mill_text("{\"type\": \"string\"}");
    prompt.model_config = mill_text("{\"temperature\": 0.5}");
    prompt.tags = tags;
    prompt.tag_count = 1;
    assert_int_equal(register_prompt(&prompt), 1);
    struct mill_prompt_version_list *list = load("prompts:/greeting/1");
    const struct mill_prompt_version *v = list->items[0];
    place_assert_view(v->name, "greeting");
    place_assert_view(v->text, "Hello {{name}}!");
    assert_null(v->messages.ptr);
    place_assert_view(v->response_format, "{\"type\": \"string\"}");
    place_assert_view(v->model_config, "{\"temperature\": 0.5}");
    place_assert_view(v->commit_message, "the first");
    assert_true(v->creation_timestamp > 0);
    assert_int_equal(v->tag_count, 1);
    place_assert_view(v->tags[0].key, "author");
    mill_prompt_version_list_free(list);
    struct mill_prompt_list *prompts = get_prompt();
    place_assert_view(prompts->items[0]->description, "the first");
    assert_int_equal(prompts->items[0]->latest_version, 1);
    assert_int_equal(prompts->items[0]->tag_count, 1);
    place_assert_view(prompts->items[0]->tags[0].value, "me");
    mill_prompt_list_free(prompts);
    delete_prompt(state);
}

static void a_chat_is_what_was_registered(void **state)
{
    const char *messages = "[{\"role\": \"user\", \"content\": \"{{question}}\"}]";
    struct mill_new_prompt prompt = {
        .size = sizeof(prompt), .name = PROMPT, .messages = mill_text(messages)};
    (void)state;
    assert_int_equal(register_prompt(&prompt), 3);
    struct mill_prompt_version_list *list = load("greeting");
    assert_int_equal(list->items[0]->version, 3);
    assert_null(list->items[0]->text.ptr);
    place_assert_view(list->items[0]->messages, messages);
    assert_null(list->items[0]->model_config.ptr);
    mill_prompt_version_list_free(list);
}

static void what_no_client_could_load_is_refused(void **state)
{
    static const struct {
        const char *messages, *named;
    } cases[] = {
        {"{}", "messages"},
        {"[]", "messages"},
        {"[", "messages"},
        {"[{\"role\": \"user\", \"content\": \"a\"}, 5]", "messages[1]"},
        {"[{\"content\": \"a\"}]", "messages[0]"},
        {"[{\"role\": 1, \"content\": \"a\"}]", "messages[0]"},
        {"[{\"role\": \"user\", \"content\": 1}]", "messages[0]"},
    };
    struct mill_new_prompt prompt = a_text("a");
    struct mill_prompt_list *none = NULL;
    (void)state;
    prompt.model_config = mill_text("[]");
    assert_refused(&prompt, "model_config");
    prompt.model_config = NONE;
    prompt.response_format = mill_text("{");
    assert_refused(&prompt, "response_format");
    prompt.response_format = NONE;
    prompt.name = mill_text("a name");
    assert_refused(&prompt, "name");
    prompt.name = PROMPT;
    prompt.text = NONE;
    assert_refused(&prompt, "either text or messages");
    for (size_t i = 0; i < MILL_COUNT(cases); i++) {
        prompt.messages = mill_text(cases[i].messages);
        assert_refused(&prompt, cases[i].named);
    }
    assert_int_equal(mill_client_get_prompt(place_client, PROMPT, &none, &place_err),
                     MILL_E_NOT_FOUND);
    assert_null(none);
}

/* Names of models and of prompts are of one kind. */
static void a_model_is_no_prompt(void **state)
{
    struct mill_new_prompt prompt = a_text("a");
    struct mill_prompt_list *prompts = NULL;
    struct mill_model_list *model = NULL;
    (void)state;
    place_must(mill_client_create_model(place_client, PROMPT, NONE, NULL, 0, &place_err));
    assert_refused(&prompt, "registered model");
    assert_int_equal(mill_client_get_prompt(place_client, PROMPT, &prompts, &place_err),
                     MILL_E_INVALID);
    assert_null(prompts);
    assert_int_equal(mill_client_delete_prompt(place_client, PROMPT, &place_err),
                     MILL_E_INVALID);
    place_must(mill_client_get_model(place_client, PROMPT, &model, &place_err));
    mill_model_list_free(model);
    place_must(mill_client_delete_model(place_client, PROMPT, &place_err));
}

/* --- finding --------------------------------------------------------------------------- */

static void a_uri_names_a_version(void **state)
{
    static const char *const wrong[] = {"prompts:/greeting", "prompts:/greeting/latest",
                                        "prompts:/greeting/0", "prompts:/greeting@",
                                        "prompts:/greeting/1/2"};
    struct mill_prompt_version_list *none = NULL;
    (void)state;
    place_must(
        mill_client_set_prompt_alias(place_client, PROMPT, mill_text("live"), 1, &place_err));
    assert_int_equal(version_of("prompts:/greeting/2"), 2);
    assert_int_equal(version_of("prompts:/greeting@live"), 1);
    assert_int_equal(version_of("prompts:/greeting@latest"), 2);
    assert_int_equal(version_of("greeting"), 2);
    for (size_t i = 0; i < MILL_COUNT(wrong); i++)
        assert_int_equal(
            mill_client_load_prompt(place_client, mill_text(wrong[i]), &none, &place_err),
            MILL_E_INVALID);
    assert_int_equal(mill_client_load_prompt(place_client, mill_text("prompts:/greeting/3"),
                                             &none, &place_err),
                     MILL_E_NOT_FOUND);
    assert_null(none);
}

static void prompts_are_found(void **state)
{
    struct mill_model_query query = {.size = sizeof(query), .filter = mill_text("a b c")};
    struct mill_prompt_list *none = NULL;
    int64_t id = 0;
    char name[80], filter[80];
    (void)state;
    snprintf(name, sizeof(name), "prompts %lld", (long long)getpid());
    place_must(mill_client_create_experiment(place_client, mill_text(name), NONE, NULL, 0, &id,
                                             &place_err));
    snprintf(filter, sizeof(filter), "name LIKE 'gr%%' and experiment_id = '%lld'",
             (long long)id);
    assert_int_equal(count_prompts("name = 'greeting'"), 1);
    assert_int_equal(count_prompts(filter), 0);
    place_must(mill_client_link_prompt_to_experiment(place_client, PROMPT, id + 7, &place_err));
    assert_int_equal(count_prompts(filter), 0);
    place_must(mill_client_link_prompt_to_experiment(place_client, PROMPT, id, &place_err));
    place_must(mill_client_link_prompt_to_experiment(place_client, PROMPT, id, &place_err));
    assert_int_equal(count_prompts(filter), 1);
    struct mill_prompt_list *list = get_prompt();
    snprintf(filter, sizeof(filter), ",%lld,%lld,", (long long)id + 7, (long long)id);
    place_assert_view(list->items[0]->tags[0].value, filter);
    mill_prompt_list_free(list);
    assert_int_equal(mill_client_search_prompts(place_client, &query, &none, &place_err),
                     MILL_E_INVALID);
    query.filter = mill_text("experiment_id = 'one'");
    assert_int_equal(mill_client_search_prompts(place_client, &query, &none, &place_err),
                     MILL_E_INVALID);
    assert_null(none);
    place_must(mill_client_delete_experiment(place_client, id, &place_err));
}

static void versions_are_found_page_by_page(void **state)
{
    struct mill_model_query query = {.size = sizeof(query), .max_results = 1};
    struct mill_prompt_version_list *first = NULL, *last = NULL;
    (void)state;
    place_must(
        mill_client_search_prompt_versions(place_client, PROMPT, &query, &first, &place_err));
    assert_int_equal(first->count, 1);
    assert_int_equal(first->items[0]->version, 2);
    query.page_token = first->next_page_token;
    place_must(
        mill_client_search_prompt_versions(place_client, PROMPT, &query, &last, &place_err));
    assert_int_equal(last->count, 1);
    place_assert_view(last->items[0]->text, "Hello {{name}}!");
    assert_null(last->next_page_token.ptr);
    mill_prompt_version_list_free(first);
    mill_prompt_version_list_free(last);
    last = NULL;
    assert_int_equal(mill_client_search_prompt_versions(place_client, mill_text("nobody"), NULL,
                                                        &last, &place_err),
                     MILL_E_NOT_FOUND);
    assert_null(last);
}

/* --- changing -------------------------------------------------------------------------- */

static void tags_come_and_go(void **state)
{
    struct mill_view key = mill_text("team"), value = mill_text("words");
    (void)state;
    place_must(mill_client_set_prompt_tag(place_client, PROMPT, key, value, &place_err));
    place_must(
        mill_client_set_prompt_version_tag(place_client, PROMPT, 1, key, value, &place_err));
    struct mill_prompt_list *prompt = get_prompt();
    struct mill_prompt_version_list *version = load("prompts:/greeting/1");
    assert_int_equal(prompt->items[0]->tag_count, 1);
    assert_int_equal(version->items[0]->tag_count, 1);
    place_assert_view(version->items[0]->tags[0].value, "words");
    mill_prompt_list_free(prompt);
    mill_prompt_version_list_free(version);
    place_must(mill_client_delete_prompt_tag(place_client, PROMPT, key, &place_err));
    place_must(mill_client_delete_prompt_version_tag(place_client, PROMPT, 1, key, &place_err));
    prompt = get_prompt();
    version = load("prompts:/greeting/1");
    assert_int_equal(prompt->items[0]->tag_count + version->items[0]->tag_count, 0);
    mill_prompt_list_free(prompt);
    mill_prompt_version_list_free(version);
}

static void aliases_move(void **state)
{
    struct mill_view alias = mill_text("live");
    struct mill_prompt_version_list *none = NULL;
    (void)state;
    place_must(mill_client_set_prompt_alias(place_client, PROMPT, alias, 1, &place_err));
    place_must(mill_client_set_prompt_alias(place_client, PROMPT, alias, 2, &place_err));
    struct mill_prompt_version_list *list = load("prompts:/greeting@live");
    assert_int_equal(list->items[0]->version, 2);
    place_assert_view(list->items[0]->aliases[0], "live");
    mill_prompt_version_list_free(list);
    assert_int_equal(mill_client_set_prompt_alias(place_client, PROMPT, alias, 9, &place_err),
                     MILL_E_NOT_FOUND);
    place_must(mill_client_delete_prompt_alias(place_client, PROMPT, alias, &place_err));
    assert_int_equal(
        mill_client_get_prompt_version_by_alias(place_client, PROMPT, alias, &none, &place_err),
        MILL_E_INVALID);
    assert_null(none);
}

static void a_version_goes(void **state)
{
    struct mill_new_prompt prompt = a_text("again");
    (void)state;
    place_must(mill_client_delete_prompt_version(place_client, PROMPT, 2, &place_err));
    assert_int_equal(mill_client_delete_prompt_version(place_client, PROMPT, 2, &place_err),
                     MILL_E_NOT_FOUND);
    assert_int_equal(version_of("greeting"), 1);
    /* The official server gives the number of a deleted latest version again. */
    assert_true(register_prompt(&prompt) >= 2);
}

/* --- rendering ------------------------------------------------------------------------- */

static const char *render(const struct mill_prompt_version *version, bool partial)
{
    static char text[200];
    struct mill_tag values[] = {{mill_text("name"), mill_text("\"{{title}}\" \\ you")},
                                {mill_text("gr\xc3\xb6\xc3\x9f"
                                           "e"),
                                 mill_text("big")}};
    size_t length = 0;
    enum mill_status st = mill_prompt_render(version, values, MILL_COUNT(values), partial, text,
                                             sizeof(text), &length, &place_err);
    if (st != MILL_OK)
        return mill_status_get_info(st)->name;
    assert_int_equal(length, strlen(text));
    return text;
}

static void values_take_the_place_of_variables(void **state)
{
    static const struct {
        const char *text, *rendered, *partly;
    } cases[] = {
        {"Hello {{name}}!", "Hello \"{{title}}\" \\ you!", NULL},
        {"{{ name }}{{name}}", "\"{{title}}\" \\ you\"{{title}}\" \\ you", NULL},
        {"{{title}} {{name}}", NULL, "{{title}} \"{{title}}\" \\ you"},
        {"{{a.b}}", NULL, "{{a.b}}"},
        {"{{gr\xc3\xb6\xc3\x9f"
         "e}} {{ \xc3\xb6 }}",
         "big {{ \xc3\xb6 }}", NULL},
        {"{name} {{}} {{1}} {{a.}} {{a b}}", "{name} {{}} {{1}} {{a.}} {{a b}}", NULL},
        {"{{{name}}} {{ {{name}} {{name}",
         "{\"{{title}}\" \\ you} {{ \"{{title}}\" \\ you {{name}", NULL},
        {"", "", NULL},
    };
    (void)state;
    for (size_t i = 0; i < MILL_COUNT(cases); i++) {
        struct mill_prompt_version version = {.text = mill_text(cases[i].text)};
        const char *whole = cases[i].rendered;
        assert_string_equal(render(&version, false), whole != NULL ? whole : "MILL_E_INVALID");
        assert_string_equal(render(&version, true), whole != NULL ? whole : cases[i].partly);
    }
    struct mill_prompt_version jinja = {.text = mill_text("{% if name %}{{name}}{% endif %}")};
    assert_string_equal(render(&jinja, true), "MILL_E_UNSUPPORTED");
}

static void a_chat_stays_one_when_it_is_rendered(void **state)
{
    struct mill_prompt_version chat = {
        .messages = mill_text("[{\"role\":\"{{name}}\",\"content\":\"Hi {{name}}\","
                              "\"refusal\":\"no\"},{\"content\":null,\"role\":\"user\"}]")};
    (void)state;
    assert_string_equal(render(&chat, false),
                        "[{\"role\": \"{{name}}\", \"content\": \"Hi \\\"{{title}}\\\" \\\\ "
                        "you\"}, {\"content\": null, \"role\": \"user\"}]");
    chat.messages = mill_text("[{\"role\": \"user\", \"content\": \"{{title}}\"}]");
    assert_string_equal(render(&chat, false), "MILL_E_INVALID");
    chat.messages = mill_text("{}");
    assert_string_equal(render(&chat, false), "MILL_E_INVALID");
}

/* --- the program ----------------------------------------------------------------------- */

#define WITH_PROMPT(test) cmocka_unit_test_setup_teardown(test, make_prompt, delete_prompt)

static int run(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_text_is_what_was_registered),
        WITH_PROMPT(a_chat_is_what_was_registered),
        cmocka_unit_test(what_no_client_could_load_is_refused),
        cmocka_unit_test(a_model_is_no_prompt),
        WITH_PROMPT(a_uri_names_a_version),
        WITH_PROMPT(prompts_are_found),
        WITH_PROMPT(versions_are_found_page_by_page),
        WITH_PROMPT(tags_come_and_go),
        WITH_PROMPT(aliases_move),
        WITH_PROMPT(a_version_goes),
        cmocka_unit_test(values_take_the_place_of_variables),
        cmocka_unit_test(a_chat_stays_one_when_it_is_rendered),
    };
    return cmocka_run_group_tests(tests, place_open, close_place);
}

int main(int argc, char **argv)
{
    return place_main(argc, argv, run);
}
