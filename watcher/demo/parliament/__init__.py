"""The two chambers of the demo: questions of our own, put by invented members, in the forms of the Sénat and the Assemblée.

`content/` holds one file per question. `questions.entries` dates them at an anchor; `senat` and `assemblee` publish them as
those sites do, with every oddity that readers of them have met; `faults` holds what a reader must survive. The numbers begin
at 90000 (9000 where a letter follows), above those that the chambers have given, so that no real question is ever meant.
"""
