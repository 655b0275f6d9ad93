"""Formats of what computers say of themselves."""
