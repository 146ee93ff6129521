"""Carrying what the outbox holds, without the threads that do so in a running bot."""

from __future__ import annotations

from bot.flow.deliver import Courier


def deliver_one(courier: Courier) -> bool:
    """Carry one parcel; False where none may go out now."""
    parcel = courier.take()
    if parcel:
        courier.carry(parcel)
    return parcel is not None


def deliver_all(courier: Courier) -> int:
    """Carry what may go out now; returns how many parcels were handled."""
    count = 0
    while deliver_one(courier):
        count += 1
    return count
