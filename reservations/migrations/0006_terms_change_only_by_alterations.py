"""The database lets terms change only as an applied alteration says, and counts all money that a stay stands on."""

from __future__ import annotations

from importlib import import_module

from django.db import migrations

BEFORE = import_module("reservations.migrations.0002_only_allowed_transitions").GUARD
BEFORE_MONEY = import_module("reservations.migrations.0003_stands_only_on_captured_money").TEETH

_FROZEN = """  IF (NEW.lines::text, NEW.total_minor, NEW.host_payout_minor, NEW.check_in, NEW.check_out)
     IS DISTINCT FROM (OLD.lines::text, OLD.total_minor, OLD.host_payout_minor, OLD.check_in, OLD.check_out)
     AND coalesce(current_setting('binbang.altering', true), '') <> 'on'
  THEN
"""
_BY_ALTERATION = """  IF (NEW.lines::text, NEW.total_minor, NEW.host_payout_minor, NEW.check_in, NEW.check_out, NEW.guests)
     IS DISTINCT FROM
     (OLD.lines::text, OLD.total_minor, OLD.host_payout_minor, OLD.check_in, OLD.check_out, OLD.guests)
     AND NOT (
       coalesce(current_setting('binbang.backdating', true), '') = 'on'
       AND (NEW.total_minor, NEW.host_payout_minor, NEW.guests)
           IS NOT DISTINCT FROM (OLD.total_minor, OLD.host_payout_minor, OLD.guests))
     AND NOT EXISTS (
       SELECT 1 FROM reservations_alteration a
       WHERE a.reservation_id = NEW.id AND a.status = 'applied' AND a.applied_revision = NEW.version
         AND (a.lines, a.total_minor, a.host_payout_minor, a.check_in, a.check_out, a.guests, a.old_total_minor)
             IS NOT DISTINCT FROM
             (NEW.lines, NEW.total_minor, NEW.host_payout_minor, NEW.check_in, NEW.check_out, NEW.guests,
              OLD.total_minor)
         AND NEW.captured_minor = OLD.captured_minor + greatest(a.difference_minor, 0)
         AND NEW.returned_minor = OLD.returned_minor + greatest(-a.difference_minor, 0))
  THEN
"""
_FUNCTION = "CREATE FUNCTION reservations_guard()"


def _guard(source: str) -> str:
    """The guard's function alone, replaced in place."""
    body = source[source.index(_FUNCTION) : source.index("CREATE TRIGGER")]
    return body.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION", 1)


assert _FROZEN in BEFORE

ALTERATIONS = """
CREATE VIEW reservations_allowedalteration (from_status, to_status) AS VALUES
  ('proposed', 'accepted'), ('proposed', 'paying'), ('proposed', 'applied'), ('proposed', 'declined'),
  ('proposed', 'withdrawn'), ('proposed', 'expired'), ('proposed', 'overtaken'),
  ('accepted', 'paying'), ('accepted', 'withdrawn'), ('accepted', 'expired'), ('accepted', 'overtaken'),
  ('paying', 'proposed'), ('paying', 'accepted'), ('paying', 'applied'), ('paying', 'expired'),
  ('paying', 'overtaken');

CREATE FUNCTION reservations_alteration_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' THEN
    RAISE EXCEPTION 'alterations are never deleted'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'alteration_kept_for_good';
  END IF;
  IF NEW.status IS DISTINCT FROM OLD.status AND NOT EXISTS (
    SELECT 1 FROM reservations_allowedalteration WHERE from_status = OLD.status AND to_status = NEW.status
  ) THEN
    RAISE EXCEPTION 'no way for an alteration from % to %', OLD.status, NEW.status
      USING ERRCODE = 'check_violation', CONSTRAINT = 'alteration_transition_allowed';
  END IF;
  IF (NEW.code, NEW.reservation_id, NEW.proposed_by, NEW.old_guests, NEW.old_total_minor, NEW.old_host_payout_minor,
      NEW.guests, NEW.total_minor, NEW.host_payout_minor, NEW.difference_minor, NEW.currency)
     IS DISTINCT FROM
     (OLD.code, OLD.reservation_id, OLD.proposed_by, OLD.old_guests, OLD.old_total_minor, OLD.old_host_payout_minor,
      OLD.guests, OLD.total_minor, OLD.host_payout_minor, OLD.difference_minor, OLD.currency)
     OR ((NEW.lines::text, NEW.old_lines::text, NEW.check_in, NEW.check_out, NEW.old_check_in, NEW.old_check_out)
         IS DISTINCT FROM
         (OLD.lines::text, OLD.old_lines::text, OLD.check_in, OLD.check_out, OLD.old_check_in, OLD.old_check_out)
         AND coalesce(current_setting('binbang.backdating', true), '') <> 'on')
  THEN
    RAISE EXCEPTION 'what was proposed is frozen'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'alteration_terms_frozen';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER reservations_alteration_guard BEFORE UPDATE OR DELETE ON reservations_alteration
  FOR EACH ROW EXECUTE FUNCTION reservations_alteration_guard();
"""

# The reservation's own payment and those of its applied alterations: together exactly what it says was captured.
MONEY = """
CREATE OR REPLACE FUNCTION reservations_require_payment() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  now_row reservations_reservation%ROWTYPE;
  captured bigint;
BEGIN
  SELECT * INTO now_row FROM reservations_reservation WHERE id = NEW.id;
  IF now_row.status NOT IN ('confirmed', 'in_stay', 'completed') THEN
    RETURN NULL;
  END IF;
  SELECT coalesce(sum(p.captured_minor), 0) INTO captured FROM payments_payment p
  WHERE p.reservation = now_row.code AND p.currency = now_row.currency AND p.captured_minor > 0
    AND (p.id = now_row.payment_id OR p.id IN (
      SELECT a.payment_id FROM reservations_alteration a
      WHERE a.reservation_id = now_row.id AND a.status = 'applied'));
  IF captured <> now_row.captured_minor OR now_row.captured_minor - now_row.returned_minor <> now_row.total_minor
     OR NOT EXISTS (SELECT 1 FROM payments_payment p WHERE p.id = now_row.payment_id AND p.captured_minor > 0)
  THEN
    RAISE EXCEPTION 'reservation % stands without a captured payment of its total', now_row.code
      USING ERRCODE = 'check_violation', CONSTRAINT = 'reservation_payment_captured';
  END IF;
  RETURN NULL;
END $$;
"""

UNDO = """
DROP TRIGGER reservations_alteration_guard ON reservations_alteration;
DROP FUNCTION reservations_alteration_guard();
DROP VIEW reservations_allowedalteration;
"""
MONEY_BEFORE = BEFORE_MONEY[: BEFORE_MONEY.index("CREATE CONSTRAINT")].replace("CREATE", "CREATE OR REPLACE", 1)


class Migration(migrations.Migration):
    """Triggers beside the model's own rules: raw SQL is bound by them as well."""

    dependencies = [("reservations", "0005_alterations")]

    operations = [
        migrations.RunSQL(_guard(BEFORE).replace(_FROZEN, _BY_ALTERATION), _guard(BEFORE)),
        migrations.RunSQL(MONEY, MONEY_BEFORE),
        migrations.RunSQL(ALTERATIONS, UNDO),
    ]
