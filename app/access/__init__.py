"""Who may do what: a table of action x role, and the guard that every endpoint declares.

A *role* is a hat that a person wears towards one thing (`subject.roles_of(user)`), an *action* is a verb on a noun
(`call.publish`). `PERMISSIONS` says which hats may do which action; what is not in it is forbidden. *When* an action is
possible is not asked here but in the `FLOW` of the noun. `can(action, subject)` asks both and gives the reason.
Easiest to break: a route that declares no action; start-up refuses it.
"""
