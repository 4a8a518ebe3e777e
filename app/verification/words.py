"""The words of the pages of verification."""

from flask_babel import lazy_gettext as _l

SIGNS = {
    "same_document": _l("the same document stands under a claim for another participant"),
    "rejected_before": _l("an earlier claim for this participant was rejected"),
    "after_exit": _l("achieved after the participant left the programme"),
    "odd_issuer": _l("the kind of evidence names another issuer than the one that is filled in"),
    "no_registry": _l("proven by a document, not by a registry"),
}
RISKS = {"high": (_l("high risk"), "bad"), "medium": (_l("some risk"), "warn"), "low": (_l("low risk"), "neutral")}
