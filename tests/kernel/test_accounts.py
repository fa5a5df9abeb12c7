"""Accounts: commands, tokens, and the settings that refuse an unsafe start."""

from __future__ import annotations

import os
import subprocess
import sys
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction

from airbnb.accounts.models import ApiToken, User
from airbnb.accounts.services import digest_of

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.django_db


def run(*arguments: str) -> str:
    out = StringIO()
    call_command(*arguments, stdout=out)
    return out.getvalue()


def test_create_user_makes_an_account_that_can_sign_in(client: Any) -> None:
    run("create_user", "Someone@Example.com", "--password", "long-enough-1", "--host", "--name", "지우")
    user = User.objects.get()
    assert (user.email, user.name, user.is_host, user.is_staff) == ("someone@example.com", "지우", True, False)
    assert user.emailaddress_set.get().verified
    assert client.login(email="someone@example.com", password="long-enough-1")


def test_an_address_is_one_account_in_any_case() -> None:
    run("create_user", "a@example.com", "--password", "long-enough-1")
    with pytest.raises(CommandError, match="already"):
        run("create_user", "A@EXAMPLE.com", "--password", "long-enough-1")
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.create(email="A@example.com")
    with pytest.raises(CommandError):
        run("create_user", "not-an-address", "--password", "long-enough-1")


def test_create_api_token_prints_the_token_alone() -> None:
    run("create_user", "a@example.com", "--password", "long-enough-1")
    token = run("create_api_token", "a@example.com", "--scope", "read", "--scope", "book").strip()
    assert "\n" not in token
    row = ApiToken.objects.get(digest=digest_of(token))
    assert row.scopes == ["book", "read"]
    with pytest.raises(CommandError, match="operator"):
        run("create_api_token", "a@example.com", "--scope", "operate")
    with pytest.raises(CommandError, match="no account"):
        run("create_api_token", "nobody@example.com")


GOOD = {
    "ENVIRONMENT": "production",
    "SECRET_KEY": "x1" * 30,
    "DATABASE_URL": "postgres://u:p@127.0.0.1:5/x",
    "REDIS_URL": "redis://127.0.0.1:5/0",
    "BASE_URL": "https://stay.example",
    "ALLOWED_HOSTS": "stay.example",
    "STRIPE_SECRET_KEY": "sk_live_x",
    "STRIPE_WEBHOOK_SECRET": "whsec_x",
    "EMAIL_URL": "smtp://mail.example:25",
}
WRONG = [
    *({name: ""} for name in GOOD if name != "ENVIRONMENT"),
    {"SECRET_KEY": "short"},
    {"BASE_URL": "http://stay.example"},
    {"DEBUG": "1"},
    {"RATE_LIMITS": "off"},
    {"WEBHOOKS_ALLOW_LOOPBACK": "1"},
    {"LOCAL_STACK": "1"},
    {"PAYMENT_SANDBOX_URL": "http://127.0.0.1:5"},
    {"ENVIRONMENT": "staging"},
]
PROBE = """
import os, sys
sys.path.insert(0, os.getcwd())
from django.core.exceptions import ImproperlyConfigured
import importlib
for line in sys.stdin:
    changes = eval(line)
    os.environ.update(changes["set"])
    sys.modules.pop("airbnb.settings", None)
    try:
        importlib.import_module("airbnb.settings")
        print("started")
    except ImproperlyConfigured as error:
        print(error)
    for name in changes["set"]:
        os.environ.pop(name)
        if name in changes["good"]:
            os.environ[name] = changes["good"][name]
"""


def test_production_refuses_to_start_with_a_missing_or_wrong_value_and_names_it() -> None:
    """The control is the first case: with every value right it starts."""
    cases: list[dict[str, str]] = [{}, *WRONG]
    questions = "\n".join(repr({"set": case, "good": GOOD}) for case in cases)
    keep = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    done = subprocess.run(
        [sys.executable, "-c", PROBE], input=questions, cwd=ROOT, env=keep | GOOD, capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    answers = done.stdout.splitlines()
    assert answers[0] == "started"
    for case, answer in zip(cases[1:], answers[1:], strict=True):
        assert next(iter(case)).replace("PAYMENT_SANDBOX_URL", "SANDBOX") in answer, (case, answer)
