"""At commit, a reservation that stands must have a payment that captured exactly its total."""

from __future__ import annotations

from django.db import migrations

TEETH = """
CREATE FUNCTION reservations_require_payment() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  now_row reservations_reservation%ROWTYPE;
BEGIN
  SELECT * INTO now_row FROM reservations_reservation WHERE id = NEW.id;
  IF now_row.status IN ('confirmed', 'in_stay', 'completed') AND NOT EXISTS (
    SELECT 1 FROM payments_payment p
    WHERE p.id = now_row.payment_id AND p.reservation = now_row.code
      AND p.captured_minor = now_row.total_minor AND p.currency = now_row.currency
  ) THEN
    RAISE EXCEPTION 'reservation % stands without a captured payment of its total', now_row.code
      USING ERRCODE = 'check_violation', CONSTRAINT = 'reservation_payment_captured';
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER reservations_require_payment
  AFTER INSERT OR UPDATE OF status, payment_id, captured_minor, total_minor ON reservations_reservation
  DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW EXECUTE FUNCTION reservations_require_payment();
"""

UNDO = """
DROP TRIGGER reservations_require_payment ON reservations_reservation;
DROP FUNCTION reservations_require_payment();
"""


class Migration(migrations.Migration):
    """Guards across the border of two contexts, so it lives in the database (N1)."""

    dependencies = [
        ("reservations", "0002_only_allowed_transitions"),
        ("payments", "__first__"),
    ]

    operations = [migrations.RunSQL(TEETH, UNDO)]
