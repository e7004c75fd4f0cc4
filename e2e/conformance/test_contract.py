"""What the product's adapters are promised by AWS, held against emulators that nobody here wrote.

The cases are the very ones that run on the embedded AWS, and what is known of an emulator to differ stands in a table beside them:
`crates/aws/tests/contract`.
"""

import os
import subprocess

import pytest

from product import environment

CONTRACT = os.environ.get("DATA_RESTORE_CONTRACT")

# Whose service is asked.
ASKED = {
    "moto": ["rds", "backup", "kms", "iam", "sts"],
    "ministack": ["s3", "dynamodb", "sqs"],
    "localstack": ["s3"],
}


@pytest.mark.parametrize(("peer", "service"), [(peer, service) for peer, services in ASKED.items() for service in services])
def test_the_contract_is_kept(request, tmp_path, peer, service):
    if not CONTRACT:
        pytest.skip("DATA_RESTORE_CONTRACT names no contract suite: `cargo xtask test conformance` builds it")
    emulator = request.getfixturevalue(peer)
    completed = subprocess.run(
        [CONTRACT, "--exact", service],
        env=environment(tmp_path, AWS_CONTRACT_PEER=peer, AWS_CONTRACT_ENDPOINT=emulator.endpoint),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert completed.returncode == 0, f"{completed.stdout}\n{completed.stderr}"
    assert " 1 passed;" in completed.stdout, completed.stdout
