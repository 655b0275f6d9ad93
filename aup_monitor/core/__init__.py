"""The vocabulary that every part speaks: columns, calendars, incidents, documents, settings, errors."""
