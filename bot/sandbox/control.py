"""The control of faults under /ui/faults, for the page and for tests from outside.

GET answers `{"faults": […]}`. POST plans one: `target`, `kind`, then `times` or `share` (with `seed`), and
`retry_after` (see `Faults.add`). DELETE takes all away, or the one whose number ends the path.
Each answers as /ui/act does: `{"ok": true, "faults": […]}`, or `{"ok": false, "error": sentence}`.
"""

from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from bot.sandbox.bodies import json_object
from bot.sandbox.faults import Faults


class FaultControl:
    """Plans and clears faults over HTTP; `changed` is called afterwards."""

    def __init__(self, faults: Faults, changed: Callable[[], None]) -> None:
        self._faults = faults
        self._changed = changed

    def routes(self) -> list[BaseRoute]:
        """The routes of the control."""
        return [
            Route("/ui/faults", self._show),
            Route("/ui/faults", self._plan, methods=["POST"]),
            Route("/ui/faults", self._clear, methods=["DELETE"]),
            Route("/ui/faults/{number:int}", self._remove, methods=["DELETE"]),
        ]

    async def _show(self, _request: Request) -> Response:
        return self._answer()

    async def _plan(self, request: Request) -> Response:
        wish = await json_object(request)
        try:
            self._faults.plan(wish)
        except ValueError as refused:
            return JSONResponse({"ok": False, "error": str(refused)})
        return self._changed_answer()

    async def _clear(self, _request: Request) -> Response:
        self._faults.clear()
        return self._changed_answer()

    async def _remove(self, request: Request) -> Response:
        self._faults.remove(request.path_params["number"])
        return self._changed_answer()

    def _changed_answer(self) -> Response:
        self._changed()
        return self._answer()

    def _answer(self) -> Response:
        return JSONResponse({"ok": True, "faults": self._faults.shown()})
