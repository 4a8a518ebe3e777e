"""Effects: claimed by providers, proven by an independent assessor.

A *claim* says which effect of which participant (`intake`), when achieved, proven by what; *registered -> submitted ->
verified | rejected | questioned -> signed off -> settled*. A *measurement* says what was established once for a cohort,
or that a fee is due: no person, one municipality that pays (modules `measure*`). Both take the same steps (`proving`).
A *batch* is what the assessor signs off after typing the password again; from it money follows.
Easiest to break: letting anyone but provider, assessor and the participant's own municipality see a row about a person,
or storing a national number (refused in every text about a person).
"""
