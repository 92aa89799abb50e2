/* Pairs of small numbers, each with a third one: a hash table. */
#ifndef CHATFLOW_PAIRS_H
#define CHATFLOW_PAIRS_H

#include "memory.h"

typedef struct {
    uint64_t key; /* 0: empty */
    uint32_t value;
} pair;

typedef struct {
    pair *cells;
    uint64_t mask;
    int64_t used;
} pairs;

static inline uint64_t pair_key(int64_t first, int64_t second) {
    return ((uint64_t)first << 32 | (uint32_t)second) + 1;
}

/* NULL where there is none; good until the table changes. */
pair *pairs_find(const pairs *all, uint64_t key);
/* Only where there is none. */
void pairs_add(pairs *all, uint64_t key, uint32_t value);
void pairs_drop(pairs *all, pair *gone);
void pairs_clear(pairs *all);

#endif
