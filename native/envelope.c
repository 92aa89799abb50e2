#include "envelope.h"

static int read_metadata(json *j, envelope *e) {
    slice key;
    int ok;
    if (json_take_word(j, "null")) return 1;
    if (!json_take(j, '{')) return 0;
    if (json_take(j, '}')) return 1;
    do {
        if (!json_key(j, &key)) return 0;
        if (is(key, "group_id")) ok = json_optional_text(j, &e->group_id);
        else if (is(key, "client_ip")) ok = json_optional_text(j, &e->client_ip);
        else if (is(key, "connection_time")) ok = json_optional_number(j, &e->connection_time);
        else if (is(key, "worker_id")) ok = json_optional_number(j, &e->meta_worker_id);
        else if (is(key, "disconnect_time")) ok = json_optional_number(j, &e->disconnect_time);
        else if (is(key, "session_id")) ok = json_optional_text(j, &e->session_id);
        else if (is(key, "shard_id")) ok = json_optional_number(j, &e->shard_id);
        else ok = json_skip(j);
        if (!ok) return 0;
    } while (json_take(j, ','));
    return json_take(j, '}');
}

static int read_small(json *j, number *into) {
    return json_optional_number(j, into) && into->value >= INT32_MIN && into->value <= INT32_MAX;
}

/* Names in the other style (`content_type`) count where these are missing: Python sees to it. */
static int is_other_style(slice key) {
    return is(key, "content_type") || is(key, "message_type") || is(key, "message_id");
}

/* The JSON form of a payload, as the first servers wrote it. */
static int read_object(json *j, envelope *e) {
    slice key;
    int ok;
    number content_type = {0, 0}, message_type = {0, 0};
    payload *p = &e->object;
    if (json_take(j, '}')) return 0;
    do {
        if (!json_key(j, &key)) return 0;
        if (is(key, "from")) ok = json_optional_text(j, &p->from);
        else if (is(key, "to")) ok = json_optional_text(j, &p->to);
        else if (is(key, "content")) ok = json_optional_text(j, &p->content);
        else if (is(key, "messageId")) ok = json_optional_text(j, &p->message_id);
        else if (is(key, "file")) ok = json_optional_text(j, &e->file);
        else if (is(key, "contentType")) ok = read_small(j, &content_type);
        else if (is(key, "messageType")) ok = read_small(j, &message_type);
        else ok = !is_other_style(key) && json_skip(j);
        if (!ok) return 0;
    } while (json_take(j, ','));
    p->content_type = (int32_t)content_type.value;
    p->message_type = (int32_t)message_type.value;
    return e->is_object = json_take(j, '}');
}

static int read_data(json *j, envelope *e) {
    if (e->is_object || e->data.at != NULL) return 0;
    return json_take(j, '{') ? read_object(j, e) : json_optional_text(j, &e->data);
}

static int once(json *j, slice *found) { return found->at == NULL && json_text(j, found); }

int read_envelope(slice value, uint8_t *spare, envelope *e) {
    json whole = {value.at, value.at + value.size, spare}, *j = &whole;
    slice key;
    int ok, metadata_seen = 0;
    memset(e, 0, sizeof *e);
    if (!json_is_plain(value) || !json_take(j, '{')) return 0;
    do {
        if (!json_key(j, &key)) return 0;
        if (is(key, "event_type")) ok = once(j, &e->event_type);
        else if (is(key, "timestamp")) ok = json_optional_number(j, &e->timestamp);
        else if (is(key, "user_id")) ok = once(j, &e->user_id);
        else if (is(key, "message_data")) ok = read_data(j, e);
        else if (is(key, "metadata")) ok = !metadata_seen++ && read_metadata(j, e);
        else if (is(key, "worker_id")) ok = json_optional_number(j, &e->worker_id);
        else ok = json_skip(j);
        if (!ok) return 0;
    } while (json_take(j, ','));
    return json_take(j, '}') && json_is_over(j);
}
