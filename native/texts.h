/* Texts: slices of bytes in UTF-8, columns of them as Arrow lays them out, and hashes. */
#ifndef CHATFLOW_TEXTS_H
#define CHATFLOW_TEXTS_H

#include "memory.h"

/* Borrowed bytes. Where a text may be missing, a length of 0 says so. */
typedef struct {
    const uint8_t *at;
    int64_t size;
} slice;

/* Row `i` is bytes[ends[i]] to bytes[ends[i + 1]]; ends[0] is 0. Never beyond 2 GiB: callers see to it. */
typedef struct {
    int32_t *ends;
    uint8_t *bytes;
    int64_t used;       /* bytes */
    int64_t byte_room;  /* bytes */
    int64_t row_room;   /* rows */
} texts;

static inline slice slice_at(const uint8_t *bytes, const int32_t *ends, int64_t row) {
    return (slice){bytes + ends[row], ends[row + 1] - ends[row]};
}

static inline slice text_at(const texts *column, int64_t row) {
    return slice_at(column->bytes, column->ends, row);
}

static inline int same(slice a, slice b) {
    return a.size == b.size && (a.size == 0 || memcmp(a.at, b.at, (size_t)a.size) == 0);
}

/* Below 0 where one comes before another: UTF-8 sorts as its characters do. */
static inline int order_of(slice a, slice b) {
    int64_t shorter = a.size < b.size ? a.size : b.size;
    int order = shorter ? memcmp(a.at, b.at, (size_t)shorter) : 0;
    return order ? order : (a.size > b.size) - (a.size < b.size);
}

static inline int is(slice a, const char *word) {
    size_t size = strlen(word);
    return a.size == (int64_t)size && size != 0 && memcmp(a.at, word, size) == 0;
}

/* `rows` is how many there are before. Returns where to write `size` bytes. */
static inline uint8_t *text_room(texts *column, int64_t rows, int64_t size) {
    if (rows + 2 > column->row_room) {
        int first = column->ends == NULL;
        column->ends = grown(column->ends, &column->row_room, rows + 2, sizeof *column->ends);
        if (first) column->ends[0] = 0;
    }
    column->bytes = grown(column->bytes, &column->byte_room, column->used + size, 1);
    uint8_t *at = column->bytes + column->used;
    column->used += size;
    column->ends[rows + 1] = (int32_t)column->used;
    return at;
}

static inline void text_add(texts *column, int64_t rows, slice text) {
    uint8_t *at = text_room(column, rows, text.size);
    if (text.size) memcpy(at, text.at, (size_t)text.size);
}

/* The same where the column is fetched long before 2 GiB, and `what` is the one thing that could
 * pass them: no record of Kafka's is that large. */
static inline void text_add_bounded(texts *column, int64_t rows, slice text, const char *what) {
    if (column->used + text.size > INT32_MAX) {
        fprintf(stderr, "chatflow: %s of 2 GiB\n", what);
        abort();
    }
    text_add(column, rows, text);
}

static inline void texts_free(texts *column) {
    free(column->ends);
    free(column->bytes);
}

/* 128 bits under a random secret: nobody outside can make two texts meet, and by chance two of a
 * thousand million texts do with a probability of less than 1e-20. Equal hashes count as equal. */
typedef struct {
    uint64_t low, high;
} hash128;

extern uint64_t hash_secret[4];
void hash_seed(uint64_t a, uint64_t b, uint64_t c, uint64_t d);

static inline uint64_t hash_word(const uint8_t *at, int64_t size) {
    uint64_t word = 0;
    memcpy(&word, at, (size_t)size);
    return word;
}

static inline uint64_t hash_mix(uint64_t a, uint64_t b) {
    __uint128_t product = (__uint128_t)a * b;
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static inline hash128 hash_of(slice text) {
    uint64_t low = hash_secret[0] ^ (uint64_t)text.size, high = hash_secret[1];
    const uint8_t *at = text.at;
    int64_t left = text.size;
    for (; left > 8; at += 8, left -= 8) {
        uint64_t word = hash_word(at, 8);
        low = hash_mix(low ^ word, hash_secret[2]);
        high = hash_mix(high + word, hash_secret[3]);
    }
    uint64_t word = left ? hash_word(at, left) : 0;
    low = hash_mix(low ^ word, hash_secret[2]);
    high = hash_mix(high + word, hash_secret[3]);
    return (hash128){hash_mix(low, hash_secret[3]), hash_mix(high ^ low, hash_secret[2])};
}

#endif
