"""The gateways' fees and what moves at the house's own bank, each kept once and for good."""

from __future__ import annotations

import django.db.models.deletion
from django.db import migrations, models

KINDS = [
    "gateway_clearing",
    "guest_funds_held",
    "host_payable",
    "platform_revenue",
    "tax_payable",
    "fee_expense",
    "refunds_payable",
    "payout_in_transit",
    "disputes_open",
    "bank",
]

FINAL = """
CREATE TRIGGER payments_fee_is_final BEFORE UPDATE OR DELETE ON payments_gatewayfee
  FOR EACH ROW EXECUTE FUNCTION payments_books_are_final();
CREATE TRIGGER payments_bank_movement_is_final BEFORE UPDATE OR DELETE ON payments_bankmovement
  FOR EACH ROW EXECUTE FUNCTION payments_books_are_final();
"""
UNDO = """
DROP TRIGGER payments_bank_movement_is_final ON payments_bankmovement;
DROP TRIGGER payments_fee_is_final ON payments_gatewayfee;
"""


class Migration(migrations.Migration):
    """Two tables, an account kind, and whether a comparison was told of them."""

    dependencies = [("payments", "0007_payouts_are_final")]

    operations = [
        migrations.AlterField(
            model_name="ledgeraccount",
            name="kind",
            field=models.CharField(choices=[(kind, kind) for kind in KINDS], max_length=24),
        ),
        migrations.AddField(
            model_name="bookscomparison",
            name="movements",
            field=models.PositiveIntegerField(blank=True, null=True, verbose_name="fees and bank movements booked"),
        ),
        migrations.CreateModel(
            name="GatewayFee",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("gateway", models.CharField(max_length=20, verbose_name="gateway")),
                ("gateway_id", models.CharField(max_length=80)),
                (
                    "about",
                    models.CharField(
                        choices=[("payment", "Payment"), ("refund", "Refund"), ("other", "Other")],
                        max_length=10,
                        verbose_name="what for",
                    ),
                ),
                ("amount_minor", models.BigIntegerField(verbose_name="amount")),
                ("currency", models.CharField(max_length=3)),
                ("at", models.DateTimeField(verbose_name="at")),
                ("created_at", models.DateTimeField(verbose_name="learnt")),
                (
                    "payment",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="fees",
                        to="payments.payment",
                    ),
                ),
            ],
            options={
                "verbose_name": "gateway's fee",
                "verbose_name_plural": "gateways' fees",
                "indexes": [models.Index(fields=["-at"], name="gateway_fee_newest")],
                "constraints": [
                    models.UniqueConstraint(fields=("gateway", "gateway_id"), name="gateway_fee_once"),
                    models.UniqueConstraint(
                        condition=models.Q(("about", "payment")), fields=("payment",), name="gateway_fee_of_payment"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("amount_minor", 0), _negated=True), name="gateway_fee_not_zero"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("about", "other"), ("payment__isnull", False), _connector="OR"),
                        name="gateway_fee_of_something",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="BankMovement",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("gateway", models.CharField(max_length=20, verbose_name="gateway")),
                ("gateway_id", models.CharField(max_length=80)),
                (
                    "direction",
                    models.CharField(
                        choices=[("settled", "To our bank account"), ("topped_up", "From our bank account")],
                        max_length=10,
                        verbose_name="direction",
                    ),
                ),
                ("amount_minor", models.BigIntegerField(verbose_name="amount")),
                ("currency", models.CharField(max_length=3)),
                ("at", models.DateTimeField(verbose_name="at")),
                ("created_at", models.DateTimeField(verbose_name="learnt")),
            ],
            options={
                "verbose_name": "movement at our bank",
                "verbose_name_plural": "movements at our bank",
                "indexes": [models.Index(fields=["-at"], name="bank_movement_newest")],
                "constraints": [
                    models.UniqueConstraint(fields=("gateway", "gateway_id"), name="bank_movement_once"),
                    models.CheckConstraint(
                        condition=models.Q(("amount_minor__gt", 0)), name="bank_movement_above_zero"
                    ),
                ],
            },
        ),
        migrations.RunSQL(FINAL, UNDO),
    ]
