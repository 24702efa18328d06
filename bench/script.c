/* script.c - reads the load driver's scripts and writes their requests. Templates are cut into
 * pieces once, so that writing a request is a row of copies. */
#include "script.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define HEAD_MAX   16384 /* room for the head in front of the body */
#define SLOT_MAX   24    /* the longest number written into a slot */
#define RANDOM_MAX 4096  /* random numbers are written once, then copied */

static char random_text[RANDOM_MAX][SLOT_MAX];
static size_t random_len[RANDOM_MAX];

static uint64_t next_random(struct mill_script *script)
{
    uint64_t z = (script->random += 0x9e3779b97f4a7c15U);

    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
    return z ^ (z >> 31);
}

static void *grow(void *old, size_t size)
{
    void *grown = realloc(old, size);

    if (grown == NULL) {
        fputs("load: out of memory\n", stderr);
        exit(2);
    }
    return grown;
}

static char *copy_text(const char *text, size_t len)
{
    char *copy = grow(NULL, len + 1);

    memcpy(copy, text, len);
    copy[len] = '\0';
    return copy;
}

static char *read_file(const char *path, size_t *len_out)
{
    FILE *file = fopen(path, "re");
    char *text = NULL;
    size_t len = 0;

    if (file == NULL) {
        fprintf(stderr, "load: %s: %s\n", path, strerror(errno));
        return NULL;
    }
    for (;;) {
        size_t got;

        text = grow(text, len + 65536 + 1);
        got = fread(text + len, 1, 65536, file);
        len += got;
        if (got == 0)
            break;
    }
    fclose(file);
    text[len] = '\0';
    *len_out = len;
    return text;
}

static int find_list(const struct mill_script *script, const char *name, size_t len,
                     uint32_t *list_out)
{
    for (size_t i = 0; i < script->list_count; i++) {
        if (strlen(script->lists[i].name) == len &&
            memcmp(script->lists[i].name, name, len) == 0) {
            *list_out = (uint32_t)i;
            return 0;
        }
    }
    return -1;
}

/* Reads what stands between {{ and }}. */
static int parse_slot(const struct mill_script *script, const char *name, size_t len,
                      struct mill_piece *piece)
{
    static const struct {
        const char *name;
        enum mill_slot slot;
    } slots[] = {
        {"step", MILL_SLOT_STEP}, {"req", MILL_SLOT_REQ},           {"rand", MILL_SLOT_RAND},
        {"now", MILL_SLOT_NOW},   {"captured", MILL_SLOT_CAPTURED},
    };

    for (size_t i = 0; i < sizeof(slots) / sizeof(slots[0]); i++) {
        if (strlen(slots[i].name) == len && memcmp(slots[i].name, name, len) == 0) {
            piece->slot = slots[i].slot;
            return 0;
        }
    }
    if (len > 5 && (memcmp(name, "pick:", 5) == 0 || memcmp(name, "next:", 5) == 0)) {
        piece->slot = name[0] == 'p' ? MILL_SLOT_PICK : MILL_SLOT_NEXT;
        if (find_list(script, name + 5, len - 5, &piece->list) == 0)
            return 0;
    }
    fprintf(stderr, "load: unknown slot {{%.*s}}\n", (int)len, name);
    return -1;
}

static struct mill_piece *add_piece(struct mill_template *template)
{
    if ((template->count & (template->count - 1)) == 0) {
        size_t room = template->count == 0 ? 1 : template->count * 2;
        template->pieces = grow(template->pieces, room * sizeof(*template->pieces));
    }
    template->pieces[template->count] = (struct mill_piece){.slot = MILL_SLOT_TEXT};
    return &template->pieces[template->count++];
}

/* text stays in use: the pieces point into it. */
static int compile(const struct mill_script *script, const char *text, size_t len,
                   struct mill_template *template)
{
    size_t at = 0;

    while (at < len) {
        const char *open = memmem(text + at, len - at, "{{", 2);
        size_t plain = open == NULL ? len - at : (size_t)(open - text) - at;
        const char *close;

        if (plain > 0) {
            struct mill_piece *piece = add_piece(template);
            piece->text = text + at;
            piece->len = plain;
            template->fixed_len += plain;
            at += plain;
        }
        if (open == NULL)
            break;
        close = memmem(open, len - at, "}}", 2);
        if (close == NULL) {
            fputs("load: {{ without }}\n", stderr);
            return -1;
        }
        if (parse_slot(script, open + 2, (size_t)(close - open) - 2, add_piece(template)) != 0)
            return -1;
        at = (size_t)(close - text) + 2;
    }
    return 0;
}

static int load_list(struct mill_script *script, char *args)
{
    struct mill_words *list = &script->lists[script->list_count];
    char *path = strchr(args, ' ');
    size_t len;
    char *text;
    char *save = NULL;

    if (path == NULL || script->list_count == MILL_SCRIPT_LISTS)
        return -1;
    *path++ = '\0';
    text = read_file(path, &len);
    if (text == NULL || strlen(args) >= sizeof(list->name))
        return -1;
    memcpy(list->name, args, strlen(args) + 1);
    for (char *word = strtok_r(text, "\n", &save); word != NULL;
         word = strtok_r(NULL, "\n", &save)) {
        list->words = grow(list->words, (list->count + 1) * sizeof(*list->words));
        list->lens = grow(list->lens, (list->count + 1) * sizeof(*list->lens));
        list->words[list->count] = word;
        list->lens[list->count] = strlen(word);
        if (list->lens[list->count] > list->longest)
            list->longest = list->lens[list->count];
        list->count++;
    }
    script->list_count++;
    return list->count > 0 ? 0 : -1;
}

static int load_send(struct mill_script *script, struct mill_step *step, const char *args)
{
    const char *path = strchr(args, ' ');

    if (path == NULL || (size_t)(path - args) >= sizeof(step->method))
        return -1;
    memcpy(step->method, args, (size_t)(path - args));
    path++;
    return compile(script, copy_text(path, strlen(path)), strlen(path), &step->path);
}

static int load_body(struct mill_script *script, struct mill_step *step, const char *args)
{
    size_t len = strlen(args);
    char *text = args[0] == '@' ? read_file(args + 1, &len) : copy_text(args, len);

    step->has_body = 1;
    return text == NULL ? -1 : compile(script, text, len, &step->body);
}

static int load_count(struct mill_step *step, const char *args)
{
    char *rest;

    step->needle_count = strtoull(args, &rest, 10);
    if (*rest != ' ')
        return -1;
    step->needle = copy_text(rest + 1, strlen(rest + 1));
    return 0;
}

static char *quote(const char *text)
{
    size_t len = strlen(text);
    char *quoted = grow(NULL, len + 3);

    quoted[0] = '"';
    memcpy(quoted + 1, text, len);
    memcpy(quoted + 1 + len, "\"", 2);
    return quoted;
}

static int load_line(struct mill_script *script, char *line)
{
    struct mill_step *step =
        script->step_count == 0 ? NULL : &script->steps[script->step_count - 1];
    char *args = strchr(line, ' ');

    if (line[0] == '\0' || line[0] == '#')
        return 0;
    if (args == NULL)
        return -1;
    *args++ = '\0';
    if (strcmp(line, "list") == 0)
        return load_list(script, args);
    if (strcmp(line, "step") == 0) {
        if (script->step_count == MILL_SCRIPT_STEPS || strlen(args) >= sizeof(step->name))
            return -1;
        memcpy(script->steps[script->step_count++].name, args, strlen(args) + 1);
        return 0;
    }
    if (step == NULL)
        return -1;
    if (strcmp(line, "send") == 0)
        return load_send(script, step, args);
    if (strcmp(line, "body") == 0)
        return load_body(script, step, args);
    if (strcmp(line, "count") == 0)
        return load_count(step, args);
    if (strcmp(line, "expect") == 0)
        step->expect = copy_text(args, strlen(args));
    else if (strcmp(line, "capture") == 0)
        step->capture = quote(args);
    else
        return -1;
    return 0;
}

static void write_random_texts(struct mill_script *script)
{
    for (size_t i = 0; i < RANDOM_MAX; i++) {
        double value = (double)(next_random(script) >> 11) * 0x1p-53;
        int len = snprintf(random_text[i], SLOT_MAX, "%.16f", value);
        random_len[i] = len > 0 ? (size_t)len : 0;
    }
}

int mill_script_load(struct mill_script *script, const char *path)
{
    size_t len;
    char *text = read_file(path, &len);
    unsigned number = 0;

    if (text == NULL)
        return -1;
    for (char *line = text; line != NULL && *line != '\0';) {
        char *end = strchr(line, '\n');

        if (end != NULL)
            *end = '\0';
        number++;
        if (load_line(script, line) != 0) {
            fprintf(stderr, "load: %s: line %u is not understood\n", path, number);
            return -1;
        }
        line = end == NULL ? NULL : end + 1;
    }
    free(text);
    if (script->step_count == 0)
        fprintf(stderr, "load: %s: no step\n", path);
    script->random = (uint64_t)time(NULL) * 0x9e3779b97f4a7c15U;
    write_random_texts(script);
    return script->step_count == 0 ? -1 : 0;
}

static char *put_number(char *out, uint64_t number)
{
    char digits[SLOT_MAX];
    size_t len = 0;

    do {
        digits[SLOT_MAX - ++len] = (char)('0' + number % 10);
        number /= 10;
    } while (number > 0);
    memcpy(out, digits + SLOT_MAX - len, len);
    return out + len;
}

static char *put_text(char *out, const char *text, size_t len)
{
    memcpy(out, text, len);
    return out + len;
}

static char *put_word(struct mill_script *script, const struct mill_piece *piece, char *out)
{
    struct mill_words *list = &script->lists[piece->list];
    size_t at;

    if (piece->slot == MILL_SLOT_PICK) {
        at = (size_t)(next_random(script) % list->count);
    } else {
        at = list->next;
        list->next = (list->next + 1) % list->count;
    }
    return put_text(out, list->words[at], list->lens[at]);
}

static char *put_random(struct mill_script *script, char *out)
{
    size_t at = (size_t)(next_random(script) % RANDOM_MAX);

    return put_text(out, random_text[at], random_len[at]);
}

static char *put_pieces(struct mill_script *script, const struct mill_template *template,
                        const char *captured, char *out)
{
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    for (size_t i = 0; i < template->count; i++) {
        const struct mill_piece *piece = &template->pieces[i];

        switch (piece->slot) {
        case MILL_SLOT_TEXT:
            out = put_text(out, piece->text, piece->len);
            break;
        case MILL_SLOT_PICK:
        case MILL_SLOT_NEXT:
            out = put_word(script, piece, out);
            break;
        case MILL_SLOT_STEP:
            out = put_number(out, script->next_step++);
            break;
        case MILL_SLOT_REQ:
            out = put_number(out, script->next_req);
            break;
        case MILL_SLOT_RAND:
            out = put_random(script, out);
            break;
        case MILL_SLOT_NOW:
            out = put_number(out,
                             (uint64_t)now.tv_sec * 1000U + (uint64_t)now.tv_nsec / 1000000U);
            break;
        case MILL_SLOT_CAPTURED:
            out = put_text(out, captured, strlen(captured));
            break;
        }
    }
    return out;
}

/* The most bytes a template can become. */
static size_t most_bytes(const struct mill_script *script, const struct mill_template *template)
{
    size_t word = MILL_CAPTURE_MAX;

    for (size_t i = 0; i < script->list_count; i++) {
        if (script->lists[i].longest > word)
            word = script->lists[i].longest;
    }
    for (size_t i = 0, sum = template->fixed_len;; i++) {
        if (i == template->count)
            return sum;
        switch (template->pieces[i].slot) {
        case MILL_SLOT_TEXT:
            break;
        case MILL_SLOT_STEP:
        case MILL_SLOT_REQ:
        case MILL_SLOT_RAND:
        case MILL_SLOT_NOW:
            sum += SLOT_MAX;
            break;
        case MILL_SLOT_PICK:
        case MILL_SLOT_NEXT:
        case MILL_SLOT_CAPTURED:
            sum += word;
            break;
        }
    }
}

/* The body is written first, at a fixed place, then the head (which states its length) is
 * put right in front of it: one buffer, one send. */
void mill_script_render(struct mill_script *script, const struct mill_step *step,
                        const char *captured, struct mill_request *request)
{
    size_t need = HEAD_MAX + most_bytes(script, &step->body);
    char head[HEAD_MAX];
    char *at = head;
    size_t head_len;

    if (most_bytes(script, &step->path) + 256 > HEAD_MAX) {
        fprintf(stderr, "load: the path of step %s is too long\n", step->name);
        exit(2);
    }
    if (request->capacity < need) {
        request->buf = grow(request->buf, need);
        request->capacity = need;
    }
    script->next_req++;
    request->end = (size_t)(put_pieces(script, &step->body, captured, request->buf + HEAD_MAX) -
                            request->buf);
    at = put_text(at, step->method, strlen(step->method));
    *at++ = ' ';
    at = put_pieces(script, &step->path, captured, at);
    at = put_text(at, " HTTP/1.1\r\nHost: 127.0.0.1\r\n", 28);
    if (step->has_body) {
        at = put_text(at, "Content-Type: application/json\r\nContent-Length: ", 48);
        at = put_number(at, request->end - HEAD_MAX);
        at = put_text(at, "\r\n", 2);
    }
    at = put_text(at, "\r\n", 2);
    head_len = (size_t)(at - head);
    request->begin = HEAD_MAX - head_len;
    memcpy(request->buf + request->begin, head, head_len);
}
