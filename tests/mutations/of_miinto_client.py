"""Deliberate defects: Miinto's client, channel, marketplace and feed."""

from __future__ import annotations

from tests.mutations.model import CALM, LOST, TOLD, TWICE, Defect, Edit, tests

SIGNING = tests("unit/test_miinto_signing.py")
ANSWERS = tests("unit/test_miinto_answers.py")
PAGING = tests("unit/test_miinto_paging.py")
PRIVILEGES = tests("unit/test_miinto_privileges.py")
CHANNEL = tests("unit/test_miinto_channel.py")
FEED = tests("unit/test_miinto_feed.py")
MAP = tests("unit/test_miinto_product_map.py")
STREAMED = tests("unit/test_streamed_bodies.py")
MARKET = tests("contract/test_miinto_marketplace.py")
SOCKETS = tests("component/test_miinto_client_on_the_wire.py")

OF_MIINTO_CLIENT = (
    Defect(
        "the channel of another login is used on",
        CALM,
        (
            Edit(
                "adapters/miinto/channel.py",
                "return too_long or self._is_of_another_login(kept)",
                "return too_long",
            ),
        ),
        (CHANNEL,),
    ),
    Defect(
        "a body that drips takes all the time that is left",
        CALM,
        (
            Edit(
                "adapters/http/transport.py",
                "min(seconds, STREAMED_SHARE * left)",
                "min(seconds, left)",
            ),
        ),
        (STREAMED,),
    ),
    Defect(
        "the token's digits are decoded before they are the key",
        CALM,
        (
            Edit(
                "adapters/miinto/signing.py",
                "hmac.new(token.encode(), message",
                "hmac.new(bytes.fromhex(token), message",
            ),
        ),
        (SIGNING,),
    ),
    Defect(
        "a shop's exclamation marks are encoded",
        CALM,
        (
            Edit(
                "adapters/miinto/client.py",
                'return quote(part, safe="!")',
                'return quote(part, safe="")',
            ),
        ),
        (SIGNING, SOCKETS),
    ),
    Defect(
        "the port is signed",
        CALM,
        (Edit("adapters/miinto/signing.py", 'parts.hostname or ""', "parts.netloc"),),
        (SIGNING, SOCKETS),
    ),
    Defect(
        "a repeated read has the signature of the first",
        CALM,
        (
            Edit(
                "adapters/miinto/client.py",
                "self._new_seed = new_seed or _unique",
                'self._new_seed = new_seed or (lambda: "1")',
            ),
        ),
        (MARKET,),
    ),
    Defect(
        "a failure under HTTP 200 counts as done",
        LOST,
        (
            Edit(
                "adapters/miinto/errors.py",
                "if _status_in(content) not in FAILED:",
                "if _status_in(content) not in FAILED or not is_read:",
            ),
        ),
        (ANSWERS, MARKET),
    ),
    Defect(
        "an answer that says neither counts as done",
        LOST,
        (
            Edit(
                "adapters/miinto/errors.py",
                'if _status_in(content) != "success":',
                'if _status_in(content) not in {"success", None}:',
            ),
        ),
        (ANSWERS,),
    ),
    Defect(
        "a page under 200 counts as not done",
        TWICE,
        (
            Edit(
                "adapters/miinto/errors.py",
                "raise unclear(why, is_read=is_read) from None",
                "raise unclear(why, is_read=True) from None",
            ),
        ),
        (ANSWERS, MARKET),
    ),
    Defect(
        "a fault that Miinto reports under 200 counts as a refusal",
        TWICE,
        (
            Edit(
                "adapters/miinto/errors.py",
                "if A_FAULT.search(said):",
                "if A_FAULT.search(said) and is_read:",
            ),
        ),
        (ANSWERS,),
    ),
    Defect(
        "a refusal repeats the texts of the request",
        CALM,
        (
            Edit(
                "adapters/miinto/errors.py",
                'told = told.replace(text, "…") if text else told',
                "told = told.strip(text) if text else told",
            ),
        ),
        (ANSWERS,),
    ),
    Defect(
        "a shrinking list is read on by its offset",
        LOST,
        (
            Edit(
                "adapters/miinto/paging.py",
                "if offset and (not rows or _key(rows[0]) not in self._seen):",
                "if offset and not rows and not self._seen:",
            ),
        ),
        (PAGING,),
    ),
    Defect(
        "pages do not overlap",
        LOST,
        (
            Edit(
                "adapters/miinto/paging.py",
                "offset = max(offset + 1, end - overlap)",
                "offset = max(offset + 1, end)",
            ),
        ),
        (PAGING,),
    ),
    Defect(
        "a short page is the end of a list",
        LOST,
        (
            Edit(
                "adapters/miinto/paging.py",
                "elif end >= told.total and len(rows) < self._size:",
                "elif len(rows) < self._size:\n                return True\n"
                "            elif end >= told.total and len(rows) < self._size:",
            ),
        ),
        (PAGING,),
    ),
    Defect(
        "a list that has no pages is read without end",
        CALM,
        (
            Edit(
                "adapters/miinto/paging.py",
                "            if rows and again == MOST_AGAIN:\n",
                "            if rows and again == MOST_READS:\n",
            ),
        ),
        (PAGING,),
    ),
    Defect(
        "a list without order is read once",
        LOST,
        (
            Edit(
                "adapters/miinto/paging.py",
                "return self._missing(told.total) <= grown",
                "return bool(self._seen) or not grown",
            ),
        ),
        (PAGING,),
    ),
    Defect(
        "an empty page counts as the end of a list that counts more",
        LOST,
        (
            Edit(
                "adapters/miinto/paging.py",
                "                raise _gives_less(told.total, end)\n",
                "                return True\n",
            ),
        ),
        (PAGING,),
    ),
    Defect(
        "a transfer that somebody decided is given as pending",
        TWICE,
        (
            Edit(
                "adapters/miinto/marketplace.py",
                "                if found.pending:\n",
                "                if found.id:\n",
            ),
        ),
        (MARKET,),
    ),
    Defect(
        "what one run renewed is renewed by the next",
        CALM,
        (
            Edit(
                "adapters/miinto/channel.py",
                "if kept is not None and kept.channel != used:",
                "if kept is None:",
            ),
        ),
        (CHANNEL,),
    ),
    Defect(
        "every refusal costs a login",
        CALM,
        (
            Edit(
                "adapters/miinto/channel.py",
                "self._clock.now() - kept.made_at < ONLY_JUST",
                "self._clock.now() < kept.made_at",
            ),
        ),
        (CHANNEL,),
    ),
    Defect(
        "a refused login is tried again and again",
        CALM,
        (
            Edit(
                "adapters/miinto/channel.py",
                "if before is not None and now < before.until:",
                "if before is not None and now < before.until and before.times > 3:",
            ),
        ),
        (CHANNEL,),
    ),
    Defect(
        "a changed password waits out the refusal of the old one",
        CALM,
        (
            Edit(
                "adapters/miinto/channel.py",
                'if value.get("refused_version") != version:',
                'if not value.get("refused_version"):',
            ),
        ),
        (CHANNEL,),
    ),
    Defect(
        "while the login is away nothing is done with a channel that still works",
        CALM,
        (
            Edit(
                "adapters/miinto/channel.py",
                "                self._not_before = self._clock.now() + ONLY_JUST\n"
                "                return kept\n",
                "                raise\n",
            ),
        ),
        (CHANNEL,),
    ),
    Defect(
        "an empty map of privileges stops the login",
        CALM,
        (
            Edit(
                "adapters/miinto/privileges.py",
                "return content if isinstance(content, dict) else {}",
                "return dict(content)",
            ),
        ),
        (PRIVILEGES,),
    ),
    Defect(
        "a transfer is gone because it could not be read",
        LOST,
        (
            Edit(
                "adapters/miinto/marketplace.py",
                '        if unreadable:\n            raise _unreadable("a transfer", unreadable)\n',
                "",
            ),
        ),
        (MARKET,),
    ),
    Defect(
        "an old basket ends the list of orders",
        LOST,
        (
            Edit(
                "adapters/miinto/marketplace.py",
                "                    is_old = False\n                    yield order\n",
                "                    yield order\n                    is_old = False\n"
                "                else:\n                    return\n",
            ),
        ),
        (MARKET,),
    ),
    Defect(
        "a price in kroner is taken for one in oere",
        TOLD,
        (
            Edit(
                "adapters/miinto/models.py",
                "    if isinstance(value, int) and not isinstance(value, bool):\n"
                "        return value\n    if isinstance(value, str) and re",
                "    if isinstance(value, int | Decimal) and not isinstance(value, bool):\n"
                "        return int(value)\n    if isinstance(value, str) and re",
            ),
        ),
        (MARKET,),
    ),
    Defect(
        "a returned line is sent again",
        TWICE,
        (
            Edit(
                "adapters/miinto/translate.py",
                "if row.quantity != 0",
                "if row.quantity is not None",
            ),
        ),
        (MARKET,),
    ),
    Defect(
        "a decision without an order's id is not done",
        TWICE,
        (
            Edit(
                "adapters/miinto/marketplace.py",
                "            return None\n        return made.id",
                '            raise Retryable("miinto.unreadable", "no order") from None\n'
                "        return made.id",
            ),
        ),
        (MARKET,),
    ),
    Defect(
        "half a product map is a whole one",
        LOST,
        (
            Edit(
                "adapters/miinto/product_map.py",
                "            raise _not_a_map()\n    raise _not_a_map()\n",
                "            raise _not_a_map()\n",
            ),
        ),
        (MAP,),
    ),
    Defect(
        "a body that is cut off counts as whole",
        LOST,
        (
            Edit(
                "adapters/http/bodies.py",
                '    except (HTTPError, OSError):\n        raise CutOff("is cut off") from None\n',
                "    except (HTTPError, OSError):\n        return\n",
            ),
        ),
        (FEED, MARKET, SOCKETS),
    ),
    Defect(
        "a price of 0 in the feed is a price",
        TOLD,
        (
            Edit(
                "adapters/miinto/feed.py",
                "if AMOUNT.fullmatch(text) and int(text) > 0:",
                "if AMOUNT.fullmatch(text):",
            ),
        ),
        (FEED,),
    ),
    Defect(
        "a row with a tab too many is read all the same",
        TOLD,
        (
            Edit(
                "adapters/miinto/feed.py",
                "if len(fields) != columns.count:",
                "if len(fields) < columns.count:",
            ),
        ),
        (FEED,),
    ),
)
