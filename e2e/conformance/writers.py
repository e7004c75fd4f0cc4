"""The rows of `things` as Parquet files of writers that nobody here wrote."""

import io
import pathlib

import duckdb
import pyarrow
import pyarrow.parquet

import things

SPARK = pathlib.Path(__file__).parent / "spark"

SCHEMA = pyarrow.schema(
    [
        pyarrow.field("id", pyarrow.int64()),
        pyarrow.field("small", pyarrow.int32()),
        pyarrow.field("country", pyarrow.binary()),
        pyarrow.field("note", pyarrow.string()),
        pyarrow.field("price", pyarrow.decimal128(12, 2)),
        pyarrow.field("exact", pyarrow.decimal128(38, 10)),
        pyarrow.field("ratio", pyarrow.float64()),
        pyarrow.field("single", pyarrow.float32()),
        pyarrow.field("raw", pyarrow.binary()),
        pyarrow.field("flag", pyarrow.bool_()),
        pyarrow.field("day", pyarrow.date32()),
        pyarrow.field("at", pyarrow.timestamp("us")),
        pyarrow.field("stamp", pyarrow.timestamp("us", tz="UTC")),
    ]
)

# What pyarrow can be told to do otherwise.
PYARROW = {
    "plain_uncompressed": {"compression": "none", "use_dictionary": False, "version": "1.0"},
    "snappy_dictionary": {"compression": "snappy", "version": "2.4"},
    "gzip_int96": {"compression": "gzip", "use_deprecated_int96_timestamps": True},
    "brotli_page_index": {"compression": "brotli", "write_page_index": True, "data_page_size": 256},
    "lz4_without_statistics": {"compression": "lz4", "write_statistics": False},
    "integer_decimals": {"compression": "zstd", "store_decimal_as_integer": True},
    "zstd_delta_v2_pages": {
        "compression": "zstd",
        "data_page_version": "2.0",
        "use_dictionary": False,
        "column_encoding": {
            "id": "DELTA_BINARY_PACKED",
            "small": "DELTA_BINARY_PACKED",
            "country": "DELTA_LENGTH_BYTE_ARRAY",
            "note": "DELTA_BYTE_ARRAY",
            "raw": "DELTA_BYTE_ARRAY",
            "ratio": "BYTE_STREAM_SPLIT",
            "single": "BYTE_STREAM_SPLIT",
            "exact": "BYTE_STREAM_SPLIT",
            "flag": "RLE",
            "day": "DELTA_BINARY_PACKED",
            "at": "DELTA_BINARY_PACKED",
            "stamp": "DELTA_BINARY_PACKED",
        },
    },
    "small_row_groups": {"compression": "gzip", "row_group_size": 33, "data_page_size": 64, "store_schema": False},
}

DUCKDB = {
    "snappy_v1": "COMPRESSION snappy, PARQUET_VERSION v1",
    "zstd_v2": "COMPRESSION zstd, PARQUET_VERSION v2",
    "gzip_v2": "COMPRESSION gzip, PARQUET_VERSION v2, DICTIONARY_SIZE_LIMIT 1",
    "uncompressed": "COMPRESSION uncompressed",
}

# What no table of MySQL exports as.
NESTED = {
    "a_list": pyarrow.list_(pyarrow.int32()),
    "a_struct": pyarrow.struct([("part", pyarrow.string())]),
    "a_map": pyarrow.map_(pyarrow.string(), pyarrow.int32()),
}


def table(rows=None):
    """Those rows, or all, as an Arrow table."""
    return pyarrow.Table.from_pylist(things.rows() if rows is None else rows, schema=SCHEMA)


def pyarrow_files():
    """`{variant: [file, …]}`: each in several parts."""
    rows = things.rows()
    cuts = [rows[:80], rows[80:81], rows[81:]]
    return {variant: [pyarrow_file(table(cut), **options) for cut in cuts] for variant, options in PYARROW.items()}


def pyarrow_file(content, **options):
    """One file."""
    file = io.BytesIO()
    pyarrow.parquet.write_table(content, file, **options)
    return file.getvalue()


def nested_files():
    """`{variant: [file]}`: an id and an optional column that isn't flat."""
    made = {}
    for name, kind in NESTED.items():
        schema = pyarrow.schema([("id", pyarrow.int64()), (name, kind)])
        made[name] = [pyarrow_file(pyarrow.Table.from_pylist([{"id": 1, name: None}], schema=schema))]
    return made


def duckdb_files(folder):
    """`{variant: [file]}`."""
    connection = duckdb.connect()
    connection.register("content", table())
    made = {}
    for variant, options in DUCKDB.items():
        path = pathlib.Path(folder) / f"{variant}.parquet"
        connection.execute(f"COPY (SELECT * FROM content) TO '{path}' (FORMAT parquet, {options})")
        made[variant] = [path.read_bytes()]
    return made


def spark_files():
    """`{variant: [file]}`, as `spark_files.py` wrote them."""
    return {folder.name: [part.read_bytes() for part in sorted(folder.glob("*.parquet"))] for folder in sorted(SPARK.iterdir())}
