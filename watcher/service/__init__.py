"""The service: one process that wakes twice a minute, does what the store says is due, and tells how it is.

`daemon` puts the parts together; `tick` is what happens at each wake; `reload` keeps what people edit, and the last of it that
was good; `work` runs what takes long beside the loop, and ends it in good order; `steps` distrusts the clock.
"""
