#include "state.h"

#include "utf8.h"

typedef struct {
    const uint8_t *at, *end;
} reader;

static int64_t left(const reader *from) { return from->end - from->at; }

/* The byte that says what comes; -1 at the end. */
static int read_head(reader *from) { return left(from) > 0 ? *from->at++ : -1; }

static int read_unsigned(reader *from, int size, uint64_t *to) {
    if (left(from) < size) return 0;
    *to = 0;
    for (int i = 0; i < size; i++) *to = *to << 8 | *from->at++;
    return 1;
}

static int read_integer(reader *from, int64_t *to) {
    int head = read_head(from);
    uint64_t bits;
    if (head < 0) return 0;
    if (head <= 0x7F || head >= 0xE0) {
        *to = head <= 0x7F ? head : head - 0x100;
        return 1;
    }
    if (head < 0xCC || head > 0xD3) return 0;
    int size = 1 << ((head - 0xCC) & 3);
    if (!read_unsigned(from, size, &bits)) return 0;
    if (head < 0xD0) {
        *to = (int64_t)bits;
        return bits <= INT64_MAX;
    }
    int unused = 64 - 8 * size;
    *to = (int64_t)(bits << unused) >> unused;
    return 1;
}

static int read_nil(reader *from) {
    if (left(from) < 1 || *from->at != 0xC0) return 0;
    from->at++;
    return 1;
}

static int read_maybe(reader *from, maybe *to) {
    to->is_there = !read_nil(from);
    return !to->is_there || read_integer(from, &to->value);
}

static int read_text(reader *from, slice *to) {
    int head = read_head(from);
    uint64_t size = (uint64_t)head & 0x1F;
    if (head < 0xA0 || (head > 0xBF && (head < 0xD9 || head > 0xDB))) return 0;
    if (head > 0xBF && !read_unsigned(from, 1 << (head - 0xD9), &size)) return 0;
    if (size > (uint64_t)left(from) || !is_utf8(from->at, (int64_t)size)) return 0;
    *to = (slice){from->at, (int64_t)size};
    from->at += size;
    return 1;
}

/* Each member takes a byte at least: no more than there can be are believed. */
static int read_array(reader *from, int64_t *count) {
    int head = read_head(from);
    uint64_t size = (uint64_t)head & 0x0F;
    if (head < 0x90 || (head > 0x9F && head != 0xDC && head != 0xDD)) return 0;
    if (head > 0x9F && !read_unsigned(from, head == 0xDC ? 2 : 4, &size)) return 0;
    *count = (int64_t)size;
    return size <= (uint64_t)left(from);
}

static int read_session(reader *from, person *to) {
    int64_t fields;
    one_session found;
    if (!read_array(from, &fields) || fields != 5 || !read_text(from, &found.name)) return 0;
    if (!read_maybe(from, &found.worker_id) || !read_maybe(from, &found.connection_time)) return 0;
    if (!read_integer(from, &found.opened_at) || !read_integer(from, &found.renewed_at)) return 0;
    person_add_session(to, found);
    return 1;
}

static int read_sessions(reader *from, person *to) {
    int64_t count;
    if (!read_array(from, &count)) return 0;
    for (; count > 0; count--)
        if (!read_session(from, to)) return 0;
    return 1;
}

static int read_coordinates(reader *from, coordinates *to) {
    int64_t fields;
    if (!read_array(from, &fields) || fields > 3) return 0;
    if (fields > 0 && !read_nil(from) && !read_text(from, &to->topic)) return 0;
    if (fields > 1 && !read_maybe(from, &to->partition)) return 0;
    return fields < 3 || read_maybe(from, &to->offset);
}

static int read_ended(reader *from, person *to) {
    int64_t count, fields, at;
    slice name;
    if (!read_array(from, &count)) return 0;
    for (; count > 0; count--) {
        if (!read_array(from, &fields) || fields != 2) return 0;
        if (!read_text(from, &name) || !read_integer(from, &at)) return 0;
        person_add_ending(to, name, at);
    }
    return 1;
}

/* A field of `Person` of dataflows/sessions.py, in their order there. */
static int read_field(reader *from, int64_t place, person *to) {
    switch (place) {
        case 0: return read_sessions(from, to);
        case 1: return read_integer(from, &to->last_seen);
        case 2: return read_text(from, &to->status);
        case 3: return read_integer(from, &to->since);
        case 4: return read_maybe(from, &to->left_at);
        case 5: return read_text(from, &to->left_because);
        case 6: return read_coordinates(from, &to->left_by);
        default: return read_ended(from, to);
    }
}

int state_read(slice state, person *to) {
    enum { FIELDS = 8 };
    reader from = {state.at, state.at + state.size};
    int64_t fields, count;
    person_clear(to);
    if (!read_array(&from, &fields) || fields != 2) return 0;
    if (!read_array(&from, &count) || count > FIELDS) return 0;
    for (int64_t i = 0; i < count; i++)
        if (!read_field(&from, i, to)) return 0;
    /* Messages that are held here are for Python to put where they are held now. */
    if (!read_array(&from, &fields) || fields != 0) return 0;
    return left(&from) == 0;
}
