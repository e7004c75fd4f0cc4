"""How a case asks, and what is looked at in every answer: that it says nothing that AWS does not say, in AWS's types."""

import json
import xml.etree.ElementTree

import botocore.exceptions
import pytest

# Faults of every service, which no operation's model names: the pages of common errors.
COMMON = {
    "ValidationException", "ValidationError", "MissingParameter", "InvalidParameterValue", "AccessDenied", "AccessDeniedException",
    "InvalidParameterCombination", "NotAuthorizedException", "SignatureDoesNotMatch", "InvalidClientTokenId",
}  # fmt: skip

# What DynamoDB answers, and no model of it has.
UNMODELLED = {"TableThroughputModeSummary"}


class At:
    """Where a case runs: an AWS, and a name of its own."""

    def __init__(self, cloud, name):
        self.cloud = cloud
        self.name = name
        self.done = set()
        self.refusals = {}
        self.strange = []

    def client(self, service, region=None, account=0):
        """A boto3 client whose calls are looked at."""
        client = self.cloud.client(service, region, account)
        client.meta.events.register("before-parse", self._look)
        client.meta.events.register("after-call", self._note)
        return client

    def refused(self, call, code, status, **arguments):
        """Asserts that a call is refused, with this code and this status."""
        with pytest.raises(botocore.exceptions.ClientError) as refused:
            call(**arguments)
        answer = refused.value.response
        assert (answer["Error"]["Code"], answer["ResponseMetadata"]["HTTPStatusCode"]) == (code, status), answer

    def _note(self, model, parsed, http_response, **_):
        if http_response.status_code < 300:
            self.done.add(model.name)
            return
        # SQS still answers what its query protocol said, and in the new one's words, too.
        code = parsed["Error"].get("QueryErrorCode", parsed["Error"]["Code"])
        self.refusals.setdefault(model.name, set()).add(code)
        # S3 documents its faults on one page and not with its operations.
        known = {shape.error_code: shape.metadata.get("error", {}).get("httpStatusCode") for shape in model.error_shapes}
        if model.service_model.service_name == "s3" or code in COMMON:
            return
        if code not in known:
            self.strange.append(f"{model.name} may not be refused with {code}, only with {sorted(known)}")
        elif known[code] not in (None, http_response.status_code):
            self.strange.append(f"{model.name} is refused with {code} by {http_response.status_code}, not by {known[code]}")

    def _look(self, operation_model, response_dict, **_):
        if response_dict["status_code"] >= 300 or operation_model.has_streaming_output or not response_dict["body"]:
            return
        shape = operation_model.output_shape
        if operation_model.metadata["protocol"] in ("json", "rest-json"):
            self._json(operation_model.name, shape, json.loads(response_dict["body"]))
            return
        payload = shape and shape.serialization.get("payload")
        if payload and shape.members[payload].type_name != "structure":
            return
        root = xml.etree.ElementTree.fromstring(response_dict["body"])
        if operation_model.metadata["protocol"] == "query":
            for part in root:
                tag = part.tag.rpartition("}")[2]
                if tag == f"{operation_model.name}Result":
                    self._xml(operation_model.name, shape, part)
                elif tag != "ResponseMetadata":
                    self.strange.append(f"{operation_model.name}: {tag}")
            return
        self._xml(operation_model.name, shape.members[payload] if payload else shape, root)

    def _json(self, where, shape, value):
        kind = {
            "structure": dict, "map": dict, "list": list, "string": str, "integer": int, "long": int, "boolean": bool,
            "timestamp": (int, float), "double": (int, float), "float": (int, float), "blob": str,
        }[shape.type_name if shape else "structure"]  # fmt: skip
        is_number = kind is not bool and isinstance(value, bool)
        if value is not None and (is_number or not isinstance(value, kind)):
            self.strange.append(f"{where} is {value!r}, and not a {shape.type_name}")
        elif isinstance(value, dict) and (shape is None or shape.type_name == "structure"):
            names = {member.serialization.get("name", name): member for name, member in (shape.members if shape else {}).items()}
            for name, part in value.items():
                if name in names:
                    self._json(f"{where}.{name}", names[name], part)
                elif name not in UNMODELLED:
                    self.strange.append(f"{where} has no member {name}")
        elif isinstance(value, dict):
            for name, part in value.items():
                self._json(f"{where}.{name}", shape.value, part)
        elif isinstance(value, list):
            for part in value:
                self._json(f"{where}[]", shape.member, part)

    def _xml(self, where, shape, node):
        if shape is None or shape.type_name not in ("structure", "list"):
            return
        if shape.type_name == "list":
            for part in node:
                self._xml(f"{where}[]", shape.member, part)
            return
        names = {}
        for name, member in shape.members.items():
            is_flat = member.type_name == "list" and member.serialization.get("flattened")
            own = member.serialization.get("name")
            if is_flat:
                names[member.member.serialization.get("name") or own or name] = member.member
                names.setdefault(own or name, member.member)
            else:
                names[own or name] = member
        for part in node:
            tag = part.tag.rpartition("}")[2]
            if tag in names:
                self._xml(f"{where}.{tag}", names[tag], part)
            else:
                self.strange.append(f"{where} has no member {tag}")
