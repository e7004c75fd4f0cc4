"""SIGTERM, as a container's orchestrator sends it: the server stops within its grace time, and the next one goes on."""

import signal
import time

from installation import REGIONS
from waiting import wait_for

# Open requests get 10 s, restores 20 s; the service's template waits for 60 s before it kills.
GRACE_SECONDS = 35


def test_a_server_that_is_asked_to_stop_in_a_restore_leaves_it_to_the_next(installation, service):
    region = REGIONS[1]
    point, _ = wait_for("a copy of tvshows is verified", lambda: service.restorable(region, "tvshows"), 300)
    rows = next(table["rows"] for table in point["tables"] if table["name"] == "tvshows.shows")
    table = {"source": "tvshows.shows", "target": "restored-in-two-parts", "partition": "id"}
    request = {"recovery_point": point["id"], "region": region, "target_region": region, "tables": [table]}
    path = f"/restores/{service.post('/restores', request)['run_id']}"

    def in_the_middle():
        run = service.get(path)
        assert run["outcome"] is None, f"too fast to be stopped in the middle: {run}"
        return run["tables"][0]["items_written"] > rows // 20

    wait_for("the restore is in the middle", in_the_middle, 120, every=0.05)
    began = time.monotonic()
    service.process.send_signal(signal.SIGTERM)
    assert service.process.wait(timeout=GRACE_SECONDS) == 0, service.log_end()
    stopped_after = time.monotonic() - began

    service.start()
    began = time.monotonic()
    wait_for("the next server has it", lambda: service.get(path)["resumed"] >= 1, 5, every=0.1)
    taken_up_after = time.monotonic() - began
    run = service.ended(path.rsplit("/", 1)[1])
    assert run["outcome"] == "proven", run["failure"]
    (table,) = run["tables"]
    assert table["items_written"] == rows
    print(f"stopped after {stopped_after:.1f} s, taken up {taken_up_after:.1f} s after the next start")
