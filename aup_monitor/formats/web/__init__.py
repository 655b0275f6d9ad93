"""Formats of web proxies and filters."""
