"""The agent's side in the tests of what egress keeps in memory: many connections, and clients that do not read.

Reads one JSON job on stdin and writes what came of it as JSON.
"""

import json
import socket
import ssl
import sys
import time

import h2.config
import h2.connection
import h2.events

PROXY = (sys.argv[1], 9099)
CONTEXT = ssl.create_default_context(cafile=sys.argv[2])


def tunnel(host, alpn=()):
    plain = socket.create_connection(PROXY, timeout=60)
    plain.sendall(f"CONNECT {host}:443 HTTP/1.1\r\nHost: {host}:443\r\n\r\n".encode())
    while not plain.recv(4096).endswith(b"\r\n\r\n"):
        pass
    CONTEXT.set_alpn_protocols(list(alpn) or ["http/1.1"])
    return CONTEXT.wrap_socket(plain, server_hostname=host)


def answer(opened):
    """Status and body of the next answer."""
    data = b""
    while b"\r\n\r\n" not in data:
        piece = opened.recv(65536)
        if not piece:
            return 0, ""
        data += piece
    head, _, body = data.partition(b"\r\n\r\n")
    length = next((int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")), 0)
    while len(body) < length:
        body += opened.recv(65536)
    return int(head.split()[1]), body.decode("latin-1")


def requests(job):
    """Many requests over one kept connection, one after the other."""
    opened = tunnel(job["host"])
    head = f"{job['line']} HTTP/1.1\r\nHost: {job['host']}\r\n\r\n".encode()
    statuses = {}
    for _ in range(job["times"]):
        opened.sendall(head)
        status, _ = answer(opened)
        statuses[status] = statuses.get(status, 0) + 1
    return statuses


def streams(job):
    """Many requests over one kept connection of HTTP/2, one after the other."""
    opened = tunnel(job["host"], ["h2"])
    connection = h2.connection.H2Connection(h2.config.H2Configuration(header_encoding="latin-1"))
    connection.initiate_connection()
    fields = [(":method", "GET"), (":scheme", "https"), (":authority", job["host"]), (":path", job["path"])]
    statuses = {}
    for _ in range(job["times"]):
        stream = connection.get_next_available_stream_id()
        connection.send_headers(stream, fields, end_stream=True)
        opened.sendall(connection.data_to_send())
        ended = False
        while not ended:
            data = opened.recv(65536)
            if not data:
                return statuses
            for event in connection.receive_data(data):
                if isinstance(event, h2.events.ResponseReceived):
                    status = int(dict(event.headers)[":status"])
                    statuses[status] = statuses.get(status, 0) + 1
                elif isinstance(event, h2.events.DataReceived):
                    connection.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
                elif isinstance(event, (h2.events.StreamEnded, h2.events.StreamReset)):
                    ended = True
            opened.sendall(connection.data_to_send())
    return statuses


def uploads(job):
    """Uploads that are under way all at once: sent whole, and never answered by their host; then one more request."""
    head = f"POST /hold HTTP/1.1\r\nHost: {job['host']}\r\nContent-Length: {job['size']}\r\n\r\n".encode()
    opened = []
    for _ in range(job["times"]):
        each = tunnel(job["host"])
        opened.append(each)
        try:
            each.sendall(head + b"u" * job["size"])
        except OSError:
            pass
    time.sleep(job["pause"])
    answers = []
    for each in opened:
        each.settimeout(0.2)
        try:
            answers.append(answer(each))
        except OSError:
            answers.append((-1, ""))
    other = tunnel(job["host"])
    other.sendall(f"GET / HTTP/1.1\r\nHost: {job['host']}\r\n\r\n".encode())
    return {"answers": answers, "other": answer(other)[0]}


def connections(job):
    """Connections that say nothing; how many of them were hung up on."""
    opened = [socket.create_connection(PROXY, timeout=60) for _ in range(job["times"])]
    time.sleep(job["pause"])
    closed = 0
    for each in opened:
        each.setblocking(False)
        try:
            closed += each.recv(1) == b""
        except BlockingIOError:
            pass
        except ConnectionError:
            closed += 1
    return closed


def slow(job):
    """A download over HTTP/2 whose window stays closed for a while, and is then taken to its end."""
    opened = tunnel(job["host"], ["h2"])
    connection = h2.connection.H2Connection(h2.config.H2Configuration(header_encoding="latin-1"))
    connection.initiate_connection()
    fields = [(":method", "GET"), (":scheme", "https"), (":authority", job["host"]), (":path", job["path"])]
    connection.send_headers(1, fields, end_stream=True)
    opened.sendall(connection.data_to_send())
    time.sleep(job["pause"])
    size = 0
    while True:
        data = opened.recv(65536)
        if not data:
            return size
        for event in connection.receive_data(data):
            if isinstance(event, h2.events.DataReceived):
                size += len(event.data)
                connection.acknowledge_received_data(event.flow_controlled_length, 1)
            elif isinstance(event, h2.events.StreamEnded):
                return size
        opened.sendall(connection.data_to_send())


def unfinished(job):
    """Connections that each announce much more than they may: a frame, or a TLS greeting; how many were hung up on."""
    closed = 0
    opened = []
    for _ in range(job["times"]):
        if job["what"] == "frame":
            each = tunnel(job["host"], ["h2"])
            begin = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\0\0\0\4\0\0\0\0\0" + b"\xff\xff\xff\1\4\0\0\0\1"
        elif job["what"] == "head":
            each = tunnel(job["host"], ["h2"])
            begin = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\0\0\0\4\0\0\0\0\0" + b"\0\0\0\1\0\0\0\0\1"
        else:
            each = socket.create_connection(PROXY, timeout=60)
            each.sendall(f"CONNECT {job['host']}:443 HTTP/1.1\r\nHost: {job['host']}:443\r\n\r\n".encode())
            each.recv(4096)
            begin = b"\x16\3\1\x40\0\1\xff\xff\xff\3\3" + b"g" * 16378
        record = {"frame": b"f" * 16384, "head": b"\0\x40\0\x09\0\0\0\0\1" + b"c" * 16384}
        piece = record.get(job["what"], b"\x16\3\1\x40\0" + b"g" * 16384)
        opened.append(each)
        try:
            each.sendall(begin)
            for _ in range(job["size"] // len(piece)):
                each.sendall(piece)
            each.settimeout(30)
            while each.recv(65536):
                pass
            closed += 1
        except OSError as error:
            closed += not isinstance(error, TimeoutError)
    return closed


JOB = json.load(sys.stdin)
KINDS = {each.__name__: each for each in (requests, streams, uploads, connections, slow, unfinished)}
json.dump(KINDS[JOB["kind"]](JOB), sys.stdout)
