"""Formats of cloud services: what people did in them, and what their administrators changed."""
