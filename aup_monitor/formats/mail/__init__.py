"""Formats of e-mail services: which message went from whom to whom."""
