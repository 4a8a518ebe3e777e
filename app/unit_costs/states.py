from flask_babel import lazy_gettext as _l

from app.access.actions import Action as A
from app.core.flow import Flow, Labelled, step


class FigureState(Labelled):
    OFFERED = "offered", _l("in the register"), "good"
    WITHDRAWN = "withdrawn", _l("withdrawn"), "neutral"


FLOW = Flow({A.UNIT_COST_EDIT: step(FigureState.OFFERED), A.UNIT_COST_WITHDRAW: step(FigureState.OFFERED)})
