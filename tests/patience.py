"""How long a test waits for what is to come before it says that it does not come."""

PATIENCE = 240.0
"""Seconds: many times what it takes on two idle cores, since a suite is often run on busy ones. No measure of speed."""
