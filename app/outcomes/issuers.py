"""Who can have issued evidence: a closed list of kinds of organisation, so that no name of a person is typed there."""

from flask_babel import lazy_gettext as _l

from app.core.flow import Labelled


class IssuerClass(Labelled):
    """No provider stands here: whoever is paid for an effect does not prove it (gate D3)."""

    REGISTRY = "registry", _l("public registry")
    MUNICIPALITY = "municipality", _l("municipality")
    BENEFITS = "benefits agency", _l("benefits agency")
    STATISTICS = "statistical office", _l("statistical office")
    SCHOOL = "school", _l("school or institute of education")
    EMPLOYER = "employer", _l("employer")
    LANDLORD = "landlord", _l("landlord or housing corporation")
    DEBT_COUNSELLOR = "debt counsellor", _l("debt counsellor")
    CREDITOR = "creditor", _l("bank or creditor")
    CARE = "care institution", _l("care institution")
    YOUTH_CARE = "youth protection", _l("youth protection")
    JUSTICE = "police or justice", _l("police, prosecutor or probation service")
    COURT = "court", _l("court")
    RESEARCH = "research institute", _l("research institute or university")
    GOVERNMENT = "other government", _l("other government body")


def issuer_words(kept: str) -> str:
    """The kind of issuer in the reader's language; what was typed before there was a list stands as it is."""
    return str(IssuerClass(kept).label) if kept in set(IssuerClass) else kept
