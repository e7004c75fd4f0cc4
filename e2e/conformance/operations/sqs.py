"""https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/"""

NONE = ("AWS.SimpleQueueService.NonExistentQueue", 400)


def _queue(at, **attributes):
    sqs = at.client("sqs")
    return sqs, sqs.create_queue(QueueName=at.name, Attributes=attributes)["QueueUrl"]


def _message(at, **attributes):
    sqs, url = _queue(at, **attributes)
    sqs.send_message(QueueUrl=url, MessageBody="body")
    (message,) = sqs.receive_message(QueueUrl=url)["Messages"]
    return sqs, url, message["ReceiptHandle"]


def create_queue(at):
    sqs, url = _queue(at, VisibilityTimeout="7")
    assert url.endswith(f"/{at.cloud.accounts[0]['id']}/{at.name}")
    assert sqs.create_queue(QueueName=at.name, Attributes={"VisibilityTimeout": "7"})["QueueUrl"] == url
    at.refused(sqs.create_queue, "QueueAlreadyExists", 400, QueueName=at.name, Attributes={"VisibilityTimeout": "8"})
    at.refused(sqs.create_queue, "InvalidAttributeName", 400, QueueName="other", Attributes={"Colour": "red"})
    at.refused(sqs.create_queue, "InvalidAttributeValue", 400, QueueName="other", Attributes={"DelaySeconds": "901"})
    at.refused(sqs.create_queue, "InvalidParameterValue", 400, QueueName="a queue")


def delete_queue(at):
    sqs, url = _queue(at)
    sqs.delete_queue(QueueUrl=url)
    at.refused(sqs.delete_queue, *NONE, QueueUrl=url)


def get_queue_url(at):
    sqs, url = _queue(at)
    assert sqs.get_queue_url(QueueName=at.name)["QueueUrl"] == url
    at.refused(sqs.get_queue_url, *NONE, QueueName="none")
    at.refused(at.client("sqs", at.cloud.regions[1]).get_queue_url, *NONE, QueueName=at.name)


def list_queues(at):
    sqs, url = _queue(at)
    assert sqs.list_queues(QueueNamePrefix=at.name)["QueueUrls"] == [url]
    assert sqs.list_queues(QueueNamePrefix="none").get("QueueUrls", []) == []
    sqs.create_queue(QueueName=f"{at.name}-2")
    page = sqs.list_queues(QueueNamePrefix=at.name, MaxResults=1)
    assert len(page["QueueUrls"]) == 1
    rest = sqs.list_queues(QueueNamePrefix=at.name, MaxResults=1, NextToken=page["NextToken"])
    assert rest["QueueUrls"] == [f"{url}-2"]
    at.refused(sqs.list_queues, "InvalidParameterValue", 400, MaxResults=1, NextToken="none")


def get_queue_attributes(at):
    sqs, url = _queue(at, DelaySeconds="3")
    found = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["DelaySeconds", "QueueArn", "ApproximateNumberOfMessages"])
    arn = f"arn:aws:sqs:{at.cloud.regions[0]}:{at.cloud.accounts[0]['id']}:{at.name}"
    assert found["Attributes"] == {"DelaySeconds": "3", "QueueArn": arn, "ApproximateNumberOfMessages": "0"}
    assert sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]["VisibilityTimeout"] == "30"
    at.refused(sqs.get_queue_attributes, "InvalidAttributeName", 400, QueueUrl=url, AttributeNames=["Colour"])
    at.refused(sqs.get_queue_attributes, *NONE, QueueUrl=f"{url}-none", AttributeNames=["All"])


def set_queue_attributes(at):
    sqs, url = _queue(at)
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"DelaySeconds": "9"})
    assert sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["DelaySeconds"])["Attributes"] == {"DelaySeconds": "9"}
    at.refused(sqs.set_queue_attributes, "InvalidAttributeName", 400, QueueUrl=url, Attributes={"Colour": "red"})
    at.refused(sqs.set_queue_attributes, "InvalidAttributeValue", 400, QueueUrl=url, Attributes={"DelaySeconds": "-1"})
    at.refused(sqs.set_queue_attributes, *NONE, QueueUrl=f"{url}-none", Attributes={"DelaySeconds": "1"})


def purge_queue(at):
    sqs, url = _queue(at)
    sqs.send_message(QueueUrl=url, MessageBody="body")
    sqs.purge_queue(QueueUrl=url)
    assert "Messages" not in sqs.receive_message(QueueUrl=url)
    at.refused(sqs.purge_queue, *NONE, QueueUrl=f"{url}-none")


def send_message(at):
    sqs, url = _queue(at)
    attributes = {"kind": {"DataType": "String", "StringValue": "event"}, "size": {"DataType": "Number", "StringValue": "7"}}
    sent = sqs.send_message(QueueUrl=url, MessageBody="Größe <&>", MessageAttributes=attributes)
    assert sent.keys() >= {"MessageId", "MD5OfMessageBody", "MD5OfMessageAttributes"}
    at.refused(sqs.send_message, *NONE, QueueUrl=f"{url}-none", MessageBody="body")
    at.refused(sqs.send_message, "InvalidParameterValue", 400, QueueUrl=url, MessageBody="x" * 262_145)
    at.refused(sqs.send_message, "InvalidParameterValue", 400, QueueUrl=url, MessageBody="x", DelaySeconds=901)


def send_message_batch(at):
    sqs, url = _queue(at)
    entries = [{"Id": str(number), "MessageBody": f"body {number}"} for number in range(10)]
    entries[3]["DelaySeconds"] = 901
    answer = sqs.send_message_batch(QueueUrl=url, Entries=entries)
    assert [entry["Id"] for entry in answer["Successful"]] == [str(number) for number in range(10) if number != 3]
    (failed,) = answer["Failed"]
    assert (failed["Id"], failed["SenderFault"], failed["Code"]) == ("3", True, "InvalidParameterValue")
    at.refused(sqs.send_message_batch, "AWS.SimpleQueueService.EmptyBatchRequest", 400, QueueUrl=url, Entries=[])
    many = [{"Id": str(number), "MessageBody": "x"} for number in range(11)]
    at.refused(sqs.send_message_batch, "AWS.SimpleQueueService.TooManyEntriesInBatchRequest", 400, QueueUrl=url, Entries=many)
    twice = [{"Id": "1", "MessageBody": "x"}] * 2
    at.refused(sqs.send_message_batch, "AWS.SimpleQueueService.BatchEntryIdsNotDistinct", 400, QueueUrl=url, Entries=twice)
    at.refused(sqs.send_message_batch, *NONE, QueueUrl=f"{url}-none", Entries=many[:1])


def receive_message(at):
    sqs, url = _queue(at)
    attributes = {"kind": {"DataType": "String", "StringValue": "event"}}
    sent = sqs.send_message(QueueUrl=url, MessageBody="Größe <&>", MessageAttributes=attributes)
    (message,) = sqs.receive_message(QueueUrl=url, MessageAttributeNames=["All"], MessageSystemAttributeNames=["All"])["Messages"]
    assert (message["MessageId"], message["Body"], message["MessageAttributes"]) == (sent["MessageId"], "Größe <&>", attributes)
    assert message["Attributes"]["ApproximateReceiveCount"] == "1"
    assert "Messages" not in sqs.receive_message(QueueUrl=url), "nobody sees it for 30 seconds"
    at.refused(sqs.receive_message, *NONE, QueueUrl=f"{url}-none")
    for wrong in ({"MaxNumberOfMessages": 11}, {"WaitTimeSeconds": 21}, {"VisibilityTimeout": 43_201}):
        at.refused(sqs.receive_message, "InvalidParameterValue", 400, QueueUrl=url, **wrong)


def delete_message(at):
    sqs, url, receipt = _message(at, VisibilityTimeout="0")
    sqs.delete_message(QueueUrl=url, ReceiptHandle=receipt)
    assert "Messages" not in sqs.receive_message(QueueUrl=url)
    at.refused(sqs.delete_message, "ReceiptHandleIsInvalid", 400, QueueUrl=url, ReceiptHandle="none")
    at.refused(sqs.delete_message, *NONE, QueueUrl=f"{url}-none", ReceiptHandle=receipt)


def delete_message_batch(at):
    sqs, url, receipt = _message(at)
    entries = [{"Id": "good", "ReceiptHandle": receipt}, {"Id": "bad", "ReceiptHandle": "none"}]
    answer = sqs.delete_message_batch(QueueUrl=url, Entries=entries)
    assert ([entry["Id"] for entry in answer["Successful"]], [entry["Id"] for entry in answer["Failed"]]) == (["good"], ["bad"])
    assert answer["Failed"][0]["Code"] == "ReceiptHandleIsInvalid"
    at.refused(sqs.delete_message_batch, "AWS.SimpleQueueService.EmptyBatchRequest", 400, QueueUrl=url, Entries=[])
    at.refused(sqs.delete_message_batch, *NONE, QueueUrl=f"{url}-none", Entries=entries)


def change_message_visibility(at):
    sqs, url, receipt = _message(at)
    sqs.change_message_visibility(QueueUrl=url, ReceiptHandle=receipt, VisibilityTimeout=0)
    assert sqs.receive_message(QueueUrl=url)["Messages"][0]["Body"] == "body"
    change = {"ReceiptHandle": receipt, "VisibilityTimeout": 0}
    at.refused(sqs.change_message_visibility, *NONE, QueueUrl=f"{url}-none", **change)
    at.refused(sqs.change_message_visibility, "ReceiptHandleIsInvalid", 400, QueueUrl=url, **(change | {"ReceiptHandle": "none"}))
    at.refused(sqs.change_message_visibility, "InvalidParameterValue", 400, QueueUrl=url, **(change | {"VisibilityTimeout": 43_201}))


def change_message_visibility_batch(at):
    sqs, url, receipt = _message(at)
    entries = [
        {"Id": "good", "ReceiptHandle": receipt, "VisibilityTimeout": 0},
        {"Id": "bad", "ReceiptHandle": "none", "VisibilityTimeout": 0},
    ]
    answer = sqs.change_message_visibility_batch(QueueUrl=url, Entries=entries)
    assert ([entry["Id"] for entry in answer["Successful"]], [entry["Id"] for entry in answer["Failed"]]) == (["good"], ["bad"])
    at.refused(sqs.change_message_visibility_batch, "AWS.SimpleQueueService.EmptyBatchRequest", 400, QueueUrl=url, Entries=[])
