"""Formats of DNS servers."""
