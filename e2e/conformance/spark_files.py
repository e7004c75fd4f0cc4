"""Writes the rows of `things` with Spark, as RDS does: `python spark_files.py FOLDER`.

Spark is 450 MB and needs Java, so that its files are kept beside the tests, in `spark/`, and written anew by hand when
the rows change: with PySpark 4.3.0 (`pip install pyspark==4.3.0`) and Java 17 or newer.
"""

import os
import pathlib
import shutil
import sys
import time

import things

# One table for each: Parquet settings, or writer options, by which Spark's files differ.
VARIANTS = {
    "snappy_int96": {"spark.sql.parquet.outputTimestampType": "INT96"},
    "gzip_micros": {"compression": "gzip", "spark.sql.parquet.outputTimestampType": "TIMESTAMP_MICROS"},
    "zstd_v2_pages": {"compression": "zstd", "parquet.writer.version": "v2"},
    "uncompressed_plain": {"compression": "uncompressed", "parquet.enable.dictionary": "false"},
    "gzip_v2_int96_small_pages": {
        "compression": "gzip",
        "parquet.writer.version": "v2",
        "parquet.page.size": "512",
        "parquet.page.size.row.check.min": "10",
        "spark.sql.parquet.outputTimestampType": "INT96",
    },
    "legacy_decimals": {
        "compression": "gzip",
        "spark.sql.parquet.writeLegacyFormat": "true",
        "spark.sql.parquet.outputTimestampType": "TIMESTAMP_MICROS",
    },
}


def write(folder):
    """A folder for each variant, with a data file."""
    os.environ["TZ"] = "UTC"
    time.tzset()
    from pyspark.sql import SparkSession
    from pyspark.sql import types as t

    spark = (
        SparkSession.builder.master("local[1]")
        .config("spark.ui.enabled", "false")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.sql.session.timeZone", "UTC")
        .config("spark.sql.shuffle.partitions", "1")
        .getOrCreate()
    )
    schema = t.StructType(
        [
            t.StructField("id", t.LongType()),
            t.StructField("small", t.IntegerType()),
            t.StructField("country", t.BinaryType()),
            t.StructField("note", t.StringType()),
            t.StructField("price", t.DecimalType(12, 2)),
            t.StructField("exact", t.DecimalType(38, 10)),
            t.StructField("ratio", t.DoubleType()),
            t.StructField("single", t.FloatType()),
            t.StructField("raw", t.BinaryType()),
            t.StructField("flag", t.BooleanType()),
            t.StructField("day", t.DateType()),
            t.StructField("at", t.TimestampNTZType()),
            t.StructField("stamp", t.TimestampType()),
        ]
    )
    names = [field.name for field in schema]
    rows = [row | {"stamp": row["stamp"] and row["stamp"].replace(tzinfo=things.UTC)} for row in things.rows()]
    frame = spark.createDataFrame([tuple(row[name] for name in names) for row in rows], schema).coalesce(1).cache()
    for variant, settings in VARIANTS.items():
        for name in ("spark.sql.parquet.outputTimestampType", "spark.sql.parquet.writeLegacyFormat"):
            spark.conf.unset(name)
        writer = frame.write.mode("overwrite").option("compression", "snappy")
        for name, value in settings.items():
            if name.startswith("spark."):
                spark.conf.set(name, value)
            else:
                writer = writer.option(name, value)
        written = folder / f".{variant}"
        writer.parquet(str(written))
        (part,) = written.glob("part-*.parquet")
        (folder / variant).mkdir(parents=True, exist_ok=True)
        for old in (folder / variant).glob("*.parquet"):
            old.unlink()
        shutil.copy(part, folder / variant / part.name)
        shutil.rmtree(written)
    spark.stop()


if __name__ == "__main__":
    write(pathlib.Path(sys.argv[1]))
