#include "payload.h"

#include "utf8.h"

/* Encoding: protobuf.dev/programming-guides/encoding. */
enum { VARINT = 0, FIXED64 = 1, SIZED = 2, FIXED32 = 5 };
enum { FROM = 3, TO = 4, CONTENT = 5, CONTENT_TYPE = 6, MESSAGE_TYPE = 8, FILE_BYTES = 11,
       MESSAGE_ID = 12, LAST = 20 };

/* The wire type of each field we know. */
static const uint8_t WIRE[LAST + 1] = {
    [1] = SIZED, [2] = SIZED, [3] = SIZED, [4] = SIZED, [5] = SIZED, [6] = VARINT, [7] = SIZED,
    [8] = VARINT, [9] = SIZED, [10] = SIZED, [11] = SIZED, [12] = SIZED, [13] = VARINT,
    [14] = VARINT, [15] = VARINT, [16] = VARINT, [17] = SIZED, [18] = SIZED, [19] = VARINT,
    [20] = VARINT,
};

typedef struct {
    const uint8_t *at, *end;
} cursor;

/* At most `most` bytes: what is longer is legal or not, and not seen from servers. */
static int take_varint(cursor *c, int most, uint64_t *found) {
    uint64_t value = 0;
    for (int i = 0; i < most && c->at < c->end; i++) {
        uint8_t byte = *c->at++;
        value |= (uint64_t)(byte & 0x7F) << (7 * i);
        if (byte < 0x80) {
            *found = value;
            return 1;
        }
    }
    return 0;
}

static int take_bytes(cursor *c, slice *found) {
    uint64_t size;
    if (!take_varint(c, 4, &size) || size > (uint64_t)(c->end - c->at)) return 0;
    *found = (slice){c->at, (int64_t)size};
    c->at += size;
    return 1;
}

/* NUL is replaced in what is stored; Python does that. */
static int is_plain(slice text) {
    return text.size == 0 || memchr(text.at, 0, (size_t)text.size) == NULL;
}

static int keep_text(payload *found, uint64_t field, slice text) {
    if (field == FILE_BYTES) {
        found->file_size = text.size;
        return 1;
    }
    if (!is_utf8(text.at, text.size)) return 0;
    slice *kept = field == FROM ? &found->from
                : field == TO ? &found->to
                : field == CONTENT ? &found->content
                : field == MESSAGE_ID ? &found->message_id
                : NULL;
    if (kept == NULL) return 1;
    *kept = text;
    return is_plain(text);
}

static int skip_unknown(cursor *c, unsigned wire) {
    uint64_t value;
    slice bytes;
    int64_t size = wire == FIXED64 ? 8 : 4;
    if (wire == VARINT) return take_varint(c, 9, &value);
    if (wire == SIZED) return take_bytes(c, &bytes);
    if ((wire != FIXED64 && wire != FIXED32) || c->end - c->at < size) return 0;
    c->at += size;
    return 1;
}

int read_payload(slice data, payload *found) {
    cursor all = {data.at, data.at + data.size}, *c = &all;
    memset(found, 0, sizeof *found);
    while (c->at < c->end) {
        uint64_t tag, value;
        slice text;
        if (!take_varint(c, 2, &tag) || tag < 8) return 0;
        uint64_t field = tag >> 3;
        unsigned wire = tag & 7;
        if (field > LAST) {
            if (!skip_unknown(c, wire)) return 0;
            continue;
        }
        if (wire != WIRE[field]) return 0;
        if (wire == SIZED) {
            if (!take_bytes(c, &text) || !keep_text(found, field, text)) return 0;
            continue;
        }
        if (!take_varint(c, 9, &value)) return 0;
        if (field == CONTENT_TYPE) found->content_type = (int32_t)(uint32_t)value;
        if (field == MESSAGE_TYPE) found->message_type = (int32_t)(uint32_t)value;
    }
    return 1;
}
