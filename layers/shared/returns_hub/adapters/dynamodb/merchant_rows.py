"""The rows of merchants' files, whoever reads how much of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import ValidationError

from returns_hub.adapters.dynamodb.items import dynamodb_errors, plain, typed
from returns_hub.adapters.dynamodb.store_version import DynamoDbStoreVersion
from returns_hub.adapters.dynamodb.table import Table
from returns_hub.domain.store_version import StoreVersion, problem_of
from returns_hub.errors import Misconfigured, Permanent

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

    from returns_hub.ports import Clock

LIVE = "LIVE"
Read = TypeVar("Read")


class MerchantRows(Table):
    """The rows, for a release that may work with what is stored."""

    def __init__(self, client: DynamoDBClient, table: str, clock: Clock) -> None:
        super().__init__(client, table, clock)
        self.store = DynamoDbStoreVersion(client, table, clock)
        self._knows_store = False

    def _require_known_store(self) -> None:
        """Whoever works for a merchant asks for its file, so that this is the one place.

        Raises:
            Misconfigured: This release does not know the rows that are stored; all work waits.
        """
        if self._knows_store:
            return
        if why := problem_of(self.store.read() or StoreVersion()):
            raise Misconfigured("store.unknown_version", why)
        self._knows_store = True

    def _row(self, merchant: str, sort_key: str = LIVE) -> dict[str, Any]:
        """One version's row.

        Raises:
            Permanent: There is none.
        """
        with dynamodb_errors():
            answer = self._client.get_item(
                TableName=self._table,
                Key=typed({"pk": merchant, "sk": sort_key}),
                ConsistentRead=True,
            )
        if "Item" not in answer:
            raise Permanent(
                "merchant.unknown",
                f"no merchant {merchant!r}; apply its file with: hub config apply FILE",
            )
        return plain(answer["Item"])


def read_row(item: dict[str, Any], read: Callable[[dict[str, Any]], Read]) -> Read:
    """What is read of a row.

    Raises:
        Misconfigured: It cannot be read: a file of another release, or a row that was damaged. Work
            of this merchant waits, and no other's.
    """
    try:
        return read(item)
    except ValidationError as error:
        where = ".".join(map(str, error.errors()[0]["loc"]))
        why = f"does not fit this release at {where}"
    except KeyError as missing:
        why = f"cannot be read: its row has no {missing.args[0]}"
    except (ValueError, TypeError):
        why = "cannot be read: its row is damaged"
    raise Misconfigured(
        "merchant.unreadable",
        f"the file of {item['pk']} (version {item.get('version', 'unknown')}) {why}; "
        "apply it again",
    )
