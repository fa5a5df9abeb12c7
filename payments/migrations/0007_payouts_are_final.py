"""The database itself keeps payouts: one line once, frozen when released, never forgotten, and sent to one account."""

from __future__ import annotations

from django.db import migrations

PAYOUTS = """
CREATE FUNCTION payments_keep_payouts() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' THEN
    RAISE EXCEPTION 'payouts are never deleted'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'payout_kept_for_good';
  END IF;
  IF (NEW.earning_id, NEW.reservation, NEW.number, NEW.host_id, NEW.currency)
     IS DISTINCT FROM (OLD.earning_id, OLD.reservation, OLD.number, OLD.host_id, OLD.currency)
     OR (OLD.released_at IS NOT NULL
         AND (NEW.gross_minor, NEW.amount_minor, NEW.tax_minor, NEW.released_at)
             IS DISTINCT FROM (OLD.gross_minor, OLD.amount_minor, OLD.tax_minor, OLD.released_at))
  THEN
    RAISE EXCEPTION 'what was released is frozen'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'payout_terms_frozen';
  END IF;
  IF OLD.status IN ('sent', 'netted') AND NEW IS DISTINCT FROM OLD THEN
    RAISE EXCEPTION 'a payout that was sent is final'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'payout_sent_is_final';
  END IF;
  IF NEW.generation < OLD.generation OR (
    OLD.status IN ('sending', 'unknown') AND NEW.generation = OLD.generation
    AND (NEW.status NOT IN ('sending', 'unknown', 'sent')
         OR (NEW.payee_id, NEW.send_minor) IS DISTINCT FROM (OLD.payee_id, OLD.send_minor)))
  THEN
    RAISE EXCEPTION 'what may have been sent is neither changed nor forgotten'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'payout_under_way_frozen';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER payments_keep_payouts BEFORE UPDATE OR DELETE ON payments_payout
  FOR EACH ROW EXECUTE FUNCTION payments_keep_payouts();
"""

PAYEES = """
CREATE FUNCTION payments_keep_payees() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE'
     OR (OLD.status <> 'pending' AND NEW IS DISTINCT FROM OLD
         AND NOT (OLD.status = 'registered' AND NEW.status = 'withdrawn'
                  AND (NEW.destination, NEW.in_force_from) IS NOT DISTINCT FROM (OLD.destination, OLD.in_force_from)))
     OR (NEW.host_id, NEW.gateway, NEW.bank, NEW.last4, NEW.holder)
        IS DISTINCT FROM (OLD.host_id, OLD.gateway, OLD.bank, OLD.last4, OLD.holder)
  THEN
    RAISE EXCEPTION 'bank details are replaced by new ones, never changed'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'payee_is_final';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER payments_keep_payees BEFORE UPDATE OR DELETE ON payments_payee
  FOR EACH ROW EXECUTE FUNCTION payments_keep_payees();
"""

CLAWBACKS = """
CREATE FUNCTION payments_keep_clawbacks() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' OR NEW.recovered_minor < OLD.recovered_minor
     OR (NEW.earning_id, NEW.host_id, NEW.source, NEW.amount_minor, NEW.currency)
        IS DISTINCT FROM (OLD.earning_id, OLD.host_id, OLD.source, OLD.amount_minor, OLD.currency)
  THEN
    RAISE EXCEPTION 'a debt is paid, never changed or forgotten'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'clawback_kept';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER payments_keep_clawbacks BEFORE UPDATE OR DELETE ON payments_clawback
  FOR EACH ROW EXECUTE FUNCTION payments_keep_clawbacks();
CREATE TRIGGER payments_recovery_is_final BEFORE UPDATE OR DELETE ON payments_recovery
  FOR EACH ROW EXECUTE FUNCTION payments_books_are_final();
"""

UNDO = """
DROP TRIGGER payments_recovery_is_final ON payments_recovery;
DROP TRIGGER payments_keep_clawbacks ON payments_clawback;
DROP TRIGGER payments_keep_payees ON payments_payee;
DROP TRIGGER payments_keep_payouts ON payments_payout;
DROP FUNCTION payments_keep_clawbacks();
DROP FUNCTION payments_keep_payees();
DROP FUNCTION payments_keep_payouts();
"""


class Migration(migrations.Migration):
    """Triggers of payouts, bank accounts and clawbacks."""

    dependencies = [("payments", "0006_payouts_and_payees")]

    operations = [migrations.RunSQL(PAYOUTS + PAYEES + CLAWBACKS, UNDO)]
