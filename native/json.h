/* JSON, as far as servers write it: whatever this refuses is for Python to read, be it JSON or not. */
#ifndef CHATFLOW_JSON_H
#define CHATFLOW_JSON_H

#include "texts.h"

typedef struct {
    int64_t value;
    int is_there;
} number;

/* Where reading goes on; texts with escapes are written out at `spare`, which has room for all that
 * is left. */
typedef struct {
    const uint8_t *at, *end;
    uint8_t *spare;
} json;

/* Whether a value is text without control characters, so that blanks are spaces. */
int json_is_plain(slice value);

/* Whether the next thing is this character, or this word; takes it. */
int json_take(json *j, uint8_t wanted);
int json_take_word(json *j, const char *word);

/* A text, its escapes undone. Refuses NUL and halves of surrogate pairs. */
int json_text(json *j, slice *found);

/* An integer of at most 18 digits, and nothing else that begins like one. */
int json_integer(json *j, int64_t *found);

/* The same or null, which is no text and no number; once only. */
int json_optional_text(json *j, slice *found);
int json_optional_number(json *j, number *found);

/* The next key of an object and its colon. */
int json_key(json *j, slice *found);

/* Whether nothing follows. */
int json_is_over(json *j);

/* Over a value that nobody reads. It must be JSON all the same. */
int json_skip(json *j);

#endif
