# Runs the test suite of SockJS, which is in Python 2.
#
#   sockjs.py SUITE URL
#
# SUITE is the folder of sockjs-protocol.py. The suite imports unittest2, websocket-client and ws4py: where one is not installed,
# what stands below takes its place, as far as the suite uses it. For the caller there is a line for each test on the standard
# output, separated by tabs:
#
#   RESULT name, passed or what went wrong
import base64
import hashlib
import imp
import os
import re
import socket
import struct
import sys
import threading
import types
import unittest
import urlparse

TEXT, CLOSE, PING, PONG = 1, 8, 9, 10


class WebSocketConnectionClosedException(Exception):
    pass


class Client(object):
    """A WebSocket without extensions (RFC 6455)."""

    def __init__(self, url, timeout=5):
        target = urlparse.urlparse(url)
        self.code, self.reason = 1006, ""
        self.sock = socket.create_connection((target.hostname, target.port), timeout=timeout)
        key = base64.b64encode(os.urandom(16))
        self.sock.sendall(
            "GET %s HTTP/1.1\r\nHost: %s\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            "Sec-WebSocket-Key: %s\r\nSec-WebSocket-Version: 13\r\n\r\n" % (target.path, target.netloc, key))
        head = ""
        while not head.endswith("\r\n\r\n"):
            head += self._read(1)
        accept = base64.b64encode(hashlib.sha1(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").digest())
        if not head.startswith("HTTP/1.1 101 ") or not re.search("(?i)sec-websocket-accept: " + re.escape(accept), head):
            raise Exception("no WebSocket: " + head)

    def _read(self, size):
        data = ""
        while len(data) < size:
            try:
                part = self.sock.recv(size - len(data))
            except socket.timeout:
                raise
            except socket.error:
                part = ""
            if not part:
                raise WebSocketConnectionClosedException("the connection ended")
            data += part
        return data

    def _write(self, opcode, payload):
        size = len(payload)
        head = chr(0x80 | opcode)
        if size < 126:
            head += chr(0x80 | size)
        elif size < 1 << 16:
            head += chr(0x80 | 126) + struct.pack("!H", size)
        else:
            head += chr(0x80 | 127) + struct.pack("!Q", size)
        mask = os.urandom(4)
        self.sock.sendall(head + mask + "".join(chr(ord(c) ^ ord(mask[i % 4])) for i, c in enumerate(payload)))

    def send(self, text):
        self._write(TEXT, text.encode("utf-8"))

    def recv(self):
        while True:
            opcode, size = (ord(c) for c in self._read(2))
            if size == 126:
                size, = struct.unpack("!H", self._read(2))
            elif size == 127:
                size, = struct.unpack("!Q", self._read(8))
            payload = self._read(size)
            if opcode == 0x80 | TEXT:
                return payload.decode("utf-8")
            if opcode == 0x80 | PING:
                self._write(PONG, payload)
            elif opcode == 0x80 | CLOSE:
                if payload:
                    self.code, = struct.unpack("!H", payload[:2])
                    self.reason = payload[2:]
                try:
                    self._write(CLOSE, payload[:2])
                except socket.error:
                    pass
                raise WebSocketConnectionClosedException("the server has closed: %d %s" % (self.code, self.reason))
            elif opcode != 0x80 | PONG:
                raise Exception("a frame begins with %02x" % opcode)

    def close(self):
        try:
            self._write(CLOSE, struct.pack("!H", 1000))
            self.sock.shutdown(socket.SHUT_RDWR)
        except socket.error:
            pass
        self.sock.close()


class ThreadedClient(object):
    """Tells what comes on a thread of its own."""

    def __init__(self, url):
        self.url = url

    def connect(self):
        self.socket = Client(self.url)
        self._th = threading.Thread(target=self._listen)
        self._th.daemon = True
        self._th.start()

    def _listen(self):
        try:
            while True:
                self.received_message(self.socket.recv().encode("utf-8"))
        except Exception:
            self.closed(self.socket.code, self.socket.reason)

    def send(self, text):
        self.socket.send(text)

    def close(self):
        self.socket.close()


def module(name, **members):
    made = types.ModuleType(name)
    made.__dict__.update(members)
    sys.modules[name] = made


def fill_in():
    try:
        import unittest2
    except ImportError:
        sys.modules["unittest2"] = unittest
    try:
        import websocket
    except ImportError:
        module(
            "websocket",
            create_connection=lambda url, **ignored: Client(url),
            WebSocketConnectionClosedException=WebSocketConnectionClosedException)
    try:
        import ws4py.client.threadedclient
    except ImportError:
        module("ws4py")
        module("ws4py.client")
        module("ws4py.client.threadedclient", WebSocketClient=ThreadedClient)


class Result(unittest.TestResult):
    def _say(self, test, what):
        name = ".".join(test.id().split(".")[-2:])
        sys.stdout.write("RESULT\t%s\t%s\n" % (name, " ".join(str(what).split())))
        sys.stdout.flush()

    def addSuccess(self, test):
        self._say(test, "passed")

    def addFailure(self, test, fault):
        self._say(test, "%s: %s" % (fault[0].__name__, repr(fault[1])[:300]))

    addError = addFailure


def main(folder, url):
    fill_in()
    os.environ["SOCKJS_URL"] = url
    sys.path.insert(0, folder)
    sys.dont_write_bytecode = True
    suite = imp.load_source("suite", os.path.join(folder, "sockjs-protocol.py"))
    unittest.defaultTestLoader.loadTestsFromModule(suite).run(Result())


main(*sys.argv[1:])
