"""The tables of recipients."""
