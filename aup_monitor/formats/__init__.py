"""Every format the program reads, written out; a new format is one module and one line here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from aup_monitor.formats.cloud import google_workspace
from aup_monitor.formats.dns import (
    adguard_home,
    bind,
    coredns,
    dnsmasq,
    nextdns,
    technitium,
    umbrella_dns,
    unbound,
    windows_dns,
)
from aup_monitor.formats.endpoint import evtx, windows_json
from aup_monitor.formats.firewall import (
    checkpoint,
    cisco_asa,
    filterlog,
    fortigate,
    meraki,
    mikrotik,
    netfilter,
    paloalto,
    sonicwall,
    sophos,
    sophos_utm,
    suricata,
    untangle,
    watchguard,
    windows_firewall,
    zeek,
)
from aup_monitor.formats.web import (
    cisco_wsa,
    cloudflare_gateway,
    combined,
    e2guardian,
    elff,
    iboss,
    nxfilter,
    squid,
    squidguard,
    umbrella_proxy,
    zscaler,
)

if TYPE_CHECKING:
    from aup_monitor.core.format import Format

FORMATS: Final[tuple[Format, ...]] = (
    cisco_wsa.FORMAT,
    cloudflare_gateway.DNS,
    cloudflare_gateway.HTTP,
    cloudflare_gateway.NETWORK,
    combined.FORMAT,
    e2guardian.FORMAT,
    elff.FORMAT,
    iboss.FORMAT,
    nxfilter.FORMAT,
    squid.FORMAT,
    squidguard.FORMAT,
    umbrella_proxy.FORMAT,
    zscaler.DNS,
    zscaler.WEB,
    adguard_home.FORMAT,
    bind.FORMAT,
    coredns.FORMAT,
    dnsmasq.FORMAT,
    nextdns.FORMAT,
    technitium.FORMAT,
    umbrella_dns.FORMAT,
    unbound.FORMAT,
    windows_dns.FORMAT,
    checkpoint.FORMAT,
    cisco_asa.FORMAT,
    filterlog.FORMAT,
    fortigate.FORMAT,
    meraki.FORMAT,
    mikrotik.FORMAT,
    netfilter.FORMAT,
    paloalto.FORMAT,
    sonicwall.FORMAT,
    sophos.FORMAT,
    sophos_utm.FORMAT,
    suricata.FORMAT,
    untangle.FORMAT,
    watchguard.FORMAT,
    windows_firewall.FORMAT,
    zeek.CONN,
    zeek.DNS,
    zeek.HTTP,
    zeek.SSL,
    google_workspace.FORMAT,
    evtx.FORMAT,
    windows_json.FORMAT,
)
