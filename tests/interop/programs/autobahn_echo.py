"""An echo by autobahn-python, as a server or as a client:

    python3 autobahn_echo.py serve PORT [--deflate]
    python3 autobahn_echo.py connect URL [--deflate]
"""

import asyncio
import sys
from urllib.parse import urlparse

from autobahn.asyncio.websocket import (WebSocketClientFactory,
                                        WebSocketClientProtocol,
                                        WebSocketServerFactory,
                                        WebSocketServerProtocol)
from autobahn.websocket.compress import (PerMessageDeflateOffer,
                                         PerMessageDeflateOfferAccept,
                                         PerMessageDeflateResponse,
                                         PerMessageDeflateResponseAccept)

what, where = sys.argv[1:3]
deflate = "--deflate" in sys.argv


class Server(WebSocketServerProtocol):
    def onConnect(self, request):
        return "echo" if "echo" in request.protocols else None

    def onMessage(self, payload, isBinary):
        self.sendMessage(payload, isBinary)


class Client(WebSocketClientProtocol):
    def onMessage(self, payload, isBinary):
        self.sendMessage(payload, isBinary)

    def onClose(self, wasClean, code, reason):
        loop.stop()


def accept_offer(offers):
    for offer in offers:
        if isinstance(offer, PerMessageDeflateOffer):
            return PerMessageDeflateOfferAccept(offer)


def accept_response(response):
    if isinstance(response, PerMessageDeflateResponse):
        return PerMessageDeflateResponseAccept(response)


# Before the factory, which looks for it.
loop = asyncio.new_event_loop()
asyncio.set_event_loop(loop)
if what == "serve":
    factory = WebSocketServerFactory(protocols=["echo"])
    factory.protocol = Server
    if deflate:
        factory.setProtocolOptions(perMessageCompressionAccept=accept_offer)
    loop.run_until_complete(
        loop.create_server(factory, "127.0.0.1", int(where)))
else:
    factory = WebSocketClientFactory(where, protocols=["echo"])
    factory.protocol = Client
    if deflate:
        factory.setProtocolOptions(
            perMessageCompressionOffers=[PerMessageDeflateOffer()],
            perMessageCompressionAccept=accept_response)
    port = urlparse(where).port
    loop.run_until_complete(
        loop.create_connection(factory, "127.0.0.1", port))
loop.run_forever()
