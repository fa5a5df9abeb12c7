"""Lines that were kept with the first of several refunds, and were those of all of them, are put away."""

from __future__ import annotations

from django.db import migrations

PUT_AWAY = """
UPDATE payments_refund r SET lines = '[]'
WHERE lines <> '[]' AND amount_minor <> (
  SELECT sum((line->'amount'->>'amount')::bigint) FROM jsonb_array_elements(r.lines) AS line)
"""


class Migration(migrations.Migration):
    """From here on the lines of each refund sum to it."""

    dependencies = [("payments", "0009_payouts_may_come_back")]

    operations = [migrations.RunSQL(PUT_AWAY, migrations.RunSQL.noop)]
