"""The database keeps the table of transitions, refuses all others, and writes the diary itself."""

from __future__ import annotations

from django.db import migrations

ALLOWED = (
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

# A view, not a table: nobody can write to it, and it is never emptied.
VIEW = "CREATE VIEW reservations_allowedtransition (from_status, to_status) AS VALUES " + ", ".join(
    f"('{start}', '{end}')" for start, end in ALLOWED
)

GUARD = """
CREATE FUNCTION reservations_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' THEN
    RAISE EXCEPTION 'reservations are never deleted'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'reservation_kept_for_good';
  END IF;
  IF TG_OP = 'INSERT' THEN
    IF NEW.status <> 'held' OR NEW.version <> 1 THEN
      RAISE EXCEPTION 'a reservation begins as a hold'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'reservation_begins_held';
    END IF;
    RETURN NEW;
  END IF;
  IF NEW.status IS DISTINCT FROM OLD.status THEN
    IF NOT EXISTS (
      SELECT 1 FROM reservations_allowedtransition
      WHERE from_status = OLD.status AND to_status = NEW.status
    ) THEN
      RAISE EXCEPTION 'no way from % to %', OLD.status, NEW.status
        USING ERRCODE = 'check_violation', CONSTRAINT = 'reservation_transition_allowed';
    END IF;
    IF NEW.version <> OLD.version + 1 THEN
      RAISE EXCEPTION 'a change of state must raise the version by one'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'reservation_version_counts';
    END IF;
  END IF;
  IF (NEW.code, NEW.guest_id, NEW.host_id, NEW.room_id, NEW.currency, NEW.cancellation_policy,
      NEW.house_rules_i18n::text)
     IS DISTINCT FROM
     (OLD.code, OLD.guest_id, OLD.host_id, OLD.room_id, OLD.currency, OLD.cancellation_policy,
      OLD.house_rules_i18n::text)
  THEN
    RAISE EXCEPTION 'what was agreed is frozen'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'reservation_terms_frozen';
  END IF;
  IF (NEW.lines::text, NEW.total_minor, NEW.host_payout_minor, NEW.check_in, NEW.check_out)
     IS DISTINCT FROM (OLD.lines::text, OLD.total_minor, OLD.host_payout_minor, OLD.check_in, OLD.check_out)
     AND coalesce(current_setting('binbang.altering', true), '') <> 'on'
  THEN
    RAISE EXCEPTION 'lines and dates change only by an alteration'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'reservation_lines_frozen';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER reservations_guard BEFORE INSERT OR UPDATE OR DELETE ON reservations_reservation
  FOR EACH ROW EXECUTE FUNCTION reservations_guard();
"""

DIARY = """
CREATE FUNCTION reservations_write_diary() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO reservations_transition
    (reservation_id, version, from_status, to_status, at, actor, actor_id, reason, correlation_id)
  VALUES
    (NEW.id, NEW.version, CASE WHEN TG_OP = 'INSERT' THEN '' ELSE OLD.status END, NEW.status,
     NEW.changed_at, NEW.changed_by, NEW.changed_by_id, NEW.changed_why, NEW.changed_under);
  RETURN NULL;
END $$;
CREATE TRIGGER reservations_diary_begin AFTER INSERT ON reservations_reservation
  FOR EACH ROW EXECUTE FUNCTION reservations_write_diary();
CREATE TRIGGER reservations_diary_go_on AFTER UPDATE ON reservations_reservation
  FOR EACH ROW WHEN (NEW.version IS DISTINCT FROM OLD.version) EXECUTE FUNCTION reservations_write_diary();

CREATE FUNCTION reservations_diary_is_final() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND current_setting('binbang.backdating', true) = 'on'
     AND (NEW.reservation_id, NEW.version, NEW.from_status, NEW.to_status, NEW.actor)
         IS NOT DISTINCT FROM (OLD.reservation_id, OLD.version, OLD.from_status, OLD.to_status, OLD.actor)
  THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'the diary of reservations is append-only'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'transition_append_only';
END $$;
CREATE TRIGGER reservations_diary_is_final BEFORE UPDATE OR DELETE ON reservations_transition
  FOR EACH ROW EXECUTE FUNCTION reservations_diary_is_final();
"""

UNDO = """
DROP TRIGGER reservations_diary_is_final ON reservations_transition;
DROP TRIGGER reservations_diary_go_on ON reservations_reservation;
DROP TRIGGER reservations_diary_begin ON reservations_reservation;
DROP TRIGGER reservations_guard ON reservations_reservation;
DROP FUNCTION reservations_diary_is_final();
DROP FUNCTION reservations_write_diary();
DROP FUNCTION reservations_guard();
DROP VIEW reservations_allowedtransition;
"""


class Migration(migrations.Migration):
    """Triggers beside the model's own rules: raw SQL is bound by them as well."""

    dependencies = [("reservations", "0001_reservations_and_trips")]

    operations = [migrations.RunSQL(VIEW + ";" + GUARD + DIARY, UNDO)]
