"""What stands upstream of egress in its tests: a CONNECT proxy, an origin over TLS and plain HTTP, and a DNS server.

Everything that arrives is one JSON line on stdout: the tests judge here what left egress.
"""

import asyncio
import json
import socket
import ssl
import sys

import echoing


def context(*protocols):
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.load_cert_chain(sys.argv[1])
    made.set_alpn_protocols(list(protocols))
    return made


def choose(socket, name, _context):
    record("sni", name=name)
    if name == "two.test":
        socket.context = HTTP2


HTTP2 = context("h2")
ORIGIN = context("http/1.1")
ORIGIN.sni_callback = choose
# Names that the DNS server knows: none unless they are given.
OWN_NAMES = sys.argv[2:]
ADDRESS = socket.inet_aton(socket.gethostbyname(socket.gethostname()))
CHUNK = b"x" * 65536


def record(event, **fields):
    print(json.dumps({"event": event, **fields}), flush=True)


async def head(reader):
    raw = await reader.readuntil(b"\r\n\r\n")
    first, *lines = raw[:-4].decode("latin-1").split("\r\n")
    return first, [line.split(":", 1) for line in lines]


def value(headers, name):
    return next((text.strip() for key, text in headers if key.lower() == name), None)


async def body(reader, headers):
    if value(headers, "transfer-encoding"):
        size = 0
        while count := int(await reader.readline(), 16):
            await reader.readexactly(count + 2)
            size += count
        await reader.readline()
        return size
    size = int(value(headers, "content-length") or 0)
    left = size
    while left:
        left -= len(await reader.read(min(left, 65536)))
    return size


def reply(status, text, extra=""):
    return f"HTTP/1.1 {status}\r\nContent-Length: {len(text)}\r\n{extra}\r\n{text}".encode()


async def origin(reader, writer, tls):
    """Serves requests until the client hangs up."""
    while True:
        try:
            line, headers = await head(reader)
        except (asyncio.IncompleteReadError, ConnectionError):
            return
        method, target, _ = line.split(" ", 2)
        if value(headers, "upgrade") == "websocket":
            record("origin", tls=tls, line=line, headers=headers, body=0)
            writer.write(echoing.web_socket(headers))
            await writer.drain()
            record("websocket", data=(await reader.read(100)).hex())
            return
        size = await body(reader, headers)
        record("origin", tls=tls, line=line, headers=headers, body=size)
        path = target.split("://", 1)[-1].partition("/")[2]
        if path.startswith("echo/"):
            if not await echoing.answer(path[5:], writer, headers):
                return
        elif path == "switch":
            writer.write(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: anything\r\nConnection: Upgrade\r\n\r\nraw")
        elif path == "broken":
            writer.write(b"nonsense\r\n\r\n")
            writer.close()
        elif path == "trailer":
            writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\nX-Late: 1\r\n\r\n")
        elif path == "hold":
            await asyncio.sleep(600)
        elif path == "stall":
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nbegun")
            await writer.drain()
            await asyncio.sleep(60)
        elif path.startswith("big/"):
            left = int(path[4:])
            writer.write(f"HTTP/1.1 200 OK\r\nContent-Length: {left}\r\n\r\n".encode())
            while left:
                piece = CHUNK[: min(left, len(CHUNK))]
                writer.write(piece)
                left -= len(piece)
                await writer.drain()
        else:
            writer.write(b"" if method == "HEAD" else reply("200 OK", "hello from the origin\n"))
        await writer.drain()


async def proxy(reader, writer):
    try:
        line, headers = await head(reader)
        record("proxy", line=line, headers=headers)
        method, target, _ = line.split(" ", 2)
        if target.startswith("blocked.test") or "://blocked.test" in target:
            writer.write(reply("403 Forbidden", "blocked: not on the allowlist\n"))
        elif target.startswith("dead.test"):
            writer.write(reply("502 Bad Gateway", "dial failed\n"))
        elif method == "CONNECT":
            writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
            await writer.drain()
            await writer.start_tls(ORIGIN)
            if writer.get_extra_info("ssl_object").selected_alpn_protocol() == "h2":
                await echoing.serve_http2(reader, writer)
            else:
                await origin(reader, writer, True)
        else:
            size = await body(reader, headers)
            record("origin", tls=False, line=line, headers=headers, body=size)
            writer.write(reply("200 OK", "hello from the origin\n"))
        await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError, ssl.SSLError) as error:
        record("dropped", error=type(error).__name__)
    finally:
        writer.close()


async def direct(reader, writer):
    """The origin itself, for a next hop that dials it by its name."""
    try:
        await origin(reader, writer, True)
    except (asyncio.IncompleteReadError, ConnectionError, ssl.SSLError) as error:
        record("dropped", error=type(error).__name__)
    finally:
        writer.close()


class Names(asyncio.DatagramProtocol):
    """Records every query, and answers it with an address for the origin's own names, else with NXDOMAIN."""

    def connection_made(self, transport):
        self.transport = transport

    def datagram_received(self, data, address):
        labels, at = [], 12
        while data[at]:
            labels.append(data[at + 1 : at + 1 + data[at]].decode("latin-1"))
            at += data[at] + 1
        name = ".".join(labels)
        record("dns", name=name)
        question = data[12 : at + 5]
        if name.lower() not in OWN_NAMES:
            flags, answers = b"\x81\x83\0\1\0\0", b""
        elif question[-4:-2] != b"\0\1":
            flags, answers = b"\x81\x80\0\1\0\0", b""
        else:
            flags, answers = b"\x81\x80\0\1\0\1", b"\xc0\x0c\0\1\0\1\0\0\0\0\0\4" + ADDRESS
        self.transport.sendto(data[:2] + flags + b"\0\0\0\0" + question + answers, address)


async def main():
    server = await asyncio.start_server(proxy, "0.0.0.0", 8888)
    await asyncio.start_server(direct, "0.0.0.0", 443, ssl=context("http/1.1"))
    await asyncio.get_running_loop().create_datagram_endpoint(Names, local_addr=("0.0.0.0", 53))
    record("ready")
    await server.serve_forever()


asyncio.run(main())
