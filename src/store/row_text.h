/* row_text.h - how texts lie in a row (for row*.c alone). */
#ifndef MILL_STORE_ROW_TEXT_H
#define MILL_STORE_ROW_TEXT_H

/* What the number in front of a text says: one of these, or its length with what follows added.
 * Most runs repeat their name and user in tags; such a text has no bytes of its own. */
enum mill_row_text { MILL_ROW_ABSENT, MILL_ROW_IS_NAME, MILL_ROW_IS_USER, MILL_ROW_LENGTH };

#endif
