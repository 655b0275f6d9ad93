"""Formats of what offices use: printers and telephones."""
