"""The libraries the portal stands on, unbound; `create_app` binds them."""

from typing import TYPE_CHECKING

from flask_sqlalchemy import SQLAlchemy
from flask_wtf.csrf import CSRFProtect
from sqlalchemy import MetaData
from sqlalchemy.orm import DeclarativeBase

from app.languages import Languages


class Base(DeclarativeBase):
    """Names every constraint, so that a migration can find it again on both databases."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


# create_savepoint matters only to tests, which bind the session to one connection and roll it back.
db = SQLAlchemy(model_class=Base, session_options={"join_transaction_mode": "create_savepoint"})
csrf = CSRFProtect()
babel = Languages()

# mypy cannot see what Flask-SQLAlchemy builds at run time.
if TYPE_CHECKING:
    Model = Base
else:
    Model = db.Model
