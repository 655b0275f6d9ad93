"""Elm Park School, which does not exist: its people, its days, and what its machines write down of them."""
