"""
The tables of the register. Jobs and pages use `services`; only the services use these.

Text columns have no length: what a log says is as long as it is, and PostgreSQL would refuse the day's incidents
for one long device name. Times are UTC.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from aup_monitor.core.incident import State


class MatchState(models.TextChoices):
    """How far a self-report has been joined to an incident."""

    NONE = "none", "no logged event found"
    OFFERED = "offered", "the program found incidents that it may explain; nobody has said so yet"
    ACCEPTED = "accepted", "a person said that it explains the incident"


class Incident(models.Model):
    """`core.incident.Incident`, column for field, and what the register knows of it besides."""

    id = models.CharField(primary_key=True, max_length=16)
    site = models.TextField()
    rule = models.TextField()
    subject = models.TextField()
    subject_kind = models.TextField()
    role = models.TextField()
    day = models.DateField()
    title = models.TextField()
    theme = models.TextField()
    clauses = models.JSONField()
    route = models.TextField(default="")
    severity = models.SmallIntegerField()
    confidence = models.TextField()
    confidence_reasons = models.JSONField()
    intent = models.TextField()
    intent_reasons = models.JSONField()
    first_seen = models.DateTimeField()
    last_seen = models.DateTimeField()
    visits = models.BigIntegerField()
    events = models.BigIntegerField()
    blocked = models.BigIntegerField()
    in_school_hours = models.BooleanField()
    details = models.JSONField()
    addresses = models.JSONField()
    devices = models.JSONField()
    visibility = models.TextField()
    rule_author = models.TextField()
    evidence = models.JSONField()

    digest = models.CharField(max_length=32)
    """Hash of all the above, so that an unchanged incident is known without reading it."""
    state = models.CharField(max_length=16, default=State.NEW.value)
    """The newest decision's `to_state`. Only a decision changes it."""
    first_recorded = models.DateTimeField()
    last_analysed = models.DateTimeField()
    """When an analysis last found it."""
    last_changed = models.DateTimeField()
    """When an analysis last found it otherwise than before."""
    not_found_since = models.DateTimeField(null=True)
    """When an analysis of its site and day first failed to find it; null while found."""

    class Meta:
        """Indexes for the two questions asked most: a site's days, and what is still open."""

        indexes: ClassVar = [
            models.Index(fields=["site", "day"], name="incident_site_day"),
            models.Index(fields=["state"], name="incident_state"),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(state__in=[state.value for state in State]), name="incident_state_is_known"
            ),
        ]

    def __str__(self) -> str:
        return self.id[:8]


class Decision(models.Model):
    """What a person decided about an incident. Only ever added."""

    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="decisions")
    from_state = models.CharField(max_length=16)
    to_state = models.CharField(max_length=16)
    at = models.DateTimeField()
    by = models.TextField()
    reason = models.TextField()
    action = models.TextField()
    outcome = models.TextField()

    def __str__(self) -> str:
        return f"{self.incident_id[:8]}: {self.from_state} -> {self.to_state}"


class SelfReport(models.Model):
    """An accidental access that somebody reported."""

    occurred_at = models.DateTimeField(db_index=True)
    reported_at = models.DateTimeField()
    site = models.TextField()
    person = models.TextField()
    """Who reports, in words."""
    subject = models.TextField()
    """The person's account as the logs name it, or empty."""
    what = models.TextField()
    """The web address, or a general description."""
    action_taken = models.TextField()
    entered_by = models.TextField()
    match_state = models.CharField(max_length=8, choices=MatchState.choices, default=MatchState.NONE)
    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, null=True, related_name="self_reports")
    """The incident that it explains, once a person has said so."""

    class Meta:
        """Accepted means: accepted with a certain incident."""

        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(match_state="accepted", incident__isnull=False)
                | (~models.Q(match_state="accepted") & models.Q(incident__isnull=True)),
                name="selfreport_accepted_has_incident",
            ),
        ]

    def __str__(self) -> str:
        return f"SR-{self.pk:04d}"


class AuditEntry(models.Model):
    """One change or one look. Triggers in the database refuse to change or delete it; see `audit`."""

    sequence = models.BigIntegerField(primary_key=True)
    """1, 2, 3, ... without gaps."""
    at = models.DateTimeField()
    actor = models.TextField()
    verb = models.TextField()
    object_kind = models.TextField()
    object_id = models.TextField()
    details = models.TextField()
    """Canonical JSON, kept as text so that its bytes stay those that were hashed."""
    previous = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)

    def __str__(self) -> str:
        return f"{self.sequence}: {self.verb} {self.object_kind} {self.object_id}"
