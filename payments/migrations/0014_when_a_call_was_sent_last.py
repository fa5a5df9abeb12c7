from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("payments", "0013_what_is_asked_again_is_found_by_its_time")]

    operations = [
        migrations.AddField(
            model_name="gatewaycall",
            name="last_sent_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
    ]
