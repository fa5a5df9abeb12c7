"""The judge knows nothing of the judged: the sandbox needs the standard library alone."""

from __future__ import annotations

import json
import subprocess
import sys

from tests.sandbox_process import PROJECT

LOADED = "import json, sys; import airbnb.embedded.sandbox.server; print(json.dumps(sorted(sys.modules)))"


def test_it_loads_nothing_of_the_application_and_no_library() -> None:
    done = subprocess.run([sys.executable, "-c", LOADED], cwd=PROJECT, capture_output=True, text=True, check=True)
    tops = {name.split(".")[0] for name in json.loads(done.stdout)}
    assert "django" not in tops
    assert not tops & {"rooms", "reservations", "payments", "reviews", "notifications", "stripe", "httpx", "celery"}
    ours = {name for name in json.loads(done.stdout) if name.startswith("airbnb")}
    assert {name for name in ours if not name.startswith("airbnb.embedded.sandbox")} == {"airbnb", "airbnb.embedded"}
