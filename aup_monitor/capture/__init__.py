"""Packets, live or from a file, become events; nothing of what they carry is kept beyond an event's columns."""
