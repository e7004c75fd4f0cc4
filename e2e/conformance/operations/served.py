"""Which operations an AWS serves, told by asking for each that boto3 knows."""

import concurrent.futures

import botocore.config
import botocore.exceptions

# What a service says of an operation that it does not have, where it does not answer 501.
NOT_SERVED = {"UnknownOperationException", "InvalidAction"}

# What is asked for without a signature: the embedded AWS takes nothing unsigned, and says no more.
UNSIGNED = "MissingAuthenticationToken"

# Names that say the same as another one on the wire, and one whose path is that of a bucket which cannot be.
NO_OPERATION = {"GetBucketLifecycle", "PutBucketLifecycle", "WriteGetObjectResponse"}


def served(cloud, service):
    """The operations of a service that are served, by the names of its API."""
    config = botocore.config.Config(parameter_validation=False, inject_host_prefix=False, retries={"total_max_attempts": 1})
    client = cloud.client(service, config=config)
    names = set(client.meta.service_model.operation_names) - NO_OPERATION
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        asked = {name: pool.submit(_is_served, client, name) for name in names}
    return {name for name, answer in asked.items() if answer.result()}


def _is_served(client, name):
    operation = client.meta.service_model.operation_model(name)
    arguments = _least(operation.input_shape, f"no-{name}"[:60].lower()) if operation.input_shape else {}
    try:
        client._make_api_call(name, arguments)
    except botocore.exceptions.ClientError as refused:
        status, code = refused.response["ResponseMetadata"]["HTTPStatusCode"], refused.response["Error"]["Code"]
        return status != 501 and code not in NOT_SERVED and not (code == UNSIGNED and operation.auth_type == "none")
    return True


def _least(shape, text, depth=0):
    """The smallest value of a shape: what is required, and nothing that is anywhere."""
    if shape.type_name == "structure":
        required = shape.required_members if depth < 4 else []
        return {name: _least(shape.members[name], text, depth + 1) for name in required}
    if shape.type_name == "list":
        return [_least(shape.member, text, depth + 1)] if depth < 4 else []
    if shape.type_name == "string":
        return shape.enum[0] if shape.enum else text
    return {"map": {}, "boolean": False, "timestamp": 0, "blob": b""}.get(shape.type_name, 1)
