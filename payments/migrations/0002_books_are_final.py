"""The database itself keeps the books: append-only, balanced at commit, and money is never forgotten."""

from __future__ import annotations

from django.db import migrations

APPEND_ONLY = """
CREATE FUNCTION payments_books_are_final() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'the ledger is append-only: post a reversing transaction instead'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_append_only';
END $$;
CREATE TRIGGER payments_entry_is_final BEFORE UPDATE OR DELETE ON payments_ledgerentry
  FOR EACH ROW EXECUTE FUNCTION payments_books_are_final();
CREATE TRIGGER payments_transaction_is_final BEFORE UPDATE OR DELETE ON payments_ledgertransaction
  FOR EACH ROW EXECUTE FUNCTION payments_books_are_final();
CREATE TRIGGER payments_account_is_final BEFORE UPDATE OR DELETE ON payments_ledgeraccount
  FOR EACH ROW EXECUTE FUNCTION payments_books_are_final();
"""

BALANCED = """
CREATE FUNCTION payments_require_balance() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  wanted bigint := CASE WHEN TG_TABLE_NAME = 'payments_ledgerentry'
                        THEN (to_jsonb(NEW)->>'transaction_id')::bigint ELSE NEW.id END;
BEGIN
  IF NOT EXISTS (SELECT 1 FROM payments_ledgerentry WHERE transaction_id = wanted) OR EXISTS (
    SELECT 1 FROM payments_ledgerentry e JOIN payments_ledgeraccount a ON a.id = e.account_id
    WHERE e.transaction_id = wanted GROUP BY a.currency HAVING sum(e.amount_minor) <> 0
  ) THEN
    RAISE EXCEPTION 'ledger transaction % does not sum to zero', wanted
      USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_balanced';
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER payments_entry_balances AFTER INSERT ON payments_ledgerentry
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION payments_require_balance();
CREATE CONSTRAINT TRIGGER payments_transaction_balances AFTER INSERT ON payments_ledgertransaction
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION payments_require_balance();
"""

NEVER_FORGOTTEN = """
CREATE FUNCTION payments_keep_money() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' THEN
    RAISE EXCEPTION 'payments are never deleted'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'payment_kept_for_good';
  END IF;
  IF (NEW.reservation, NEW.amount_minor, NEW.currency, NEW.gateway, NEW.guest_id, NEW.method)
     IS DISTINCT FROM (OLD.reservation, OLD.amount_minor, OLD.currency, OLD.gateway, OLD.guest_id, OLD.method)
  THEN
    RAISE EXCEPTION 'what was to be paid is frozen'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'payment_terms_frozen';
  END IF;
  IF NEW.captured_minor < OLD.captured_minor OR NEW.promised_minor < OLD.promised_minor THEN
    RAISE EXCEPTION 'money that was taken or promised is never forgotten'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'payment_money_kept';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER payments_keep_money BEFORE UPDATE OR DELETE ON payments_payment
  FOR EACH ROW EXECUTE FUNCTION payments_keep_money();
"""

UNDO = """
DROP TRIGGER payments_keep_money ON payments_payment;
DROP TRIGGER payments_transaction_balances ON payments_ledgertransaction;
DROP TRIGGER payments_entry_balances ON payments_ledgerentry;
DROP TRIGGER payments_account_is_final ON payments_ledgeraccount;
DROP TRIGGER payments_transaction_is_final ON payments_ledgertransaction;
DROP TRIGGER payments_entry_is_final ON payments_ledgerentry;
DROP FUNCTION payments_keep_money();
DROP FUNCTION payments_require_balance();
DROP FUNCTION payments_books_are_final();
"""


class Migration(migrations.Migration):
    """Triggers of the ledger and of payments."""

    dependencies = [("payments", "0001_payments_and_ledger")]

    operations = [migrations.RunSQL(APPEND_ONLY + BALANCED + NEVER_FORGOTTEN, UNDO)]
