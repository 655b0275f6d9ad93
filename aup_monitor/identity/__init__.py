"""Who is who: the listed people, their roles, and what a report calls them."""
