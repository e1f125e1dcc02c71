"""What the service answers over HTTP: how it is, for machines; and, later, the archive for staff."""
