/* Memory that grows. There is no way on without it, so a request that fails ends the process. */
#ifndef CHATFLOW_MEMORY_H
#define CHATFLOW_MEMORY_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static inline void *resized(void *old, size_t bytes) {
    void *found = realloc(old, bytes ? bytes : 1);
    if (found == NULL) {
        fputs("chatflow: out of memory\n", stderr);
        abort();
    }
    return found;
}

/* Zeroed. */
static inline void *reserved(size_t count, size_t size) {
    void *found = calloc(count ? count : 1, size);
    if (found == NULL) {
        fputs("chatflow: out of memory\n", stderr);
        abort();
    }
    return found;
}

/* `*room` places of `size` bytes become enough for `wanted`; at least half as many more. */
static inline void *grown(void *old, int64_t *room, int64_t wanted, size_t size) {
    if (wanted <= *room) return old;
    int64_t more = *room + *room / 2 + 64;
    *room = wanted > more ? wanted : more;
    return resized(old, (size_t)*room * size);
}

#endif
