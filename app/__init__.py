"""Same Side: a guide for two people, and a weekly check-in that opens when both have written."""

import os
from collections.abc import Mapping
from typing import Any

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from app import config, content, errors, keys, mail, security, templating
from app.accounts import access as sign_ins
from app.accounts.exit import blueprint as quick_exit
from app.accounts.views import blueprint as accounts
from app.agreements.views import blueprint as agreements
from app.checkin.commands import demo
from app.checkin.views import blueprint as checkin
from app.commands import backup, texts
from app.db import db
from app.extensions import csrf, login_manager, migrate
from app.front import PublicFront, static_addresses
from app.guide.views import addresses as guide_addresses
from app.guide.views import blueprint as guide
from app.health import blueprint as health
from app.help.views import blueprint as help_pages
from app.notes.views import blueprint as notes
from app.privacy.views import ADDRESSES as PRIVACY_ADDRESSES
from app.privacy.views import blueprint as privacy
from app.proposals.views import blueprint as proposals
from app.pwa.views import ADDRESSES as PWA_ADDRESSES
from app.pwa.views import blueprint as pwa
from app.reminders.commands import reminders as reminder_commands
from app.reminders.views import blueprint as reminders
from app.spaces.views import blueprint as spaces
from app.thoughts.views import blueprint as thoughts


def create_app(settings: Mapping[str, Any] | None = None) -> Flask:
    """Build the app from the environment, with `settings` over it. Starts nothing: no thread, no scheduler.

    Raises ConfigError when a setting cannot work, ContentError when a file in content/ cannot be used.
    """
    chosen = {**os.environ, **(settings or {})}
    loaded = config.load(chosen)
    app = Flask(__name__, instance_path=loaded["INSTANCE_PATH"], static_folder="static")
    app.config.update(loaded)
    app.config.update({key: value for key, value in (settings or {}).items() if key not in loaded})
    app.extensions["content"] = content.load()

    db.init_app(app)
    migrate.init_app(app, db, directory=str(config.ROOT / "migrations"))
    login_manager.init_app(app, add_context_processor=False)  # it would load the member for every page, help too
    login_manager.request_loader(sign_ins.load_member)
    login_manager.unauthorized_handler(sign_ins.send_to_sign_in)
    csrf.init_app(app)
    mail.init_app(app)
    security.init_app(app)
    errors.init_app(app)
    templating.init_app(app)
    app.after_request(sign_ins.renew_cookie)

    features = (guide, help_pages, quick_exit, accounts, spaces, thoughts, notes, agreements, checkin, reminders)
    for blueprint in (*features, proposals, privacy, pwa, health):
        app.register_blueprint(blueprint)
    for command in (demo, backup, texts, reminder_commands):
        app.cli.add_command(command)

    front = PublicFront(
        app.wsgi_app,
        addresses=(
            *guide_addresses(app.extensions["content"]),
            *PWA_ADDRESSES,
            *PRIVACY_ADDRESSES,
            *static_addresses(str(app.static_folder)),
        ),
        cookie="__Host-sign-in" if loaded["HTTPS"] else "sign-in",
        base_url=loaded["BASE_URL"],
        remembers=not app.debug,
    )
    app.extensions["front"] = front
    app.wsgi_app = front  # type: ignore[method-assign]
    if loaded["TRUSTED_PROXIES"]:
        hops = loaded["TRUSTED_PROXIES"]
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    keys.check_server_key(app)
    return app
