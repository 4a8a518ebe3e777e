"""What the agreement says about documents: whether the portal keeps them, and for how long."""

from dataclasses import dataclass

from app.agreements.models import Agreement


@dataclass(frozen=True, slots=True)
class FileTerms:
    """Documents are kept for `kept_days` days after they were handed in: the audit window."""

    kept_days: int


def file_terms(agreement: Agreement | None) -> FileTerms | None:
    """None where the agreement does not say so: then the portal keeps nothing but the fingerprint."""
    said = agreement.terms.get("evidence") if agreement is not None else None
    return FileTerms(said["kept_days"]) if said and said.get("files") else None
