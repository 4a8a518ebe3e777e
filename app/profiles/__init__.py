"""Profiles of service providers: what they do, where, for which life domains, so that partners find each other.

An organisation fills in its own; whoever is signed in reads it. Easiest to break: taking a profile for a proof; vetting
says who an organisation is, the declarations in a consortium say whether it may be chosen.
"""
