"""A payout that was sent may come back, once per sending; what was done is asked about again; what was given up is seen."""

from __future__ import annotations

from importlib import import_module

from django.db import migrations, models

# As before, but what was sent may fail later: then it has a new generation, and whoever sent it is still known. What
# says when it is asked about again, and what was told of it, is no part of what was sent.
PAYOUTS = """
CREATE OR REPLACE FUNCTION payments_keep_payouts() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  beside text[] := ARRAY['next_attempt_at', 'told_for'];
  returned text[] := ARRAY['next_attempt_at', 'told_for', 'status', 'generation', 'failure_code', 'refusals',
                           'attempts', 'sent_at'];
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
  IF (OLD.status = 'netted' AND NEW IS DISTINCT FROM OLD)
     OR (OLD.status = 'sent' AND (to_jsonb(NEW) - beside) IS DISTINCT FROM (to_jsonb(OLD) - beside)
         AND NOT (NEW.status = 'failed' AND NEW.generation = OLD.generation + 1
                  AND (to_jsonb(NEW) - returned) IS NOT DISTINCT FROM (to_jsonb(OLD) - returned)))
  THEN
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
"""
_FUNCTION, _, _ = import_module("payments.migrations.0007_payouts_are_final").PAYOUTS.partition("CREATE TRIGGER")
BEFORE = _FUNCTION.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION")

# What was done in the last weeks is asked about within a day from now, not all of it in the first minute.
SPREAD = """
UPDATE payments_refund SET next_attempt_at = now() + random() * interval '1 day'
  WHERE status = 'succeeded' AND done_at > now() - interval '30 days';
UPDATE payments_payout SET next_attempt_at = now() + random() * interval '1 day'
  WHERE status = 'sent' AND sent_at > now() - interval '30 days';
"""


class Migration(migrations.Migration):
    """One column, three indexes, and the trigger of payouts."""

    dependencies = [("payments", "0008_fees_and_the_house_bank")]

    operations = [
        migrations.AddField(
            model_name="payout",
            name="told_for",
            field=models.CharField(blank=True, db_default="", default="", max_length=60),
        ),
        migrations.AddIndex(
            model_name="payout",
            index=models.Index(condition=models.Q(("status", "sent")), fields=["sent_at"], name="payout_sent_when"),
        ),
        migrations.AddIndex(
            model_name="refund",
            index=models.Index(
                condition=models.Q(("status", "succeeded")), fields=["done_at"], name="refund_done_when"
            ),
        ),
        migrations.AddIndex(
            model_name="webhookmessage",
            index=models.Index(
                condition=models.Q(("state", "parked")), fields=["received_at"], name="webhook_message_parked"
            ),
        ),
        migrations.RunSQL(PAYOUTS, BEFORE),
        migrations.RunSQL(SPREAD, migrations.RunSQL.noop),
    ]
