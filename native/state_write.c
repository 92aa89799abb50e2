#include "state.h"

/* The smallest form that holds a value, as msgspec chooses it. */

static uint8_t *write_bytes(uint8_t *to, int head, uint64_t value, int size) {
    *to++ = (uint8_t)head;
    for (int i = size - 1; i >= 0; i--) *to++ = (uint8_t)(value >> 8 * i);
    return to;
}

static uint8_t *write_integer(uint8_t *to, int64_t value) {
    uint64_t bits = (uint64_t)value;
    if (value >= -32 && value <= 0x7F) return write_bytes(to, (uint8_t)value, 0, 0);
    if (value >= 0) {
        if (value <= 0xFF) return write_bytes(to, 0xCC, bits, 1);
        if (value <= 0xFFFF) return write_bytes(to, 0xCD, bits, 2);
        if (value <= 0xFFFFFFFF) return write_bytes(to, 0xCE, bits, 4);
        return write_bytes(to, 0xCF, bits, 8);
    }
    if (value >= INT8_MIN) return write_bytes(to, 0xD0, bits, 1);
    if (value >= INT16_MIN) return write_bytes(to, 0xD1, bits, 2);
    if (value >= INT32_MIN) return write_bytes(to, 0xD2, bits, 4);
    return write_bytes(to, 0xD3, bits, 8);
}

static uint8_t *write_nil(uint8_t *to) { return write_bytes(to, 0xC0, 0, 0); }

static uint8_t *write_maybe(uint8_t *to, maybe value) {
    return value.is_there ? write_integer(to, value.value) : write_nil(to);
}

static uint8_t *write_text(uint8_t *to, slice text) {
    uint64_t size = (uint64_t)text.size;
    if (size < 32) to = write_bytes(to, 0xA0 | (int)size, 0, 0);
    else if (size <= 0xFF) to = write_bytes(to, 0xD9, size, 1);
    else if (size <= 0xFFFF) to = write_bytes(to, 0xDA, size, 2);
    else to = write_bytes(to, 0xDB, size, 4);
    if (size) memcpy(to, text.at, size);
    return to + size;
}

static uint8_t *write_array(uint8_t *to, int64_t count) {
    if (count < 16) return write_bytes(to, 0x90 | (int)count, 0, 0);
    if (count <= 0xFFFF) return write_bytes(to, 0xDC, (uint64_t)count, 2);
    return write_bytes(to, 0xDD, (uint64_t)count, 4);
}

static uint8_t *write_session(uint8_t *to, const one_session *from) {
    to = write_text(write_array(to, 5), from->name);
    to = write_maybe(write_maybe(to, from->worker_id), from->connection_time);
    return write_integer(write_integer(to, from->opened_at), from->renewed_at);
}

static uint8_t *write_coordinates(uint8_t *to, const coordinates *from) {
    to = write_array(to, 3);
    to = from->topic.at ? write_text(to, from->topic) : write_nil(to);
    return write_maybe(write_maybe(to, from->partition), from->offset);
}

/* No number takes more than 9 bytes, and what says how long something is no more than 5. */
static int64_t most(const person *from) {
    enum { SESSION = 5 + 5 + 4 * 9, ENDING = 5 + 5 + 9, REST = 14 * 9 };
    int64_t size = REST + from->status.size + from->left_because.size + from->left_by.topic.size;
    for (int64_t i = 0; i < from->session_count; i++) size += SESSION + from->sessions[i].name.size;
    for (int64_t i = 0; i < from->ended_count; i++) size += ENDING + from->ended[i].name.size;
    return size;
}

void state_write(const person *from, state_bytes *into) {
    into->at = grown(into->at, &into->room, most(from), 1);
    uint8_t *to = write_array(into->at, 2);
    to = write_array(write_array(to, 8), from->session_count);
    for (int64_t i = 0; i < from->session_count; i++) to = write_session(to, &from->sessions[i]);
    to = write_text(write_integer(to, from->last_seen), from->status);
    to = write_maybe(write_integer(to, from->since), from->left_at);
    to = write_coordinates(write_text(to, from->left_because), &from->left_by);
    to = write_array(to, from->ended_count);
    for (int64_t i = 0; i < from->ended_count; i++)
        to = write_integer(write_text(write_array(to, 2), from->ended[i].name), from->ended[i].at);
    into->size = write_array(to, 0) - into->at;
}
