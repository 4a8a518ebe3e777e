import json
from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from app.access.actions import Action
from app.access.guard import requires
from app.core.forms import CONTROL
from app.core.web import done, page, refusals_on
from app.programmes.models import Programme
from app.scenarios import operations
from app.scenarios.assumptions import CASES
from app.scenarios.expected_case import expected_of
from app.scenarios.figures import WhatIf, what_if
from app.scenarios.forms import SaveForm, WhatIfForm, form_of
from app.scenarios.models import Scenario, kept_by
from app.scenarios.queries import Setting, setting_of
from app.scenarios.replay_file import replay_file

bp = Blueprint("scenarios", __name__)
bp.add_app_template_global(expected_of, "expected_of")  # the commit page stands below, and shows what is expected

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@bp.get("/programmes/<uuid:id>/what-if")
@requires(Action.SCENARIO_EXPLORE, Programme)
def explore(programme: Programme) -> Any:
    """The answers stand in the address; what is left out has a default."""
    return _explored(programme, *_answered(programme, _typed()))


@bp.get("/scenarios/<uuid:id>")
@requires(Action.SCENARIO_READ, Scenario)
def show(scenario: Scenario) -> Any:
    return _explored(scenario.programme, *_answered(scenario.programme, scenario.address()), scenario=scenario)


@bp.post("/programmes/<uuid:id>/what-if/save")
@requires(Action.SCENARIO_SAVE, Programme)
def save(programme: Programme) -> Any:
    setting, form, result = _answered(programme, _typed())
    save_form = SaveForm()
    if save_form.validate_on_submit() and result is not None and setting.table is not None:
        inputs = {name: answer for name, answer in form.address().items() if name not in ("table", "seed")}
        with refusals_on(save_form):
            scenario = operations.save_scenario(
                programme,
                setting.table,
                save_form.title.data,
                inputs,
                form.seed.data,
                actor=current_user,
                once=save_form.once.data,
            )
            return done(url_for("scenarios.show", id=scenario.id), _("The scenario is saved."))
    return _explored(programme, setting, form, result, save_form=save_form)


@bp.get("/programmes/<uuid:id>/scenarios")
@requires(Action.SCENARIO_READ, Programme)
def index(programme: Programme) -> Any:
    return page("scenarios/index.html", programme=programme, scenarios=kept_by(current_user, programme))


@bp.post("/scenarios/<uuid:id>/remove")
@requires(Action.SCENARIO_REMOVE, Scenario)
def remove(scenario: Scenario) -> Any:
    programme = scenario.programme_id
    operations.remove_scenario(scenario, actor=current_user)
    return done(url_for("scenarios.index", id=programme), _("The scenario is removed."))


@bp.get("/programmes/<uuid:id>/what-if/sheet.xlsx")
@requires(Action.SCENARIO_EXPLORE, Programme)
def export_xlsx(programme: Programme) -> Any:
    from app.scenarios.workbook import workbook  # a web worker that is never asked for it does not load the library

    setting, form, result = _answered(programme, _typed())
    if result is None:
        return _explored(programme, setting, form, result)
    headers = {"Content-Disposition": 'attachment; filename="what-if.xlsx"'}
    return Response(workbook(result, form), mimetype=XLSX, headers=headers)


@bp.get("/programmes/<uuid:id>/what-if/replay.json")
@requires(Action.SCENARIO_EXPLORE, Programme)
def export_replay(programme: Programme) -> Any:
    """One case as `replay/1`: `?case=low`, `expected` or `high`."""
    typed = _typed()
    case = typed.get("case", "expected")
    setting, form, result = _answered(programme, typed)
    if result is None or case not in CASES:
        return _explored(programme, setting, form, result)
    file = json.dumps(replay_file(result, case, f"{programme.title}: what if, {case}"), ensure_ascii=False, indent=1)
    headers = {"Content-Disposition": f'attachment; filename="what-if-{case}.json"'}
    return Response(file + "\n", mimetype="application/json", headers=headers)


def _typed() -> dict[str, str]:
    return {name: CONTROL.sub("\ufffd", answer)[:200] for name, answer in request.args.items()}


def _answered(programme: Programme, typed: Mapping[str, str]) -> tuple[Setting, WhatIfForm, WhatIf | None]:
    """The form as it was filled in and, when it is right, what comes of it."""
    setting = setting_of(programme, current_user, typed.get("table"))
    form = form_of(setting, typed)
    if setting.terms is None or not form.validate():
        return setting, form, None
    return setting, form, what_if(setting, form.assumptions(), form.seed.data)


def _explored(
    programme: Programme,
    setting: Setting,
    form: WhatIfForm,
    result: WhatIf | None,
    *,
    save_form: SaveForm | None = None,
    scenario: Scenario | None = None,
) -> Any:
    save_form = save_form or SaveForm(formdata=None)
    return page(
        "scenarios/explore.html",
        status=max(form.status, save_form.status),
        programme=programme,
        setting=setting,
        form=form,
        result=result,
        address=form.address() if setting.terms else {},
        save_form=save_form,
        scenario=scenario,
    )
