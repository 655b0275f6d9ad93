"""General shapes that many products write, whatever they are the logs of."""
