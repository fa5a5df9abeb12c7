"""What a payment is for, the way from an authorisation to its capture, and the daily comparison."""

from __future__ import annotations

from django.conf import settings
from django.db import migrations, models

FROZEN = """
CREATE OR REPLACE FUNCTION payments_keep_money() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' THEN
    RAISE EXCEPTION 'payments are never deleted'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'payment_kept_for_good';
  END IF;
  IF (NEW.reservation, NEW.purpose, NEW.amount_minor, NEW.currency, NEW.gateway, NEW.guest_id, NEW.method)
     IS DISTINCT FROM
     (OLD.reservation, OLD.purpose, OLD.amount_minor, OLD.currency, OLD.gateway, OLD.guest_id, OLD.method)
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
"""


class Migration(migrations.Migration):
    """The trigger that freezes the terms knows the purpose as well."""

    dependencies = [
        ("payments", "0002_books_are_final"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="BooksComparison",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("gateway", models.CharField(max_length=20, verbose_name="gateway")),
                ("since", models.DateTimeField(verbose_name="from")),
                ("until", models.DateTimeField(verbose_name="until")),
                ("compared", models.PositiveIntegerField(default=0, verbose_name="compared")),
                ("settled", models.PositiveIntegerField(default=0, verbose_name="settled")),
                ("differences", models.JSONField(blank=True, default=list, verbose_name="differences")),
                ("begun_at", models.DateTimeField(verbose_name="begun")),
                ("finished_at", models.DateTimeField(blank=True, null=True, verbose_name="finished")),
            ],
            options={
                "verbose_name": "comparison with the gateway's books",
                "verbose_name_plural": "comparisons with the gateways' books",
            },
        ),
        migrations.RemoveConstraint(
            model_name="payment",
            name="payment_captured",
        ),
        migrations.RemoveConstraint(
            model_name="payment",
            name="payment_one_open_or_paid",
        ),
        migrations.AddField(
            model_name="payment",
            name="capture_wanted",
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name="payment",
            name="ending_told_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="payment",
            name="purpose",
            field=models.CharField(default="booking", max_length=40, verbose_name="purpose"),
        ),
        migrations.AlterField(
            model_name="gatewaycall",
            name="operation",
            field=models.CharField(
                choices=[
                    ("charge", "Charge"),
                    ("confirm", "Confirmation"),
                    ("capture", "Capture"),
                    ("void", "Void"),
                    ("refund", "Refund"),
                ],
                max_length=10,
            ),
        ),
        migrations.AddConstraint(
            model_name="payment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("captured_minor__lte", models.F("amount_minor")), ("surplus", True), _connector="OR"
                ),
                name="payment_captured",
            ),
        ),
        migrations.AddConstraint(
            model_name="payment",
            constraint=models.UniqueConstraint(
                condition=models.Q(
                    (
                        "status__in",
                        ("processing", "unknown", "requires_action", "authorized", "captured", "partially_refunded"),
                    ),
                    ("surplus", False),
                ),
                fields=("reservation", "purpose"),
                name="payment_one_open_or_paid",
            ),
        ),
        migrations.AddIndex(
            model_name="bookscomparison",
            index=models.Index(fields=["gateway", "-until"], name="comparison_latest"),
        ),
        migrations.RunSQL(FROZEN, migrations.RunSQL.noop),
    ]
