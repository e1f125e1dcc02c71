"""Kill a process at every system call that changes something, and judge what is left: `make resilience`.

`points` finds the calls and kills at them; `judge` counts what became of the work; one module for each phase says what is done,
and how it is done again afterwards.
"""
