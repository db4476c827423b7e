#!/usr/bin/env python3
"""What a live view must refuse, tried one by one while a study runs; then that both still work, and what it costs.

    Tests/Report/attacks.py [--cost SECONDS] [--problem ID]

Wrong and missing tokens, tricks with paths, other methods, other hosts' names and pages of other origins, malformed and
endless requests, clients that send or read nothing, and 10,000 connections at once.
"""

import argparse
import concurrent.futures
import http.client
import json
import math
import os
import pathlib
import re
import resource
import signal
import socket
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
DMO = os.environ.get("DMO", str(ROOT / ".build/release/dmo"))
PLUGIN = pathlib.Path(DMO).parent / "libtestproblems.so"
CONNECTIONS = 10_000
CHECKS = 0


def check(condition, what):
    global CHECKS
    CHECKS += 1
    if not condition:
        sys.exit(f"attacks: FAILED: {what}")


class Target:
    def __init__(self, address):
        self.port, self.token = re.fullmatch(r"http://127\.0\.0\.1:(\d+)/([0-9a-f]{32})/\n", address).groups()
        self.port = int(self.port)

    def ask(self, path, method="GET", host=None, timeout=120, **headers):
        """Status and body; the path goes out as it stands. Dropped connections are tried anew, as browsers do."""
        for _ in range(5):
            try:
                c = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
                c.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
                if host is not False:
                    c.putheader("Host", f"127.0.0.1:{self.port}" if host is None else host)
                for name, value in headers.items():
                    c.putheader(name.replace("_", "-"), value)
                c.endheaders()
                answer = c.getresponse()
                body = answer.read()
                c.close()
                return answer.status, body, answer
            except (ConnectionError, http.client.HTTPException):
                time.sleep(0.2)
        return None, b"", None

    def works(self):
        status, body, _ = self.ask(f"/{self.token}/data?study=0&after=0")
        return status == 200 and "study" in json.loads(body)

    def connect(self):
        s = socket.create_connection(("127.0.0.1", self.port), timeout=120)
        return s


def cpu(pid):
    """Seconds of processor time that a process used."""
    fields = open(f"/proc/{pid}/stat").read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def memory(pid):
    """Resident memory in MiB."""
    return int(re.search(r"VmRSS:\s+(\d+)", open(f"/proc/{pid}/status").read())[1]) / 1024


def tokens_and_paths(t):
    wrong = "0" * 32
    near = t.token[:-1] + ("1" if t.token[-1] == "0" else "0")  # all but one digit right
    refused = [
        "/", "/data", f"/{wrong}/", f"/{wrong}/data", f"/{t.token[:-1]}/", f"/{near}/", f"/{near}/data", f"/{t.token}", f"/{t.token.upper()}/x",
        f"/{t.token}/../{t.token}/data", f"/x/../{t.token}/", f"//{t.token}/", f"/./{t.token}/", f"/%2e%2e/{t.token}/", f"/{t.token}%2f",
        f"/{t.token}/../../../../etc/passwd", f"/{t.token}/%2e%2e/%2e%2e/etc/passwd", f"/{t.token}/..%2f..%2fetc/passwd", f"/{t.token}//etc/passwd",
        f"/{t.token}/data/", f"/{t.token}/study.dmo", f"/{t.token}/data%00", "/etc/passwd", "/..", f"http://127.0.0.1:{t.port}/{t.token}/", "*",
        f"/{t.token}/data?study=1", f"/{t.token}/data?study=-1", f"/{t.token}/data?study=x", f"/{t.token}/data?after=-1", f"/{t.token}/data?study=99999999999999999999",
    ]
    for path in refused:
        status, body, _ = t.ask(path)
        check(status in (400, 403, 404) or status is None, f"{path} was answered with {status}")
        check(b"root:" not in body and t.token.encode() not in body, f"{path} gave something away")
    for method in ("POST", "PUT", "DELETE", "OPTIONS", "HEAD", "PATCH", "TRACE", "BREW"):
        status, _, _ = t.ask(f"/{t.token}/", method=method, Content_Length="0")
        check(status in (403, 404, 405) or status is None, f"{method} was answered with {status}")


def origins(t):
    for host in ("evil.example", f"evil.example:{t.port}", "127.0.0.1", f"127.0.0.1:{t.port + 1}", f"127.0.0.1.evil.example:{t.port}", f"[::1]:{t.port}", "", False):
        status, _, _ = t.ask(f"/{t.token}/data", host=host)
        check(status in (400, 403) or status is None, f"Host {host!r} was answered with {status}")
    for origin in ("http://evil.example", "null", f"https://127.0.0.1:{t.port}", f"http://127.0.0.1:{t.port + 1}", f"http://localhost:{t.port}"):
        status, _, _ = t.ask(f"/{t.token}/data", Origin=origin)
        check(status == 403, f"Origin {origin} was answered with {status}")
    for site in ("cross-site", "same-site"):
        status, _, _ = t.ask(f"/{t.token}/data", Sec_Fetch_Site=site)
        check(status == 403, f"Sec-Fetch-Site {site} was answered with {status}")
    status, _, answer = t.ask(f"/{t.token}/data", Origin=f"http://127.0.0.1:{t.port}", Sec_Fetch_Site="same-origin")
    check(status == 200, f"the page's own question was answered with {status}")
    check(answer.getheader("Access-Control-Allow-Origin") is None, "other origins are let in")
    check(answer.getheader("Cross-Origin-Resource-Policy") == "same-origin" and answer.getheader("X-Frame-Options") == "DENY", "headers are missing")


def only_loopback(port):
    """Nothing but 127.0.0.1 listens at the port."""
    listening = [line.split()[1] for name in ("tcp", "tcp6") for line in open(f"/proc/net/{name}").readlines()[1:]
                 if line.split()[3] == "0A" and int(line.split()[1].split(":")[1], 16) == port]
    check(listening == [f"0100007F:{port:04X}"], f"listening: {listening}")


def malformed(t):
    for text in (b"\r\n\r\n", b"GET\r\n\r\n", b"\x00\xff\xfe\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", b"GET / HTTP/1.1\r\nContent-Length: -5\r\n\r\n",
                 b"GET / HTTP/1.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", b"\x16\x03\x01\x02\x00\x01"):
        with t.connect() as s:
            s.sendall(text)
            s.shutdown(socket.SHUT_WR)
            s.settimeout(60)
            try:
                while s.recv(4096):
                    pass
            except ConnectionError:
                pass
    check(t.works(), "malformed requests stopped the live view")


def endless(t, pid):
    """Requests that never end, at full speed and in small pieces, all at once: the connection is shut before memory grows."""
    host = f"Host: 127.0.0.1:{t.port}\r\n".encode()
    begin = memory(pid)

    def send(kind):
        name, head, piece, pause = kind
        sent, deadline = 0, time.monotonic() + 120
        with t.connect() as s:
            try:
                s.sendall(head)
                while sent < 1 << 30 and time.monotonic() < deadline:
                    s.sendall(piece)
                    sent += len(piece)
                    time.sleep(pause)
            except OSError:
                return name, pause, sent, True
        return name, pause, sent, False

    kinds = (
        ("header line", b"GET / HTTP/1.1\r\n" + host + b"X: ", b"a" * 65536, 0), ("request line", b"GET /", b"a" * 65536, 0),
        ("list of headers", b"GET / HTTP/1.1\r\n" + host, b"X-Some: header\r\n" * 4096, 0),
        ("body", f"GET /{t.token}/ HTTP/1.1\r\n".encode() + host + b"Content-Length: 1000000000000\r\n\r\n", b"a" * 65536, 0),
        ("body in chunks", b"GET / HTTP/1.1\r\n" + host + b"Transfer-Encoding: chunked\r\n\r\n", b"8000\r\n" + b"a" * 32768 + b"\r\n", 0),
        ("header in small pieces", b"GET / HTTP/1.1\r\n" + host + b"X: ", b"a" * 512, 0.01))
    with concurrent.futures.ThreadPoolExecutor(len(kinds)) as senders:
        running = [senders.submit(send, kind) for kind in kinds]
        check(t.works(), "endless requests keep the page's questions waiting")
        for future in running:
            name, pause, sent, ended = future.result()
            check(ended, f"an endless {name} went on to {sent >> 20} MiB")
            if pause:
                check(sent < 1 << 20, f"an endless {name} was ended only after {sent} bytes")
    check(t.works(), "endless requests stopped the live view")
    grown = memory(pid) - begin
    print(f"endless requests: {grown:.0f} MiB more")
    check(grown < 200, f"endless requests took {grown:.0f} MiB")


def slow_clients(t, pid):
    """Some send nothing, some a byte at a time, some read nothing of a large page."""
    idle = [t.connect() for _ in range(50)]
    dripping = [t.connect() for _ in range(50)]
    deaf = []
    for _ in range(20):
        s = t.connect()
        s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        s.sendall(f"GET /{t.token}/ HTTP/1.1\r\nHost: 127.0.0.1:{t.port}\r\n\r\n".encode())
        deaf.append(s)
    for byte in b"GET / HTTP":
        for s in dripping:
            try:
                s.sendall(bytes([byte]))
            except OSError:
                pass
        check(t.works(), "slow clients keep the page's questions waiting")
        time.sleep(0.1)
    # They are ended after 20 s: their side sees the end of the connection.
    deadline = time.monotonic() + 180
    while idle and time.monotonic() < deadline:
        for s in idle[:]:
            s.setblocking(False)
            try:
                if s.recv(1) == b"":
                    idle.remove(s)
            except BlockingIOError:
                pass
            except ConnectionError:
                idle.remove(s)
        time.sleep(0.5)
    check(not idle, f"{len(idle)} idle connections were never ended")
    for s in dripping + deaf:
        s.close()
    check(t.works() and memory(pid) < 1500, f"memory {memory(pid):.0f} MiB")


def flood(t, pid):
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    wanted = min(CONNECTIONS, hard - 100)
    held, lost = [], 0
    for k in range(wanted):
        try:
            held.append(t.connect())
        except OSError:
            lost += 1
        if k % 1000 == 500:
            check(t.works(), f"after {k} connections the page gets no answer")
    check(t.works(), f"with {len(held)} connections held the page gets no answer")
    check(memory(pid) < 1500, f"memory {memory(pid):.0f} MiB under {wanted} connections")
    print(f"{wanted} connections ({lost} refused): {memory(pid):.0f} MiB")
    for s in held:
        s.close()
    time.sleep(1)
    check(t.works(), "after the flood the page gets no answer")


def cost(t, watch, length):
    """Rate of the study and share of a core that the live view takes, with a page that asks every 2 s, over `length` seconds."""
    def total():
        return json.loads(t.ask(f"/{t.token}/data?study=0&after={last}")[1])["study"]["total"]
    last = 0
    begin, used, seen = time.monotonic(), cpu(watch), total()
    for _ in range(math.ceil(length / 2)):
        last = total()
        time.sleep(2)
    seconds = time.monotonic() - begin
    rate = (total() - seen) / seconds
    share = (cpu(watch) - used) / seconds
    print(f"live view: {rate:.0f} evaluations/s, {100 * share:.1f} % of a core, over {seconds:.0f} s; load {os.getloadavg()[0]:.1f}")
    return rate, share


def main():
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--cost", type=float, metavar="SECONDS", help="only measure what the live view costs, so long")
    words.add_argument("--problem", default="branin-noisy", help="the test problem of the study")
    given = words.parse_args()
    only = given.cost
    with tempfile.TemporaryDirectory(prefix="dmo-attacks-") as folder:
        study = f"{folder}/s.dmo"
        run = subprocess.Popen([DMO, "run", "--plugin", str(PLUGIN), "--problem", given.problem, "--search", "random", "--budget", "1000000",
                                "--jobs", "2", "--set", "work_ms=18", "--study", study, "-q"],
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        while not os.path.exists(study) and run.poll() is None:
            time.sleep(0.1)
        time.sleep(1)
        watch = subprocess.Popen([DMO, "watch", study], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        try:
            t = Target(watch.stdout.readline())
            only_loopback(t.port)
            check(t.works(), "the live view does not work at all")
            rate, share = cost(t, watch.pid, only or 12)
            # A slow machine does not reach 100 evaluations a second: then what each costs is counted a hundred times.
            full = share * max(1, 100 / max(rate, 0.1))
            print(f"at 100 evaluations/s at most {100 * full:.1f} % of a core")
            check(full < 0.10, f"the live view takes {100 * full:.0f} % of a core at 100 evaluations/s")
            if only:
                return
            tokens_and_paths(t)
            origins(t)
            malformed(t)
            endless(t, watch.pid)
            slow_clients(t, watch.pid)
            flood(t, watch.pid)
            check(watch.poll() is None, "the live view ended")
            check(run.poll() is None, "the study ended")
            before = json.loads(t.ask(f"/{t.token}/data?after=0")[1])["study"]["total"]
            time.sleep(3)
            check(json.loads(t.ask(f"/{t.token}/data?after=0")[1])["study"]["total"] > before, "the study stands still")
        finally:
            watch.send_signal(signal.SIGTERM)
            run.send_signal(signal.SIGINT)
            run.wait()
            watch.wait()
        said = subprocess.run([DMO, "check", study], capture_output=True, text=True)
        check(said.returncode == 0, f"the study is damaged: {said.stdout}{said.stderr}")
    print(f"attacks: {CHECKS} checks passed")


if __name__ == "__main__":
    main()
