/* Ids of users or groups, each once: known by a small number, found by their text. */
#ifndef CHATFLOW_IDS_H
#define CHATFLOW_IDS_H

#include "texts.h"

typedef struct {
    uint8_t *at; /* NULL: the number is free */
    int64_t size;
    uint64_t hash;
} id;

typedef struct {
    id *all;         /* by number */
    int64_t count;   /* numbers ever given */
    int64_t room;
    uint32_t *freed; /* numbers to be given again */
    int64_t freed_count, freed_room;
    uint64_t *cells; /* high half of the hash, and the number + 1; 0: empty */
    uint64_t mask;
    int64_t used; /* cells */
} ids;

/* The number, or -1. */
int64_t ids_find(const ids *known, slice text);
/* The number, given now where the id is new. Arrays by number need room for `count` then. */
int64_t ids_of(ids *known, slice text);
void ids_drop(ids *known, int64_t number);
void ids_free(ids *known);

static inline uint64_t hash_of_id(slice text) { return hash_of(text).low; }

/* Bring the memory in time where the id will be looked for; returns its hash. */
static inline uint64_t ids_ahead(const ids *known, slice text) {
    uint64_t hash = hash_of_id(text);
    if (known->cells) __builtin_prefetch(&known->cells[hash & known->mask]);
    return hash;
}

static inline slice id_text(const ids *known, int64_t number) {
    return (slice){known->all[number].at, known->all[number].size};
}

#endif
