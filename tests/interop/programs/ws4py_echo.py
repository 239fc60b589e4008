"""An echo by ws4py, as a server or as a client:

    python3 ws4py_echo.py serve PORT
    python3 ws4py_echo.py connect URL
"""

import sys
from wsgiref.simple_server import make_server

from ws4py.client.threadedclient import WebSocketClient
from ws4py.server.wsgirefserver import (WebSocketWSGIRequestHandler,
                                        WSGIServer)
from ws4py.server.wsgiutils import WebSocketWSGIApplication
from ws4py.websocket import WebSocket

what, where = sys.argv[1:3]


class Echo(WebSocket):
    def received_message(self, message):
        self.send(message.data, message.is_binary)


class EchoClient(WebSocketClient):
    def received_message(self, message):
        self.send(message.data, message.is_binary)


if what == "serve":
    server = make_server(
        "127.0.0.1", int(where), server_class=WSGIServer,
        handler_class=WebSocketWSGIRequestHandler,
        app=WebSocketWSGIApplication(handler_cls=Echo, protocols=["echo"]))
    server.initialize_websockets_manager()
    server.serve_forever()
else:
    client = EchoClient(where, protocols=["echo"])
    client.connect()
    client.run_forever()
