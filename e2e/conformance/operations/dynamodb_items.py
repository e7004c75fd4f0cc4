"""Items. https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/"""

from .dynamodb import INVALID, NONE, table

FAILED = ("ConditionalCheckFailedException", 400)


def _id(number):
    return {"id": {"N": str(number)}}


def _filled(at, count=3):
    dynamodb, _ = table(at)
    for number in range(count):
        dynamodb.put_item(TableName=at.name, Item=_id(number) | {"t": {"S": f"text {number}"}})
    return dynamodb


def put_item(at):
    dynamodb = _filled(at, 1)
    old = dynamodb.put_item(TableName=at.name, Item=_id(0), ReturnValues="ALL_OLD", ReturnConsumedCapacity="TOTAL")
    assert old["Attributes"] == _id(0) | {"t": {"S": "text 0"}}
    assert old["ConsumedCapacity"]["TableName"] == at.name
    at.refused(dynamodb.put_item, *FAILED, TableName=at.name, Item=_id(0), ConditionExpression="attribute_not_exists(id)")
    at.refused(dynamodb.put_item, *INVALID, TableName=at.name, Item={"id": {"S": "0"}})
    at.refused(dynamodb.put_item, *INVALID, TableName=at.name, Item=_id(1) | {"t": {"S": "x" * 409_600}})
    at.refused(dynamodb.put_item, *NONE, TableName="none", Item=_id(0))


def get_item(at):
    dynamodb = _filled(at)
    found = dynamodb.get_item(TableName=at.name, Key=_id(1), ConsistentRead=True, ProjectionExpression="t")
    assert found["Item"] == {"t": {"S": "text 1"}}
    assert "Item" not in dynamodb.get_item(TableName=at.name, Key=_id(9))
    at.refused(dynamodb.get_item, *INVALID, TableName=at.name, Key={"other": {"N": "1"}})
    at.refused(dynamodb.get_item, *NONE, TableName="none", Key=_id(1))


def update_item(at):
    dynamodb = _filled(at)
    asked = {"TableName": at.name, "Key": _id(1), "ExpressionAttributeValues": {":n": {"N": "2"}}}
    changed = dynamodb.update_item(**asked, UpdateExpression="SET t = :n ADD n :n", ReturnValues="ALL_NEW")
    assert changed["Attributes"] == _id(1) | {"t": {"N": "2"}, "n": {"N": "2"}}
    at.refused(dynamodb.update_item, *FAILED, **asked, UpdateExpression="ADD n :n", ConditionExpression="n > :n")
    at.refused(dynamodb.update_item, *INVALID, **asked, UpdateExpression="SET id = :n")
    at.refused(dynamodb.update_item, *INVALID, **asked, UpdateExpression="nonsense")
    at.refused(dynamodb.update_item, *NONE, **(asked | {"TableName": "none"}), UpdateExpression="ADD n :n")


def delete_item(at):
    dynamodb = _filled(at)
    assert dynamodb.delete_item(TableName=at.name, Key=_id(1), ReturnValues="ALL_OLD")["Attributes"]["t"] == {"S": "text 1"}
    dynamodb.delete_item(TableName=at.name, Key=_id(1))
    at.refused(dynamodb.delete_item, *FAILED, TableName=at.name, Key=_id(1), ConditionExpression="attribute_exists(id)")
    at.refused(dynamodb.delete_item, *INVALID, TableName=at.name, Key={"id": {"S": "1"}})
    at.refused(dynamodb.delete_item, *NONE, TableName="none", Key=_id(1))


def batch_get_item(at):
    dynamodb = _filled(at)
    answer = dynamodb.batch_get_item(RequestItems={at.name: {"Keys": [_id(0), _id(2), _id(9)]}})
    assert sorted(item["id"]["N"] for item in answer["Responses"][at.name]) == ["0", "2"]
    assert answer["UnprocessedKeys"] == {}
    at.refused(dynamodb.batch_get_item, *INVALID, RequestItems={at.name: {"Keys": [_id(0), _id(0)]}})
    at.refused(dynamodb.batch_get_item, *INVALID, RequestItems={at.name: {"Keys": [_id(number) for number in range(101)]}})
    at.refused(dynamodb.batch_get_item, *NONE, RequestItems={"none": {"Keys": [_id(0)]}})


def batch_write_item(at):
    dynamodb = _filled(at)
    puts = [{"PutRequest": {"Item": _id(number)}} for number in range(10, 34)]
    answer = dynamodb.batch_write_item(RequestItems={at.name: [*puts, {"DeleteRequest": {"Key": _id(0)}}]})
    assert answer["UnprocessedItems"] == {}
    assert dynamodb.scan(TableName=at.name, Select="COUNT")["Count"] == 2 + 24
    at.refused(dynamodb.batch_write_item, *INVALID, RequestItems={at.name: puts[:1] * 2})
    many = [{"PutRequest": {"Item": _id(number)}} for number in range(26)]
    at.refused(dynamodb.batch_write_item, *INVALID, RequestItems={at.name: many})
    at.refused(dynamodb.batch_write_item, *NONE, RequestItems={"none": puts[:1]})


def query(at):
    keys = [{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}]
    types = [{"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk")]
    dynamodb, _ = table(at, KeySchema=keys, AttributeDefinitions=types)
    for number in range(4):
        dynamodb.put_item(TableName=at.name, Item={"pk": {"S": "a"}, "sk": {"S": str(number)}})
    asked = {"TableName": at.name, "KeyConditionExpression": "pk = :a", "ExpressionAttributeValues": {":a": {"S": "a"}}}
    page = dynamodb.query(**asked, Limit=3, ScanIndexForward=False)
    assert [item["sk"]["S"] for item in page["Items"]] == ["3", "2", "1"]
    assert (page["Count"], page["ScannedCount"], page["LastEvaluatedKey"]) == (3, 3, {"pk": {"S": "a"}, "sk": {"S": "1"}})
    rest = dynamodb.query(**asked, ScanIndexForward=False, ExclusiveStartKey=page["LastEvaluatedKey"])
    assert ([item["sk"]["S"] for item in rest["Items"]], "LastEvaluatedKey" in rest) == (["0"], False)
    at.refused(dynamodb.query, *INVALID, **(asked | {"KeyConditionExpression": "sk = :a"}))
    at.refused(dynamodb.query, *INVALID, **(asked | {"ExpressionAttributeValues": {}}))
    at.refused(dynamodb.query, *NONE, **(asked | {"TableName": "none"}))


def scan(at):
    dynamodb = _filled(at, 10)
    found = []
    for segment in range(2):
        pages = dynamodb.get_paginator("scan").paginate(
            TableName=at.name, Segment=segment, TotalSegments=2, PaginationConfig={"PageSize": 2}
        )
        found += [int(item["id"]["N"]) for page in pages for item in page["Items"]]
    assert sorted(found) == list(range(10))
    at.refused(dynamodb.scan, *INVALID, TableName=at.name, Segment=2, TotalSegments=2)
    at.refused(dynamodb.scan, *INVALID, TableName=at.name, FilterExpression="nonsense")
    at.refused(dynamodb.scan, *NONE, TableName="none")


def transact_get_items(at):
    dynamodb = _filled(at)
    answer = dynamodb.transact_get_items(TransactItems=[{"Get": {"TableName": at.name, "Key": _id(number)}} for number in (1, 9)])
    assert answer["Responses"] == [{"Item": _id(1) | {"t": {"S": "text 1"}}}, {}]
    at.refused(dynamodb.transact_get_items, *NONE, TransactItems=[{"Get": {"TableName": "none", "Key": _id(1)}}])
    many = [{"Get": {"TableName": at.name, "Key": _id(number)}} for number in range(101)]
    at.refused(dynamodb.transact_get_items, *INVALID, TransactItems=many)


def transact_write_items(at):
    dynamodb = _filled(at)
    absent = "attribute_not_exists(id)"
    put = {"Put": {"TableName": at.name, "Item": _id(7), "ConditionExpression": absent}}
    delete = {"Delete": {"TableName": at.name, "Key": _id(0)}}
    check = {"ConditionCheck": {"TableName": at.name, "Key": _id(1), "ConditionExpression": "attribute_exists(id)"}}
    dynamodb.transact_write_items(TransactItems=[put, delete, check])
    assert sorted(item["id"]["N"] for item in dynamodb.scan(TableName=at.name)["Items"]) == ["1", "2", "7"]
    other = {"Put": {"TableName": at.name, "Item": _id(8)}}
    at.refused(dynamodb.transact_write_items, "TransactionCanceledException", 400, TransactItems=[other, put])
    assert "Item" not in dynamodb.get_item(TableName=at.name, Key=_id(8))
    at.refused(dynamodb.transact_write_items, *INVALID, TransactItems=[other, other])
    at.refused(dynamodb.transact_write_items, *NONE, TransactItems=[{"Put": {"TableName": "none", "Item": _id(1)}}])


def execute_statement(at):
    dynamodb = _filled(at)
    found = dynamodb.execute_statement(Statement=f'SELECT * FROM "{at.name}" WHERE id = ?', Parameters=[{"N": "1"}])
    assert found["Items"] == [_id(1) | {"t": {"S": "text 1"}}]
    at.refused(dynamodb.execute_statement, *INVALID, Statement="nonsense")
    at.refused(dynamodb.execute_statement, *NONE, Statement='SELECT * FROM "none"')


def batch_execute_statement(at):
    dynamodb = _filled(at)
    statement = {"Statement": f'SELECT * FROM "{at.name}" WHERE id = ?', "Parameters": [{"N": "1"}]}
    (found,) = dynamodb.batch_execute_statement(Statements=[statement])["Responses"]
    assert (found["TableName"], found["Item"]) == (at.name, _id(1) | {"t": {"S": "text 1"}})
    at.refused(dynamodb.batch_execute_statement, *INVALID, Statements=[statement] * 26)


def execute_transaction(at):
    dynamodb = _filled(at)
    delete = {"Statement": f'DELETE FROM "{at.name}" WHERE id = ?', "Parameters": [{"N": "1"}]}
    dynamodb.execute_transaction(TransactStatements=[delete])
    assert "Item" not in dynamodb.get_item(TableName=at.name, Key=_id(1))
    insert = {"Statement": f"INSERT INTO \"{at.name}\" VALUE {{'id': ?}}", "Parameters": [{"N": "2"}]}
    at.refused(dynamodb.execute_transaction, "TransactionCanceledException", 400, TransactStatements=[insert])
    at.refused(dynamodb.execute_transaction, *INVALID, TransactStatements=[{"Statement": "nonsense"}])


def search_vectors(at):
    index = {
        "IndexName": "near", "VectorAttribute": {"AttributeName": "v"}, "Projection": {"ProjectionType": "ALL"}, "Dimensions": 2,
        "DistanceFunction": "COSINE",
    }  # fmt: skip
    dynamodb, _ = table(at, VectorIndexes=[index])
    for number, vector in enumerate([("1", "0"), ("0", "1")]):
        dynamodb.put_item(TableName=at.name, Item=_id(number) | {"v": {"L": [{"N": part} for part in vector]}})
    asked = {"TableName": at.name, "IndexName": "near", "SearchVector": [{"N": "0"}, {"N": "1"}], "TopK": 1}
    (found,) = dynamodb.search_vectors(**asked)["SearchResults"]
    assert (found["Item"]["id"], found["Score"]) == ({"N": "1"}, 0)
    at.refused(dynamodb.search_vectors, *INVALID, **(asked | {"SearchVector": [{"N": "1"}]}))
    at.refused(dynamodb.search_vectors, *NONE, **(asked | {"TableName": "none"}))
