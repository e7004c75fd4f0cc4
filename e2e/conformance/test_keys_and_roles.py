"""Keys that belong to a role and not to its account, as STS of the embedded AWS tells them."""

from installation import ACCOUNT, DOCTOR


def test_a_role_that_signs_with_a_key_of_its_own_is_told_by_sts(installation):
    own = installation.keys[DOCTOR]
    description = {"endpoint": installation.cloud.endpoint, "regions": installation.cloud.regions, "accounts": [own]}
    told = type(installation.cloud)(description).client("sts").get_caller_identity()
    assert (told["Account"], told["Arn"]) == (ACCOUNT, f"arn:aws:sts::{ACCOUNT}:assumed-role/{DOCTOR}/local")
