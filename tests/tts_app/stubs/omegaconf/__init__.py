"""Only its name counts: the real one is not needed for what the tests do."""
