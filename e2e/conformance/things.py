"""The rows that every writer writes: one table, as Python has its values and as DynamoDB has to hold them."""

import datetime
import decimal
import struct

ROWS = 200

UTC = datetime.UTC
EXTREME_MOMENTS = [
    datetime.datetime(1, 1, 1),
    datetime.datetime(1582, 10, 15),
    datetime.datetime(1677, 9, 21, 0, 12, 43),
    datetime.datetime(1969, 12, 31, 23, 59, 59, 999999),
    datetime.datetime(1970, 1, 1),
    datetime.datetime(2262, 4, 11, 23, 47, 17),
    datetime.datetime(9999, 12, 31, 23, 59, 59, 999999),
]
EXTREME_DOUBLES = [0.0, 0.1, -1.5, 1.7976931348623157e308, 5e-324, 1e-130, 1e126]


def moment(row):
    """Those that nanoseconds in 64 bits cannot hold come first, then one a second."""
    if row < len(EXTREME_MOMENTS):
        return EXTREME_MOMENTS[row]
    return datetime.datetime(2026, 1, 1) + datetime.timedelta(seconds=row, microseconds=row % 3 * 1000)


def nullable(value):
    """NULL in some rows."""
    return lambda row: None if row % 13 == 5 else value(row)


def zoneless(value):
    return value.isoformat(timespec="microseconds" if value.microsecond else "seconds")


def number(value):
    return {"N": decimal.Decimal(value)}


def text(value):
    return {"S": value}


def double(value):
    fits = value == 0 or 1e-130 <= abs(value) < 1e126
    return {"N": decimal.Decimal(repr(value))} if fits else {"S": repr(value).replace("e+", "e")}


def single(value):
    return struct.unpack("f", struct.pack("f", value))[0]


class Column:
    """A column: what the export's metadata calls it, its value in a row, and the attribute for a value."""

    def __init__(self, name, original, value, attribute):
        self.name = name
        self.original = original
        self.value = value
        self.attribute = attribute


COLUMNS = [
    Column("id", "bigint", lambda row: row, number),
    Column("small", "int", nullable(lambda row: (row % 200 - 100) * 2**24), number),
    Column("country", "char", nullable(lambda row: ["DE", "FR", "ÖS"][row % 3].encode()), lambda value: text(value.decode())),
    Column("note", "varchar", nullable(lambda row: "" if row % 7 == 0 else f"Größe {row} 🎬"), text),
    Column("price", "decimal", nullable(lambda row: decimal.Decimal(f"{row * 199 - 50_000}E-2")), number),
    Column("exact", "decimal", nullable(lambda row: decimal.Decimal(f"{(10**37 - row) * (-1) ** row}E-10")), number),
    Column("ratio", "double", nullable(lambda row: EXTREME_DOUBLES[row] if row < len(EXTREME_DOUBLES) else row / 7), double),
    Column("single", "float", nullable(lambda row: single(row / 7)), double),
    Column("raw", "varbinary", nullable(lambda row: bytes([row % 256, 0, 255]) * (row % 3)), lambda value: {"B": value}),
    Column("flag", "tinyint", nullable(lambda row: row % 2 == 0), lambda value: number(int(value))),
    Column("day", "date", nullable(lambda row: moment(row).date()), lambda value: text(value.isoformat())),
    Column("at", "datetime", nullable(moment), lambda value: text(zoneless(value))),
    Column("stamp", "timestamp", nullable(moment), lambda value: text(zoneless(value) + "Z")),
]


def rows():
    """The values of every row, by column."""
    return [{column.name: column.value(row) for column in COLUMNS} for row in range(ROWS)]


def expected():
    """What DynamoDB has to hold, by id."""
    return {
        row["id"]: {
            column.name: {"NULL": True} if row[column.name] is None else column.attribute(row[column.name]) for column in COLUMNS
        }
        for row in rows()
    }


def held(items):
    """What DynamoDB holds, comparable with `expected`."""
    compared = [{name: comparable(attribute) for name, attribute in item.items()} for item in items]
    return {int(item["id"]["N"]): item for item in compared}


def comparable(attribute):
    """Numbers as numbers, however they are spelt."""
    ((kind, value),) = attribute.items()
    return {kind: decimal.Decimal(value) if kind == "N" else value}
