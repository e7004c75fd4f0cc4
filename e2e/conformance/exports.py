"""An RDS snapshot export as AWS documents it, written by pyarrow: not by our own writer, which could share a mistake."""

import datetime
import decimal
import io
import json

import pyarrow
import pyarrow.parquet

LABEL = "shop-20261120t080000z-3f9a2c"
ROWS = 5_000
ROWS_PER_FILE = 2_000


class Column:
    """A column: its Parquet field, MySQL's type, a value for a row, and the attribute DynamoDB must hold for it."""

    def __init__(self, name, parquet, mysql, value, attribute):
        self.name = name
        self.field = pyarrow.field(name, parquet)
        self.mysql = mysql
        self.value = value
        self.attribute = attribute


def number(value):
    return {"N": str(value)}


def text(value):
    return {"S": value}


def created(row):
    return datetime.datetime(2026, 1, 1) + datetime.timedelta(seconds=row, microseconds=row % 3)


def zoneless(value):
    return value.isoformat(timespec="microseconds" if value.microsecond else "seconds")


# CHAR and BINARY look alike in Parquet: neither has an annotation, and only the original type tells them apart.
ORDERS = [
    Column("id", pyarrow.int64(), "BIGINT", lambda row: row, number),
    Column("country", pyarrow.binary(), "CHAR", lambda row: ["DE", "FR", "ÖS"][row % 3].encode(), lambda v: text(v.decode())),
    Column("note", pyarrow.string(), "VARCHAR", lambda row: None if row % 7 == 0 else f"Größe {row} ☂", text),
    Column(
        "total",
        pyarrow.decimal128(12, 2),
        "DECIMAL",
        lambda row: decimal.Decimal(row * 199).scaleb(-2),
        number,
    ),
    Column("created", pyarrow.timestamp("us"), "DATETIME", created, lambda v: text(zoneless(v))),
    Column("seen", pyarrow.timestamp("us"), "TIMESTAMP", created, lambda v: text(zoneless(v) + "Z")),
    Column("due", pyarrow.string(), "DATE", lambda row: "0000-00-00" if row % 11 == 0 else "2026-02-28", text),
    Column("token", pyarrow.binary(), "VARBINARY", lambda row: row.to_bytes(4, "big") * 2, lambda v: {"B": v}),
    Column("weight", pyarrow.float64(), "DOUBLE", lambda row: row / 8, number),
    Column("state", pyarrow.string(), "ENUM", lambda row: ["open", "paid", ""][row % 3], text),
]


def row_values(row):
    """What the database held in this row."""
    return {column.name: column.value(row) for column in ORDERS}


def expected_item(row):
    """What DynamoDB has to hold for it."""
    values = row_values(row)
    return {
        column.name: {"NULL": True} if values[column.name] is None else column.attribute(values[column.name])
        for column in ORDERS
    }


def comparable(item):
    """An item with its numbers as numbers: DynamoDB writes 1.50 as 1.5."""
    return {
        name: ("N", decimal.Decimal(value)) if kind == "N" else (kind, value)
        for name, attribute in item.items()
        for kind, value in attribute.items()
    }


def parquet(rows):
    """A Parquet file of these rows, in several row groups, gzip pages, every column optional."""
    schema = pyarrow.schema([column.field for column in ORDERS])
    table = pyarrow.Table.from_pylist([row_values(row) for row in rows], schema=schema)
    file = io.BytesIO()
    pyarrow.parquet.write_table(table, file, compression="gzip", row_group_size=700, store_schema=False)
    return file.getvalue()


def objects(rows=None):
    """The objects of the export below its prefix, by path."""
    rows = list(range(ROWS)) if rows is None else rows
    mappings = [
        {"columnName": column.name, "originalType": column.mysql, "expectedExportedType": "binary", "originalCharMaxLength": 0}
        for column in ORDERS
    ]
    made = {
        f"export_info_{LABEL}.json": json.dumps(
            {
                "exportTaskIdentifier": LABEL,
                "status": "COMPLETE",
                "percentProgress": 100,
                "sourceArn": "arn:aws:rds:us-east-1:111122223333:snapshot:awsbackup:job-7f1f3e9b",
            }
        ).encode(),
        f"export_tables_info_{LABEL}_from_1_to_1.json": json.dumps(
            {
                "perTableStatus": [
                    {"target": "shop.orders", "status": "COMPLETE", "schemaMetadata": {"originalTypeMappings": mappings}}
                ]
            }
        ).encode(),
        "shop/shop.orders/1/_SUCCESS": b"",
    }
    for part, begin in enumerate(range(0, len(rows), ROWS_PER_FILE)):
        name = f"shop/shop.orders/1/part-{part:05}-6b1f9c1e-0000-4000-8000-0000000000{part:02}-c000.gz.parquet"
        made[name] = parquet(rows[begin : begin + ROWS_PER_FILE])
    return made


def put(s3, bucket, prefix, made):
    """Puts an export's objects below a prefix."""
    for path, body in made.items():
        s3.put_object(Bucket=bucket, Key=f"{prefix}/{path}", Body=body)


def create_bucket(s3, bucket, region):
    """Creates a bucket in a Region; us-east-1 must not be named."""
    constraint = {} if region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": region}}
    s3.create_bucket(Bucket=bucket, **constraint)
