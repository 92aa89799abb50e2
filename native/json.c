#include "json.h"

#include "utf8.h"

enum { DEEPEST = 16, MOST_DIGITS = 18 };

int json_is_plain(slice value) {
    uint8_t odd = 0, high = 0;
    for (int64_t i = 0; i < value.size; i++) {
        odd |= (uint8_t)(value.at[i] < 0x20);
        high |= value.at[i];
    }
    return !odd && (high < 0x80 || is_utf8(value.at, value.size));
}

static void blanks(json *j) {
    while (j->at < j->end && *j->at == ' ') j->at++;
}

int json_take(json *j, uint8_t wanted) {
    blanks(j);
    if (j->at == j->end || *j->at != wanted) return 0;
    j->at++;
    return 1;
}

int json_take_word(json *j, const char *word) {
    int64_t size = (int64_t)strlen(word);
    blanks(j);
    if (j->end - j->at < size || memcmp(j->at, word, (size_t)size)) return 0;
    j->at += size;
    return 1;
}

/* Four hexadecimal digits; -1 where they are none. */
static int32_t hexadecimal(const uint8_t *at) {
    int32_t value = 0;
    for (int i = 0; i < 4; i++) {
        int digit = at[i] >= '0' && at[i] <= '9'   ? at[i] - '0'
                    : at[i] >= 'a' && at[i] <= 'f' ? at[i] - 'a' + 10
                    : at[i] >= 'A' && at[i] <= 'F' ? at[i] - 'A' + 10
                                                   : -1;
        if (digit < 0) return -1;
        value = value * 16 + digit;
    }
    return value;
}

/* A character of the first plane in UTF-8; never longer than the escape it comes from. */
static uint8_t *write_character(uint8_t *to, int32_t code) {
    if (code < 0x80) {
        *to++ = (uint8_t)code;
        return to;
    }
    if (code < 0x800) {
        *to++ = (uint8_t)(0xC0 | code >> 6);
    } else {
        *to++ = (uint8_t)(0xE0 | code >> 12);
        *to++ = (uint8_t)(0x80 | (code >> 6 & 0x3F));
    }
    *to++ = (uint8_t)(0x80 | (code & 0x3F));
    return to;
}

/* What follows a backslash, taken and written to `*to`. */
static int take_escape(json *j, uint8_t **to) {
    static const char NAMES[] = "\"\\/bfnrt", MEANT[] = "\"\\/\b\f\n\r\t";
    if (j->at == j->end) return 0;
    uint8_t name = *j->at++;
    if (name == 'u') {
        int32_t code = j->end - j->at < 4 ? -1 : hexadecimal(j->at);
        if (code <= 0 || (code >= 0xD800 && code <= 0xDFFF)) return 0;
        j->at += 4;
        *to = write_character(*to, code);
        return 1;
    }
    const char *found = name ? strchr(NAMES, name) : NULL;
    if (found == NULL) return 0;
    *(*to)++ = (uint8_t)MEANT[found - NAMES];
    return 1;
}

static int text_with_escapes(json *j, const uint8_t *from, slice *found) {
    uint8_t *begin = j->spare, *to = begin;
    for (j->at = from; j->at < j->end;) {
        uint8_t byte = *j->at++;
        if (byte == '"') {
            *found = (slice){begin, to - begin};
            j->spare = to;
            return 1;
        }
        if (byte != '\\') *to++ = byte;
        else if (!take_escape(j, &to)) return 0;
    }
    return 0;
}

int json_text(json *j, slice *found) {
    if (!json_take(j, '"')) return 0;
    const uint8_t *from = j->at, *end = memchr(from, '"', (size_t)(j->end - from));
    if (end == NULL) return 0;
    if (memchr(from, '\\', (size_t)(end - from)) != NULL) return text_with_escapes(j, from, found);
    *found = (slice){from, end - from};
    j->at = end + 1;
    return 1;
}

int json_integer(json *j, int64_t *found) {
    blanks(j);
    int negative = j->at < j->end && *j->at == '-';
    const uint8_t *first = j->at += negative;
    int64_t value = 0;
    while (j->at < j->end && *j->at >= '0' && *j->at <= '9') {
        if (j->at - first == MOST_DIGITS) return 0;
        value = value * 10 + (*j->at++ - '0');
    }
    if (j->at == first || (*first == '0' && (j->at - first > 1 || negative))) return 0;
    if (j->at < j->end && (*j->at == '.' || *j->at == 'e' || *j->at == 'E')) return 0;
    *found = negative ? -value : value;
    return 1;
}

int json_optional_text(json *j, slice *found) {
    if (found->at != NULL) return 0;
    return json_take_word(j, "null") || json_text(j, found);
}

int json_optional_number(json *j, number *found) {
    if (found->is_there) return 0;
    if (json_take_word(j, "null")) return 1;
    return found->is_there = json_integer(j, &found->value);
}

int json_key(json *j, slice *found) { return json_text(j, found) && json_take(j, ':'); }

static int skip(json *j, int depth);

static int skip_object(json *j, int depth) {
    slice key;
    if (json_take(j, '}')) return 1;
    do {
        if (!json_key(j, &key) || !skip(j, depth)) return 0;
    } while (json_take(j, ','));
    return json_take(j, '}');
}

static int skip_array(json *j, int depth) {
    if (json_take(j, ']')) return 1;
    do {
        if (!skip(j, depth)) return 0;
    } while (json_take(j, ','));
    return json_take(j, ']');
}

static int skip(json *j, int depth) {
    slice text;
    int64_t integer;
    blanks(j);
    if (depth == DEEPEST || j->at == j->end) return 0;
    switch (*j->at) {
        case '{': j->at++; return skip_object(j, depth + 1);
        case '[': j->at++; return skip_array(j, depth + 1);
        case '"': return json_text(j, &text);
        case 't': return json_take_word(j, "true");
        case 'f': return json_take_word(j, "false");
        case 'n': return json_take_word(j, "null");
        default: return json_integer(j, &integer);
    }
}

int json_is_over(json *j) {
    blanks(j);
    return j->at == j->end;
}

int json_skip(json *j) { return skip(j, 0); }
