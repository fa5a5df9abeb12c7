"""Requests to book: the host is asked while the money is set aside, and the database guards what may come of it."""

from __future__ import annotations

from django.db import migrations, models

BEFORE = (
    ("held", "paying"),
    ("held", "expired"),
    ("paying", "held"),
    ("paying", "confirmed"),
    ("paying", "requested"),
    ("paying", "expired"),
    ("requested", "confirmed"),
    ("requested", "declined"),
    ("requested", "expired"),
    ("requested", "cancelled"),
    ("confirmed", "in_stay"),
    ("confirmed", "cancelled"),
    ("in_stay", "completed"),
    ("in_stay", "cancelled"),
    ("expired", "confirmed"),
)

_VIEW = "CREATE OR REPLACE VIEW reservations_allowedtransition (from_status, to_status) AS VALUES"


def _view(allowed: tuple[tuple[str, str], ...]) -> str:
    rows = ", ".join(f"('{start}', '{end}')" for start, end in allowed)
    return f"{_VIEW} {rows}"


# Whether the host is asked was agreed at the hold; an acceptance is never taken back or changed.
FROZEN = """
CREATE FUNCTION reservations_keep_the_asking() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.instant IS DISTINCT FROM OLD.instant THEN
    RAISE EXCEPTION 'whether the host is asked was agreed at the hold'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'reservation_asking_frozen';
  END IF;
  IF OLD.accepted_by_id IS NOT NULL AND NEW.accepted_by_id IS DISTINCT FROM OLD.accepted_by_id THEN
    RAISE EXCEPTION 'an acceptance stands'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'reservation_acceptance_stands';
  END IF;
  IF OLD.status = 'requested' AND NEW.status <> 'requested' AND OLD.accepted_at IS NOT NULL
     AND NEW.status NOT IN ('confirmed', 'held', 'expired')
  THEN
    RAISE EXCEPTION 'an accepted request ends with what became of its money'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'reservation_acceptance_stands';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER reservations_keep_the_asking BEFORE UPDATE ON reservations_reservation
  FOR EACH ROW EXECUTE FUNCTION reservations_keep_the_asking();
"""

# At commit, whoever asks a host has set exactly the total aside.
TEETH = """
CREATE FUNCTION reservations_require_authorization() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  now_row reservations_reservation%ROWTYPE;
BEGIN
  SELECT * INTO now_row FROM reservations_reservation WHERE id = NEW.id;
  IF now_row.status = 'requested' AND NOT EXISTS (
    SELECT 1 FROM payments_payment p
    WHERE p.id = now_row.payment_id AND p.reservation = now_row.code AND p.status = 'authorized'
      AND p.amount_minor = now_row.total_minor AND p.currency = now_row.currency
  ) THEN
    RAISE EXCEPTION 'request % stands without its total set aside', now_row.code
      USING ERRCODE = 'check_violation', CONSTRAINT = 'reservation_total_authorized';
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER reservations_require_authorization
  AFTER INSERT OR UPDATE OF status, payment_id, total_minor ON reservations_reservation
  DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW EXECUTE FUNCTION reservations_require_authorization();
"""

UNDO = """
DROP TRIGGER reservations_require_authorization ON reservations_reservation;
DROP TRIGGER reservations_keep_the_asking ON reservations_reservation;
DROP FUNCTION reservations_require_authorization();
DROP FUNCTION reservations_keep_the_asking();
"""


class Migration(migrations.Migration):
    """Every reservation there is was instant; the columns are added with that."""

    dependencies = [
        ("reservations", "0007_trips_know_the_record"),
        ("payments", "__first__"),
    ]

    operations = [
        migrations.AddField("reservation", "instant", models.BooleanField(db_default=True, default=True)),
        migrations.AddField("reservation", "answer_by", models.DateTimeField(blank=True, null=True)),
        migrations.AddField("reservation", "accepted_at", models.DateTimeField(blank=True, null=True)),
        migrations.AddField("reservation", "accepted_by_id", models.BigIntegerField(blank=True, null=True)),
        migrations.AddField("reservation", "reminded_hours", models.PositiveSmallIntegerField(blank=True, null=True)),
        migrations.AddField("trip", "instant", models.BooleanField(db_default=True, default=True)),
        migrations.AddField("trip", "answer_by", models.DateTimeField(null=True)),
        migrations.AddField("trip", "accepted_at", models.DateTimeField(null=True)),
        migrations.AddConstraint(
            "reservation",
            models.CheckConstraint(
                condition=models.Q(
                    models.Q(("status", "requested"), _negated=True),
                    models.Q(("answer_by__isnull", False), ("instant", False), ("payment_id__isnull", False)),
                    _connector="OR",
                ),
                name="reservation_request_has_answer_by",
            ),
        ),
        migrations.AddConstraint(
            "reservation",
            models.CheckConstraint(
                condition=models.Q(
                    models.Q(("accepted_at__isnull", True), ("accepted_by_id__isnull", True)),
                    models.Q(("accepted_at__isnull", False), ("accepted_by_id__isnull", False), ("instant", False)),
                    _connector="OR",
                ),
                name="reservation_accepted_says_by_whom",
            ),
        ),
        migrations.AddConstraint(
            "reservation",
            models.CheckConstraint(
                condition=models.Q(
                    models.Q(("status__in", ["completed", "confirmed", "in_stay"]), _negated=True),
                    ("instant", True),
                    ("accepted_at__isnull", False),
                    _connector="OR",
                ),
                name="reservation_stands_only_accepted",
            ),
        ),
        migrations.AddIndex(
            "reservation",
            models.Index(
                condition=models.Q(("status", "requested")), fields=["answer_by"], name="reservation_answer_due"
            ),
        ),
        migrations.RunSQL(_view((*BEFORE, ("requested", "held"))), _view(BEFORE)),
        migrations.RunSQL(FROZEN + TEETH, UNDO),
    ]
