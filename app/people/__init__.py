"""Who there is: a *user* (a person who signs in), an *organisation*, and the *membership* that joins them.

Models only, so that the audit trail, notices and rights can name people without knowing how they sign in.
A person belongs to one or more organisations; what they may do follows from the part of the organisation in a bond,
never from the organisation's kind alone. Easiest to break: an organisation that is not vetted can look, not act.
"""
