"""Before Django reads its settings: throw-away servers and an environment of the tests' own (``-p tests.servers``)."""

from __future__ import annotations

import os
import re
import tempfile

from airbnb.embedded.testing import start_test_servers

SERVERS = start_test_servers()
WORKER = os.environ.get("PYTEST_XDIST_WORKER", "")
if WORKER:  # each worker has its own Redis database, as it has its own PostgreSQL database
    number = int(WORKER.removeprefix("gw")) + 1
    os.environ["REDIS_URL"] = re.sub(r"/\d+$", "", SERVERS.redis_url.rstrip("/")) + f"/{number}"
SCRATCH = tempfile.TemporaryDirectory(prefix="binbang-scratch-")
os.mkdir(f"{SCRATCH.name}/static")
os.environ.update(
    DATA_DIR=SCRATCH.name,
    MEDIA_ROOT=f"{SCRATCH.name}/media",
    EMAIL_URL="memorymail://",
    MESSENGER_FILE_PATH=f"{SCRATCH.name}/messenger.jsonl",
    RATE_LIMITS="off",
    GATEWAY_BREAKER="off",  # tests make gateways fail on purpose; those of the breaker switch it on
    LOG_LEVEL="WARNING",
    DJANGO_SETTINGS_MODULE="airbnb.settings",
    SECRET_KEY="a-key-for-tests-that-protects-nothing-at-all-0123456789",
    ENVIRONMENT="development",
)
for name in (
    "STRIPE_API_BASE",
    "STRIPE_SECRET_KEY",
    "STRIPE_WEBHOOK_SECRET",
    "TOSS_API_BASE",
    "TOSS_SECRET_KEY",
    "TOSS_WEBHOOK_SECRET",
    "GATEWAY_BY_CURRENCY",
    "PAYMENT_SANDBOX_URL",
    "LOCAL_STACK",
):
    os.environ.pop(name, None)


def pytest_unconfigure() -> None:
    """Stop the servers with the run."""
    SERVERS.stop()


def _compile_messages() -> None:
    """Pages in Korean need the binary catalogues, which are not kept in version control."""
    from airbnb import catalogs

    catalogs.compile_all()


if not WORKER:
    _compile_messages()
