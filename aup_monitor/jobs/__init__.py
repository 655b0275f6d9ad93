"""The jobs: one file a verb. Here parts meet; doors call these and hold no logic."""
