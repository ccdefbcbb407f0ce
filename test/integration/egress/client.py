"""The agent's side in the tests of egress: sends exactly the bytes it is told to, and says what came back.

Reads a JSON list of probes on stdin and writes a JSON list of results. A probe is a list of steps over one connection
to the proxy; bytes are latin-1 text.
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
CA = sys.argv[2]
LIMIT = 20000


class Probe:
    def __init__(self):
        self.socket = socket.create_connection(PROXY, timeout=15)
        self.out = []

    def run(self, steps):
        for step in steps:
            kind, argument = next(iter(step.items()))
            try:
                self.out.append(getattr(self, kind)(argument))
            except (OSError, ssl.SSLError, EOFError, UnicodeError) as error:
                self.out.append({"error": f"{type(error).__name__}: {error}"})
                break
        self.socket.close()
        return self.out

    def send(self, text):
        self.socket.sendall(text.encode("latin-1"))
        return "sent"

    def repeat(self, argument):
        """Sends a text many times, until the other side has had enough."""
        text, times = argument["text"].encode("latin-1"), argument["times"]
        self.socket.settimeout(15)
        try:
            for _ in range(times):
                self.socket.sendall(text)
        except OSError as error:
            return type(error).__name__
        return "sent"

    def pause(self, seconds):
        time.sleep(seconds)
        return "paused"

    def tls(self, argument):
        if self.out and isinstance(self.out[-1], dict) and self.out[-1].get("status", 200) != 200:
            raise EOFError("no tunnel")
        context = ssl.create_default_context(cafile=CA)
        context.check_hostname = argument.get("verify", True)
        if not context.check_hostname:
            context.verify_mode = ssl.CERT_NONE
        if argument.get("alpn"):
            context.set_alpn_protocols(argument["alpn"])
        inside = argument.get("inside")
        self.socket = (
            nested(context, self.socket, inside)
            if inside
            else context.wrap_socket(self.socket, server_hostname=argument.get("name"))
        )
        return "encrypted"

    def receive(self, _):
        """One HTTP/1 response, or what there is of it."""
        data = b""
        while b"\r\n\r\n" not in data:
            piece = self.socket.recv(65536)
            if not piece:
                return {"status": 0, "head": data.decode("latin-1"), "body": "", "size": 0}
            data += piece
        head, _, rest = data.partition(b"\r\n\r\n")
        lines = head.decode("latin-1").split("\r\n")
        fields = dict((key.lower(), text.strip()) for key, _, text in (line.partition(":") for line in lines[1:]))
        size, length = len(rest), fields.get("content-length")
        if fields.get("transfer-encoding") == "chunked":
            rest = self.chunks(rest)
            size = len(rest)
        while size < int(length or 0):
            piece = self.socket.recv(65536)
            if not piece:
                break
            size += len(piece)
            rest += piece[: max(0, LIMIT - len(rest))]
        return {
            "status": int(lines[0].split()[1]),
            "head": head.decode("latin-1"),
            "body": rest.decode("latin-1"),
            "size": size,
        }

    def chunks(self, data):
        """The body of a chunked answer, as far as it comes."""
        out = b""
        while True:
            while b"\r\n" not in data:
                data += self.socket.recv(65536) or b"0\r\n\r\n"
            line, _, data = data.partition(b"\r\n")
            count = int(line, 16)
            while len(data) < count + 2:
                piece = self.socket.recv(65536)
                if not piece:
                    return out + data
                data += piece
            if count == 0:
                return out
            out += data[:count]
            data = data[count + 2 :]

    def more(self, _):
        """What arrives next, as it arrives."""
        return {"body": self.socket.recv(65536).decode("latin-1")}

    def rest(self, _):
        """Everything until the other side hangs up."""
        data = b""
        try:
            while piece := self.socket.recv(65536):
                data += piece
        except ConnectionError:
            pass
        return {"body": data.decode("latin-1")}

    def closed(self, _):
        """Whether the other side hangs up."""
        try:
            while self.socket.recv(65536):
                pass
        except ConnectionError:
            pass
        return True

    def h2(self, requests):
        """HTTP/2 requests; answers in order."""
        config = h2.config.H2Configuration(
            header_encoding="latin-1", validate_outbound_headers=False, normalize_outbound_headers=False
        )
        connection = h2.connection.H2Connection(config)
        connection.initiate_connection()
        answers = {}
        for request in requests:
            stream = connection.get_next_available_stream_id()
            answers[stream] = {"status": 0, "head": "", "body": "", "done": False}
            parts = [("headers", request["headers"]), ("data", request.get("body")), ("trailers", request.get("trailers"))]
            parts = [(kind, part) for kind, part in parts if part is not None]
            for index, (kind, part) in enumerate(parts):
                last = index == len(parts) - 1
                if kind == "data":
                    connection.send_data(stream, part.encode("latin-1"), end_stream=last)
                else:
                    connection.send_headers(stream, [tuple(pair) for pair in part], end_stream=last)
        self.socket.sendall(connection.data_to_send())
        while not all(answer["done"] for answer in answers.values()):
            data = self.socket.recv(65536)
            if not data:
                break
            for event in connection.receive_data(data):
                answer = answers.get(getattr(event, "stream_id", 0), {})
                if isinstance(event, h2.events.ResponseReceived):
                    answer["status"] = int(dict(event.headers)[":status"])
                    answer["head"] += str(event.headers)
                elif isinstance(event, h2.events.TrailersReceived):
                    answer["head"] += str(event.headers)
                elif isinstance(event, h2.events.DataReceived):
                    answer["body"] += event.data.decode("latin-1")
                elif isinstance(event, (h2.events.StreamEnded, h2.events.StreamReset)):
                    answer["done"] = True
                elif isinstance(event, h2.events.ConnectionTerminated):
                    for each in answers.values():
                        each["done"] = True
            self.socket.sendall(connection.data_to_send())
        return {"streams": list(answers.values())}


class nested:
    """TLS spoken inside TLS."""

    def __init__(self, context, outer, name):
        self.incoming, self.outgoing, self.outer = ssl.MemoryBIO(), ssl.MemoryBIO(), outer
        inner = context.wrap_bio(self.incoming, self.outgoing, server_hostname=name)
        while True:
            try:
                inner.do_handshake()
                break
            except ssl.SSLWantReadError:
                outer.sendall(self.outgoing.read())
                data = outer.recv(65536)
                if not data:
                    raise EOFError("no inner TLS")
                self.incoming.write(data)

    def close(self):
        self.outer.close()


json.dump([Probe().run(steps) for steps in json.load(sys.stdin)], sys.stdout)
