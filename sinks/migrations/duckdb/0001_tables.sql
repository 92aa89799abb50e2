-- No primary keys and no indexes: rows only add up or are merged under a high-water mark that
-- stands in the same transaction, and an index would slow every insert.
CREATE TABLE messages (
    kafka_topic TEXT NOT NULL,
    kafka_partition INTEGER NOT NULL,
    kafka_offset BIGINT NOT NULL,
    message_id TEXT NOT NULL,
    event_type TEXT NOT NULL,
    conversation_id TEXT NOT NULL,
    from_user TEXT,
    to_user TEXT,
    group_id TEXT,
    content TEXT NOT NULL,
    content_type INTEGER NOT NULL,
    message_type INTEGER NOT NULL,
    file_name TEXT,
    file_size BIGINT,
    created_at TIMESTAMPTZ NOT NULL,
    recorded_at TIMESTAMPTZ NOT NULL
);

CREATE TABLE user_events (
    kafka_topic TEXT NOT NULL,
    kafka_partition INTEGER NOT NULL,
    kafka_offset BIGINT NOT NULL,
    event_type TEXT NOT NULL,
    user_id TEXT NOT NULL,
    session_id TEXT,
    client_ip TEXT,
    created_at TIMESTAMPTZ NOT NULL,
    recorded_at TIMESTAMPTZ NOT NULL
);

-- `group_id` is empty for messages to a user: a part of the key cannot be null.
CREATE TABLE message_stats (
    window_start TIMESTAMPTZ NOT NULL,
    window_end TIMESTAMPTZ NOT NULL,
    event_type TEXT NOT NULL,
    content_type INTEGER NOT NULL,
    group_id TEXT NOT NULL,
    messages BIGINT NOT NULL,
    senders BIGINT NOT NULL,
    bytes BIGINT NOT NULL,
    closed BOOLEAN NOT NULL,
    revision INTEGER NOT NULL
);

-- What is replaced with many commits stands as it is: to compress it anew each time took longer than
-- to write the rows that stay.
CREATE TABLE presence (
    user_id TEXT NOT NULL USING COMPRESSION uncompressed,
    status TEXT NOT NULL,
    sessions INTEGER NOT NULL,
    since TIMESTAMPTZ NOT NULL,
    last_seen TIMESTAMPTZ NOT NULL,
    active_at TIMESTAMPTZ
);

-- The coordinates are null where time passing, and no record, made the change.
CREATE TABLE presence_changes (
    kafka_topic TEXT,
    kafka_partition INTEGER,
    kafka_offset BIGINT,
    user_id TEXT NOT NULL,
    status TEXT NOT NULL,
    reason TEXT NOT NULL,
    "at" TIMESTAMPTZ NOT NULL
);

CREATE TABLE push_decisions (
    kafka_topic TEXT NOT NULL,
    kafka_partition INTEGER NOT NULL,
    kafka_offset BIGINT NOT NULL,
    message_id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    decision TEXT NOT NULL,
    reason TEXT NOT NULL,
    provider TEXT,
    decided_at TIMESTAMPTZ NOT NULL
);

CREATE TABLE push_deliveries (
    kafka_topic TEXT NOT NULL,
    kafka_partition INTEGER NOT NULL,
    kafka_offset BIGINT NOT NULL,
    message_id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    provider TEXT NOT NULL,
    outcome TEXT NOT NULL,
    detail TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    "at" TIMESTAMPTZ NOT NULL
);

CREATE TABLE dead_letters (
    kafka_topic TEXT NOT NULL,
    kafka_partition INTEGER NOT NULL,
    kafka_offset BIGINT NOT NULL,
    reason TEXT NOT NULL,
    detail TEXT NOT NULL,
    key BLOB,
    payload BLOB,
    headers TEXT NOT NULL,
    "at" TIMESTAMPTZ NOT NULL
);

CREATE TABLE kafka_offsets (
    sink TEXT NOT NULL,
    kafka_topic TEXT NOT NULL,
    kafka_partition INTEGER NOT NULL,
    next_offset BIGINT NOT NULL
);

CREATE TABLE flow_state (
    step TEXT NOT NULL,
    key TEXT NOT NULL USING COMPRESSION uncompressed,
    state BLOB USING COMPRESSION uncompressed
);
