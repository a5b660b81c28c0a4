"""The clock that asks, every few seconds, what is due."""
