"""users.* and dnd.*."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from bot.sandbox.api.calls import Answer, ApiError, Args, Context, is_true, method, page_of
from bot.sandbox.people import SlackPerson

MOST_DND_USERS = 50  # unconfirmed: the reference names no number
NO_DND = {"dnd_enabled": False, "next_dnd_start_ts": 1, "next_dnd_end_ts": 1}


@method("users.info", scopes=["users:read"], required=["user"], optional=["include_locale"])
def info(context: Context, args: Args) -> Answer:
    """One person."""
    person = _known(context, args["user"])
    return {"user": shown_user(context, person, with_locale=is_true(args.get("include_locale")))}


@method("users.list", scopes=["users:read"], optional=["limit", "cursor", "include_locale"])
def list_users(context: Context, args: Args) -> Answer:
    """All people, a page at a time."""
    page, following = page_of(list(context.workspace.people.values()), args, usual=1000)
    locale = is_true(args.get("include_locale"))
    members = [shown_user(context, person, with_locale=locale) for person in page]
    return {"members": members, "response_metadata": {"next_cursor": following}}


@method("users.lookupByEmail", scopes=["users:read.email"], required=["email"])
def lookup_by_email(context: Context, args: Args) -> Answer:
    """The active person with this address."""
    wanted = str(args["email"]).casefold()
    for person in context.workspace.people.values():
        if person.email and person.email.casefold() == wanted and not person.deleted:
            return {"user": shown_user(context, person)}
    raise ApiError("users_not_found")


@method("users.profile.get", scopes=["users.profile:read"], required=["user"], optional=["include_labels"])
def profile(context: Context, args: Args) -> Answer:
    """One person's profile."""
    return {"profile": _profile(context, _known(context, args["user"]))}


@method("users.getPresence", scopes=["users:read"], required=["user"])
def presence(context: Context, args: Args) -> Answer:
    """Whether someone is at their Slack; here everybody who is not deactivated."""
    return {"presence": "away" if _known(context, args["user"]).deleted else "active"}


@method("dnd.info", scopes=["dnd:read"], required=["user"])
def dnd_info(context: Context, args: Args) -> Answer:
    """One person's do-not-disturb times."""
    return {**_dnd(_known(context, args["user"])), "snooze_enabled": False}


@method("dnd.teamInfo", scopes=["dnd:read"], optional=["users"])
def dnd_team_info(context: Context, args: Args) -> Answer:
    """The do-not-disturb times of several people, named by a comma list."""
    wanted = [user for user in str(args.get("users") or "").split(",") if user]
    if not wanted:
        raise ApiError("no_users_provided")
    if len(wanted) > MOST_DND_USERS:
        raise ApiError("too_many_users")
    known = [context.workspace.people[user] for user in wanted if user in context.workspace.people]
    return {"users": {person.id: _dnd(person) for person in known}}


def _known(context: Context, user: Any) -> SlackPerson:
    person = context.workspace.people.get(str(user))
    if person is None:
        raise ApiError("user_not_found")
    return person


def shown_user(context: Context, person: SlackPerson, *, with_locale: bool = False) -> dict[str, Any]:
    """A person as the Web API and events show them."""
    shown = {
        "id": person.id,
        "team_id": person.team_id,
        "name": person.name,
        "real_name": person.real_name or person.name,
        "deleted": person.deleted,
        "is_bot": person.is_bot,
        "is_restricted": person.is_restricted,
        "is_ultra_restricted": False,
        "profile": _profile(context, person),
    }
    if person.is_external:
        return {**shown, "is_stranger": not context.workspace.shares_channel(person.id)}
    if not person.deleted:
        shown |= _zone(person, context.workspace.now())
    return {**shown, "locale": person.locale} if with_locale else shown


def _zone(person: SlackPerson, now: datetime) -> dict[str, Any]:
    here = now.astimezone(ZoneInfo(person.tz))
    offset = here.utcoffset()
    return {"tz": person.tz, "tz_offset": int(offset.total_seconds()) if offset else 0, "tz_label": here.tzname()}


def _profile(context: Context, person: SlackPerson) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "real_name": person.real_name or person.name,
        "display_name": person.display_name,
        "title": person.title,
        "status_text": person.status_text,
        "status_emoji": person.status_emoji,
        "status_expiration": person.status_expiration,
        "team": person.team_id,
    }
    visible = person.email and context.has_scope("users:read.email")
    return {**shown, "email": person.email} if visible else shown


def _dnd(person: SlackPerson) -> dict[str, Any]:
    if person.dnd is None:
        return dict(NO_DND)
    start, end = person.dnd
    return {
        "dnd_enabled": True,
        "next_dnd_start_ts": int(start.timestamp()),
        "next_dnd_end_ts": int(end.timestamp()),
    }
