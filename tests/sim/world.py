"""The world of a simulation: a cast, rooms, gateways in memory, mail that is counted, and one source of chance."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

from django.test import override_settings

from airbnb import clock, codes, correlation
from airbnb.celery import app
from airbnb.stays import Stay
from tests.sim.background import Background, Broker, Clock, run_task
from tests.sim.books import Intent
from tests.sim.database import Snapshot, digest
from tests.sim.gateway import MemoryGateway
from tests.sim.judging import books_differ, broken_rules
from tests.sim.processes import Processes
from tests.sim.window import WindowGateway

# A Friday far from any change of clocks; the same for every run, so that prices and deadlines are, too.
BEGINNING = datetime(2030, 3, 1, 3, 0, tzinfo=UTC)
VISA, DECLINED, ASKS = "pm_card_visa", "pm_card_visa_chargeDeclined", "pm_card_authenticationRequired"
NO_CACHE = {"default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}}
RETURN_URL = "https://binbang.example/return/"


class Post:
    """Mail and messenger: what went out, by key."""

    def __init__(self) -> None:
        self.sent: dict[str, int] = {}

    def send(self, message: Any) -> None:
        """Count it."""
        self.sent[message.key] = self.sent.get(message.key, 0) + 1


class World:
    """Everything around the product, and the hands of those who use it. ``begin`` puts all of it back."""

    def __init__(self) -> None:
        self.time, self.broker, self.post = Clock(BEGINNING), Broker(), Post()
        self.gateway, self.window = MemoryGateway(), WindowGateway()
        self.gateways: tuple[MemoryGateway, ...] = (self.gateway, self.window)
        self.processes = Processes(self.time)
        self.rng = random.Random(0)
        self.background = Background(self.time, self.broker, self.rng)
        self.background.unseen = lambda: self._decided_at_the_bank() + self._rests_untold()
        self.guests: list[Any] = []
        self.hosts: list[Any] = []
        self.rooms: list[Any] = []
        self.operator: Any = None
        self._kept: tuple[Snapshot, datetime, list[bytes]] | None = None
        self._mailboxes = True
        self._cast = self._kept

    @contextmanager
    def installed(self, *, guarded: bool = True) -> Iterator[World]:
        """Put the world around the product: gateways (behind their guards unless told not), broker, mail, chance."""
        from notifications import services as notifications
        from payments import gateways
        from payments.gateways.guarding import Guarded

        behind_guards = {each.name: Guarded(each) for each in self.gateways}
        app.loader.import_default_modules()
        chance = SimpleNamespace(choice=lambda letters: self.rng.choice(letters))
        with ExitStack() as stack:
            for patched in (
                patch.dict(gateways._GATEWAYS, behind_guards, clear=True),
                self.processes.installed(),
                patch.object(notifications, "channel", lambda name: self.post),
                patch.object(codes, "secrets", chance),
                patch.object(codes, "os", SimpleNamespace(urandom=lambda size: self.rng.randbytes(size))),
                patch.object(codes, "time", SimpleNamespace(time_ns=self._instant)),
                override_settings(CACHES=NO_CACHE, GATEWAY_BY_CURRENCY={}, GATEWAY_GUARDED=guarded),
            ):
                stack.enter_context(patched)
            stack.enter_context(self.broker.taking_messages())
            yield self

    def _instant(self) -> int:
        self._ids = getattr(self, "_ids", 0) + 1
        return int(self.time.now.timestamp()) * 10**9 + self._ids % 1000 * 10**6

    # --------------------------------------------------------------------------- the same beginning for all
    def cast(self, *, guests: int = 3, rooms: int = 3) -> None:
        """People and rooms, their events delivered."""
        from tests.conftest import make_user
        from tests.factories.rooms import listed_room

        with self.time.running():
            self.operator = make_user("operator@example.com", operator=True)
            self.guests = [make_user(f"guest-{n}@example.com", name=f"게스트{n}") for n in range(guests)]
            self.hosts = [make_user(f"host-{n}@example.com", name=f"호스트{n}", host=True) for n in range(2)]
            self.rooms = [listed_room(self.hosts[n % 2], **_terms(n)) for n in range(rooms)]
            for host in self.hosts:
                self.bank_account(host)
        self.background.until_quiet(300)
        self.task("events.rebuild_views")  # as after the first start
        self.keep("the_cast")
        self._cast = self._kept

    def bank_account(self, host: Any, number: str = "110123456789") -> None:
        """The host says where their money is to go."""
        from payments import services

        services.register_payee(host_id=host.pk, bank="088", account_number=number, holder=host.name)

    def recast(self) -> None:
        """The beginning is again where the cast had just come together."""
        self._kept = self._cast

    def keep(self, name: str) -> None:
        """Remember the present state of everything as the beginning."""
        self._kept = (Snapshot(name), self.time.now, [each.kept() for each in self.gateways])

    def begin(self, seed: int) -> None:
        """Back to the beginning, with chance from this seed."""
        assert self._kept is not None
        snapshot, at, books = self._kept
        snapshot.restore()
        self.time.now = at
        for gateway, raw in zip(self.gateways, books, strict=True):
            gateway.open_kept(raw)
            gateway.faults, gateway.boundary = (lambda operation: "none"), (lambda name: None)
        self.processes.begin_anew()
        self.broker.messages.clear()
        self.broker.boundary, self.broker.lost = (lambda name: None), False
        self.post.sent.clear()
        self.reseed(seed)
        correlation._current.set("")

    def reseed(self, seed: int, *, ids: int = 0) -> None:
        """Chance from this seed on; so many ids were made within this second."""
        self._ids = ids
        self.rng.seed(seed)
        random.seed(seed)

    def digest(self) -> bytes:
        """Equal when every row, the gateway's books and the clock are equal."""
        return hashlib.sha256(repr((digest(), self.gateway.kept(), self.time.now)).encode()).digest()

    # ------------------------------------------------------------------------------------------ what is done
    def do(self, work: Any) -> Any:
        """Run code of the product at the present virtual time."""
        with self.time.running():
            return work()

    def task(self, name: str, *args: Any) -> Any:
        """A worker runs this task now."""
        return self.do(lambda: run_task(name, *args))

    @contextmanager
    def without_mail(self) -> Iterator[None]:
        """Nobody has a mailbox: what is told is told in the application alone."""
        from notifications import services as notifications
        from notifications.kinds import IN_APP

        with patch.object(notifications, "_channels", lambda kind, person: [IN_APP]):
            self._mailboxes = False
            try:
                yield
            finally:
                self._mailboxes = True

    def stay(self, ahead: int, nights: int) -> Stay:
        """A stay ``ahead`` days from today in Seoul."""
        first = clock.today_in("Asia/Seoul", self.time.now) + timedelta(days=ahead)
        return Stay(first, first + timedelta(days=nights))

    def hand_over(self, gateway: MemoryGateway, message: dict[str, Any]) -> None:
        """A message of a gateway arrives."""
        from payments import services

        self.do(lambda: services.store_message(gateway.name, gateway.read_stored(message)))

    def intents(self) -> dict[str, Intent]:
        """Every payment in every gateway's books, by the gateway's own id."""
        return {name: each for gateway in self.gateways for name, each in gateway.store.intents.items()}

    def _decided_at_the_bank(self) -> list[tuple[str, datetime]]:
        """Payments that the guest's bank has decided while we still wait for the guest."""
        from payments.models import Payment

        waiting = Payment.objects.filter(status="requires_action").values_list("gateway_ref", "next_look_at")
        intents = self.intents()
        return [("bank", due) for ref, due in waiting if ref in intents and intents[ref].status != "requires_action"]

    def _rests_untold(self) -> list[tuple[str, datetime]]:
        """Gateways that a breaker lets rest, whatever the rows say."""
        return [("rest", self.time.now) for gateway in self.gateways if self.processes.lets_rest(gateway.name)]

    def verdict(self) -> list[str]:
        """Everything that is wrong now."""
        for gateway in self.gateways:
            self.do(gateway.arrive)
        return broken_rules(self.time.now, mailboxes=self._mailboxes) + books_differ(self.gateways)


def _terms(number: int) -> dict[str, Any]:
    policies = ("flexible", "moderate", "firm")
    # The third one's host wants to be asked first.
    return {"cancellation_policy": policies[number % len(policies)], "instant_book": number != 2}
