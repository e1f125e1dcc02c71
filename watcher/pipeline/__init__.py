"""The drawing of docs/architecture.md as four functions: poll, publish, deliver, learn.

poll      listing -> decide -> pages -> verdicts -> store          (poll.py, then listing.py, take.py, pages.py)
publish   store -> stories -> edition -> one message each -> outbox      (publish.py)
deliver   outbox -> SMTP or spool -> what became of it                   (mail.py)
"""
