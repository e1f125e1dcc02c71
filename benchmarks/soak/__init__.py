"""A year of the service in minutes, killed all the time: `make soak`.

`publisher` lists articles by a clock that is a file, `driver` moves that clock on and kills the service, `ledger` compares what
was listed with what is stored and what a real SMTP server took. The service is tests/resilience/clocked.py.
"""
