"""What requests carry."""

from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request


async def json_object(request: Request) -> dict[str, Any]:
    """The JSON object in a request. Raises HTTPException, which becomes an answer of 400, for anything else."""
    try:
        body = await request.json()
    except (ValueError, RecursionError):
        body = None
    if not isinstance(body, dict):
        raise HTTPException(400, "expected a JSON object")
    return body
