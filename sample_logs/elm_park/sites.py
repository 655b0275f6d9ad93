"""Where people at a school go on an ordinary day, and what they look for. The pages' names are invented."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

ADS: Final = (
    "https://securepubads.g.doubleclick.net/tag/js/gpt.js",
    "https://www.google-analytics.com/analytics.js",
    "https://www.googletagmanager.com/gtag.js",
    "https://static.criteo.net/js/ld/publishertag.js",
    "https://cdn.cookielaw.org/consent/otSDKStub.js",
    "https://c.amazon-adsystem.com/aax2/apstag.js",
    "https://tpc.googlesyndication.com/simgad/1405.jpg",
)
"""Advertising and statistics that come with a page."""


@dataclass(frozen=True)
class Site:
    """One site."""

    host: str
    paths: tuple[str, ...]
    parts: tuple[str, ...] = ()
    inspected: bool = True
    """Whether the proxy looks into its connections: not into health, banking and the school's own cloud."""


def _site(host: str, paths: str, content: str = "", *, ads: bool = False) -> Site:
    """Return a site whose parts come from the host `content`, or from itself."""
    home = f"https://{content or host}"
    own = (
        f"{home}/assets/main.css",
        f"{home}/assets/app.js",
        f"{home}/img/banner.jpg",
        f"{home}/img/icons.svg",
    )
    return Site(host, tuple(paths.split()), (*own, *ADS) if ads else own)


LEARNING: Final = (
    _site(
        "www.bbc.co.uk",
        "/bitesize/subjects/z9ddmp3 /bitesize/topics/z3fv4wx/articles/zjr8mp3 /bitesize/guides/zpmq2sg/revision/1 "
        "/bitesize/examspecs/zxbg39q /news/education /newsround",
        "static.files.bbci.co.uk",
    ),
    _site("www.thenational.academy", "/pupils/years /pupils/programmes/maths-secondary-year-8/units"),
    _site("en.wikipedia.org", "/wiki/Oxbow_lake /wiki/Norman_Conquest /wiki/Photosynthesis /wiki/Macbeth"),
    _site(
        "quizlet.com", "/gb/subjects/languages /gb/512001774/french-verbs-flash-cards", "assets.quizlet.com"
    ),
    _site("www.savemyexams.com", "/gcse/biology/aqa/revision-notes /gcse/maths/edexcel/topic-questions"),
    _site("www.mathsgenie.co.uk", "/gcse.html /resources/fractions.pdf"),
    _site("corbettmaths.com", "/contents /2019/09/02/ratio-practice-questions"),
    _site("senecalearning.com", "/en-GB/seneca-certified-resources/chemistry-gcse"),
    _site("scratch.mit.edu", "/explore/projects/games /projects/editor", "cdn.assets.scratch.mit.edu"),
    _site("www.nationalgeographic.com", "/environment/article/volcanoes", ads=True),
    _site(
        "www.britannica.com", "/event/Industrial-Revolution /animal/badger", "cdn.britannica.com", ads=True
    ),
    _site("www.sparxmaths.com", "/student /homework"),
    _site(
        "www.youtube.com",
        "/watch?v=bio-osmosis1 /watch?v=waves-gcse2 /results?search_query=osmosis+experiment",
    ),
)
ELSEWHERE: Final = (
    _site("www.theguardian.com", "/uk-news /sport/football /education", "assets.guim.co.uk", ads=True),
    _site("www.skysports.com", "/football/news /premier-league-table", "e0.365dm.com", ads=True),
    _site("www.metoffice.gov.uk", "/weather/forecast/gcpvj0v07"),
    _site("www.amazon.co.uk", "/s?k=whiteboard+pens /dp/B07STATION1", "m.media-amazon.com", ads=True),
    _site("www.tes.com", "/teaching-resources /magazine/analysis", ads=True),
    _site("www.gov.uk", "/government/organisations/department-for-education /bank-holidays"),
    _site("www.nationalrail.co.uk", "/live-trains/departures/elm-park"),
    _site("www.bbcgoodfood.com", "/recipes/collection/packed-lunch-recipes", ads=True),
    _site("www.historyextra.com", "/period/norman/battle-of-hastings", ads=True),
)
TUNNELS: Final = (
    "teams.microsoft.com",
    "outlook.office365.com",
    "elmpark.sharepoint.com",
    "classroom.google.com",
    "drive.google.com",
    "app.satchelone.com",
    "www.classcharts.com",
    "elmpark.schools.arbor.sc",
)
STAFF_TUNNELS: Final = (
    "www.cpoms.net",
    "www.parentpay.com",
    "www.teacherspensions.co.uk",
    "www.nhs.uk",
    "www.hsbc.co.uk",
    "www.natwest.com",
    "www.linkedin.com",
    "web.whatsapp.com",
)
MACHINES: Final = (
    "v10.events.data.microsoft.com",
    "settings-win.data.microsoft.com",
    "ctldl.windowsupdate.com",
    "clients4.google.com",
    "update.googleapis.com",
    "safebrowsing.googleapis.com",
    "edge.microsoft.com",
    "config.edge.skype.com",
    "nexusrules.officeapps.live.com",
    "login.microsoftonline.com",
    "ocsp.digicert.com",
)
"""What computers call by themselves."""

UPDATES: Final = (
    "http://au.download.windowsupdate.com/d/msdownload/update/software/defu/2026/09/am_delta_patch_1.419.exe",
    "http://download.windowsupdate.com/c/msdownload/update/software/secu/2026/09/windows11.0-kb5043080-x64.cab",
    "http://ctldl.windowsupdate.com/msdownload/update/v3/static/trustedr/en/authrootstl.cab",
)
PUPILS_ASK: Final = (
    "photosynthesis equation", "how to add fractions", "battle of hastings 1066", "oxbow lake formation",
    "macbeth act 1 summary", "french verbs avoir", "what is a noun phrase", "periodic table group 7",
    "spanish months of the year", "rivers case study gcse", "quadratic formula worked examples",
    "atoms and isotopes ks3", "world war 1 trenches facts", "how to draw a one point perspective",
    "python while loop example", "football scores yesterday", "cool backgrounds for desktop", "best gcse options",
    "water cycle diagram", "romeo and juliet key quotes", "angles in a triangle", "cheap trainers size 5",
    "who invented the telephone", "how do vaccines work", "netball positions", "guitar chords for beginners",
)  # fmt: skip
STAFF_ASK: Final = (
    "year 9 fractions worksheet", "ks3 assessment without levels", "seating plan template", "train times to london",
    "parents evening letter template", "aqa gcse english literature mark scheme", "starter activities geography",
    "teachers pay scales 2026", "phonics catch up intervention", "school trip risk assessment form",
    "dyslexia friendly fonts", "lesson plan osmosis practical", "netball fixtures essex schools",
)  # fmt: skip
OWN_DEVICE_NAMES: Final = (
    "www.google.com", "i.instagram.com", "scontent.cdninstagram.com", "app.snapchat.com", "gcp.api.snapchat.com",
    "www.tiktokv.com", "v16m.tiktokcdn.com", "www.youtube.com", "i.ytimg.com", "rr3---sn-aigl6ned.googlevideo.com",
    "spclient.wg.spotify.com", "audio-ak.spotifycdn.com", "e7.whatsapp.net", "mmg.whatsapp.net", "gateway.icloud.com",
    "gsp-ssl.ls.apple.com", "courier.push.apple.com", "time.apple.com", "captive.apple.com",
    "connectivitycheck.gstatic.com", "mtalk.google.com", "android.apis.google.com", "play.googleapis.com",
    "www.bbc.co.uk", "static.files.bbci.co.uk", "app.satchelone.com", "quizlet.com", "weather-data.apple.com",
    "use-application-dns.net", "discord.com", "api.vinted.co.uk", "www.roblox.com", "client-api.arkoselabs.com",
)  # fmt: skip
"""What telephones ask the guests' resolver for."""

OWN_DEVICE_ADS: Final = (
    "googleads.g.doubleclick.net", "app-measurement.com", "graph.facebook.com", "ads.tiktok.com",
    "events.appsflyer.com", "metrics.icloud.com", "sdk.iad-01.braze.com", "config.unityads.unity3d.com",
)  # fmt: skip
WIRELESS: Final = (
    ("www.bbc.co.uk", "News and Media"),
    ("www.theguardian.com", "News and Media"),
    ("outlook.office365.com", "Web-based Email"),
    ("teams.microsoft.com", "Online Meeting"),
    ("elmpark.sharepoint.com", "File Sharing and Storage"),
    ("www.google.com", "Search Engines and Portals"),
    ("www.tes.com", "Education"),
    ("classroom.google.com", "Education"),
    ("www.thenational.academy", "Education"),
    ("quizlet.com", "Education"),
    ("www.sparxmaths.com", "Education"),
    ("senecalearning.com", "Education"),
    ("www.amazon.co.uk", "Shopping"),
    ("www.johnlewis.com", "Shopping"),
    ("www.rightmove.co.uk", "Real Estate"),
    ("www.nhs.uk", "Health and Wellness"),
    ("www.skysports.com", "Sports"),
    ("www.spotify.com", "Streaming Media and Download"),
    ("www.gov.uk", "Government and Legal Organizations"),
    ("securepubads.g.doubleclick.net", "Advertising"),
    ("www.google-analytics.com", "Advertising"),
    ("v10.events.data.microsoft.com", "Information Technology"),
)
"""Hosts and the FortiGate's categories."""
