"""The one origin: the live stream natively, everything else handed to Django in threads."""

from fengsui.config.wsgi import application as django_application
from fengsui.web.bridge import Receive, Scope, Send, WsgiBridge
from fengsui.web.live import LIVE_PATH, live

bridge = WsgiBridge(django_application)


async def application(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] != "http":
        return
    door = live if scope["path"] == LIVE_PATH else bridge
    await door(scope, receive, send)
