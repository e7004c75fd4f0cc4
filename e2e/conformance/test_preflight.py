"""What a plan reports before anything is written: findings with choices, masked examples, capacity, time and money."""

import pytest

import exports
from product import table_names

BUCKET = "conformance-preflight"
ROWS = list(range(300))
PRICES = """
as_of = "2026-11-01"
currency = "EUR"

[regions.{region}]
write_requests_million = 1000000
read_requests_million = 0
write_unit_hour = 0.000735
read_unit_hour = 0.000147
"""


@pytest.fixture(scope="module")
def region(cloud):
    """The Region that everything here lies in."""
    return cloud.regions[1]


@pytest.fixture(scope="module")
def copy(cloud, region):
    """An export, written by pyarrow."""
    s3 = cloud.client("s3", region)
    exports.create_bucket(s3, BUCKET, region)
    exports.put(s3, BUCKET, exports.LABEL, exports.objects(ROWS))
    return f"s3://{BUCKET}/{exports.LABEL}"


@pytest.fixture
def plan(cli, copy, region, cloud):
    """Plans by the command line; nothing may be written, whatever is found."""
    dynamodb = cloud.client("dynamodb", region)
    before = table_names(dynamodb)

    def run(key, *arguments, code=0):
        table = f"shop.orders=preflight-orders:{key}"
        answer = cli.run("plan", copy, "--region", region, "--target-region", region, "--table", table, *arguments)
        assert answer.code == code, answer
        return answer.document

    yield run
    assert table_names(dynamodb) == before


def findings(planned, severity=None):
    """Findings by their code."""
    found = planned["preflight"]["findings"]
    return {finding["code"]: finding for finding in found if severity in (None, finding["severity"])}


def test_a_sound_plan_is_exact_and_says_what_it_takes(plan):
    planned = plan("id")
    preflight = planned["preflight"]
    assert preflight["depth"] == "exact"
    assert not findings(planned, "blocks") and not findings(planned, "not_checked")
    assert findings(planned, "passed").keys() >= {"rows_readable", "key_unique", "item_sizes", "target_free"}
    # Every eleventh due date is 0000-00-00.
    zero = findings(planned)["zero_date"]
    assert (zero["severity"], zero["column"], zero["count"]) == ("note", "due", len(range(0, len(ROWS), 11)))
    (table,) = preflight["estimate"]["tables"]
    way = table["ways"][0]
    assert [other["way"] for other in table["ways"]] == ["write", "import"]
    assert table["recommended"]["way"] == "write", table["recommended"]
    assert (table["items"], table["is_exact"]) == (len(ROWS), True)
    assert (way["way"], way["write_units"], way["write_seconds"]) == ("write", len(ROWS), 1)
    assert way["limit"] == "on_demand"


def test_a_quick_plan_reads_no_row_and_says_so(plan):
    planned = plan("id", "--preflight", "quick")
    assert planned["preflight"]["depth"] == "quick"
    unknown = findings(planned, "not_checked")
    assert unknown.keys() >= {"rows_readable", "key_unique", "values_representable"}
    assert unknown["key_unique"]["choices"] == [{"change": "check_exactly"}]
    assert "key_unique" not in findings(planned, "passed")
    assert planned["plan"]["tables"][0]["rows"] == len(ROWS)
    # pyarrow's statistics count NULLs, so this needs no row.
    assert findings(plan("note", "--preflight", "quick", code=1), "blocks")["null_key"]["count"] == len(range(0, len(ROWS), 7))


def test_a_key_that_is_none_is_refused_with_its_rows_and_with_keys_that_are(plan):
    masked = findings(plan("country", code=1), "blocks")["duplicate_key"]
    assert masked["count"] == len(ROWS) - 3
    assert {"change": "use_key", "table": "shop.orders", "partition": "id", "sort": None, "proven": True} in masked["choices"]
    for example in masked["examples"]:
        assert len(example["places"]) == 2
        (value,) = example["values"]
        assert (value["column"], value["attribute_type"], value["masked"]) == ("country", "S", True)
        assert set(value["value"]) == {"•"}
    shown = findings(plan("country", "--show-values", code=1), "blocks")["duplicate_key"]
    assert {example["values"][0]["value"] for example in shown["examples"]} == {"DE", "FR", "ÖS"}
    # The place that is told is the row: the same one that wrote the export has it there, the first being 1.
    for example in shown["examples"]:
        for place in example["places"]:
            part = int(place["object"].rsplit("/part-", 1)[1][:5])
            row = part * exports.ROWS_PER_FILE + place["row"] - 1
            assert exports.row_values(row)["country"].decode() == example["values"][0]["value"]


def test_a_column_is_taken_as_bytes_when_asked(plan):
    planned = plan("id", "--treat-as", "shop.orders.country=binary")
    kinds = {column["name"]: column["kind"] for column in planned["plan"]["tables"][0]["columns"]}
    assert (kinds["country"], kinds["note"]) == ("binary", "text")


def test_prices_are_replaced_by_a_file(plan, region, tmp_path):
    file = tmp_path / "prices.toml"
    file.write_text(PRICES.format(region=region))
    estimate = plan("id", "--prices", file)["preflight"]["estimate"]
    assert estimate["prices"] == {"as_of": "2026-11-01", "currency": "EUR", "region": region}
    assert estimate["tables"][0]["ways"][0]["cost"] == {"write": float(len(ROWS)), "read_back": 0.0}
    # A provisioned table is paid by the hour begun: 10 written a second take 30 s.
    cost = plan("id", "--prices", file, "--provisioned", "5:10")["preflight"]["estimate"]["tables"][0]["ways"][0]
    assert (cost["write_seconds"], cost["limit"]) == (30, "provisioned")
    assert cost["cost"] == {"write": pytest.approx(0.00735), "read_back": pytest.approx(0.000735)}
    file.write_text("as_of = 'soon'")
    assert "prices.toml" in plan("id", "--prices", file, code=1)["error"]["message"]


def test_a_table_that_cannot_be_planned_is_a_finding_beside_the_others(cli, cloud, region):
    made = exports.objects(ROWS)
    del made["shop/shop.orders/1/_SUCCESS"]
    prefix = f"unmarked/{exports.LABEL}"
    exports.put(cloud.client("s3", region), BUCKET, prefix, made)
    answer = cli.run("plan", f"s3://{BUCKET}/{prefix}", "--region", region, "--table", "shop.orders=unmarked:id")
    assert answer.code == 1, answer
    assert answer.document["plan"] is None
    finding = findings(answer.document, "blocks")["incomplete_export"]
    assert {"change": "leave_out", "table": "shop.orders"} in finding["choices"]


def test_a_key_that_is_left_out_is_suggested_from_every_row(cli, copy, region):
    answer = cli.run("plan", copy, "--region", region, "--table", "shop.orders=orders")
    assert answer.code == 1, answer
    error = answer.document["error"]
    assert error["code"] == "key_missing"
    assert "shop.orders=orders:id" in error["hint"]
    assert {"partition": "id", "sort": None, "proven": True} in error["detail"]["key_candidates"]


def test_a_server_shows_values_to_operators_and_records_it(server, cloud):
    region = cloud.regions[1]
    point, _ = server.restorable(region, "tvshows")
    request = {
        "recovery_point": point["id"],
        "region": region,
        "target_region": region,
        "tables": [{"source": "tvshows.shows", "target": "preflight_values", "partition": "title"}],
    }
    masked = server.post("/plans", request)
    shown = server.post("/plans", request | {"show_values": True})
    values = [
        [value for finding in planned["preflight"]["findings"] for example in finding["examples"] for value in example["values"]]
        for planned in (masked, shown)
    ]
    assert values[0] and all(value["masked"] for value in values[0])
    assert len(values[0]) == len(values[1]) and not any(value["masked"] for value in values[1])
    recorded = [entry for entry in server.get("/audit?limit=50")["items"] if entry["permission"] == "show_values"]
    assert [entry["phase"] for entry in recorded[:2]] == ["succeeded", "started"]
    assert recorded[0]["subject"] == point["id"]
    # A quick plan is answered, and starting it makes the exact preflight that it lacks.
    quick = server.post("/plans", request | {"preflight": "quick"})
    assert quick["plan"] is not None and quick["preflight"]["depth"] == "quick"
