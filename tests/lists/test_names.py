"""Words in the names of hosts: worrying names are met, innocent ones are not, and whatever is known better stands above them."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aup_monitor.core.errors import RuleError
from aup_monitor.core.resources import resource
from aup_monitor.lists import Lists, load_lists
from aup_monitor.lists.listfile import ListFile
from aup_monitor.lists.names import NAME_SCHEMA, NameWords, ParsedNames, parse_names

HEADER = "term\tmatch\texcluding\n"


@pytest.fixture(scope="module")
def lists() -> Lists:
    """Return the lists that ship."""
    return load_lists([resource("rules")], None)


WORRYING = {
    "pro-ana": "pro-ana-nation.wordpress.com thinspo-diary.tumblr.com thinspo2024.blogspot.com mythinspo.thinspiration.example my-proana-life.weebly.com",
    "harm-sites": "sanctioned-suicide.example buy-nembutal-online.example nembutal4sale.nembutalforsale.example",
    "extremist-sites": "blood-and-honour.example atomwaffen.blogspot.com patriotic-alternative.example white-pride-worldwide.example combat18.example rahowa.example",
    "hate-sites": "holohoax101.example thegoyimknow.example",
    "misogyny": "incels.example looksmaxxing-guide.example mgtow.wordpress.com blackpilled.example",
    "weapons": "ghost-guns.example ghostgun.example 80-lower.example zombie-knives.example buyammo.example 3d-printed-guns.github.io the-gun-shop.example",
    "drugs": "buy-weed-online.example buycocaine.example magic-mushroom-shop.example nangdelivery24.example cannabis-seeds-uk.example buysteroids.example",
    "fake-id": "fake-id.example buyfakeid.example fakeids.example",
    "web-proxy": "unblocked-games-76.github.io holyunblocker.example croxyproxy2.example bypass-securly.vercel.app rammerhead.example",
    "vpn": "best-free-vpn.example",
    "adult": "freeporn2.example hentai-haven.example rule34.example xvideos55.example",
    "gambling": "best-online-casino.example nongamstopcasinos.example slotgacor88.blogspot.com",
    "piracy": "fmovies24.example 123movies-hub.example thepiratebay10.example 1337x-mirror.example streameast.example zlibrary.example",
    "stream-rip": "y2mate-4.example ytmp3.example",
    "gore": "best-gore.example watchpeopledie.example",
    "ai-essays": "write-my-essay.example domyhomework4me.example",
    "nudify": "nudify-now.example ai-undress.example",
    "stranger-chat": "omegle2.example talk-to-strangers.example",
    "anonymous-search": "searx.some.example searxng.example libreddit.some.example",
    "vapes": "cheap-vape-shop.example elfbar.example",
    "hacking-tools": "grabify2.example roblox-executor.example iplogger.example",
    "disposable-email": "tempmail24.example 10minutemail.example",
}

INNOCENT = """
proanalytics.example pro-analysis.example proanatomy.example neuroanatomy.example proanand.example healthinspo.example
faith-inspo.example faithinspiration.example withinspiration.example youthinspiration.example thinspoon.example thin-sport.example
withinspokane.example proana-recovery.example thinspo-awareness.org bonesports.example jeanspoint.example anatips.example diana-bootcamp.example
suicideforum.example suicideprevention.example suicidegirls.example stopsuicide.example grassroots-suicide-prevention.org.uk nembutal.example
sarahoward.example sarahowards.co.uk tarahoward.photography whitepower-washing.example white-power-solar.example snowwhitepride.example
blood-and-honour-history.example kukluxklan-museum.example whitenationalist-research.example combat-1805.example nationalaction.example nationalactionplan.example
aryan-national-school.example ironmarch.example stormfrontstudios.example islamicstatebank.example inspiremagazine.example siegemuseum.example khilafat.example
holocaustlife.example holocaustlibrary.example holocaust-museum.example holohoax-exposed.example goyim.example jewishwatch.example godhates.example
incel-research.example excelincels.example.org stopincels.example incell.example blackpill-documentary.example redpillanalytics.example looksmart.example
massage-gun-shop.example glue-gun-shop.example heatgunshop.example nailgunshop.example toygunshop.example nerfgunsforsale.example buyammonite.example
buy-ammonia.example ghost-gunpowder.example ghostwriters.example knifeshop.example kitchenknives.example butterfly-house.example zombierun.example
machete-film.example switchblade-band.example crossbowinn.example sword-museum.example archeryshop.example 80lowerstreet.example
buyweedkiller.example buy-weed-whacker.example weedseedcontrol.example tumbleweedseeds.example magicmushroomhouse.example mushroomshop.example
nangs-thai-kitchen.example asteroidsforsale.example buyasteroids.example cannabis-law.example researchchemicals.example cocaine-anonymous.example drugsupport.example
fakeidentity.example fake-ideas.example fakeidol.example kidgods.example candidgod.example idgoddess.example citizencard.example
drain-unblocker.example sinkunblocker.co.uk blockedtoiletunblocker.example webproxy.school.example proxy.example.sch.uk proxyvote.example vpn.example.sch.uk
uk-vpn.company.example interstellar.example ultraviolet-physics.example titanium.example scramjet-engines.example bypassroad.example
essexcams.example essex-sexchat.example.org essexchatham.example sussex-sexvideos.example middlesexcameraclub.example shentai.example chentai.example
camgirlsrowing.example camgirlsschool.example plexvideos.example flexvideos.example pornic.example milford.example milfordhaven.example popcorn.example
casinoroyale.example bingohall.example monte-carlo-casino.example.mc rouletteprobability.example slots-in-time.example bookmakers-history.example
golfmovies.example elfmovies.example dingomovies.example eyesmovies.example applewatchseries9.example piratebaygolf.example pirate-bay-campsite.example
jazzlibrary.example quizlibrary.example santacruzlibrary.example sportsurgery.example sports-surgery-clinic.example upstreameast.example mainstreameast.example
rocketlauncher.example smartlauncher.example happymodern.example mochianime.example shesgoals.example fitgirls.example bestlibgenes.example
algore.example realgorey.example gore-tex.example bestgoremuseum.example essaywriting.example essay-competition.example homeworkhelp.example
humanise.example stealth.example.mil omeglass.example hometv.example hometvshop.example strangerthings.example teenchat-support.example
searchx.example research-x.example nitter.example shelfbar.example bookshelfbar.example stopvapeshop.example quitvape-store.example.org evaporate.example
purée-liquids.example wholeliquids.example triplogger.example shiplogger.example tiplogger.example raidforum.example ddos-prevention.example
contemporarymail.example temperature-mail.example ten-minutes.example mailing.example robloxeducation.example scratch-hack.example
x1337.example 123moves.example essex.example scunthorpe.example penistone.example cockermouth.example nhs-therapists.example peanalysis.example
"""


@pytest.mark.parametrize(("category", "hosts"), WORRYING.items())
def test_worrying_names_are_met(lists: Lists, category: str, hosts: str) -> None:
    """A name that says itself what it is belongs to the category, although no list holds it."""
    found = lists.judge(pl.Series(hosts.split())).filter(pl.col("verdict") == "listed")
    met = found.filter((pl.col("category") == category) & (pl.col("source") == f"names-{category}"))
    assert sorted(set(hosts.split()) - set(met["value"])) == []


def test_there_are_enough_examples() -> None:
    """So few innocent or worrying names would show little."""
    assert len({host for hosts in WORRYING.values() for host in hosts.split()}) >= 60
    assert len(set(INNOCENT.split())) >= 150


@pytest.mark.parametrize("host", sorted(set(INNOCENT.split())))
def test_innocent_names_are_not_met(lists: Lists, host: str) -> None:
    """Words inside other words, people, places, trades, charities and lessons accuse nobody."""
    assert lists.judge(pl.Series([host])).filter(pl.col("source").str.starts_with("names-")).rows() == []


def test_every_shared_platform_speaks_by_its_part(lists: Lists) -> None:
    """A page below a platform that an override clears is met by its own name; the platform is not."""
    hosts = pl.Series(["thinspo.wordpress.com", "wordpress.com", "www.thinspo.wordpress.com"])
    found = lists.lookups()["list.pro-ana"].find(hosts)
    assert found["value"].to_list() == ["thinspo.wordpress.com", "www.thinspo.wordpress.com"]


def test_help_is_never_met(lists: Lists) -> None:
    """Whatever the name of a page of a protected site holds, it stays protected."""
    verdicts = lists.judge(pl.Series(["thinspo.beateatingdisorders.org.uk"]))["verdict"]
    assert set(verdicts) == {"protected"}


def test_a_list_speaks_before_a_word(tmp_path: Path) -> None:
    """Where a list holds the host its name is no second vote, and a school's override undoes the word of one name alone."""
    own = tmp_path / "lists"
    (own / "own").mkdir(parents=True)
    (own / "own" / "pro-ana.txt").write_text("thinspo.example\n", encoding="utf-8")
    (own / "overrides.yml").write_text(
        "overrides:\n  - {domain: thinspo.org, remove: [pro-ana], reason: a poet of that name}\n",
        encoding="utf-8",
    )
    lists = load_lists([resource("rules"), tmp_path], None)
    hosts = pl.Series(["a.thinspo.example", "thinspo.org", "www.thinspo.org", "thinspo.net"])
    found = lists.lookups()["list.pro-ana"].find(hosts)
    assert found.rows() == [
        ("a.thinspo.example", "thinspo.example", "own-pro-ana"),
        ("thinspo.net", "thinspo", "names-pro-ana"),
    ]


def test_a_school_may_add_its_own(tmp_path: Path) -> None:
    """A file in the workspace is read beside ours, and says where it comes from."""
    folder = tmp_path / "lists" / "names"
    folder.mkdir(parents=True)
    (folder / "gangs.tsv").write_text(HEADER + "oldham road crew\tword\n", encoding="utf-8")
    lists = load_lists([resource("rules"), tmp_path], None)
    found = lists.lookups()["list.gangs"].find(pl.Series(["oldham-road-crew.blogspot.com", "oldham.example"]))
    assert found.rows() == [("oldham-road-crew.blogspot.com", "oldham road crew", "own-names-gangs")]


def test_a_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    """Such a file is a problem of the lists, and the others go on."""
    folder = tmp_path / "lists" / "names"
    folder.mkdir(parents=True)
    (folder / "gangs.tsv").write_text("no header\n", encoding="utf-8")
    lists = load_lists([resource("rules"), tmp_path], None)
    assert [row["source"] for row in lists.problems().iter_rows(named=True)] == ["own-names-gangs"]


def parsed(lines: str) -> ParsedNames:
    """Return what a file with these lines holds."""
    return parse_names(ListFile(Path("x.tsv"), (HEADER + lines).encode(), "0", {}), "x", "names-x")


@pytest.mark.parametrize(
    "line",
    [
        "a b\tphrase",
        "ab\tword",
        "abcd\tpart",
        "Abc\tword",
        "ab-cd\tword",
        "\tword",
        "abcde\tpart\t@nothing",
        "abcde\tpart\t\tmore",
    ],
)
def test_unsound_lines_are_named(line: str) -> None:
    """A line with an unknown match, a term too short or of odd letters, or unknown contexts is told with its number."""
    found = parsed(f"sound term\tword\n{line}\n")
    assert found.count == 1
    assert [number for number, _, _ in found.problems] == [3]


def test_no_header_is_an_error() -> None:
    """Without its header row a file could be anything."""
    with pytest.raises(RuleError, match="header row"):
        parse_names(ListFile(Path("x.tsv"), b"proana\tpart\t\n", "0", {}), "x", "names-x")


def met(words: pl.DataFrame, host: str) -> list[tuple[object, ...]]:
    """Return the terms that one host holds."""
    names = pl.DataFrame(
        {"value": [host], "name": [host], "depth": [0]}, schema_overrides={"depth": pl.Int16}
    )
    return NameWords(words).met(names).rows()


LABEL = st.text("abcdeg", min_size=1, max_size=6)


@given(left=LABEL, right=LABEL, mark=st.sampled_from(["-", "_", "7", "--"]))
def test_a_word_ends_where_letters_end(left: str, right: str, mark: str) -> None:
    """A word is met between marks and figures, and never with letters on both sides; a part is met in each."""
    words, parts = parsed("thinspo\tword\n").words, parsed("thinspo\tpart\n").words
    assert met(words, f"{left}{mark}thinspo{mark}{right}.example")
    assert not met(words, f"{left}thinspo{right}.example")
    assert met(parts, f"{left}thinspo{right}.example")


@given(st.text(max_size=80))
def test_any_text_is_read(host: str) -> None:
    """Whatever stands where a host should does no harm, and holds no term that is not in it."""
    assert not met(parsed("thinspo\tpart\n").words, host.replace("s", "").replace("S", ""))


def test_no_words_meet_nothing() -> None:
    """Without words there are no matches."""
    assert met(pl.DataFrame(schema=NAME_SCHEMA), "thinspo.example") == []
