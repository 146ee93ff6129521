"""auth.test, api.test, apps.connections.open, bots.info, team.info."""

from bot.sandbox.api.calls import Answer, ApiError, Args, Context, method
from bot.sandbox.people import BOT_ID, TEAM_DOMAIN, TEAM_ID


@method("auth.test")
def auth_test(context: Context, _args: Args) -> Answer:
    """Who the token belongs to."""
    workspace = context.workspace
    return {
        "url": f"{context.base_url}/",
        "team": workspace.name,
        "team_id": TEAM_ID,
        "user": workspace.people[workspace.app.bot_user].name,
        "user_id": workspace.app.bot_user,
        "bot_id": BOT_ID,
        "is_enterprise_install": False,
    }


@method("api.test", optional=["error", "foo"])
def api_test(_context: Context, args: Args) -> Answer:
    """Say whether calls arrive."""
    if args.get("error"):
        raise ApiError(args["error"])
    return {"args": dict(args)}


@method("apps.connections.open", app_level=True)
def open_connection(context: Context, _args: Args) -> Answer:
    """A URL for one Socket Mode connection."""
    return {"url": context.new_socket_url()}


@method("bots.info", scopes=["users:read"], optional=["bot"])
def bots_info(context: Context, args: Args) -> Answer:
    """The app as a bot."""
    if args.get("bot", BOT_ID) != BOT_ID:
        raise ApiError("bot_not_found")
    return {"bot": {**context.workspace.bot_profile(), "user_id": context.workspace.app.bot_user}}


@method("team.info", scopes=["team:read"], optional=["team"])
def team_info(context: Context, _args: Args) -> Answer:
    """The workspace."""
    return {"team": {"id": TEAM_ID, "name": context.workspace.name, "domain": TEAM_DOMAIN}}
