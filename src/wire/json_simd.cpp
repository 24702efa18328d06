/* json_simd.cpp - json_simd.h by simdjson. */
#define SIMDJSON_EXCEPTIONS 0
#include "wire/json_simd.h"

#include <simdjson.h>

#include "base/exit.h"

static_assert(MILL_JSON_PADDING >= simdjson::SIMDJSON_PADDING, "padding is too small");

namespace
{

thread_local simdjson::dom::parser parser;

/* Makes what simdjson keeps for the whole process, which it takes down at exit: not before our
 * threads have ended. */
void settle()
{
    static const bool settled =
        (simdjson::get_active_implementation()->name(), mill_exit_first(), true);
    (void)settled;
}

const char *problem(simdjson::error_code code)
{
    switch (int(code)) {
    case simdjson::UTF8_ERROR:
        return "it is not UTF-8";
    case simdjson::UNCLOSED_STRING:
        return "a string is not closed";
    case simdjson::UNESCAPED_CHARS:
        return "a control character in a string is not escaped";
    case simdjson::STRING_ERROR:
        return "a string has a bad escape";
    case simdjson::NUMBER_ERROR:
        return "a number is malformed";
    case simdjson::T_ATOM_ERROR:
    case simdjson::F_ATOM_ERROR:
    case simdjson::N_ATOM_ERROR:
        return "a word is none of true, false, null";
    case simdjson::EMPTY:
        return "there is nothing";
    default:
        return "its structure is wrong";
    }
}

} // namespace

enum mill_simd_result mill_simd_parse(const char *text, size_t len, size_t max_depth,
                                      const uint64_t **tape_out, const char **strings_out,
                                      const char **problem_out)
{
    simdjson::error_code code = simdjson::SUCCESS;
    if (len > parser.capacity() || parser.capacity() == 0) {
        size_t capacity = 1024;
        settle();
        while (capacity < len)
            capacity *= 2;
        code = parser.allocate(capacity, max_depth);
    }
    if (code == simdjson::SUCCESS)
        code = parser.parse(text, len, false).error();
    *tape_out = parser.doc.tape.get();
    *strings_out = reinterpret_cast<const char *>(parser.doc.string_buf.get());
    *problem_out = problem(code);
    switch (int(code)) {
    case simdjson::SUCCESS:
        return MILL_SIMD_OK;
    case simdjson::MEMALLOC:
    case simdjson::CAPACITY:
        return MILL_SIMD_NOMEM;
    case simdjson::DEPTH_ERROR:
        return MILL_SIMD_DEPTH;
    case simdjson::UTF8_ERROR:
        return MILL_SIMD_UTF8;
    default:
        return MILL_SIMD_SYNTAX;
    }
}

void mill_simd_shrink(size_t keep_bytes)
{
    if (parser.capacity() > keep_bytes)
        parser = simdjson::dom::parser();
}
