"""An incident says who hears of it: a clause of the policy may say so otherwise than the theme."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """Add the column; incidents of before have none until they are analysed again."""

    dependencies = [("register", "0002_audit_append_only")]

    operations = [
        migrations.AddField(model_name="incident", name="route", field=models.TextField(default="")),
    ]
