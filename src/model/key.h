/* key.h - the grammar of metric, param and tag keys. */
#ifndef MILL_MODEL_KEY_H
#define MILL_MODEL_KEY_H

#include <stdbool.h>
#include <stdint.h>

#include <millstream/error.h>

/* What is wrong with a key, or NULL for a good one: a sentence part that follows the key's
 * place and the key itself, "contains ',', which is not allowed; use ...". The text is
 * constant. Any thread.
 *
 * A key has 1 to 250 characters: letters and digits of any script, `_ . - / :` and space. It
 * reads as a relative path that is its own shortest form, since file stores make it one. */
const char *mill_key_problem(struct mill_view key);

/* Whether the text may name a run: a letter or digit of ASCII, then up to 255 word characters
 * or dashes. */
bool mill_run_id_valid(struct mill_view run_id);

/* Whether valid UTF-8 has nothing but letters, digits and numbers of any script, '_' and '-'.
 */
bool mill_is_words_and_dashes(struct mill_view text);

/* Whether a code point is a letter, digit or number of any script, or '_'. */
bool mill_is_word(uint32_t point);

#endif
