"""An echo by python websockets, as a server or as a client:

    python3 websockets_echo.py serve PORT [--deflate]
    python3 websockets_echo.py connect URL [--deflate]
"""

import asyncio
import sys

import websockets

what, where = sys.argv[1:3]
compression = "deflate" if "--deflate" in sys.argv else None
options = {"subprotocols": ["echo"], "compression": compression,
           "max_size": 2 ** 24}


async def echo(socket, path=None):
    async for message in socket:
        await socket.send(message)


async def serve():
    async with websockets.serve(echo, "127.0.0.1", int(where), **options):
        await asyncio.Future()


async def connect():
    async with websockets.connect(where, **options) as socket:
        await echo(socket)


asyncio.run(serve() if what == "serve" else connect())
