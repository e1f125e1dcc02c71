"""The tables of stories."""
