"""A dlt pipeline over the lists that the hub's products flow reads, in the environment `rivals`.

Unleashed's products by `modifiedSince`, with dlt's incremental cursor over `LastModifiedOn`, and
Mintsoft's products whole or since the same; both merged by their ids into DuckDB. Written as dlt's
documentation has it: its REST client, a paginator and an authentication for each API. What it is
told is one JSON object on standard input; what it measured is one on standard output.

Only dlt and the standard library are imported: this process knows nothing of the hub.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import sys
import time
from pathlib import Path
from typing import Any

import dlt
from dlt.sources.helpers.requests import Request, Response
from dlt.sources.helpers.rest_client import RESTClient
from dlt.sources.helpers.rest_client.paginators import BasePaginator, PageNumberPaginator
from requests.auth import AuthBase

LONG_AGO = "2000-01-01T00:00:00"


class Signed(AuthBase):
    """Unleashed's signature over the query."""

    def __init__(self, api_id: str, api_key: str) -> None:
        self._id, self._key = api_id, api_key.encode()

    def __call__(self, request: Any) -> Any:
        query = request.url.partition("?")[2].encode()
        digest = hmac.new(self._key, query, hashlib.sha256).digest()
        request.headers["Accept"] = request.headers["Content-Type"] = "application/json"
        request.headers["client-type"] = "bench/dlt"
        request.headers["api-auth-id"] = self._id
        request.headers["api-auth-signature"] = base64.b64encode(digest).decode()
        return request


class Key(AuthBase):
    """Mintsoft's."""

    def __init__(self, key: str) -> None:
        self._key = key

    def __call__(self, request: Any) -> Any:
        request.headers["ms-apikey"] = self._key
        return request


class PagesInPath(BasePaginator):
    """Unleashed's pages: the number is the end of the path.

    The query is a part of the path, so that it is sent as it is signed.
    """

    def __init__(self, query: str) -> None:
        super().__init__()
        self._query, self._page = query, 1

    def update_state(self, response: Response, data: list[Any] | None = None) -> None:
        del data
        self._has_next_page = self._page < response.json()["Pagination"]["NumberOfPages"]
        self._page += 1

    def update_request(self, request: Request) -> None:
        path = request.url.partition("?")[0]
        request.url = f"{path.rpartition('/')[0]}/{self._page}?{self._query}"


def moment(milliseconds: str) -> str:
    """``/Date(1700000000000)/`` as a time of one width."""
    seconds = int(milliseconds[6:-2].split("+", maxsplit=1)[0]) / 1000
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(seconds))


@dlt.source
def catalogue(asked: dict[str, Any]) -> Any:
    """Products of both sides."""

    @dlt.resource(name="erp_products", primary_key="Guid", write_disposition="merge")
    def erp(
        changed: Any = dlt.sources.incremental("ChangedAt", initial_value=LONG_AGO),  # noqa: B008
    ) -> Any:
        keys = Signed(asked["api_id"], asked["api_key"])
        client = RESTClient(asked["unleashed"], auth=keys, data_selector="Items")
        query: dict[str, Any] = {"pageSize": asked["page_size"]}
        if changed.last_value != LONG_AGO:
            query["modifiedSince"] = changed.last_value
        text = "&".join(f"{name}={value}" for name, value in query.items())
        for page in client.paginate(f"Products/1?{text}", paginator=PagesInPath(text)):
            yield [{**row, "ChangedAt": moment(row["LastModifiedOn"])} for row in page]

    @dlt.resource(name="warehouse_products", primary_key="ID", write_disposition="merge")
    def warehouse() -> Any:
        client = RESTClient(asked["mintsoft"], auth=Key(asked["mintsoft_key"]), data_selector="$")
        pages = PageNumberPaginator(base_page=1, page_param="PageNo", total_path=None)
        query = {"ClientId": asked["client_id"], "Limit": 100}
        yield from client.paginate("api/Product/List", params=query, paginator=pages)

    return [erp, warehouse] if asked["both"] else [erp]


def peak_mb() -> float:
    """The most memory that this process has held."""
    for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    return 0.0


def main() -> None:
    asked = json.load(sys.stdin)
    os.sched_setaffinity(0, set(asked["cores"]))
    folder = Path(asked["folder"])
    pipeline = dlt.pipeline(
        pipeline_name="catalogue",
        pipelines_dir=str(folder / "pipelines"),
        destination=dlt.destinations.duckdb(str(folder / "lists.duckdb")),
        dataset_name="catalogue",
    )
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    began, cpu = time.perf_counter(), time.process_time()
    pipeline.run(catalogue(asked))
    figures = {"seconds": time.perf_counter() - began, "cpu": time.process_time() - cpu}
    with pipeline.sql_client() as client:
        rows = client.execute_sql("SELECT count(*), count(DISTINCT guid) FROM erp_products")
    sys.stdout.write(json.dumps({**figures, "peak_mb": peak_mb(), "rows": rows[0]}) + "\n")


if __name__ == "__main__":
    main()
