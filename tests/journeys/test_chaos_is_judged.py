"""The control of the chaos run: a plain history is found in order, and each planted loss or double is named."""

from __future__ import annotations

from collections import Counter
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from benchmarks.chaos.journal import Journal, Look
from benchmarks.chaos.judging import judge, mails_in, views_in


def history() -> tuple[Journal, dict[str, Any], dict[str, Any], Counter[str]]:
    """One stay that stands and one that was cancelled with half of it back."""
    journal = Journal()
    for kind, code, amount in (
        ("held", "BB1", 100),
        ("confirmed", "BB1", 100),
        ("held", "BB2", 80),
        ("confirmed", "BB2", 80),
        ("cancelled", "BB2", 40),
        ("held", "BB3", 50),
    ):
        journal.acknowledge(kind, code, "g", amount)
    row = {"status": "confirmed", "total": 100, "captured": 100, "refund": 0, "confirmed": True}
    facts = {
        "reservations": {
            "BB1": row | booked(100, 0),
            "BB2": row | {"status": "cancelled", "total": 80, "captured": 80, "refund": 40} | booked(80, 40),
            "BB3": row | {"status": "expired", "total": 50, "captured": 0, "confirmed": False} | booked(0, 0),
        },
        "told": {
            "BB1": {"guest": ["1g.email"], "host": ["1h.email"]},
            "BB2": {"guest": ["2g.email"], "host": ["2h.email"]},
        },
        "mailed": ["a.email", "1g.email"],
        "views": {"reservations.Trip": (3, 0), "reservations.Board": (0, 0)},
        "registered": ["reservations.Trip", "reservations.Board"],
    }
    books = {
        "charges": [
            {"metadata": {"reservation": "BB1"}, "captured": 100, "refunded": 0},
            {"metadata": {"reservation": "BB2"}, "captured": 80, "refunded": 40},
        ]
    }
    return journal, facts, books, Counter(["a.email", "1g.email", "1h.email", "2g.email", "2h.email"])


def booked(captured: int, refunded: int) -> dict[str, Any]:
    """What the ledger's entries say."""
    return {"booked": {"captured": captured, "refunded": refunded}}


def test_a_plain_history_is_in_order() -> None:
    assert judge(*history(), kills=0) == []


def lose_reservation(facts: dict[str, Any], books: dict[str, Any], mails: Counter[str]) -> None:
    del facts["reservations"]["BB3"]


def lose_confirmation(facts: dict[str, Any], books: dict[str, Any], mails: Counter[str]) -> None:
    facts["reservations"]["BB1"] |= {"status": "expired", "confirmed": False} | booked(0, 0)
    books["charges"][0]["captured"] = 0


def cancel_untold(facts: dict[str, Any], books: dict[str, Any], mails: Counter[str]) -> None:
    """Everything agrees, but its guest never heard of a cancellation."""
    facts["reservations"]["BB1"] |= {"status": "cancelled", "refund": 100} | booked(100, 100)
    books["charges"][0]["refunded"] = 100


def lose_cancellation(facts: dict[str, Any], books: dict[str, Any], mails: Counter[str]) -> None:
    facts["reservations"]["BB2"] |= {"status": "confirmed", "refund": 0}
    books["charges"][1]["refunded"] = 0


def charge_twice(facts: dict[str, Any], books: dict[str, Any], mails: Counter[str]) -> None:
    books["charges"].append(deepcopy(books["charges"][0]))


def keep_the_refund(facts: dict[str, Any], books: dict[str, Any], mails: Counter[str]) -> None:
    books["charges"][1]["refunded"] = 0


def charge_a_stranger(facts: dict[str, Any], books: dict[str, Any], mails: Counter[str]) -> None:
    books["charges"].append({"metadata": {"reservation": "BB9"}, "captured": 5, "refunded": 0})


def forget_to_book(facts: dict[str, Any], books: dict[str, Any], mails: Counter[str]) -> None:
    facts["reservations"]["BB1"] |= booked(0, 0)


def forget_to_book_the_refund(facts: dict[str, Any], books: dict[str, Any], mails: Counter[str]) -> None:
    facts["reservations"]["BB2"] |= booked(80, 0)


def tell_nobody(facts: dict[str, Any], books: dict[str, Any], mails: Counter[str]) -> None:
    facts["told"]["BB1"] = {"guest": ["1g.email"]}


def tell_twice(facts: dict[str, Any], books: dict[str, Any], mails: Counter[str]) -> None:
    facts["told"]["BB1"]["guest"].append("1g2.email")
    mails["1g2.email"] = 1


def lose_mail(facts: dict[str, Any], books: dict[str, Any], mails: Counter[str]) -> None:
    del mails["a.email"]


def lose_a_confirmation_not_on_record(facts: dict[str, Any], books: dict[str, Any], mails: Counter[str]) -> None:
    """No delivery says that it was sent, and nothing was."""
    del mails["2h.email"]


def let_a_view_drift(facts: dict[str, Any], books: dict[str, Any], mails: Counter[str]) -> None:
    facts["views"]["reservations.Board"] = (7, 1)


def compare_no_view(facts: dict[str, Any], books: dict[str, Any], mails: Counter[str]) -> None:
    facts["views"], facts["registered"] = views_in("Killed"), []


def leave_a_view_out(facts: dict[str, Any], books: dict[str, Any], mails: Counter[str]) -> None:
    del facts["views"]["reservations.Board"]


def mail_twice(facts: dict[str, Any], books: dict[str, Any], mails: Counter[str]) -> None:
    mails["a.email"] = 2


@pytest.mark.parametrize(
    ("plant", "named"),
    [
        (lose_reservation, "lost reservation"),
        (lose_confirmation, "lost confirmation"),
        (cancel_untold, "lost confirmation"),
        (lose_cancellation, "lost cancellation"),
        (charge_twice, "charged twice"),
        (keep_the_refund, "money differs"),
        (charge_a_stranger, "charged without a reservation"),
        (forget_to_book, "books differ"),
        (forget_to_book_the_refund, "books differ"),
        (tell_nobody, "told not once"),
        (tell_twice, "told not once"),
        (lose_mail, "lost mail"),
        (lose_a_confirmation_not_on_record, "lost mail"),
        (let_a_view_drift, "view differs"),
        (compare_no_view, "view not compared"),
        (leave_a_view_out, "view not compared"),
        (mail_twice, "doubled mail"),
    ],
)
def test_what_is_lost_or_doubled_is_named(plant: Any, named: str) -> None:
    journal, facts, books, mails = history()
    plant(facts, books, mails)
    assert named in {each.what for each in judge(journal, facts, books, mails, kills=0)}


def test_a_killed_worker_may_send_one_mail_again() -> None:
    journal, facts, books, mails = history()
    mail_twice(facts, books, mails)
    assert judge(journal, facts, books, mails, kills=1) == []


def test_mails_are_counted_by_their_message_id(tmp_path: Path) -> None:
    mail = "Subject: x\nMessage-ID: <a.email@binbang.example>\n\nbody\n"
    (tmp_path / "1.log").write_text(f"{mail}{'-' * 79}\n{mail}{'-' * 79}\n")
    assert mails_in(tmp_path) == Counter({"a.email": 2})


def test_compared_views_are_read_from_what_the_command_says() -> None:
    said = "reservations.Trip: 41 compared, 0 differ\nrooms.RoomView: 16 compared, 2 differ 3, 9\n"
    assert views_in(said) == {"reservations.Trip": (41, 0), "rooms.RoomView": (16, 2)}


def test_reads_are_judged_outside_the_outages_of_the_database_only() -> None:
    journal = Journal()
    journal.outages = [(10.0, 12.0)]
    journal.looks = [Look(9.0, 9.5, "/", False), Look(9.5, 10.1, "/", False), Look(11.9, 12.5, "/", False)]
    assert [each.began for each in journal.reads()] == [9.0]
