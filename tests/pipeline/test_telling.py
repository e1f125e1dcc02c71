"""The administrator is told: once when something begins, once when it ends, and every week how things are (promise P14)."""

import email
import email.policy
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from zoneinfo import ZoneInfo

import pytest

from tests.homes import shipped
from watcher import config
from watcher.cli.init import lay_out
from watcher.config import Config
from watcher.model import DeliveryState, Digest, PollReport, PollStatus, Recipient, Settings, Source, SourceState
from watcher.pipeline import mail, telling
from watcher.pipeline.desk import Desk
from watcher.schedule import OWN_NETWORK
from watcher.store import Store, editions, outbox, service, sources

PARIS = ZoneInfo("Europe/Paris")
FRIDAY = datetime(2026, 11, 20, 9, tzinfo=PARIS).astimezone(UTC)
NAMES = tuple(f"source-{n}" for n in range(6))

Day = Callable[[float], Desk]


@pytest.fixture
def day(sqlite_store: Store, tmp_path_factory: pytest.TempPathFactory) -> Day:
    """Return a way to open, some days after a Friday, a home of six sources that one administrator looks after."""
    home = tmp_path_factory.mktemp("home") / "veille"
    lay_out(home)
    followed = tuple(Source(id=n, kind="feed", name=f"La {n}", url=f"https://{n}.example/flux") for n in NAMES)

    def opened(days: float) -> Desk:
        when = FRIDAY + timedelta(days=days)
        settings = Settings(contact="veille@example.org", admin=("soin@example.org",))
        digest = Digest(id="veille", title="Veille", recipients=(Recipient(id="lecture", address="lecture@example.org"),))
        loaded = Config(settings=settings, sources=followed, digests=(digest,))
        return Desk(home=config.Home(home), config=loaded, seeds=shipped(), store=sqlite_store, now=lambda: when)

    return opened


def polled(desk: Desk, reason: str | None, *names: str) -> None:
    """Have the sources `names` polled: failed for `reason`, or read; with what the store then remembers of each."""
    now = desk.now()
    status = PollStatus.FAILED if reason else PollStatus.READ
    reports = [
        PollReport(source=n, status=status, reason=reason, fetched=0 if reason else 9, new=0 if reason else 9) for n in names
    ]
    read = None if reason else now
    states = [
        SourceState(
            source_id=n, last_polled_at=now, last_success_at=read, last_error=reason, failing_since=now if reason else None
        )
        for n in names
    ]

    def write(tx: object) -> None:
        sources.log_polls(tx, reports, now)  # pyright: ignore[reportArgumentType]
        sources.save_states(tx, states)  # pyright: ignore[reportArgumentType]

    desk.store.write(write)


def mails(desk: Desk) -> list[EmailMessage]:
    """Return the mails to the administrator so far, oldest first."""
    found = desk.store.read(lambda tx: outbox.find(tx, limit=100))
    raws = [one.raw for one in reversed(found) if one.address == "soin@example.org"]
    return [email.message_from_bytes(raw, policy=email.policy.default) for raw in raws]


def text(message: EmailMessage) -> str:
    """Return the text part of a mail, its fine spaces as plain ones."""
    part = message.get_body(("plain",))
    assert part is not None
    return str(part.get_content()).replace("\u202f", " ").replace("\u00a0", " ")


def test_a_failing_source_is_told_once_and_once_more_when_it_is_well(day: Day) -> None:
    """One mail at the third failure, none at the tenth, one at the first answer: the same outbox, frozen bytes (promise P14)."""
    for poll in range(10):
        desk = day(poll / 4)
        polled(desk, "http_503", "source-1")
        polled(desk, None, "source-2")
        told = telling.tell(desk, {})
        assert [one.kind for one in told.begun] == (["failing"] if poll == 2 else [])
        assert told.ended == ()
    polled(day(2.5), None, "source-1")
    assert [one.subject for one in telling.tell(day(2.5), {}).ended] == ["source-1"]
    begun, over = mails(day(3))
    assert begun["Subject"].replace("\u202f", " ") == "La source-1 : ne se lit plus"
    assert "La source-1 : ne se lit plus, depuis le " in text(begun)
    assert "watcher preview source-1" in text(begun)
    assert over["Subject"].replace("\u202f", " ") == "Rétabli : La source-1 : ne se lit plus"
    assert begun["Auto-Submitted"] == "auto-generated"
    assert mail.deliver_due(day(3)).counts[DeliveryState.SENT] == 2


def test_our_own_network_is_one_message(day: Day) -> None:
    """A day without network: one mail when it begins, one when it ends, none about any source (row N20)."""
    polled(day(0), None, *NAMES)
    assert telling.tell(day(0), {}) == telling.Told()
    for poll in range(1, 97):
        desk = day(poll / 96)
        polled(desk, OWN_NETWORK, *NAMES)
        told = telling.tell(desk, {})
        assert [one.kind for one in told.begun] == ([OWN_NETWORK] if poll == 1 else [])
    polled(day(1.1), None, *NAMES)
    assert [one.kind for one in telling.tell(day(1.1), {}).ended] == [OWN_NETWORK]
    assert len(mails(day(2))) == 2


def test_an_outage_leaves_no_mark_on_sources(day: Day) -> None:
    """Four polls without network, then one answer 503: that source failed once, whenever the reports are read (row N20)."""
    polled(day(0), None, *NAMES)
    for poll in range(1, 5):
        polled(day(poll / 4), OWN_NETWORK, *NAMES)
        telling.tell(day(poll / 4), {})
    polled(day(1.5), None, *NAMES[1:])
    polled(day(1.5), "http_503", "source-0")
    assert telling.tell(day(1.5), {}).begun == ()
    polled(day(2), "http_503", "source-0")
    polled(day(2), None, *NAMES[1:])
    assert telling.tell(day(2), {}).begun == ()
    polled(day(2.5), "http_503", "source-0")
    assert [one.kind for one in telling.tell(day(2.5), {}).begun] == ["failing"]


def test_an_outage_of_months_is_got_past(day: Day) -> None:
    """More reports of an outage than are read at once keep nothing after them from being seen (row N20)."""
    desk = day(0)
    out = [PollReport(source=NAMES[0], status=PollStatus.FAILED, reason=OWN_NETWORK)] * 10_001
    desk.store.write(lambda tx: sources.log_polls(tx, out, desk.now()))
    begun: list[str] = []
    for poll in range(4):
        polled(day(poll / 4), "http_503", "source-1")
        polled(day(poll / 4), None, *NAMES[2:])
        begun += [one.subject for one in telling.tell(day(poll / 4), {}).begun]
    assert begun == ["source-1"]


def test_several_things_at_once_are_one_mail(day: Day) -> None:
    """What begins and ends between two looks is told together."""
    for poll in range(3):
        polled(day(poll / 4), "tls", "source-1", "source-2", "source-3")
        polled(day(poll / 4), None, "source-4")
    telling.tell(day(1), {})
    polled(day(2), None, "source-1")
    told = telling.tell(day(2), {"configuration": "/etc/watcher/sources.yaml:12:3: unknown key. Remove it."})
    assert [one.kind for one in told.begun] == ["configuration"]
    assert [one.subject for one in told.ended] == ["source-1"]
    first, second = mails(day(2))
    assert first["Subject"].replace("\u00a0", " ") == "3 alertes"
    assert "sources.yaml:12:3: unknown key. Remove it." in text(second)
    assert "La source-1 : ne se lit plus : c’est terminé." in text(second)


def test_without_an_administrator_alarms_are_noted_and_nothing_is_mailed(day: Day) -> None:
    """`status` tells what nobody is mailed about."""
    alone = replace(day(0), config=replace(day(0).config, settings=Settings(contact="veille@example.org")))
    told = telling.tell(alone, {"mail": "The relay refuses the password."})
    assert [one.kind for one in told.begun] == ["mail"]
    assert [one.kind for one in alone.store.read(service.alarms)] == ["mail"]
    assert mails(alone) == []


@pytest.mark.parametrize(
    ("problem", "words"),
    [
        ("poll", "Les sources ne sont plus lues"),
        ("clock", "L’horloge de cette machine n’est pas fiable"),
        ("database", "La base de données ne répond plus"),
        ("outbox", "Aucun courriel ne part, en attendant une décision"),
        ("mail", "Le courrier ne part plus"),
    ],
)
def test_a_problem_of_the_service_is_told(day: Day, problem: str, words: str) -> None:
    """Whatever stops the service as a whole is mailed once, with the sentence that the log has, and once when it is over."""
    assert [one.kind for one in telling.tell(day(0), {problem: "Quelque chose manque."}).begun] == [problem]
    assert telling.tell(day(0.1), {problem: "Quelque chose manque."}) == telling.Told()
    assert [one.kind for one in telling.tell(day(0.2), {}).ended] == [problem]
    begun, over = mails(day(1))
    assert begun["Subject"] == words
    assert "Quelque chose manque." in text(begun)
    assert words in over["Subject"]


def test_status_shows_what_is_wrong_as_it_is_now(day: Day) -> None:
    """A second mistake in the place of the first is no second mail; `status` shows it, since when the first began."""
    telling.tell(day(0), {"configuration": "sources.yaml:12: cut off."})
    assert telling.tell(day(0.1), {"configuration": "sources.yaml: gone."}) == telling.Told()
    (alarm,) = day(0.1).store.read(service.alarms)
    assert (alarm.detail, alarm.since) == ("sources.yaml: gone.", FRIDAY)
    told = telling.tell(day(0.2), {"configuration": "sources.yaml:3: no text.", "mail": "The relay is gone."})
    assert [one.kind for one in told.begun] == ["mail"]
    details = {one.kind: one.detail for one in day(0.2).store.read(service.alarms)}
    assert details == {"configuration": "sources.yaml:3: no text.", "mail": "The relay is gone."}
    assert len(mails(day(1))) == 2


def test_backups_that_stop_are_told(day: Day) -> None:
    """Three days without the nightly backup are an alarm; a home that never made one has none (row D13)."""
    assert telling.tell(day(0), {}) == telling.Told()
    path = day(0).home.var / "last-backup.json"
    path.parent.mkdir(exist_ok=True)
    path.write_text(f'{{"at": "{day(0).now().isoformat()}", "file": "x", "size": 1}}', "utf-8")
    assert telling.tell(day(2.9), {}).begun == ()
    assert [one.kind for one in telling.tell(day(3.1), {}).begun] == ["backup"]
    path.write_text(f'{{"at": "{day(3.2).now().isoformat()}", "file": "x", "size": 1}}', "utf-8")
    assert [one.kind for one in telling.tell(day(3.2), {}).ended] == ["backup"]
    (begun,) = [one for one in mails(day(4)) if one["Subject"] == "Il n’y a plus de sauvegarde"]
    assert "La dernière date du 20/11/2026." in text(begun)
    assert "systemctl status watcher-backup" in text(begun)


def test_what_is_told_is_rolled_back_with_its_mail(day: Day, monkeypatch: pytest.MonkeyPatch) -> None:
    """When the mail cannot be queued the alarm is not noted as told: it is told the next time."""
    problems = {"mail": "The relay refuses the password."}
    with monkeypatch.context() as broken:

        def fail(*_: object) -> None:
            raise RuntimeError("cut")

        broken.setattr("watcher.store.editions.freeze", fail)
        with pytest.raises(RuntimeError, match="cut"):
            telling.tell(day(0), problems)
    assert day(0).store.read(service.alarms) == ()
    assert len(telling.tell(day(0), problems).begun) == 1
    assert len(mails(day(0))) == 1


def test_the_week_is_reported_on_monday_once(day: Day) -> None:
    """Installed on a Friday: no report until Monday morning, one then, with the week's figures that add up (promise P13)."""
    assert telling.tell(day(0), {}).report is None
    polled(day(0.5), None, *NAMES)
    polled(day(0.6), "http_404", "source-5")
    report = PollReport(
        source="source-0",
        status=PollStatus.READ,
        fetched=10,
        new=3,
        known=2,
        rejected={"no_identity": 4},
        failed={"too_complex": 1},
    )
    day(1).store.write(lambda tx: sources.log_polls(tx, [report], day(1).now()))
    assert telling.tell(day(2.5), {}).report is None  # Sunday evening
    assert telling.tell(day(2.8), {}).report is None  # Monday, four in the morning
    assert telling.tell(day(3), {}).report == "2026-W47"
    assert telling.tell(day(3.1), {}).report is None
    (sent,) = mails(day(4))
    said = text(sent)
    assert sent["Subject"].replace("\u202f", " ").replace("\u00a0", " ") == (
        "Rapport d’exploitation, semaine du 16 au 22 novembre 2026 : 0 alerte en cours"
    )
    for line in ("8 lectures, 64 entrées vues", "nouvelles : 57", "déjà connues : 2", "sans identité : 4", "(too_complex) : 1"):
        assert line in said, said
    assert "(http_404) : 1" in said
    for line in ("lues sans faute : 5", "en échec : 1", "jamais lues : 0", "désactivées : 0"):
        assert line in said, said
    assert "modèle : " in said
    html = sent.get_body(("html",))
    assert html is not None
    assert "Juste sous le seuil" in str(html.get_content())
    assert telling.tell(day(10), {}).report == "2026-W48"


@pytest.mark.parametrize(
    ("free", "words"), [(900 << 20, "900 Mio"), (3 << 29, "1,5 Gio"), (40 << 30, "40 Gio"), (2000 << 30, "2 000 Gio")]
)
def test_the_report_names_things_and_measures_them(day: Day, monkeypatch: pytest.MonkeyPatch, free: int, words: str) -> None:
    """Sources by their names, never their ids; what is left of the disk in a unit that says how little it is."""

    def free_space(_: Desk) -> int:
        return free

    monkeypatch.setattr("watcher.pipeline.status.disk_free", free_space)
    telling.tell(day(0), {})
    for poll in range(3):
        polled(day(poll / 4), "tls", "source-1")
        polled(day(poll / 4), None, "source-4")
    telling.tell(day(1), {})
    assert telling.tell(day(3), {}).report == "2026-W47"
    said = text(mails(day(3))[-1])
    assert "- La source-1 : ne se lit plus, depuis le " in said
    assert f"disque libre : {words}" in said.splitlines()[-3:][0]


def test_notices_are_no_editions_of_a_digest(day: Day) -> None:
    """What is mailed to the administrator is listed under no digest, and counts in none."""
    telling.tell(day(0), {"mail": "The relay refuses the password."})
    assert day(0).store.read(editions.all) == ()
    assert day(0).store.read(lambda tx: editions.last(tx, "veille")) is None
