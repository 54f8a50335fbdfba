"""Two real nodes on loopback with nothing between them but datagrams: an SOS arrives."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.world import county as world
from tests.world.nodes import Place, places
from tests.world.postgres import free_port
from tests.world.running_node import until

pytestmark = pytest.mark.slow
ARRIVES_S = 60.0

CERTIFY_COUNTY = """
from pathlib import Path
from fengsui.foundation.journal import clock
from fengsui.foundation.nodes import services
from fengsui.foundation.nodes.root import Root
root = Root.make(Path(folder), scope, 1)
request = services.request_enrolment(name=name, level="county", scope=scope)
services.init_county(
    viewer=V, **services.county_chain(root, request, name=name, now=clock.now())
)
result = None
"""
REQUEST = """
from fengsui.foundation.nodes import services
request = services.request_enrolment(name=name, level="village", scope=scope)
result = [request.hex(), services.read_request(request).code]
"""
ENROL = """
from fengsui.foundation.nodes import services
result = services.enrol(viewer=V, request=bytes.fromhex(request), code=shown, scope=scope,
                        level="village", name=name)["chain"]
"""
ACCEPT = """
from fengsui.foundation.nodes import services
services.accept_certificate(viewer=V, chain=chain)
result = None
"""
# As `fengsui telegram link add` and `fengsui telegram link peer` do.
ADD_LINK = """
from fengsui.config.commands import telegram
from fengsui.config import cli
parser = cli.parser_for(["telegram"])
telegram.say = lambda line: None
for words in (["add", "radio", f"udp:127.0.0.1:{port}"],
              ["peer", "radio", peer, f"127.0.0.1:{peer_port}"]):
    telegram.run(parser.parse_args(["telegram", "link", *words]))
result = None
"""
KEY = "from fengsui.foundation.nodes import queries\nresult = queries.own().public_key.hex()"
RAISE = """
from fengsui.response.situation import services
done = services.raise_sos(viewer=V, sos_id="sos-1", content={
    "place_code": scope, "people": 4, "injured": 1, "need": ["boat"]})
result = done["outcome"]
"""
OPEN = """
from fengsui.response.situation import queries
result = [[row.people, row.is_provisional, row.path] for row in queries.open_sos(viewer=V)]
"""


def enrol(county: Place, village: Place, folder: Path) -> None:
    county.run(CERTIFY_COUNTY, folder=str(folder / "root"), scope=county.scope, name=county.name)
    request, code = village.run(REQUEST, name=village.name, scope=village.scope)
    chain = county.run(ENROL, request=request, shown=code, scope=village.scope, name=village.name)
    village.run(ACCEPT, chain=chain)


def test_an_sos_crosses_datagrams_between_two_real_nodes(tmp_path: Path) -> None:
    named = (("示例县", world.COUNTY), ("石滩村", world.SHITAN))
    with places(tmp_path, *named) as [county, village]:
        county.start()
        village.start()
        enrol(county, village, tmp_path)
        ports = [free_port(), free_port()]
        keys = [county.run(KEY), village.run(KEY)]
        for place, own, other in ((county, 0, 1), (village, 1, 0)):
            place.run(ADD_LINK, port=ports[own], peer=keys[other], peer_port=ports[other])
            place.restart()
        assert village.run(RAISE, scope=world.SHITAN) == "recorded"

        def seen() -> Any:
            return county.run(OPEN)

        until(lambda: bool(seen()), "the SOS to arrive by telegram", ARRIVES_S)
        assert seen() == [[4, True, "radio"]]
