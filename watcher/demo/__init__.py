"""A small publisher on loopback with its own French content: fictitious outlets, feeds, pages and faults.

`publisher.Publisher` serves it to `watcher demo` and to the tests; `farm.Farm` serves thousands of generated pages to the
benchmarks. To add an outlet: one file with an `Outlet` and its `Plan`, and one line in `publisher.PLANS`.
"""
