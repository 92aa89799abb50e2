#include "state.h"

#include "utf8.h"

typedef struct {
    const uint8_t *at, *end;
} reader;

/* Times gathered on the way to what is due. */
typedef struct {
    int64_t renewed; /* the first session to be over was renewed then */
    int64_t last_sign;
    int64_t left_at;
} times;

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

static int read_integer_or_nil(reader *from) {
    int64_t ignored;
    return read_nil(from) || read_integer(from, &ignored);
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

static void add_name(person *to, slice name) {
    int64_t place = to->session_count++;
    to->sizes = grown(to->sizes, &to->size_room, place + 1, sizeof *to->sizes);
    to->names = grown(to->names, &to->name_room, to->used + name.size, 1);
    if (name.size) memcpy(to->names + to->used, name.at, (size_t)name.size);
    to->sizes[place] = (int32_t)name.size;
    to->used += name.size;
}

static int read_session(reader *from, person *to, times *found) {
    int64_t fields, opened_at, renewed_at;
    slice name;
    if (!read_array(from, &fields) || fields != 5 || !read_text(from, &name)) return 0;
    if (!read_integer_or_nil(from) || !read_integer_or_nil(from)) return 0;
    if (!read_integer(from, &opened_at) || !read_integer(from, &renewed_at)) return 0;
    add_name(to, name);
    if (renewed_at < 0) renewed_at = 0; /* when a user was active is 0 where it is not known */
    if (renewed_at < found->renewed) found->renewed = renewed_at;
    return 1;
}

static int read_sessions(reader *from, person *to, times *found) {
    int64_t count;
    if (!read_array(from, &count)) return 0;
    for (; count > 0; count--)
        if (!read_session(from, to, found)) return 0;
    return 1;
}

static int read_sign(reader *from, times *found) {
    int64_t at;
    if (!read_integer(from, &at)) return 0;
    if (at > found->last_sign) found->last_sign = at;
    return 1;
}

static int read_left_at(reader *from, person *to, times *found) {
    if (read_nil(from)) return 1;
    to->is_leaving = 1;
    return read_integer(from, &found->left_at);
}

static int read_coordinates(reader *from) {
    int64_t fields;
    slice ignored;
    if (!read_array(from, &fields) || fields > 3) return 0;
    if (fields > 0 && !read_nil(from) && !read_text(from, &ignored)) return 0;
    for (int64_t i = 1; i < fields; i++)
        if (!read_integer_or_nil(from)) return 0;
    return 1;
}

static int read_ended(reader *from, times *found) {
    int64_t count, fields;
    slice ignored;
    if (!read_array(from, &count)) return 0;
    for (; count > 0; count--) {
        if (!read_array(from, &fields) || fields != 2) return 0;
        if (!read_text(from, &ignored) || !read_sign(from, found)) return 0;
    }
    return 1;
}

/* A field of `Person` of dataflows/sessions.py, in their order there. */
static int read_field(reader *from, int64_t place, person *to, times *found) {
    int64_t ignored;
    slice text;
    switch (place) {
        case 0: return read_sessions(from, to, found);
        case 1: return read_sign(from, found); /* last_seen */
        case 3: return read_integer(from, &ignored); /* since */
        case 4: return read_left_at(from, to, found);
        case 6: return read_coordinates(from);
        case 7: return read_ended(from, found);
        default: return read_text(from, &text); /* status, left_because */
    }
}

static int find_due(person *to, const times *found, spans of) {
    if (to->session_count) return !__builtin_add_overflow(found->renewed, of.timeout, &to->due);
    if (to->is_leaving) return !__builtin_add_overflow(found->left_at, of.grace, &to->due);
    return !__builtin_add_overflow(found->last_sign, of.timeout, &to->due);
}

int person_read(slice state, spans of, person *to) {
    enum { FIELDS = 8 };
    reader from = {state.at, state.at + state.size};
    times found = {.renewed = INT64_MAX};
    int64_t fields, count;
    to->session_count = to->used = to->is_leaving = 0;
    if (!read_array(&from, &fields) || fields != 2) return 0;
    if (!read_array(&from, &count) || count > FIELDS) return 0;
    for (int64_t i = 0; i < count; i++)
        if (!read_field(&from, i, to, &found)) return 0;
    /* Messages that are held here are for Python to put where they are held now. */
    if (!read_array(&from, &fields) || fields != 0) return 0;
    return left(&from) == 0 && find_due(to, &found, of);
}

void person_free(person *all) {
    free(all->sizes);
    free(all->names);
}
