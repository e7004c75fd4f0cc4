"""https://docs.aws.amazon.com/kms/latest/APIReference/"""

NONE = "1234abcd-12ab-34cd-56ef-1234567890ab"


def _key(at, **arguments):
    kms = at.client("kms")
    return kms, kms.create_key(**arguments)["KeyMetadata"]


def create_key(at):
    kms, made = _key(at, Description="a try")
    told = {
        name: made[name] for name in ("KeyState", "KeySpec", "KeyUsage", "KeyManager", "Origin", "Description", "Enabled", "MultiRegion")
    }
    assert told == {
        "KeyState": "Enabled", "KeySpec": "SYMMETRIC_DEFAULT", "KeyUsage": "ENCRYPT_DECRYPT", "KeyManager": "CUSTOMER",
        "Origin": "AWS_KMS", "Description": "a try", "Enabled": True, "MultiRegion": False,
    }  # fmt: skip
    assert made["Arn"] == f"arn:aws:kms:{at.cloud.regions[0]}:{at.cloud.accounts[0]['id']}:key/{made['KeyId']}"
    at.refused(kms.create_key, "ValidationException", 400, KeyUsage="NOTHING")
    at.refused(kms.create_key, "ValidationException", 400, KeySpec="ECC_NIST_P256")


def describe_key(at):
    kms, made = _key(at)
    kms.create_alias(AliasName=f"alias/{at.name}", TargetKeyId=made["KeyId"])
    arn = made["Arn"].replace(f"key/{made['KeyId']}", f"alias/{at.name}")
    for name in (made["KeyId"], made["Arn"], f"alias/{at.name}", arn):
        assert kms.describe_key(KeyId=name)["KeyMetadata"] == made, name
    managed = kms.describe_key(KeyId="alias/aws/s3")["KeyMetadata"]
    assert managed["KeyManager"] == "AWS"
    assert kms.describe_key(KeyId="alias/aws/s3")["KeyMetadata"] == managed
    for none in (NONE, "alias/none", "alias/aws/none", made["Arn"].replace(made["KeyId"], NONE)):
        at.refused(kms.describe_key, "NotFoundException", 400, KeyId=none)
    at.refused(at.client("kms", at.cloud.regions[1]).describe_key, "NotFoundException", 400, KeyId=made["Arn"])


def list_keys(at):
    kms, made = _key(at)
    assert {"KeyId": made["KeyId"], "KeyArn": made["Arn"]} in _all(kms, "list_keys", "Keys")
    page = kms.list_keys(Limit=1)
    assert (len(page["Keys"]), page["Truncated"]) == (1, True)
    assert kms.list_keys(Limit=1, Marker=page["NextMarker"])["Keys"] != page["Keys"]
    at.refused(kms.list_keys, "InvalidMarkerException", 400, Marker="none")


def enable_key(at):
    kms, made = _key(at)
    kms.disable_key(KeyId=made["KeyId"])
    kms.enable_key(KeyId=made["Arn"])
    assert kms.describe_key(KeyId=made["KeyId"])["KeyMetadata"]["KeyState"] == "Enabled"
    kms.schedule_key_deletion(KeyId=made["KeyId"])
    at.refused(kms.enable_key, "KMSInvalidStateException", 400, KeyId=made["KeyId"])
    at.refused(kms.enable_key, "NotFoundException", 400, KeyId=NONE)
    at.refused(kms.enable_key, "InvalidArnException", 400, KeyId="alias/none")


def disable_key(at):
    kms, made = _key(at)
    kms.disable_key(KeyId=made["KeyId"])
    found = kms.describe_key(KeyId=made["KeyId"])["KeyMetadata"]
    assert (found["KeyState"], found["Enabled"]) == ("Disabled", False)
    kms.schedule_key_deletion(KeyId=made["KeyId"])
    at.refused(kms.disable_key, "KMSInvalidStateException", 400, KeyId=made["KeyId"])
    at.refused(kms.disable_key, "NotFoundException", 400, KeyId=NONE)
    at.refused(kms.disable_key, "AccessDeniedException", 400, KeyId=kms.describe_key(KeyId="alias/aws/s3")["KeyMetadata"]["KeyId"])


def schedule_key_deletion(at):
    kms, made = _key(at)
    answer = kms.schedule_key_deletion(KeyId=made["KeyId"], PendingWindowInDays=7)
    assert (answer["KeyId"], answer["KeyState"], answer["PendingWindowInDays"]) == (made["Arn"], "PendingDeletion", 7)
    assert kms.describe_key(KeyId=made["KeyId"])["KeyMetadata"]["DeletionDate"] == answer["DeletionDate"]
    at.refused(kms.schedule_key_deletion, "KMSInvalidStateException", 400, KeyId=made["KeyId"])
    at.refused(kms.schedule_key_deletion, "NotFoundException", 400, KeyId=NONE)
    _, other = _key(at)
    at.refused(kms.schedule_key_deletion, "ValidationException", 400, KeyId=other["KeyId"], PendingWindowInDays=31)


def create_alias(at):
    kms, made = _key(at)
    name = f"alias/{at.name}"
    kms.create_alias(AliasName=name, TargetKeyId=made["KeyId"])
    at.refused(kms.create_alias, "AlreadyExistsException", 400, AliasName=name, TargetKeyId=made["KeyId"])
    at.refused(kms.create_alias, "InvalidAliasNameException", 400, AliasName="no-alias", TargetKeyId=made["KeyId"])
    at.refused(kms.create_alias, "NotAuthorizedException", 400, AliasName="alias/aws/mine", TargetKeyId=made["KeyId"])
    at.refused(kms.create_alias, "NotFoundException", 400, AliasName="alias/other", TargetKeyId=NONE)


def delete_alias(at):
    kms, made = _key(at)
    kms.create_alias(AliasName=f"alias/{at.name}", TargetKeyId=made["KeyId"])
    kms.delete_alias(AliasName=f"alias/{at.name}")
    at.refused(kms.delete_alias, "NotFoundException", 400, AliasName=f"alias/{at.name}")


def list_aliases(at):
    kms, made = _key(at)
    kms.create_alias(AliasName=f"alias/{at.name}", TargetKeyId=made["KeyId"])
    (found,) = (alias for alias in _all(kms, "list_aliases", "Aliases") if alias["AliasName"] == f"alias/{at.name}")
    assert found["TargetKeyId"] == made["KeyId"]
    assert found["AliasArn"].endswith(f":alias/{at.name}")
    (own,) = kms.list_aliases(KeyId=made["KeyId"])["Aliases"]
    assert own == found
    at.refused(kms.list_aliases, "NotFoundException", 400, KeyId=NONE)
    at.refused(kms.list_aliases, "InvalidMarkerException", 400, Marker="none")


def _all(kms, operation, name):
    return [entry for page in kms.get_paginator(operation).paginate() for entry in page[name]]
