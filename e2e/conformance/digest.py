"""The digest of a table as docs/SEMANTICS.md defines it, reckoned by a program that shares nothing with the product."""

import datetime
import decimal

import blake3
import numpy

EPOCH = datetime.datetime(1970, 1, 1)
INTEGERS, TEXTS = {"integer", "boolean"}, {"text", "json", "date_or_time_text", "decimal_text"}


def sized(content):
    return len(content).to_bytes(8, "little") + content


def signed(number):
    return number.to_bytes(16, "little", signed=True)


def microseconds(moment):
    return (moment.replace(tzinfo=None) - EPOCH) // datetime.timedelta(microseconds=1)


def form(column, value):
    """The canonical form of one value as pyarrow gives it: None, int, Decimal, float, bytes, str or datetime."""
    kind = column["kind"]
    if value is None:
        return b"\x00"
    if kind in INTEGERS:
        return b"\x01" + signed(int(value))
    if kind == "decimal":
        return b"\x02" + sized(str(int(value.scaleb(column["scale"], decimal.Context(prec=80)))).encode())
    if kind == "double":
        bits = numpy.float64(value).tobytes() if value == value else bytes.fromhex("000000000000f87f")
        return b"\x03" + bits
    if kind in TEXTS:
        return b"\x04" + sized(value if isinstance(value, bytes) else value.encode())
    if kind == "binary":
        return b"\x05" + sized(bytes(value))
    return (b"\x06" if kind == "date_time" else b"\x07") + signed(1000 * microseconds(value))


def of_attribute(column, attribute):
    """The value that pyarrow would give, from an attribute in DynamoDB JSON as boto3's client gives it."""
    ((tag, value),) = attribute.items()
    kind = column["kind"]
    if tag == "NULL":
        return None
    if kind in {"date_time", "timestamp"}:
        return datetime.datetime.fromisoformat(value.removesuffix("Z"))
    if kind in INTEGERS | {"decimal"}:
        return decimal.Decimal(value)
    return float(value) if kind == "double" else value


def digest(columns, rows):
    """`rows:hash`; each row is a dict of values by column name."""
    lanes, count = numpy.zeros(1024, dtype="<u2"), 0
    for row in rows:
        whole = b"".join(form(column, row[column["name"]]) for column in columns)
        lanes += numpy.frombuffer(blake3.blake3(whole).digest(length=2048), dtype="<u2")
        count += 1
    return f"{count}:{blake3.blake3(lanes.tobytes()).hexdigest()}"
