"""What ends a flow into Postgres: in words, at once where waiting is no use, with no secret."""

import psycopg
import pytest

from config.errors import ConfigurationError
from sinks.lease import StoreError
from sinks.memory import STORE
from sinks.postgres import PostgresStore
from sinks.store import StoreSink
from tests.places import PostgresPlace
from tests.postgres_server import PostgresServer, execute
from tests.sinks.stores import execution, impatient, sent


def refusal_of(url: str) -> str:
    with pytest.raises(StoreError) as refused:
        impatient(url).prepare()
    return str(refused.value)


def test_a_server_that_is_away_is_waited_for_and_then_named_without_its_password() -> None:
    text = refusal_of("postgresql://me:hunter2@127.0.0.1:9/chat")
    assert "cannot prepare the database postgresql://127.0.0.1:9/chat" in text
    assert "refused" in text
    assert "hunter2" not in text


def test_a_database_that_does_not_exist_is_refused_at_once(postgres_url: str) -> None:
    url = postgres_url.replace("/chat_", "/nowhere_")
    store = PostgresStore(url, lock_timeout=600.0, tolerance=0, window_length=60_000)
    with pytest.raises(StoreError, match="does not exist"):
        store.prepare()


def test_a_database_that_cannot_store_every_text_is_refused(
    postgres_server: PostgresServer, postgres_url: str
) -> None:
    name = postgres_url.partition("?")[0].rpartition("/")[2]
    latin = f"CREATE DATABASE latin_{name} ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0"
    execute(postgres_url, latin)
    assert "has the encoding LATIN1" in refusal_of(postgres_url.replace(name, f"latin_{name}"))


def test_a_schema_that_does_not_exist_is_told_apart(postgres_url: str) -> None:
    text = refusal_of(postgres_url + "&options=-csearch_path%3Dnowhere")
    assert "has no schema for the tables" in text


def test_a_role_without_rights_is_refused_at_once(
    postgres_server: PostgresServer, postgres_url: str
) -> None:
    execute(postgres_url, "CREATE ROLE reader LOGIN")
    try:
        text = refusal_of(postgres_server.url_of_role(postgres_url, "reader"))
    finally:
        execute(postgres_url, "DROP ROLE reader")
    assert "permission denied for schema public" in text
    assert "hunter2" not in text


def test_a_url_that_libpq_cannot_read_is_refused_without_showing_it() -> None:
    with pytest.raises(ConfigurationError, match=r"store\.url is no Postgres URL") as refused:
        impatient("postgres://me:hunter2@db:1?hunter2=x")
    assert "hunter2" not in str(refused.value)
    assert refused.value.__suppress_context__


def test_a_table_that_somebody_keeps_locked_is_waited_for_and_then_named(
    postgres_place: PostgresPlace,
) -> None:
    postgres_place.open()
    postgres_place.close()
    store = impatient(postgres_place.url)
    store.prepare()
    part = StoreSink(store).build_part("store", STORE, None)
    with psycopg.connect(postgres_place.url) as other:
        other.execute("LOCK TABLE messages IN ACCESS EXCLUSIVE MODE")
        part.write_batch(sent(0))
        with pytest.raises(StoreError, match=r"cannot commit to the database .* lock timeout"):
            part.snapshot()
    part.close()


def test_an_error_about_values_does_not_quote_them(postgres_place: PostgresPlace) -> None:
    with execution(postgres_place) as process:
        process.epoch(*sent(0))
        execute(postgres_place.url, "ALTER TABLE messages ADD CHECK (content <> 'hi') NOT VALID")
        process.write(*sent(1))
        with pytest.raises(StoreError) as refused:
            process.epoch()
        assert "CheckViolation in messages" in str(refused.value)
        assert "hi'" not in str(refused.value)


def test_the_store_without_a_server_is_a_name() -> None:
    assert StoreSink(impatient("postgresql://h/chat")).list_parts() == [STORE]
