#include "session.h"

static int is_number(slice text) {
    for (int64_t i = 0; i < text.size; i++)
        if (text.at[i] < '0' || text.at[i] > '9') return 0;
    return text.size > 0;
}

static const uint8_t *find(slice text, char wanted) {
    return text.size ? memchr(text.at, wanted, (size_t)text.size) : NULL;
}

/* What stands before and after a place in a text. */
static void split_at(slice text, const uint8_t *place, slice *before, slice *after) {
    *before = (slice){text.at, place - text.at};
    *after = (slice){place + 1, text.at + text.size - place - 1};
}

static const uint8_t *last_colon(slice text) {
    for (int64_t i = text.size; i-- > 0;)
        if (text.at[i] == ':') return text.at + i;
    return NULL;
}

/* Host and port of `[v6]:port` or of an address without one. */
static void split_other(slice address, slice *host, slice *port) {
    *host = address;
    *port = (slice){address.at, 0};
    if (address.at[0] == '[') {
        slice inner = {address.at + 1, address.size - 1};
        const uint8_t *end = find(inner, ']');
        *host = inner;
        if (end == NULL) return;
        split_at(inner, end, host, port);
        if (port->size && port->at[0] == ':') port->at++, port->size--;
        return;
    }
    const uint8_t *colon = find(address, ':');
    if (colon != NULL && colon == last_colon(address)) split_at(address, colon, host, port);
}

static void split_address(slice address, slice *host, slice *port) {
    const uint8_t *colon = last_colon(address);
    *host = (slice){address.at, 0};
    *port = address;
    if (colon != NULL) split_at(address, colon, host, port);
    if (!is_number(*port) || find(*host, ':') != NULL) split_other(address, host, port);
}

/* Other digits than ASCII's are digits to Python. */
static int is_ascii(slice text) {
    for (int64_t i = 0; i < text.size; i++)
        if (text.at[i] >= 0x80) return 0;
    return 1;
}

static slice named_by_time(session *found, int64_t connected) {
    int size = snprintf((char *)found->made, sizeof found->made, "connected-%lld", (long long)connected);
    return (slice){found->made, size};
}

int session_of(const envelope *e, session *found) {
    slice host = {NULL, 0}, port = {NULL, 0};
    if (!is_ascii(e->client_ip)) return 0;
    if (e->client_ip.size) split_address(e->client_ip, &host, &port);
    found->session_id = e->session_id;
    if (!found->session_id.size && port.size) found->session_id = e->client_ip;
    found->connection_time = e->connection_time;
    if (!found->session_id.size) {
        if (!found->connection_time.is_there) found->connection_time = e->disconnect_time;
        if (found->connection_time.is_there)
            found->session_id = named_by_time(found, found->connection_time.value);
    }
    found->worker_id = e->worker_id;
    if (!found->worker_id.is_there)
        found->worker_id = e->meta_worker_id.is_there ? e->meta_worker_id : e->shard_id;
    if (!found->worker_id.is_there && !found->session_id.size) found->session_id = host;
    found->client_ip = host;
    return 1;
}
