"""The columns of a result, in the few types that every format and every store has."""

import pyarrow as pa
import pyarrow.types as kinds

from analytics.errors import QueryError

UTC_MICROSECONDS = pa.timestamp("us", tz="UTC")
_PLAIN = (kinds.is_boolean, kinds.is_date32, kinds.is_float64, kinds.is_int64, kinds.is_string)


def plain(table: pa.Table) -> pa.Table:
    """The table with integers of 64 bits, doubles, texts, booleans, days and microseconds.

    Raises:
        QueryError: A column is of another type, or a whole number has more than 64 bits; or two
            columns have one name.
    """
    names = table.column_names
    if doubles := sorted({name for name in names if names.count(name) > 1}):
        raise QueryError(f"has two columns {doubles[0]}; name them with AS")
    fields = [pa.field(field.name, _plain_type(field)) for field in table.schema]
    try:
        return table.cast(pa.schema(fields))
    except pa.ArrowInvalid as error:
        raise QueryError("returns a number that 64 bits cannot hold") from error


def _plain_type(field: "pa.Field[pa.DataType]") -> pa.DataType:
    kind = field.type
    if any(is_plain(kind) for is_plain in _PLAIN):
        return kind
    if kinds.is_integer(kind) or (kinds.is_decimal(kind) and kind.scale == 0):
        return pa.int64()
    if kinds.is_floating(kind) or kinds.is_decimal(kind):
        return pa.float64()
    if kinds.is_timestamp(kind):
        return UTC_MICROSECONDS if kind.tz else pa.timestamp("us")
    if kinds.is_large_string(kind) or kinds.is_string_view(kind) or kinds.is_null(kind):
        return pa.string()
    raise QueryError(f"returns {field.name} as {kind}; cast it to a number, a text or a time")
