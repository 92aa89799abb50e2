#include "envelope.h"

/* The value of a character and one more; 0 for what is none. */
static const uint8_t is_there[256] = {
    ['A'] = 1,  ['B'] = 2,  ['C'] = 3,  ['D'] = 4,  ['E'] = 5,  ['F'] = 6,  ['G'] = 7,  ['H'] = 8,
    ['I'] = 9,  ['J'] = 10, ['K'] = 11, ['L'] = 12, ['M'] = 13, ['N'] = 14, ['O'] = 15, ['P'] = 16,
    ['Q'] = 17, ['R'] = 18, ['S'] = 19, ['T'] = 20, ['U'] = 21, ['V'] = 22, ['W'] = 23, ['X'] = 24,
    ['Y'] = 25, ['Z'] = 26, ['a'] = 27, ['b'] = 28, ['c'] = 29, ['d'] = 30, ['e'] = 31, ['f'] = 32,
    ['g'] = 33, ['h'] = 34, ['i'] = 35, ['j'] = 36, ['k'] = 37, ['l'] = 38, ['m'] = 39, ['n'] = 40,
    ['o'] = 41, ['p'] = 42, ['q'] = 43, ['r'] = 44, ['s'] = 45, ['t'] = 46, ['u'] = 47, ['v'] = 48,
    ['w'] = 49, ['x'] = 50, ['y'] = 51, ['z'] = 52, ['0'] = 53, ['1'] = 54, ['2'] = 55, ['3'] = 56,
    ['4'] = 57, ['5'] = 58, ['6'] = 59, ['7'] = 60, ['8'] = 61, ['9'] = 62, ['+'] = 63, ['/'] = 64,
};

/* Four characters as 24 bits; -1 where one of them is none. */
static int32_t four(const uint8_t *at) {
    uint32_t a = is_there[at[0]], b = is_there[at[1]], c = is_there[at[2]], d = is_there[at[3]];
    if (!a || !b || !c || !d) return -1;
    return (int32_t)((a - 1) << 18 | (b - 1) << 12 | (c - 1) << 6 | (d - 1));
}

int64_t read_base64(slice text, uint8_t *into) {
    if (text.size % 4 || !text.size) return text.size ? -1 : 0;
    const uint8_t *at = text.at, *last = text.at + text.size - 4;
    uint8_t *to = into, end[4];
    for (; at < last; at += 4, to += 3) {
        int32_t bits = four(at);
        if (bits < 0) return -1;
        to[0] = (uint8_t)(bits >> 16), to[1] = (uint8_t)(bits >> 8), to[2] = (uint8_t)bits;
    }
    memcpy(end, at, 4);
    int padding = end[3] != '=' ? 0 : end[2] != '=' ? 1 : 2;
    if (padding) end[3] = 'A';
    if (padding == 2) end[2] = 'A';
    int32_t bits = four(end);
    /* Bits that belong to no byte must be 0: readers differ on others. */
    if (bits < 0 || (padding && bits & (padding == 1 ? 0xFF : 0xFFFF))) return -1;
    for (int i = 0; i < 3 - padding; i++) *to++ = (uint8_t)(bits >> (16 - 8 * i));
    return to - into;
}
