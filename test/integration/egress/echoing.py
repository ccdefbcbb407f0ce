"""An origin that gives back what it was sent, as echo services and debug pages do: in every place of an answer."""

import asyncio
import base64
import gzip
import json
import struct

import h2.config
import h2.connection
import h2.events

NAMES = ("authorization", "x-api-key")


def sent(headers):
    """The credential's header as it arrived, and everything that did."""
    value = next((text.strip() for name, text in headers if name.lower() in NAMES), "none")
    return value, json.dumps({name: text.strip() for name, text in headers})


def message(body, *fields, status="200 OK"):
    lines = [f"HTTP/1.1 {status}", *fields, f"Content-Length: {len(body)}", "", ""]
    return "\r\n".join(lines).encode("latin-1") + body


async def answer(path, writer, headers):
    """Answers one request; false where the connection ends with it."""
    value, everything = sent(headers)
    word = value.split(" ")[-1]
    kind, _, argument = path.split("?")[0].partition("/")
    if kind == "head":
        fields = [f"X-Echo: {value}", f"Set-Cookie: a={word}; Path=/", f"Location: https://x.test/?token={word}"]
        names = [f"X-{word}: name"] if word.replace("-", "").isalnum() else []
        writer.write(message(everything.encode(), *fields, *names, status=f"200 {value}"))
    elif kind == "base64":
        writer.write(message(base64.b64encode(b"x" * int(argument) + everything.encode()), "Content-Type: text/plain"))
    elif kind == "pieces":
        writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        data, size = everything.encode(), int(argument)
        for at in range(0, len(data), size):
            piece = data[at : at + size]
            writer.write(b"%x\r\n%s\r\n" % (len(piece), piece))
            await writer.drain()
            await asyncio.sleep(0.002)
        writer.write(b"0\r\nX-Late: %s\r\n\r\n" % value.encode())
    elif kind == "until-close":
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n" + everything.encode())
        await writer.drain()
        writer.close()
        return False
    elif kind == "packed":
        writer.write(message(gzip.compress(everything.encode()), "Content-Encoding: gzip"))
    elif kind == "packed-transfer":
        data = gzip.compress(everything.encode())
        writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n")
        writer.write(b"%x\r\n%s\r\n0\r\n\r\n" % (len(data), data))
    elif kind == "part":
        fields = ["Content-Range: bytes 0-9/100", f"X-Range: {dict(headers).get('Range', 'none').strip()}"]
        writer.write(message(value.encode()[:10], *fields, status="206 Partial Content"))
    elif kind == "charset":
        writer.write(message(everything.encode("utf-16"), f"Content-Type: text/plain; charset={argument}"))
    elif kind == "early":
        writer.write(f"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: <{value}>\r\n\r\n".encode())
        writer.write(message(everything.encode()))
    elif kind == "odd-early":
        writer.write(f"HTTP/1.1 +103 {value}\r\nLink: <{value}>\r\n\r\n".encode() + message(b"late"))
    elif kind == "endless-head":
        writer.write(b"HTTP/1.1 200 OK\r\n")
        for _ in range(2000):
            writer.write(b"X-More: " + b"m" * 4000 + b"\r\n")
            await writer.drain()
    elif kind == "events":
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n")
        writer.write(b"10\r\ndata: {\"n\": 1}\n\n\r\n")
        await writer.drain()
        await asyncio.sleep(60)
    else:
        writer.write(message(everything.encode(), "Content-Type: application/json"))
    return True


def web_socket(headers):
    """The answer to an upgrade: two messages, one in two frames, then a ping and a close with the credential."""
    value = sent(headers)[0].encode()
    half = len(value) // 2
    frames = ((0x81, value), (0x01, value[:half]), (0x80, value[half:]), (0x89, value), (0x81, b"hi"))
    close = (0x88, struct.pack(">H", 1000) + value) if value != b"none" else None
    head = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nX-Echo: %s\r\n\r\n"
    every = (*frames, close) if close else ((0x81, b"hi"),)
    return head % value + b"".join(bytes([code, len(data)]) + data for code, data in every)


async def serve_http2(reader, writer):
    """Echoes each request over HTTP/2, with trailers."""
    connection = h2.connection.H2Connection(h2.config.H2Configuration(client_side=False, header_encoding="latin-1"))
    connection.initiate_connection()
    writer.write(connection.data_to_send())
    while data := await reader.read(65536):
        for event in connection.receive_data(data):
            if isinstance(event, h2.events.RequestReceived):
                value, everything = sent(event.headers)
                stream = event.stream_id
                connection.send_headers(stream, [(":status", "200"), ("x-echo", value)])
                for at in range(0, len(everything), 7):
                    connection.send_data(stream, everything[at : at + 7].encode())
                connection.send_headers(stream, [("x-late", value)], end_stream=True)
        writer.write(connection.data_to_send())
        await writer.drain()
