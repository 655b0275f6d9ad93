"""Rules (Sigma 2.1) over events: load them, judge events by them, gather their matches into incidents."""
