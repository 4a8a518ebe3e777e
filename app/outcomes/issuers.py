"""Who can have issued evidence: a closed list of kinds of organisation, so that no name of a person is typed there."""

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.core.errors import Refused
from app.core.flow import Labelled
from app.outcomes.unusual import expect_meant
from app.pricing.models import EvidenceType

PORTAL = "referrals in the portal"  # counted here, for missing places; never chosen


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


# A public registry is kept by a public body (persons, companies, insolvency, convictions), never by an employer.
PUBLIC_BODIES = (
    IssuerClass.REGISTRY,
    IssuerClass.MUNICIPALITY,
    IssuerClass.BENEFITS,
    IssuerClass.STATISTICS,
    IssuerClass.JUSTICE,
    IssuerClass.COURT,
    IssuerClass.GOVERNMENT,
)
# Who issues evidence of each kind; of the last two, which are never priced, only a care worker's score comes from an
# organisation.
ISSUED_BY: dict[EvidenceType, tuple[IssuerClass, ...]] = {
    EvidenceType.REGISTRY: PUBLIC_BODIES,
    EvidenceType.PAYROLL: (*PUBLIC_BODIES, IssuerClass.EMPLOYER),
    EvidenceType.EMPLOYER: (IssuerClass.EMPLOYER,),
    EvidenceType.SCHOOL: (IssuerClass.SCHOOL,),
    EvidenceType.LANDLORD: (IssuerClass.LANDLORD,),
    EvidenceType.CREDITOR: (IssuerClass.DEBT_COUNSELLOR, IssuerClass.CREDITOR, IssuerClass.MUNICIPALITY),
    EvidenceType.CARE: (IssuerClass.CARE, IssuerClass.YOUTH_CARE),
    EvidenceType.JUSTICE: (IssuerClass.JUSTICE, IssuerClass.COURT),
    EvidenceType.SCALE: (IssuerClass.CARE, IssuerClass.YOUTH_CARE, IssuerClass.MUNICIPALITY),
    EvidenceType.SELF_REPORT: (),
}


# "Statement of the school", "extract from a public registry": the price table names who states it, and a tick does not
# let another through. A home may be let by a municipality or an employer, so that is only asked.
STATED_BY = (
    EvidenceType.REGISTRY,
    EvidenceType.SCHOOL,
    EvidenceType.CREDITOR,
    EvidenceType.CARE,
    EvidenceType.JUSTICE,
    EvidenceType.SELF_REPORT,
)


def check_issuer(evidence_type: EvidenceType, issuer: str, meant: bool) -> None:
    """Raise `Refused` where the kind of evidence that the price table asks is a statement of others; where another
    issuer is only unusual, until it is `meant`."""
    if not is_odd_issuer(evidence_type, issuer):
        return
    said = {"kind": evidence_type.label, "issuers": ", ".join(str(one.label) for one in ISSUED_BY[evidence_type])}
    if evidence_type in STATED_BY:
        told = _("Rule “issuer”: the price table asks “%(kind)s”, and that is issued by: %(issuers)s.", **said)
        raise Refused(told, "evidence_issuer")
    told = _("Unusual: “%(kind)s” is issued by: %(issuers)s.", **said)
    expect_meant(told, "evidence_issuer", "other_issuer", meant)


def is_odd_issuer(evidence_type: EvidenceType, issuer: str) -> bool:
    """Does the kind of evidence name another issuer, as a rental contract "by the employer"? A reason to look twice,
    no proof of a fault: a municipality or an employer may let a home. What was typed before there was a list passes."""
    return issuer in set(IssuerClass) and issuer not in ISSUED_BY[evidence_type]


def issuer_words(kept: str) -> str:
    """The kind of issuer in the reader's language; what was typed before there was a list stands as it is."""
    if kept == PORTAL:
        return _("referrals in the portal")
    return str(IssuerClass(kept).label) if kept in set(IssuerClass) else kept
