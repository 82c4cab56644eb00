"""Whose rows a call of Mintsoft's is about: a 3PL's tenant has many clients."""

from __future__ import annotations

from returns_hub.domain.merchant import MintsoftConnection


def client_filter(connection: MintsoftConnection) -> dict[str, int]:
    """What a list is asked with so that it holds the merchant's rows alone.

    A client user's key is bound to its client and must not name one.
    """
    return {} if connection.user_kind == "client" else {"ClientId": connection.client_id}
