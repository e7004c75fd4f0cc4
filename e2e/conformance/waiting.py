"""Waiting for something to become true, with an error that says what was seen instead."""

import time


def wait_for(what, look, seconds, every=0.25):
    """Looks until `look` gives something true and gives that; fails after `seconds` with the last thing seen."""
    deadline = time.monotonic() + seconds
    while True:
        seen = look()
        if seen:
            return seen
        if time.monotonic() > deadline:
            raise AssertionError(f"{what}: not so within {seconds} s; last seen: {seen!r}")
        time.sleep(every)
