"""A bad link between two TUN devices: loses, delays, reorders and doubles packets.

    bad_link.py NAME NAME SEED

What `tc netem` does in kernels that have it, here for every Linux with TUN, and
from a seed. A line of JSON on the standard input sets the link (QUALITY below, and
"cut" for nothing at all) and is answered by what has passed so far. The end of
the input ends it, and the devices with it.
"""

import fcntl
import heapq
import json
import os
import random
import select
import struct
import sys
import time

TUNSETIFF = 0x400454CA
IFF_TUN, IFF_NO_PI = 0x0001, 0x1000
LARGEST_PACKET = 65535

QUALITY = {"loss": 0, "delayMs": 0, "jitterMs": 0, "reorder": 0, "duplicate": 0}


def open_device(name):
    device = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    request = struct.pack("16sH", name.encode(), IFF_TUN | IFF_NO_PI)
    fcntl.ioctl(device, TUNSETIFF, request)
    return device


class Link:
    def __init__(self, names, seed):
        self.devices = [open_device(name) for name in names]
        self.random = random.Random(seed)
        self.quality = dict(QUALITY)
        self.is_cut = False
        self.counts = dict.fromkeys(
            ("packets", "lost", "reordered", "doubled", "cut"), 0
        )
        # (when, number, device, packet): the number keeps equal times in order.
        self.under_way = []
        self.number = 0

    def happens(self, what):
        return self.random.random() < self.quality[what]

    def delay(self):
        jitter = self.random.uniform(-1, 1) * self.quality["jitterMs"]
        return max(0, self.quality["delayMs"] + jitter) / 1000

    def take(self, packet, target):
        self.counts["packets"] += 1
        if self.is_cut:
            self.counts["cut"] += 1
        elif self.happens("loss"):
            self.counts["lost"] += 1
        else:
            self.send_on(packet, target)
            if self.happens("duplicate"):
                self.counts["doubled"] += 1
                self.send_on(packet, target)

    def send_on(self, packet, target):
        # As netem does it: a packet that is reordered overtakes those that wait.
        overtakes = self.happens("reorder")
        self.counts["reordered"] += overtakes
        when = time.monotonic() + (0 if overtakes else self.delay())
        self.number += 1
        heapq.heappush(self.under_way, (when, self.number, target, packet))

    def deliver(self):
        while self.under_way and self.under_way[0][0] <= time.monotonic():
            _, _, target, packet = heapq.heappop(self.under_way)
            try:
                os.write(target, packet)
            except OSError:
                # The device is down, or its queue is full: lost, as it may be.
                self.counts["lost"] += 1

    def wait(self):
        if not self.under_way:
            return 1
        return max(0, self.under_way[0][0] - time.monotonic())

    def read(self, at):
        while True:
            try:
                packet = os.read(self.devices[at], LARGEST_PACKET)
            except OSError:
                return
            self.take(packet, self.devices[1 - at])


def main():
    link = Link(sys.argv[1:3], int(sys.argv[3]))
    while True:
        sources = [sys.stdin, *link.devices]
        ready, _, _ = select.select(sources, [], [], link.wait())
        for at, device in enumerate(link.devices):
            if device in ready:
                link.read(at)
        link.deliver()
        if sys.stdin in ready:
            line = sys.stdin.readline()
            if not line:
                return
            wanted = json.loads(line)
            link.is_cut = wanted.pop("cut", False)
            link.quality = {**QUALITY, **wanted}
            print(json.dumps(link.counts), flush=True)


main()
