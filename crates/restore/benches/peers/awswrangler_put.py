"""AWS's own pandas library: it reads the file from S3 into a frame and puts the frame. Nothing is proven."""

import json
import os
import resource
import time

import awswrangler
import boto3

TABLE = f"awswrangler-{os.getpid()}"

awswrangler.config.s3_endpoint_url = os.environ["AWS_ENDPOINT_URL"]
awswrangler.config.dynamodb_endpoint_url = os.environ["AWS_ENDPOINT_URL"]
table = boto3.resource("dynamodb").create_table(
    TableName=TABLE,
    KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
    AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "N"}],
    BillingMode="PAY_PER_REQUEST",
)
table.wait_until_exists()

began, cpu = time.perf_counter(), time.process_time()
frame = awswrangler.s3.read_parquet("s3://bench/x/tv/tv.shows/", path_suffix=".parquet")
for column in ("origin_country", "language"):
    frame[column] = frame[column].str.decode("utf-8")
frame["air_date"] = frame["air_date"].astype(object).where(frame["air_date"].notna(), None)
awswrangler.dynamodb.put_df(df=frame, table_name=TABLE, use_threads=16)

print(
    json.dumps(
        {
            "rows": len(frame),
            "seconds": time.perf_counter() - began,
            "cpu_seconds": time.process_time() - cpu,
            "read_back_seconds": 0,
            "read_back_cpu_seconds": 0,
            "peak_kib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss,
        }
    )
)
