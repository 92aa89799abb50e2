/* Whether bytes are UTF-8, as the Unicode standard has it (table 3-7). */
#ifndef CHATFLOW_UTF8_H
#define CHATFLOW_UTF8_H

#include <stdint.h>
#include <string.h>

static inline int utf8_follows(uint8_t byte) { return (byte & 0xC0) == 0x80; }

/* Length of the sequence at `at`, which does not begin with ASCII; 0 if there is none. */
static inline int utf8_sequence(const uint8_t *at, const uint8_t *end) {
    int64_t left = end - at;
    uint8_t first = at[0];
    if (first >= 0xC2 && first <= 0xDF) return left >= 2 && utf8_follows(at[1]) ? 2 : 0;
    if ((first & 0xF0) == 0xE0) {
        if (left < 3 || !utf8_follows(at[1]) || !utf8_follows(at[2])) return 0;
        if (first == 0xE0 && at[1] < 0xA0) return 0; /* overlong */
        if (first == 0xED && at[1] > 0x9F) return 0; /* half a surrogate pair */
        return 3;
    }
    if (first >= 0xF0 && first <= 0xF4) {
        if (left < 4 || !utf8_follows(at[1]) || !utf8_follows(at[2]) || !utf8_follows(at[3]))
            return 0;
        if (first == 0xF0 && at[1] < 0x90) return 0; /* overlong */
        if (first == 0xF4 && at[1] > 0x8F) return 0; /* beyond U+10FFFF */
        return 4;
    }
    return 0;
}

static inline int is_utf8(const uint8_t *at, int64_t size) {
    const uint8_t *end = at + size;
    while (at < end) {
        uint64_t word;
        if (end - at >= 8) {
            memcpy(&word, at, 8);
            if (!(word & 0x8080808080808080u)) {
                at += 8;
                continue;
            }
        }
        if (*at < 0x80) {
            at++;
            continue;
        }
        int length = utf8_sequence(at, end);
        if (!length) return 0;
        at += length;
    }
    return 1;
}

#endif
