"""The one origin: live stream and other nodes natively, all else handed to Django in threads."""

from fengsui.config.wsgi import application as django_application
from fengsui.web.bridge import AsgiApp, Receive, Scope, Send, WsgiBridge
from fengsui.web.exchange import EXCHANGE_PATH, exchange
from fengsui.web.live import LIVE_PATH, live

bridge = WsgiBridge(django_application)
DOORS: dict[str, AsgiApp] = {LIVE_PATH: live, EXCHANGE_PATH: exchange}


async def application(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] != "http":
        return
    await DOORS.get(scope["path"], bridge)(scope, receive, send)
