"""What egress does to the mitmdump that it runs in: strip it, open its port, hang up on a client, end it."""

from __future__ import annotations

import logging
import os
import sys
from typing import Any, NoReturn

import guards
from json_log import JsonHandler, emit
from mitmproxy import ctx

# What mitmdump loads by itself and this proxy must not have: it would answer, rewrite, resolve or choose protocols.
_UNWANTED = (
    "nextlayer onboarding disableh2c dnsresolver updatealtsvc upstreamauth stripdnshttpsrecords serverplayback "
    "maplocal mapremote modifybody modifyheaders save savehar stickyauth stickycookie browser export commandhistory "
    "proxyauth blocklist block anticache anticomp cut comment dumper readfilestdin readfile"
).split()


def strip() -> None:
    """Removes what is not wanted, puts the guards in place, and makes the log JSON."""
    for name in _UNWANTED:
        addon = ctx.master.addons.get(name)
        if addon is not None:
            ctx.master.addons.remove(addon)
    termlog = ctx.master.addons.get("termlog")
    if termlog is not None:
        termlog.uninstall()
    logging.getLogger().addHandler(JsonHandler())
    guards.install()


async def open_port(listen: str) -> None:
    """Starts to listen, on the address that the entrypoint resolved from `listen`; ends the process if it cannot."""
    options = ctx.options
    lone = len(options.mode) == 1 and options.mode[0].startswith("upstream:http://")
    proxyserver = ctx.master.addons.get("proxyserver")
    if not lone or options.connection_strategy != "lazy" or proxyserver is None or options.server:
        stop("mitmdump was not started by egress_entrypoint.sh")
    if options.listen_host in ("", "0.0.0.0", "::") or str(options.listen_port) != listen.rsplit(":", 1)[1]:
        stop("the listen address is not the one of the routes file")
    options.update(server=True)
    await proxyserver.setup_servers()
    if not proxyserver.listen_addrs():
        stop("cannot listen")
    emit("listening", address=f"{options.listen_host}:{options.listen_port}")


def upstream_address() -> tuple[str, int]:
    host, _, port = ctx.options.mode[0].split("://", 1)[1].rstrip("/").rpartition(":")
    return host, int(port)


def hang_up(client: Any) -> None:
    """Closes a client's connection, with everything that runs over it."""
    connection = ctx.master.addons.get("proxyserver").connections.get(client.id)
    transport = connection and connection.transports.get(connection.client)
    if transport and transport.handler:
        transport.handler.cancel("revoked")


def stop(reason: str) -> NoReturn:
    """Ends the process at once: without its addon mitmdump would be an open proxy."""
    emit("stopped", error=reason)
    sys.stdout.flush()
    os._exit(1)
