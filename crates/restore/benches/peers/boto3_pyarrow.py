"""What one would write by hand: pyarrow reads the file from S3, 16 threads of boto3 write it, and nothing is proven."""

import io
import json
import os
import resource
import time
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import boto3
import pyarrow.parquet
from botocore.config import Config

BUCKET, TABLE, THREADS = "bench", f"boto3-{os.getpid()}", 16

config = Config(max_pool_connections=THREADS)
s3 = boto3.client("s3", config=config)
dynamodb = boto3.resource("dynamodb", config=config)
table = dynamodb.create_table(
    TableName=TABLE,
    KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
    AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "N"}],
    BillingMode="PAY_PER_REQUEST",
)
table.wait_until_exists()

began, cpu = time.perf_counter(), time.process_time()
(key,) = (
    found["Key"]
    for found in s3.list_objects_v2(Bucket=BUCKET, Prefix="x/tv/tv.shows/")["Contents"]
    if found["Key"].endswith(".parquet")
)
rows = pyarrow.parquet.read_table(io.BytesIO(s3.get_object(Bucket=BUCKET, Key=key)["Body"].read())).to_pylist()


def item(row):
    for column in ("origin_country", "language"):
        row[column] = row[column].decode()
    row["vote_average"] = Decimal(row["vote_average"])
    return row


def write(part):
    with boto3.session.Session().resource("dynamodb", config=config).Table(TABLE).batch_writer() as batch:
        for row in part:
            batch.put_item(Item=item(row))


size = -(-len(rows) // THREADS)
with ThreadPoolExecutor(THREADS) as threads:
    list(threads.map(write, (rows[start : start + size] for start in range(0, len(rows), size))))

print(
    json.dumps(
        {
            "rows": len(rows),
            "seconds": time.perf_counter() - began,
            "cpu_seconds": time.process_time() - cpu,
            "read_back_seconds": 0,
            "read_back_cpu_seconds": 0,
            "peak_kib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss,
        }
    )
)
