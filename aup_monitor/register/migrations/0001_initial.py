import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='AuditEntry',
            fields=[
                ('sequence', models.BigIntegerField(primary_key=True, serialize=False)),
                ('at', models.DateTimeField()),
                ('actor', models.TextField()),
                ('verb', models.TextField()),
                ('object_kind', models.TextField()),
                ('object_id', models.TextField()),
                ('details', models.TextField()),
                ('previous', models.CharField(max_length=64)),
                ('hash', models.CharField(max_length=64)),
            ],
        ),
        migrations.CreateModel(
            name='Incident',
            fields=[
                ('id', models.CharField(max_length=16, primary_key=True, serialize=False)),
                ('site', models.TextField()),
                ('rule', models.TextField()),
                ('subject', models.TextField()),
                ('subject_kind', models.TextField()),
                ('role', models.TextField()),
                ('day', models.DateField()),
                ('title', models.TextField()),
                ('theme', models.TextField()),
                ('clauses', models.JSONField()),
                ('severity', models.SmallIntegerField()),
                ('confidence', models.TextField()),
                ('confidence_reasons', models.JSONField()),
                ('intent', models.TextField()),
                ('intent_reasons', models.JSONField()),
                ('first_seen', models.DateTimeField()),
                ('last_seen', models.DateTimeField()),
                ('visits', models.BigIntegerField()),
                ('events', models.BigIntegerField()),
                ('blocked', models.BigIntegerField()),
                ('in_school_hours', models.BooleanField()),
                ('details', models.JSONField()),
                ('addresses', models.JSONField()),
                ('devices', models.JSONField()),
                ('visibility', models.TextField()),
                ('rule_author', models.TextField()),
                ('evidence', models.JSONField()),
                ('digest', models.CharField(max_length=32)),
                ('state', models.CharField(default='new', max_length=16)),
                ('first_recorded', models.DateTimeField()),
                ('last_analysed', models.DateTimeField()),
                ('last_changed', models.DateTimeField()),
                ('not_found_since', models.DateTimeField(null=True)),
            ],
            options={
                'indexes': [models.Index(fields=['site', 'day'], name='incident_site_day'), models.Index(fields=['state'], name='incident_state')],
                'constraints': [models.CheckConstraint(condition=models.Q(('state__in', ['new', 'triaged', 'false positive', 'inadvertent', 'actioned', 'closed'])), name='incident_state_is_known')],
            },
        ),
        migrations.CreateModel(
            name='Decision',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('from_state', models.CharField(max_length=16)),
                ('to_state', models.CharField(max_length=16)),
                ('at', models.DateTimeField()),
                ('by', models.TextField()),
                ('reason', models.TextField()),
                ('action', models.TextField()),
                ('outcome', models.TextField()),
                ('incident', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='decisions', to='register.incident')),
            ],
        ),
        migrations.CreateModel(
            name='SelfReport',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('occurred_at', models.DateTimeField(db_index=True)),
                ('reported_at', models.DateTimeField()),
                ('site', models.TextField()),
                ('person', models.TextField()),
                ('subject', models.TextField()),
                ('what', models.TextField()),
                ('action_taken', models.TextField()),
                ('entered_by', models.TextField()),
                ('match_state', models.CharField(choices=[('none', 'no logged event found'), ('offered', 'the program found incidents that it may explain; nobody has said so yet'), ('accepted', 'a person said that it explains the incident')], default='none', max_length=8)),
                ('incident', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='self_reports', to='register.incident')),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('incident__isnull', False), ('match_state', 'accepted')), models.Q(models.Q(('match_state', 'accepted'), _negated=True), ('incident__isnull', True)), _connector='OR'), name='selfreport_accepted_has_incident')],
            },
        ),
    ]
