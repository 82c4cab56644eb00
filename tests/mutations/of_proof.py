"""Deliberate defects: rows of other releases, hostile numbers and words, and whom nobody is told
of."""

from __future__ import annotations

from tests.mutations.model import CALM, LOST, TOLD, TWICE, Check, Defect, Edit, tests

RELEASES = tests("contract/test_rows_of_other_releases.py")
MAPPING = tests("unit/test_wair_mapping.py")
TELLING = tests("flow/relay/test_tell_despatch.py")
REDIRECTS = tests("unit/test_plain_session.py")
NOBODY = tests("flow/test_nobody_is_told_of.py")


def _defect(name: str, breaks: str, where: tuple[str, str, str], *checks: Check) -> Defect:
    return Defect(name, breaks, (Edit(*where),), checks)


OF_PROOF = (
    _defect(
        "a finding of another release stops every look",
        CALM,
        (
            "adapters/dynamodb/findings.py",
            "        except ValueError:\n            continue\n",
            "        except RecursionError:\n            continue\n",
        ),
        RELEASES,
    ),
    _defect(
        "what was told and cannot be read is taken for nothing told",
        LOST,
        (
            "adapters/dynamodb/told_rows.py",
            "        raise unreadable(WHAT) from None\n",
            "        return {}\n",
        ),
        RELEASES,
    ),
    _defect(
        "one silly number of stock stops the feed of every SKU",
        CALM,
        (
            "domain/wair/location_stock.py",
            "MOST_UNITS = 10**12\n",
            "MOST_UNITS = 10**30\n",
        ),
        MAPPING,
    ),
    _defect(
        "a despatch may have any revision",
        TWICE,
        (
            "domain/relay/despatch.py",
            "        if self.despatch.revision > MOST_REVISIONS:\n",
            "        if self.despatch.revision < 0:\n",
        ),
        TELLING,
    ),
    _defect(
        "where a redirect leads is looked at",
        CALM,
        (
            "adapters/http/plain_session.py",
            "        return None\n",
            "        return super().get_redirect_target(resp)\n",
        ),
        REDIRECTS,
    ),
    _defect(
        "orders on hold are looked for in the list of all orders",
        LOST,
        (
            "adapters/mintsoft/order_reads.py",
            "    return tuple(ids) or (None,)\n",
            "    return (ids[0],) if len(ids) == 1 else (None,)\n",
        ),
        tests("contract/test_mintsoft_orders.py"),
    ),
    _defect(
        "a tracking address goes upstream as it is",
        TOLD,
        (
            "domain/relay/despatch.py",
            "    if is_whole and is_plain:\n",
            "    if is_whole or is_plain:\n",
        ),
        NOBODY,
    ),
)
