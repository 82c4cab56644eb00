"""Run the simulators until interrupted: python -m local.simulators [--redo-port N] …"""

from __future__ import annotations

import argparse
import threading
from contextlib import suppress

from local.simulators.deliverer import Deliverer
from local.simulators.loop import LoopSimulator
from local.simulators.miinto.sample import sample
from local.simulators.miinto.simulator import MiintoSimulator
from local.simulators.mintsoft.simulator import MintsoftSimulator
from local.simulators.receiver import ReceiverSimulator
from local.simulators.redo.simulator import RedoSimulator
from local.simulators.unleashed.sample import sample as unleashed_sample
from local.simulators.unleashed.settings import Settings as UnleashedSettings
from local.simulators.unleashed.simulator import UnleashedSimulator
from local.simulators.wair.sample import sample as wair_sample
from local.simulators.wair.simulator import WairSimulator
from local.simulators.wire import Server

CHANNEL_KEY = "a-key-for-trying-it-out"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m local.simulators", description=__doc__)
    parser.add_argument("--redo-port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--mintsoft-port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--miinto-port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--loop-port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--unleashed-port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--wair-port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--channel-port", type=int, default=0, help="0 takes a free one")
    options = parser.parse_args()
    core = RedoSimulator()
    core.webhooks.take_loopback()
    marketplace = MiintoSimulator()
    marketplace.seed(sample())
    inventory = UnleashedSimulator(settings=UnleashedSettings(webhook_loopback=True))
    inventory.seed(unleashed_sample())
    intelligence = WairSimulator()
    intelligence.seed(wair_sample())
    channel = ReceiverSimulator()
    channel.seed({"signing_key": CHANNEL_KEY})
    with (
        Server(core, options.redo_port) as redo,
        Server(MintsoftSimulator(), options.mintsoft_port) as mintsoft,
        Deliverer([(core.webhooks.deliveries, redo.lock)]),
        Server(LoopSimulator(), options.loop_port) as loop,
        Server(marketplace, options.miinto_port) as miinto,
        Server(inventory, options.unleashed_port) as unleashed,
        Deliverer([(desk.webhooks, unleashed.lock) for desk in inventory.desks.values()]),
        Server(intelligence, options.wair_port) as wair,
        Server(channel, options.channel_port) as told,
    ):
        print(f"Redo      {redo.url}/v2.2   admin: {redo.url}/_admin/")
        print(f"Mintsoft  {mintsoft.url}   admin: {mintsoft.url}/_admin/")
        print(f"Loop      {loop.url}/api/v1   admin: {loop.url}/_admin/")
        print(f"Miinto    {miinto.url}/auth, /order, /stock, /pc   admin: {miinto.url}/_admin/")
        print(f"Unleashed {unleashed.url}   admin: {unleashed.url}/_admin/")
        print(f"WAIR      {wair.url}/api/v1   admin: {wair.url}/_admin/")
        print(f"Channel   {told.url}/despatches   admin: {told.url}/_admin/")
        with suppress(KeyboardInterrupt):
            threading.Event().wait()


if __name__ == "__main__":
    main()
