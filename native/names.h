/* A list of texts of any total size, for Python: text `i` ends at bytes[ends[i]]. */
#ifndef CHATFLOW_NAMES_H
#define CHATFLOW_NAMES_H

#include "texts.h"

typedef struct {
    int64_t count;
    int64_t *ends;
    uint8_t *bytes;
    int64_t used; /* bytes */
    int64_t room, byte_room;
} names;

static inline void names_add(names *all, slice text) {
    all->ends = grown(all->ends, &all->room, all->count + 1, sizeof *all->ends);
    all->bytes = grown(all->bytes, &all->byte_room, all->used + text.size, 1);
    if (text.size) memcpy(all->bytes + all->used, text.at, (size_t)text.size);
    all->used += text.size;
    all->ends[all->count++] = all->used;
}

static inline void names_clear(names *all) { all->count = all->used = 0; }

static inline void names_free(names *all) {
    free(all->ends);
    free(all->bytes);
}

/* Texts that Python gives: one after the other, and the size of each. */
typedef struct {
    int64_t count;
    const int32_t *sizes;
    const uint8_t *bytes;
    int64_t left; /* bytes */
} given;

/* The next one; empty where there is none, or its size is none. */
static inline slice given_next(given *all) {
    slice next = {all->bytes, 0};
    if (all->count == 0) return next;
    int32_t size = *all->sizes++;
    all->count--;
    if (size < 0 || size > all->left) return next;
    next.size = size;
    all->bytes += size;
    all->left -= size;
    return next;
}

#endif
