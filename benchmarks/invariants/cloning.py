"""Reservations by the hundred thousand: a few are made by services, and all their rows are then copied by SQL.

A copy has its own code, ids, guest, room and dates, so the result is as consistent as the originals; that no
invariant complains over it is the proof.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db import connection

# Ids of copies begin here; copy ``i`` of row ``id`` is ``id * STEP + i``.
STEP = 1_000_000
GUESTS = 5000


@dataclass(frozen=True)
class Kind:
    """One original and its copies, by SQL in ``i``: ``shift`` days later is its stay, ``made`` days later all else."""

    code: str
    copies: int
    shift: str
    made: str


class Cloner:
    """Copies one kind of reservation into every table that knows it."""

    def __init__(self, kind: Kind, rooms: int) -> None:
        self.kind, self.rooms = kind, rooms
        self.tokens = self._tokens()

    # ------------------------------------------------------------------------------------- SQL of a copy's values
    @property
    def room(self) -> str:
        """The room of copy ``i``."""
        return f"({STEP} + i % {self.rooms})"

    @property
    def guest(self) -> str:
        """The guest of copy ``i``."""
        return f"({STEP} + i % {GUESTS})"

    def number(self, column: str) -> str:
        """A numeric id of the copy."""
        return f"t.{column} * {STEP}::bigint + i"

    def swapped(self, column: str) -> str:
        """A text with the original's code and ids replaced by the copy's."""
        text = f"t.{column}::text"
        for token in self.tokens:
            text = f"replace({text}, '{token}', md5('{token}-' || i)::uuid::text)"
        return f"replace({text}, '{self.kind.code}', {self.code})"

    @property
    def code(self) -> str:
        """The code of copy ``i``."""
        return f"('{self.kind.code[:4]}' || 'X' || lpad(i::text, 7, '0'))"

    def day(self, column: str) -> str:
        """A date of the stay."""
        return f"t.{column} + ({self.kind.shift})"

    def instant(self, column: str, *, of_stay: bool = False) -> str:
        """An instant, of the stay or of what happened to the reservation."""
        return f"t.{column} + ({self.kind.shift if of_stay else self.kind.made}) * interval '1 day'"

    def payload(self, column: str) -> str:
        """An event or a notification's facts."""
        facts = f"({self.swapped(column)})::jsonb"
        guest = f"jsonb_build_object('guest_id', {self.guest})"
        return f"{facts} || CASE WHEN {facts} ? 'guest_id' THEN {guest} ELSE '{{}}' END"

    # ------------------------------------------------------------------------------------------------- the copying
    def copy(self, table: str, where: str, **changes: str) -> None:
        """Copies of the rows of ``table`` that match, with these columns changed; serial ids count on."""
        with connection.cursor() as cursor:
            columns = [each.name for each in connection.introspection.get_table_description(cursor, table)]
            kept = [each for each in columns if each != "id" or "id" in changes]
            values = [changes.get(each, f"t.{each}") for each in kept]
            cursor.execute(
                f"INSERT INTO {table} ({', '.join(kept)}) SELECT {', '.join(values)}"
                f" FROM {table} t, generate_series(1, {self.kind.copies}) AS i WHERE {where}"
            )

    def run(self) -> None:
        """Every table, in any order: keys and triggers are off."""
        self._reservations()
        self._payments()
        self._events()
        self._views()
        self._reviews()

    def _reservations(self) -> None:
        code, mine = self.kind.code, f"t.code = '{self.kind.code}'"
        stay = {name: self.day(name) for name in ("check_in", "check_out")}
        instants = {name: self.instant(name, of_stay=True) for name in ("check_in_at", "check_out_at")}
        made = (
            "created_at",
            "confirmed_at",
            "completed_at",
            "cancelled_at",
            "quoted_until",
            "hold_expires_at",
            "changed_at",
        )
        instants |= {name: self.instant(name) for name in made}
        self.copy(
            "reservations_reservation",
            mine,
            id=self.number("id"),
            code=self.code,
            room_id=self.room,
            guest_id=self.guest,
            payment_id=f"({self.swapped('payment_id')})::uuid",
            **stay,
            **instants,
        )
        origin = f"t.reservation_id = (SELECT id FROM reservations_reservation WHERE code = '{code}')"
        self.copy(
            "reservations_transition", origin, reservation_id=self.number("reservation_id"), at=self.instant("at")
        )
        self.copy(
            "rooms_night",
            f"t.reservation = '{code}'",
            reservation=self.code,
            room_id=self.room,
            night=self.day("night"),
        )

    def _payments(self) -> None:
        mine = f"t.reservation = '{self.kind.code}'"
        of_mine = f"t.payment_id IN (SELECT id FROM payments_payment WHERE reservation = '{self.kind.code}')"
        decided = {name: self.instant(name) for name in ("created_at", "decided_at", "next_look_at")}
        ref = "CASE WHEN t.gateway_ref = '' THEN '' ELSE left(t.gateway_ref, 60) || '-' || i END"
        own = f"({self.swapped('id')})::uuid"
        self.copy(
            "payments_payment", mine, id=own, reservation=self.code, guest_id=self.guest, gateway_ref=ref, **decided
        )
        payment = f"({self.swapped('payment_id')})::uuid"
        self.copy("payments_gatewaycall", of_mine, payment_id=payment, key=self.swapped("key"))
        # When it is asked about next is not copied with a shift: each is asked every day, however long ago it was sent.
        sent = {name: self.instant(name) for name in ("created_at", "done_at")}
        self.copy(
            "payments_refund",
            of_mine,
            id=own,
            payment_id=payment,
            source=self.swapped("source"),
            gateway_ref=ref,
            **sent,
        )
        self.copy(
            "payments_ledgertransaction",
            mine,
            id=self.number("id"),
            reservation=self.code,
            source_id=self.swapped("source_id"),
            occurred_at=self.instant("occurred_at"),
        )
        entries = (
            f"t.transaction_id IN (SELECT id FROM payments_ledgertransaction WHERE reservation = '{self.kind.code}')"
        )
        self.copy("payments_ledgerentry", entries, transaction_id=self.number("transaction_id"))
        self.copy("payments_paymentparty", mine, reservation=self.code, guest_id=self.guest)

    def _events(self) -> None:
        told = f"t.payload->>'reservation' = '{self.kind.code}'"
        own = "md5(t.id::text || '-' || i)::uuid"
        event = "md5(t.event_id::text || '-' || i)::uuid"
        self.copy(
            "events_storedevent", told, id=own, payload=self.payload("payload"), occurred_at=self.instant("occurred_at")
        )
        # Receipts that are done are forgotten after thirty days, here as in service.
        receipts = f"t.event_id IN (SELECT t.id FROM events_storedevent t WHERE {told}) AND ({self._days_ago}) < 30"
        at = {name: self.instant(name) for name in ("done_at", "next_attempt_at")}
        self.copy("events_delivery", receipts, event_id=event, **at)
        mine = f"t.reservation = '{self.kind.code}'"
        self.copy(
            "notifications_notification",
            mine,
            id=own,
            event_id=event,
            recipient_id=f"CASE t.role WHEN 'guest' THEN {self.guest} ELSE t.recipient_id END",
            reservation=self.code,
            created_at=self.instant("created_at"),
        )
        letters = (
            f"t.notification_id IN (SELECT id FROM notifications_notification WHERE reservation = '{self.kind.code}')"
        )
        self.copy(
            "notifications_channeldelivery",
            letters,
            notification_id="md5(t.notification_id::text || '-' || i)::uuid",
            next_attempt_at=self.instant("next_attempt_at"),
            sent_at=self.instant("sent_at"),
        )

    @property
    def _days_ago(self) -> str:
        return f"-({self.kind.made})"

    def _views(self) -> None:
        stay = {name: self.day(name) for name in ("check_in", "check_out")}
        self.copy(
            "reservations_trip",
            f"t.code = '{self.kind.code}'",
            code=self.code,
            guest_id=self.guest,
            room_id=self.room,
            **stay,
        )
        self.copy(
            "rooms_roomstay",
            f"t.reservation = '{self.kind.code}'",
            reservation=self.code,
            guest_id=self.guest,
            room_id=self.room,
            **stay,
        )

    def _reviews(self) -> None:
        mine = f"t.reservation = '{self.kind.code}'"
        self.copy(
            "reviews_reviewwindow",
            mine,
            id=self.number("id"),
            reservation=self.code,
            guest_id=self.guest,
            room_id=self.room,
            closes_at=self.instant("closes_at"),
        )
        written = f"t.window_id IN (SELECT id FROM reviews_reviewwindow WHERE reservation = '{self.kind.code}')"
        self.copy(
            "reviews_review",
            written,
            id="md5(t.id::text || '-' || i)::uuid",
            window_id=self.number("window_id"),
            author_id=f"CASE t.direction WHEN 'guest_to_host' THEN {self.guest} ELSE t.author_id END",
            subject_id=f"CASE t.direction WHEN 'host_to_guest' THEN {self.guest} ELSE t.subject_id END",
        )
        self.copy(
            "rooms_roomreview", mine, review_id="md5(t.review_id || '-' || i)", reservation=self.code, room_id=self.room
        )

    def _tokens(self) -> list[str]:
        """The ids of the original that stand inside texts of other rows: payments, refunds, events."""
        code = self.kind.code
        statements = (
            f"SELECT id::text FROM payments_payment WHERE reservation = '{code}'",
            "SELECT r.id::text FROM payments_refund r JOIN payments_payment p ON p.id = r.payment_id"
            f" WHERE p.reservation = '{code}'",
            f"SELECT id::text FROM events_storedevent WHERE payload->>'reservation' = '{code}'",
        )
        found: list[str] = []
        with connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
                found += [row[0] for row in cursor.fetchall()]
        return found


def people_and_rooms(*, guest: int, room: int, rooms: int) -> None:
    """Copies of a guest, and of a room with its entry in the search and its view."""
    plain: dict[str, Any] = {}
    kind = Kind("", GUESTS, "0", "0")
    cloner = Cloner(kind, rooms)
    cloner.copy(
        "accounts_user",
        f"t.id = {guest}",
        id=f"{STEP} + i - 1",
        code="'UX' || i",
        email="'copy-' || i || '@example.com'",
    )
    cloner.kind = Kind("", rooms, "0", "0")
    code = "left(t.code, 4) || 'X' || i"
    slug = "left(t.slug, 60) || '-' || i"
    cloner.copy("rooms_room", f"t.id = {room}", id=f"{STEP} + i - 1", code=code, slug=slug, **plain)
    cloner.copy("rooms_searchindex", f"t.room_id = {room}", room_id=f"{STEP} + i - 1")
    view = {"room_id": f"{STEP} + i - 1"}
    cloner.copy("rooms_roomview", f"t.room_id = {room}", **view, **_own_names("rooms_roomview", code, slug))


def _own_names(table: str, code: str, slug: str) -> dict[str, str]:
    """The room's code and slug where the table has them."""
    with connection.cursor() as cursor:
        columns = {each.name for each in connection.introspection.get_table_description(cursor, table)}
    texts = {"code": code, "room_code": code.replace("t.code", "t.room_code"), "slug": slug}
    return {name: text for name, text in texts.items() if name in columns}
