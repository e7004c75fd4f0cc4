"""https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_Operations_Amazon_DynamoDB_Streams.html"""

from .dynamodb import NONE, table


def _stream(at):
    dynamodb, made = table(at, StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"})
    return dynamodb, at.client("dynamodbstreams"), made["LatestStreamArn"]


def _iterator(at):
    dynamodb, streams, arn = _stream(at)
    (shard,) = streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"]
    asked = {"StreamArn": arn, "ShardId": shard["ShardId"], "ShardIteratorType": "TRIM_HORIZON"}
    return dynamodb, streams, asked, streams.get_shard_iterator(**asked)["ShardIterator"]


def list_streams(at):
    _, streams, arn = _stream(at)
    (found,) = streams.list_streams(TableName=at.name)["Streams"]
    assert (found["StreamArn"], found["TableName"]) == (arn, at.name)


def describe_stream(at):
    _, streams, arn = _stream(at)
    found = streams.describe_stream(StreamArn=arn)["StreamDescription"]
    assert (found["StreamStatus"], found["StreamViewType"], found["TableName"]) == ("ENABLED", "NEW_AND_OLD_IMAGES", at.name)
    at.refused(streams.describe_stream, *NONE, StreamArn=arn.replace(at.name, "none"))


def get_shard_iterator(at):
    _, streams, asked, iterator = _iterator(at)
    assert iterator
    at.refused(streams.get_shard_iterator, *NONE, **(asked | {"StreamArn": asked["StreamArn"].replace(at.name, "none")}))


def get_records(at):
    dynamodb, streams, _, iterator = _iterator(at)
    dynamodb.put_item(TableName=at.name, Item={"id": {"N": "1"}})
    (record,) = streams.get_records(ShardIterator=iterator)["Records"]
    assert (record["eventName"], record["eventSource"], record["awsRegion"]) == ("INSERT", "aws:dynamodb", at.cloud.regions[0])
    assert record["dynamodb"]["NewImage"] == {"id": {"N": "1"}}
    at.refused(streams.get_records, "ValidationException", 400, ShardIterator="none")
