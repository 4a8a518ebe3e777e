from flask_babel import lazy_gettext as _l

from app.access.actions import Action as A
from app.core.flow import Flow, Labelled, step


class AgreementState(Labelled):
    DRAFT = "draft", _l("draft"), "neutral"
    OFFERED = "offered", _l("offered for signature"), "warn"
    IN_FORCE = "in_force", _l("in force"), "good"


S = AgreementState
FLOW = Flow(
    {
        A.AGREEMENT_DRAFT: step(S.DRAFT),
        A.AGREEMENT_PLAN_INTAKE: step(S.DRAFT),
        A.AGREEMENT_VERIFICATION: step(S.DRAFT),
        A.AGREEMENT_OFFER: step(S.DRAFT, to=S.OFFERED),
        A.AGREEMENT_SIGN: step(S.OFFERED),
    }
)
