"""What a page of the Sénat was found to say of its question, and the question it makes."""

from dataclasses import dataclass, field, replace
from datetime import date

from watcher.model import Answer, Member, Ministry, Question, QuestionStatus, Transfer
from watcher.text import formulas


@dataclass(slots=True)
class Found:
    """What a page says. `author` is None when it is no question's; `number` stands on old pages only.

    `several` tells that the headings of two questions stand there; `label` is the page's own word for how a question ended.
    """

    title: str = ""
    number: str = ""
    author: Member | None = None
    asked_on: date | None = None
    sitting_on: date | None = None
    page: str | None = None
    rubric: str | None = None
    text: list[str] = field(default_factory=list[str])
    transfers: list[Transfer] = field(default_factory=list[Transfer])
    errata: list[date] = field(default_factory=list[date])
    waiting: Ministry | None = None
    status: QuestionStatus = QuestionStatus.UNKNOWN
    label: str = ""
    closed_on: date | None = None
    converted_to: str | None = None
    recalls: str | None = None
    answer: Answer | None = None
    answer_text: list[str] = field(default_factory=list[str])
    several: bool = False

    @property
    def ended(self) -> bool:
        """Whether the page says what became of the question, so that its text may be missing."""
        return self.status is not QuestionStatus.UNKNOWN or bool(self.label)

    def question(self, bare: Question, *, longest: int) -> Question:
        """Return `bare`, which has an identity and addresses, with all that the page says; texts are cut at `longest`."""
        text = "\n\n".join(self.text)[:longest]
        answer = replace(self.answer, text="\n\n".join(self.answer_text)[:longest]) if self.answer else None
        office = formulas.addressee(text)
        asked = Ministry(label=office) if office else None if self.transfers else self.waiting
        holder = self.transfers[-1].to if self.transfers else asked
        return replace(
            bare,
            title=self.title,
            text=text,
            author=self.author,
            asked_on=self.asked_on,
            sitting_on=self.sitting_on,
            page=self.page,
            asked_ministry=asked,
            ministry=(answer.ministry if answer else None) or self.waiting or holder,
            rubric=self.rubric,
            status=QuestionStatus.ANSWERED if answer else self.status,
            status_label="" if answer else self.label,
            transfers=tuple(self.transfers),
            errata=tuple(self.errata),
            answer=answer,
            closed_on=self.closed_on,
            converted_to=self.converted_to,
            recalls=self.recalls,
        )
