"""Every type of MySQL and MariaDB that an RDS export knows, with boundary values: as SQL writes them, as the export must
hold them, and as the attribute that DynamoDB must hold."""

import dataclasses
import decimal
import struct

EVERY_BYTE = "X'" + bytes(range(256)).hex() + "'"


@dataclasses.dataclass
class Type:
    """A column of one type."""

    name: str
    declaration: str
    parquet: str  # physical and logical type, by AWS's table of exported types
    family: "Family"
    values: list  # SQL literals


@dataclasses.dataclass
class Family:
    """How the values of some types are selected, and what DynamoDB has to hold for them."""

    select: str  # the hexadecimal of a column's bytes, or of its text in UTF-8
    attribute: callable  # from those bytes to an attribute
    text: callable = str  # what of a text attribute is compared

    def comparable(self, attribute):
        """An attribute as boto3 gives it, so that equal values are equal."""
        ((kind, value),) = attribute.items()
        return {kind: decimal.Decimal(value) if kind == "N" else self.text(value) if kind == "S" else value}


def plain_number(value):
    """A number that DynamoDB holds as one; equal numbers are compared as one, however they are spelt."""
    return {"N": decimal.Decimal(value.decode())}


def double(value):
    """A double: a number where DynamoDB has it exactly, else text that reads back as the very same double."""
    number = float(value)
    is_number = number == 0 and not repr(number).startswith("-") or 1e-130 <= abs(number) < 1e126
    return {"N": decimal.Decimal(repr(number))} if is_number else {"S": same_double(repr(number))}


def same_double(text):
    """Equal for two texts exactly when they read as one double, bit by bit."""
    return struct.pack(">d", float(text))


def text(value):
    return {"S": value.decode()}


def raw(value):
    return {"B": value}


def moment(value):
    """`2026-01-02 03:04:05.120000` with six digits of a second's fraction or none."""
    whole, _, fraction = value.decode().replace(" ", "T").partition(".")
    fraction = fraction.ljust(6, "0")
    return whole if int(fraction) == 0 else f"{whole}.{fraction}"


TEXT = Family("HEX(CONVERT(CAST({} AS CHAR) USING utf8mb4))", text)
NUMBER = Family(TEXT.select, plain_number)
FLOAT = Family("HEX(CONVERT(CAST(CAST({} AS DOUBLE) AS CHAR) USING utf8mb4))", double, same_double)
DOUBLE = Family(TEXT.select, double, same_double)
BYTES = Family("HEX({})", raw)
DATETIME = Family(TEXT.select, lambda value: {"S": moment(value)})
TIMESTAMP = Family(TEXT.select, lambda value: {"S": moment(value) + "Z"})


def bits(width):
    """BIT is shown as a number, but it is bytes."""
    return Family(f"LPAD(HEX({{}}), {(width + 7) // 8 * 2}, '0')", raw)


def integers(name, bits, parquet, unsigned_parquet):
    """A signed and an unsigned integer type, with the least, the greatest and what lies around zero."""
    least, greatest = -(2 ** (bits - 1)), 2 ** (bits - 1) - 1
    signed = [least, least + 1, -1, 0, 1, 10, 100, greatest - 1, greatest]
    unsigned = [0, 1, 100, greatest, greatest + 1, 2**bits - 2, 2**bits - 1]
    return [
        Type(name, name.upper(), parquet, NUMBER, signed),
        Type(f"{name}_unsigned", f"{name.upper()} UNSIGNED", unsigned_parquet, NUMBER, unsigned),
    ]


def decimals(precision, scale, parquet):
    """DECIMAL(precision, scale): nines, the least step, zeros that a number would lose."""
    nines = "9" * (precision - scale) + ("." + "9" * scale if scale else "")
    step = "0." + "0" * (scale - 1) + "1" if scale else "1"
    half = "0.5" if scale else "5"
    values = [nines, f"-{nines}", step, f"-{step}", "0", half, f"-{half}", "1" if precision > scale else "0.1"]
    family = NUMBER if precision <= 38 else TEXT
    return Type(f"decimal_{precision}_{scale}", f"DECIMAL({precision},{scale})", parquet, family, values)


def characters(charset, collation, *values):
    """A CHAR, a VARCHAR and a TEXT of one character set."""
    quoted = ["''", "'a'", "'  leading and trailing  '", *(f"'{value}'" for value in values)]
    of_charset = f"CHARACTER SET {charset} COLLATE {collation}"
    return [
        Type(f"char_{charset}", f"CHAR(30) {of_charset}", "BYTE_ARRAY", TEXT, quoted),
        Type(f"varchar_{charset}", f"VARCHAR(30) {of_charset}", "BYTE_ARRAY STRING", TEXT, quoted),
        Type(f"text_{charset}", f"TEXT {of_charset}", "BYTE_ARRAY STRING", TEXT, quoted),
    ]


EMOJI = "'Łódź 🎬 𝔘𝔫𝔦 👩‍👩‍👧 ｆ'"
ODD_TEXTS = ["''", "'NULL'", "'null'", r"'a\0b\r\n\t\\\"'", "CONCAT('''', CHAR(1), CHAR(127))", EMOJI, "REPEAT('ü', 60)"]
ODD_BYTES = ["''", "X'00'", "X'FF'", "X'C328'", "'text'", "X'0000FF00'"]
INSTANTS = ["'2000-02-29 12:00:00'", "'2026-11-19 08:00:00.5'", "'2001-09-09 01:46:40.000001'", "'2038-01-19 03:14:07.999999'"]
DATETIMES = [*INSTANTS, "'1000-01-01 00:00:00'", "'9999-12-31 23:59:59.999999'", "'1969-12-31 23:59:59.999999'", "'0001-01-01 00:00:00'"]
TIMES = ["'838:59:59'", "'-838:59:59'", "'00:00:00'", "'24:00:00'", "'-00:00:01'", "'23:59:59'", "'100:00:00'"]
FINE_TIMES = ["'838:59:58.999999'", "'-838:59:58.999999'", "'-00:00:00.000001'", "'00:00:00.000001'", "'25:00:00.5'"]
DATES = [
    "'1000-01-01'", "'9999-12-31'", "'2000-02-29'", "'0001-01-01'", "'0000-00-00'", "'2026-00-00'", "'2026-02-00'", "'2026-02-31'",
    "'0000-01-01'",
]  # fmt: skip
GEOMETRIES = [
    "POINT(1.5 -2)", "LINESTRING(0 0,1 1,2 0)", "POLYGON((0 0,4 0,4 4,0 4,0 0),(1 1,2 1,2 2,1 2,1 1))", "MULTIPOINT(1 1,2 2)",
    "MULTILINESTRING((0 0,1 1),(2 2,3 3))", "MULTIPOLYGON(((0 0,1 0,1 1,0 0)))", "GEOMETRYCOLLECTION(POINT(1 2),LINESTRING(0 0,1 1))",
]  # fmt: skip


def geometry(name, *texts):
    """Values of a spatial type, the first of them in two reference systems."""
    values = [f"ST_GeomFromText('{text}', 4326)" for text in texts] + [f"ST_GeomFromText('{texts[0]}')"]
    return Type(name, name.upper(), "BYTE_ARRAY", BYTES, values)


TYPES = [
    *integers("tinyint", 8, "INT32", "INT32 INT(16,true)"),
    *integers("smallint", 16, "INT32", "INT32"),
    *integers("mediumint", 24, "INT32", "INT64"),
    *integers("int", 32, "INT32", "INT64"),
    *integers("bigint", 64, "INT64", "FIXED_LEN_BYTE_ARRAY(9) DECIMAL(20,0)"),
    Type("boolean", "BOOLEAN", "INT32", NUMBER, ["TRUE", "FALSE"]),
    Type("int_zerofill", "INT(10) UNSIGNED ZEROFILL", "INT64", NUMBER, [7, 0, 2**32 - 1]),
    Type("year", "YEAR", "INT32", NUMBER, ["'0000'", 1901, 2026, 2155]),
    decimals(1, 0, "INT32 DECIMAL(1,0)"),
    decimals(9, 2, "INT32 DECIMAL(9,2)"),
    decimals(9, 9, "INT32 DECIMAL(9,9)"),
    decimals(10, 2, "INT64 DECIMAL(10,2)"),
    decimals(18, 4, "INT64 DECIMAL(18,4)"),
    decimals(19, 0, "FIXED_LEN_BYTE_ARRAY(9) DECIMAL(19,0)"),
    decimals(20, 2, "FIXED_LEN_BYTE_ARRAY(9) DECIMAL(20,2)"),
    decimals(38, 0, "FIXED_LEN_BYTE_ARRAY(16) DECIMAL(38,0)"),
    decimals(38, 10, "FIXED_LEN_BYTE_ARRAY(16) DECIMAL(38,10)"),
    decimals(38, 38, "FIXED_LEN_BYTE_ARRAY(16) DECIMAL(38,38)"),
    decimals(39, 0, "BYTE_ARRAY STRING"),
    decimals(65, 0, "BYTE_ARRAY STRING"),
    decimals(65, 30, "BYTE_ARRAY STRING"),
    Type(
        "float", "FLOAT", "DOUBLE", FLOAT,
        ["0", "-0e0", "0.1", "-1.5", "16777217", "3.4028234e38", "-3.4028234e38", "1.17549435e-38", "1.4e-45", "-1.4e-45"],
    ),
    Type(
        "double", "DOUBLE", "DOUBLE", DOUBLE,
        [
            "0", "-0e0", "0.1", "1e16", "123456789", "9007199254740993", "1.7976931348623157e308", "-1.7976931348623157e308",
            "2.2250738585072014e-308", "4.9406564584124654e-324", "-4.9406564584124654e-324", "1e-130", "9.99e125", "1e126", "9e-131",
        ],
    ),
    Type("date", "DATE", "BYTE_ARRAY STRING", TEXT, DATES),
    Type("time", "TIME", "BYTE_ARRAY STRING", TEXT, TIMES),
    Type("time_6", "TIME(6)", "BYTE_ARRAY STRING", TEXT, TIMES + FINE_TIMES),
    Type("datetime", "DATETIME", "INT64 TIMESTAMP_MICROS", DATETIME, DATETIMES),
    Type("datetime_3", "DATETIME(3)", "INT64 TIMESTAMP_MICROS", DATETIME, DATETIMES),
    Type("datetime_6", "DATETIME(6)", "INT64 TIMESTAMP_MICROS", DATETIME, DATETIMES),
    Type("timestamp", "TIMESTAMP NULL", "INT64 TIMESTAMP_MICROS", TIMESTAMP, [*INSTANTS, "'1970-01-01 00:00:01'"]),
    Type("timestamp_6", "TIMESTAMP(6) NULL", "INT64 TIMESTAMP_MICROS", TIMESTAMP, [*INSTANTS, "'1970-01-01 00:00:01.000001'"]),
    Type("tinytext", "TINYTEXT", "BYTE_ARRAY STRING", TEXT, ODD_TEXTS),
    Type("mediumtext", "MEDIUMTEXT", "BYTE_ARRAY STRING", TEXT, ODD_TEXTS),
    Type("longtext", "LONGTEXT", "BYTE_ARRAY STRING", TEXT, [*ODD_TEXTS, "REPEAT('🎬', 25000)"]),
    Type(
        "json", "JSON", "BYTE_ARRAY STRING", TEXT,
        ["'{}'", "'[1.0, 1e400, null, \"🎬\"]'", "'{\"b\": 1, \"a\": 2, \"a\": 3}'", "' \"x\"'"],
    ),
    Type(
        "enumeration", "ENUM('', 'a', 'unsigned', 'Łódź 🎬', 'it''s')", "BYTE_ARRAY STRING", TEXT,
        ["''", "'a'", "'unsigned'", "'Łódź 🎬'", "'it''s'"],
    ),
    Type("enum_latin1", "ENUM('größer', '€') CHARACTER SET latin1", "BYTE_ARRAY STRING", TEXT, ["'größer'", "'€'"]),
    Type("set_of", "SET('a', 'b', 'Łódź')", "BYTE_ARRAY STRING", TEXT, ["''", "'a'", "'b,a'", "'a,b,Łódź'"]),
    Type("uuid", "UUID", "BYTE_ARRAY STRING", TEXT, ["'00000000-0000-0000-0000-000000000000'", "'f47ac10b-58cc-4372-a567-0e02b2c3d479'"]),
    Type("inet4", "INET4", "BYTE_ARRAY STRING", TEXT, ["'0.0.0.0'", "'255.255.255.255'"]),
    Type("inet6", "INET6", "BYTE_ARRAY STRING", TEXT, ["'::'", "'2001:db8::ff00:42:8329'", "'::ffff:192.0.2.1'"]),
    *characters("utf8mb4", "utf8mb4_bin", "Łódź 🎬", "𝔘𝔫𝔦👩‍👩‍👧"),
    *characters("utf8mb3", "utf8mb3_general_ci", "Łódź ∀ ｆ"),
    *characters("latin1", "latin1_swedish_ci", "größe € œ ÿ"),
    *characters("latin2", "latin2_general_ci", "Łódź"),
    *characters("cp1251", "cp1251_general_ci", "Съешь ещё"),
    *characters("koi8r", "koi8r_general_ci", "Съешь ещё"),
    *characters("greek", "greek_general_ci", "Ξεσκεπάζω"),
    *characters("sjis", "sjis_japanese_ci", "日本語 ｶﾅ"),
    *characters("gbk", "gbk_chinese_ci", "汉字"),
    *characters("big5", "big5_chinese_ci", "漢字"),
    *characters("euckr", "euckr_korean_ci", "한국어"),
    *characters("ucs2", "ucs2_general_ci", "Łódź ∀"),
    *characters("utf16", "utf16_general_ci", "Łódź 🎬"),
    *characters("utf32", "utf32_general_ci", "Łódź 🎬"),
    *characters("ascii", "ascii_general_ci", "~"),
    Type("bit_1", "BIT(1)", "BYTE_ARRAY", bits(1), ["b'0'", "b'1'"]),
    Type("bit_9", "BIT(9)", "BYTE_ARRAY", bits(9), ["b'0'", "b'1'", "b'111111111'", "b'100000000'"]),
    Type("bit_64", "BIT(64)", "BYTE_ARRAY", bits(64), ["b'0'", "b'1'", f"b'{'1' * 64}'", f"b'1{'0' * 63}'", f"b'{'01' * 32}'"]),
    Type("fixed", "BINARY(8)", "BYTE_ARRAY", BYTES, ["''", "'ab'", "X'FF00FF00FF00FF00'", "X'0000000000000000'"]),
    Type("varbinary_256", "VARBINARY(256)", "BYTE_ARRAY", BYTES, [*ODD_BYTES, EVERY_BYTE]),
    Type("tinyblob", "TINYBLOB", "BYTE_ARRAY", BYTES, ODD_BYTES),
    Type("blob_of", "BLOB", "BYTE_ARRAY", BYTES, [*ODD_BYTES, EVERY_BYTE]),
    Type("mediumblob", "MEDIUMBLOB", "BYTE_ARRAY", BYTES, [*ODD_BYTES, f"REPEAT({EVERY_BYTE}, 512)"]),
    Type("longblob", "LONGBLOB", "BYTE_ARRAY", BYTES, [*ODD_BYTES, EVERY_BYTE]),
    geometry("geometry", *GEOMETRIES),
    *(geometry(text.partition("(")[0].lower(), text) for text in GEOMETRIES),
]  # fmt: skip

# A name that is no ASCII is an attribute's name as well as any other.
TYPES.append(Type("größe.in$cm", "INT", "INT32", NUMBER, [1]))

ROWS = 1 + max(len(type.values) for type in TYPES)

# A value that does not fit is an error and becomes no other value; zero dates are taken, for real tables have them.
MODE = "SET SESSION sql_mode = 'STRICT_ALL_TABLES,ALLOW_INVALID_DATES', time_zone = '+00:00';"


def statements(table):
    """Creates and fills a table of every type. Row 0 has NULL in every column; what a type has no more values for, too."""
    columns = ", ".join(f"`{type.name}` {type.declaration}" for type in TYPES)
    yield MODE
    yield f"CREATE TABLE {table} (id INT NOT NULL PRIMARY KEY, {columns});"
    for row in range(ROWS):
        values = [str(type.values[row - 1]) if 1 <= row <= len(type.values) else "NULL" for type in TYPES]
        yield f"INSERT INTO {table} VALUES ({row}, {', '.join(values)});"
    # An ENUM holds '' of its own accord where a value was wrong.
    yield f"SET SESSION sql_mode = ''; UPDATE IGNORE {table} SET enum_latin1 = 'no such value' WHERE id = 3;"
