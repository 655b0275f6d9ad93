"""The lists that ship: known verdicts, and that every file is well-formed and contradicts no other."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
import pytest

from aup_monitor.core.resources import resource
from aup_monitor.lists import PROTECTIVE, Lists, load_lists
from aup_monitor.lists.catalogue import read_catalogue
from aup_monitor.lists.listfile import read_list_file
from aup_monitor.lists.parse import parse_domains, parse_places
from aup_monitor.lists.places import NETWORK, PAGE, PORT, canonical_network, canonical_page, canonical_port
from aup_monitor.lists.suffixes import is_public_suffix

if TYPE_CHECKING:
    from pathlib import Path

RULES = resource("rules")
DOMAIN_FILES = [*sorted((RULES / "lists" / "starter").glob("*.txt")), RULES / "lists" / "protective.txt"]
TEXT_FILES = [
    *DOMAIN_FILES,
    *sorted((RULES / "lists" / "approved").glob("*.txt")),
    *sorted((RULES / "terms").glob("*.tsv")),
]
BACKGROUND = {"ads-trackers", "cdn-telemetry", "widgets"}
NOISE = {
    "ads-trackers", "cdn-telemetry", "campaigning", "file-storage", "freelance", "leisure", "messaging", "shopping", "social",
    "streaming", "trading", "webmail", "widgets",
}  # fmt: skip
"""Lists that accuse nobody: noise, and what staff may do in their own time."""


@pytest.fixture(scope="module")
def lists() -> Lists:
    """Return the lists that ship."""
    return load_lists([RULES], None)


LISTED = {
    "gambling": "bet365.com sub.bet365.com skybet.com www.national-lottery.co.uk paddypower.com stake.com csgoroll.com",
    "adult": "pornhub.com www.pornhub.com rt.pornhub.com xvideos.com onlyfans.com anything.xxx",
    "dating": "tinder.com api.gotinder.com hinge.co bumble.com",
    "vpn": "nordvpn.com mullvad.net www.expressvpn.com psiphon.ca protonvpn.com",
    "web-proxy": "croxyproxy.com www.croxyproxy.com proxysite.com kproxy.com",
    "doh": "dns.google cloudflare-dns.com mozilla.cloudflare-dns.com dns.quad9.net abc123.dns.nextdns.io",
    "tor": "torproject.org bridges.torproject.org somehiddenservice.onion",
    "private-relay": "mask.icloud.com mask-h2.icloud.com",
    "anonymous-search": "startpage.com eu.startpage.com searx.be",
    "translate-proxy": "www-example-com.translate.goog web.archive.org archive.ph",
    "remote-access": "anydesk.com relay-1.net.anydesk.com teamviewer.com remotedesktop.google.com",
    "ai-companions": "character.ai replika.com",
    "ai-essays": "www.ukessays.com undetectable.ai",
    "drugs": "www.leafly.com seedsman.com",
    "gore": "theync.com kaotic.com",
    "disposable-email": "temp-mail.org www.yopmail.com",
    "extremist-sites": "www.patrioticalternative.org.uk ironmarch.org islam4uk.com",
    "fake-id": "www.idgod.ph",
    "harm-sites": "sanctioned-suicide.net",
    "hate-sites": "www.stormfront.org amren.com chimpout.com",
    "pro-ana": "myproana.com skinnygossip.com",
    "image-boards": "boards.4chan.org 8kun.top",
    "misinformation": "www.infowars.com davidicke.com",
    "nudify": "clothoff.io",
    "piracy": "thepiratebay.org 1337x.to libgen.is",
    "stream-rip": "y2mate.com ytmp3.cc",
    "vapes": "elfbar.com www.vapeclub.co.uk",
    "weapons": "www.bladehq.com defcad.com",
    "anonymous-messages": "ngl.link tellonym.me",
    "intimate-sale": "feetfinder.com www.sugardaddymeet.com",
    "misogyny": "incels.is looksmax.org",
    "stalkerware": "mspy.com www.flexispy.com",
    "stranger-chat": "ome.tv chatroulette.com",
    "hacking-tools": "hackforums.net exploit-db.com grabify.link",
    "ads-trackers": "securepubads.g.doubleclick.net google-analytics.com connect.criteo.com",
    "cdn-telemetry": "d111111abcdef8.cloudfront.net fonts.gstatic.com v10.events.data.microsoft.com r3.o.lencr.org",
}

INNOCENT = """
alphabet365.com essex.ac.uk www.essex.gov.uk scunthorpe.gov.uk sussex.police.uk middlesex.example penistone.example
google.com www.google.com classroom.google.com docs.google.com mail.google.com youtube.com bing.com duckduckgo.com
bbc.co.uk theguardian.com racingpost.com nsandi.com skysports.com skynews.com sky.com virginmedia.com coral.org
office.com login.microsoftonline.com teams.microsoft.com sharepoint.com zoom.us apple.com icloud.com adobe.com github.com
pupil.github.io translate.google.com archive.org wikipedia.org gutenberg.org scratch.mit.edu
hopenothate.org.uk splcenter.org adl.org jihadology.net iwm.org.uk het.org.uk wienerholocaustlibrary.org ushmm.org yadvashem.org suicideforum.com
dignityindying.org.uk exitinternational.net tripsit.me dancesafe.org maps.org chemcollective.org citizencard.com yoti.com simplelogin.io haveibeenpwned.com
shodan.io hackthebox.com hackthissite.org hacker101.com picoctf.org kahoot.com photoshop.com archery.example britishfencing.com bisleyshooting.co.uk flatearth.ws gopuff.com
bitebackpublishing.com lorealparis.co.uk stackoverflow.com
openvpn.net fortinet.com checkpoint.com cloudflare.com proton.me mozilla.org whatsapp.com instagram.com tiktok.com
cancerresearchuk.org breastcancernow.org sexwise.org.uk brook.org.uk mobydick.example cockermouth.org.uk nationaltrust.org.uk
chatgpt.com gemini.google.com quillbot.com savemyexams.com gore-tex.com stormont.gov.uk rottentomatoes.com boots.com mumsnet.com
tesco.com nisbets.co.uk decathlon.co.uk nra.org.uk bisley.example imdb.com netflix.com spotify.com steampowered.com roblox.com minecraft.net
tryhackme.com nmap.org wireshark.org python.org apple-dns.net yahoodns.net alidns.com mask-canary.icloud.com amazon.co.uk
"""

PROTECTED = """
childline.org.uk www.childline.org.uk samaritans.org papyrus-uk.org kooth.com app.kooth.com youngminds.org.uk nhs.uk
www.nhs.uk 111.nhs.uk stonewall.org.uk switchboard.lgbt beateatingdisorders.org.uk gamcare.org.uk begambleaware.org
gamstop.co.uk talktofrank.com ceop.police.uk iwf.org.uk report.iwf.org.uk thinkuknow.co.uk mind.org.uk themix.org.uk
refuge.org.uk nspcc.org.uk mermaidsuk.org.uk akt.org.uk sexwise.org.uk brook.org.uk gamblingcommission.gov.uk gov.uk
www.gov.uk essex.ac.uk oakfield.kent.sch.uk bbc.co.uk en.wikipedia.org ucas.com educationsupport.org.uk protect-advice.org.uk
giveusashout.org revengepornhelpline.org.uk stopitnow.org.uk lucyfaithfull.org.uk tht.org.uk gamban.com
"""


@pytest.mark.parametrize(("category", "hosts"), LISTED.items())
def test_known_sites_are_listed(lists: Lists, category: str, hosts: str) -> None:
    """Well-known sites of each category, and names below them, are on its list."""
    wanted = sorted(hosts.split())
    assert lists.lookups()[f"list.{category}"].find(pl.Series(wanted))["value"].to_list() == wanted


@pytest.mark.parametrize("host", sorted({*INNOCENT.split(), *PROTECTED.split()}))
def test_innocent_sites_are_on_no_list(lists: Lists, host: str) -> None:
    """Ordinary school traffic, names that only look like something else, and help are on no list that accuses."""
    verdicts = lists.explain(host).filter(pl.col("verdict") == "listed")
    assert set(verdicts["category"]) <= NOISE


def test_help_is_protected(lists: Lists) -> None:
    """Helplines, health, identity, government and education are protected, with every name below them."""
    wanted = sorted(PROTECTED.split())
    assert lists.lookups()["list.protective"].find(pl.Series(wanted))["value"].to_list() == wanted


def test_nothing_that_ships_has_a_problem(lists: Lists) -> None:
    """No bad line in our own files, and none of them out of its bounds."""
    assert lists.problems().rows() == []
    mine = lists.status().filter(pl.col("state") != "not downloaded")
    assert set(mine.filter(pl.col("name") != "approved.devices")["state"]) == {"in use"}


@pytest.mark.parametrize("path", DOMAIN_FILES, ids=lambda path: path.stem)
def test_domain_file_is_tidy(path: Path) -> None:
    """Each line is canonical as written, none twice, and a star stands where and only where it says something."""
    lines = [
        line for line in path.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")
    ]
    assert sorted({line for line in lines if lines.count(line) > 1}) == []
    kinds = {NETWORK: canonical_network, PORT: canonical_port, PAGE: canonical_page}
    parsed = parse_places(path.read_bytes(), kinds)
    assert sorted(line.removeprefix("*.") for line in lines) == parsed.entries["domain"].to_list()
    names = parsed.entries.filter(~pl.col("domain").str.contains("[/:]"))
    star = names.filter(pl.col("wide") != is_public_suffix("domain"))
    assert star["domain"].to_list() == []


@pytest.mark.parametrize("path", TEXT_FILES, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_header_says_where_a_file_comes_from(path: Path) -> None:
    """Each file states its title, theme, date and licence."""
    header = read_list_file(path).header
    assert set(header) == {"title", "theme", "date", "licence"}
    assert header["licence"] == "CC0-1.0"


def test_catalogue_and_files_agree() -> None:
    """Each starter file has one catalogue entry with its title; each address, or part of it, is https and stands once."""
    sources, problems = read_catalogue(RULES / "lists")
    assert problems == []
    files = {s.file: s for s in sources if s.file}
    assert sorted(files) == sorted(f"starter/{p.name}" for p in DOMAIN_FILES if p.stem != PROTECTIVE)
    for name, source in files.items():
        header = read_list_file(RULES / "lists" / name).header
        assert (source.title, source.licence) == (header["title"], header["licence"])
    urls = [(s.url, s.part) for s in sources if s.url]
    assert len(urls) == len(set(urls))
    assert all(url.startswith("https://") for url, _ in urls)
    assert all(s.entries.min > 0 for s in sources)


def test_no_name_is_both_bad_and_protective(lists: Lists) -> None:
    """No starter entry is protected, which would be dead, and none is undone by an override."""
    for path in DOMAIN_FILES[:-1]:
        names = parse_domains(path.read_bytes()).entries["domain"]
        found = lists.lookups()[f"list.{path.stem}"].find(names)["value"]
        assert sorted(set(names) - set(found)) == [], path.name


def test_no_name_is_both_bad_and_noise() -> None:
    """What is called background is not called misconduct, too."""
    names = {path.stem: set(parse_domains(path.read_bytes()).entries["domain"]) for path in DOMAIN_FILES[:-1]}
    noise = set().union(*(names[stem] for stem in BACKGROUND))
    for stem in names.keys() - BACKGROUND:
        assert names[stem] & noise == set(), stem


def test_big_categories_are_not_token_ones(lists: Lists) -> None:
    """The categories that matter most hold enough to be of use without a download."""
    entries = dict(lists.versions().select("source", "entries").iter_rows())
    for stem, least in {
        "gambling": 250,
        "adult": 180,
        "vpn": 120,
        "doh": 120,
        "ads-trackers": 100,
        "cdn-telemetry": 100,
    }.items():
        assert entries[f"starter-{stem}"] >= least, stem


SEARCHES = {
    "terms.gambling": (
        "online casino|Best ONLINE CASINO uk|online%20casino|bet365|bet365 login|free bets|csgo gambling sites|sky bet app|casinos not on gamstop",
        (
            "essex|bet|poker face lyrics|slot machine history essay|gambling addiction|how to stop gambling online casino|gamcare|bet365 stadium parking"
            "|sky bet championship table|betfred super league fixtures|better|alphabet|swimming slots|tesco online slots|lottery of birth"
            "|the gambler dostoevsky|odds and evens|probability of online betting gcse|block gambling sites|casino royale film|ladbrokes history"
        ),
    ),
    "terms.bypass": (
        (
            "unblock school wifi|how to bypass school wi-fi|free vpn for school|Free VPN For School Chromebook|proxy unblocker|bypass smoothwall|"
            "croxyproxy|unblocked games|how to use a vpn at school"
        ),
        (
            "vpn|what is a vpn|school vpn login|proxy war|proxy vote|free school meals|unblock drain|heart bypass|bypass road consultation"
            "|how to stop students using vpn|block vpn on school network|blocked nose|toronto|tor valley|unblock a sink|firewall definition gcse"
        ),
    ),
    "terms.adult": (
        "porn|free porn videos|PornHub|xvideos|sex videos|live sex cams",
        (
            "essex|scunthorpe|sex education|sex ed lesson|breast cancer|moby dick|cockermouth|penistone|sussex|middlesex university|sexual health clinic"
            "|am i gay|food porn|porn addiction help|revenge porn helpline|how to stop watching porn|what is consent|testicular cancer|blue tit|great tits"
            "|naked mole rat|shuttlecock|dickens|essex girls school|same sex marriage|single sex schools|sex and the city|sex pistols|naked chef recipes"
            "|chicken breast recipe|swallow bird|nude painting titian|effects of porn on teenagers|xxx olympiad|super bowl xxx|rule 34 colregs|lgbt history"
            "|gay pride|lesbian authors|transgender support|period pain|contraception advice|cumbria|arsenal|mass debate|therapist|titanic"
        ),
    ),
}


@pytest.mark.parametrize("name", sorted(SEARCHES))
def test_searches(lists: Lists, name: str) -> None:
    """Searches that leave no doubt are met; words inside others, homework, sport and calls for help are not."""
    wanted, innocent = (text.split("|") for text in SEARCHES[name])
    found = lists.lookups()[name].find(pl.Series([*wanted, *innocent]))["value"].to_list()
    assert found == sorted(wanted)


@pytest.mark.parametrize("name", ["terms.adult", "terms.bypass", "terms.gambling"])
def test_no_term_meets_innocence_of_another_theme(lists: Lists, name: str) -> None:
    """No list meets the innocent searches that test another."""
    innocent = sorted({text for other in SEARCHES.values() for text in other[1].split("|")})
    assert lists.lookups()[name].find(pl.Series(innocent))["value"].to_list() == []


def test_ordinary_software_is_approved(lists: Lists) -> None:
    """What stands on every school computer is approved, what a pupil installs is not."""
    ordinary = [
        "Google Chrome",
        "Microsoft Office Professional Plus 2021",
        "SIMS .net",
        "SMART Notebook 22",
        "Impero Client",
        "HP LaserJet Driver",
    ]
    other = [
        "NordVPN",
        "Steam",
        "uTorrent",
        "TeamViewer",
        "AnyDesk",
        "Tor Browser",
        "Roblox Player",
        "Opera GX Stable",
        "Discord",
    ]
    found = lists.lookups()["approved.software"].find(pl.Series([*ordinary, *other]))["value"].to_list()
    assert found == sorted(ordinary)
