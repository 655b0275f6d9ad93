"""Formats of firewalls and network sensors."""
