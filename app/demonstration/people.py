"""Who plays in the demonstration. Cities, numbers and life domains are public facts; other parties are invented."""

from app.config import DEMO_PASSPHRASE as PASSPHRASE
from app.config import DEMO_PASSWORD as PASSWORD

__all__ = ["PASSPHRASE", "PASSWORD", "SIGN_INS"]

# (address, who) in the order of the sign-in page.
SIGN_INS = [
    ("government@demo.example", "Enschede, leading municipality"),
    ("official2@demo.example", "Enschede, second official"),
    ("hengelo@demo.example", "Hengelo"),
    ("investor@demo.example", "investor"),
    ("investor2@demo.example", "second investor"),
    ("provider@demo.example", "service provider, lead of the consortium"),
    ("partner@demo.example", "service provider, partner"),
    ("rival@demo.example", "service provider in another consortium"),
    ("intermediary@demo.example", "intermediary"),
    ("treasurer@demo.example", "intermediary, second treasurer"),
    ("assessor@demo.example", "independent assessor"),
    ("assessor2@demo.example", "second assessor"),
    ("assessor3@demo.example", "third assessor"),
    ("scorer1@demo.example", "tender scorer"),
    ("scorer2@demo.example", "tender scorer"),
    ("scorer3@demo.example", "tender scorer"),
    ("auditor@demo.example", "audit office"),
    ("admin@demo.example", "administrator of the portal"),
]
