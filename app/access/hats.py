"""Whom a row of the table names: sets of hats that several actions share."""

from app.access.roles import Role as R

ANYONE = frozenset({R.ANYONE})
PARTIES = frozenset({R.OFFICIAL, R.LEAD_OFFICIAL, R.INVESTOR, R.INTERMEDIARY, R.PROVIDER, R.ASSESSOR, R.AUDITOR})
PREPARERS = frozenset({R.LEAD_OFFICIAL, R.INTERMEDIARY})
FORESEERS = frozenset({R.OFFICIAL, R.LEAD_OFFICIAL, R.INVESTOR, R.INTERMEDIARY})


def only(*roles: R) -> frozenset[R]:
    return frozenset(roles)
