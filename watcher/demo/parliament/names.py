"""Who asks and who is asked: invented members, and the groups and ministries of the 17th legislature by their real references."""

import json
from dataclasses import dataclass
from types import MappingProxyType

from watcher.model import Member, Ministry


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A member who does not exist.

    `capitals` is the name as the Sénat's lists print it ("de LA GALERNE"); `place` the department, or the constituency with
    a number that no constituency bears. `ref` is the Assemblée's `acteurRef`, above all those in use; senators have none.
    `bond` says how the member belongs to the group ("Type Appartenance").
    """

    civility: str
    first_name: str
    last_name: str
    group: str
    place: str
    capitals: str = ""
    group_ref: str | None = None
    group_short: str = ""
    ref: str | None = None
    bond: str = "Membre"

    @property
    def pronoun(self) -> str:
        """The word that begins the last sentence of a question."""
        return "Elle" if self.civility == "Mme" else "Il"

    @property
    def printed(self) -> str:
        """Civility, first name, name: as in the text of a question."""
        return f"{self.civility} {self.first_name} {self.last_name}"

    @property
    def member(self) -> Member:
        """The member as a reader of the chamber's own pages knows it."""
        return Member(
            name=f"{self.first_name} {self.last_name}",
            civility=self.civility,
            group=self.group,
            constituency=self.place,
            ref=self.ref,
            group_ref=self.group_ref,
        )


def _senator(civility: str, first: str, last: str, place: str, group: str, capitals: str = "", bond: str = "Membre") -> Person:
    return Person(
        civility=civility,
        first_name=first,
        last_name=last,
        place=place,
        group=group,
        capitals=capitals or last.upper(),
        bond=bond,
    )


_GROUPS = {
    "EPR": ("PO845407", "Ensemble pour la République"),
    "DR": ("PO845425", "Droite Républicaine"),
    "SOC": ("PO845419", "Socialistes et apparentés"),
    "HOR": ("PO845470", "Horizons & Indépendants"),
    "Dem": ("PO845454", "Les Démocrates"),
    "RN": ("PO845401", "Rassemblement National"),
    "LIOT": ("PO845485", "Libertés, Indépendants, Outre-mer et Territoires"),
    "GDR": ("PO845514", "Gauche Démocrate et Républicaine"),
    "EcoS": ("PO845439", "Écologiste et Social"),
    "LFI-NFP": ("PO845413", "La France insoumise - Nouveau Front Populaire"),
    "UDR": ("PO872880", "Union des droites pour la République"),
}


def _deputy(number: int, civility: str, first: str, last: str, place: str, group: str) -> Person:
    ref, name = _GROUPS[group]
    return Person(
        civility=civility,
        first_name=first,
        last_name=last,
        place=place,
        group=name,
        group_ref=ref,
        group_short=group,
        ref=f"PA{900000 + number}",
    )


SENATORS = MappingProxyType(
    {
        "galerne": _senator("Mme", "Hermine", "de La Galerne", "Finistère", "Union Centriste", "de LA GALERNE"),
        "noroit": _senator("M.", "Gaspard", "Noroît-Borée", "Manche", "Les Républicains"),
        "autan": _senator("Mme", "Sixtine", "Autan", "Aude", "Socialiste, Écologiste et Républicain"),
        "zephyr": _senator("M.", "Évariste", "Zéphyr", "Gard", "Les Indépendants - République et Territoires", bond="Rattaché"),
        "tramontane": _senator(
            "Mme",
            "Pétronille",
            "Tramontane",
            "Pyrénées-Orientales",
            "Rassemblement des démocrates, progressistes et indépendants",
        ),
        "suroit": _senator(
            "M.",
            "Balthazar",
            "Suroît",
            "Charente-Maritime",
            "Communiste Républicain Citoyen et Écologiste - Kanaky",
            bond="Apparenté",
        ),
        "alize": _senator("Mme", "Ombeline", "Alizé", "La Réunion", "Rassemblement Démocratique et Social Européen"),
        "bise": _senator("M.", "Fulgence", "Bise", "Doubs", "Écologiste - Solidarité et Territoires"),
    }
)
DEPUTIES = MappingProxyType(
    {
        "brumaire": _deputy(1, "Mme", "Églantine", "Brumaire", "Nord (31e circonscription)", "EPR"),
        "fructidor": _deputy(2, "M.", "Anselme", "Fructidor", "Aveyron (14e circonscription)", "DR"),
        "ventose": _deputy(3, "Mme", "Philomène", "Ventôse", "Gironde (22e circonscription)", "SOC"),
        "prairial": _deputy(4, "M.", "Barnabé", "Prairial", "Somme (15e circonscription)", "HOR"),
        "germinal": _deputy(5, "Mme", "Léonie", "Germinal", "Morbihan (16e circonscription)", "Dem"),
        "thermidor": _deputy(6, "M.", "Aristide", "Thermidor", "Orne (13e circonscription)", "RN"),
        "messidor": _deputy(7, "Mme", "Zélie", "Messidor", "Cantal (12e circonscription)", "LIOT"),
        "nivose": _deputy(8, "M.", "Octave", "Nivôse", "Isère (20e circonscription)", "GDR"),
        "pluviose": _deputy(9, "Mme", "Sidonie", "Pluviôse", "Vendée (15e circonscription)", "EcoS"),
        "floreal": _deputy(10, "M.", "Hippolyte", "Floréal", "Seine-Maritime (21e circonscription)", "LFI-NFP"),
        "vendemiaire": _deputy(11, "Mme", "Apolline", "Vendémiaire", "Var (18e circonscription)", "UDR"),
        "frimaire": _deputy(12, "M.", "Théophile", "Frimaire", "Eure (15e circonscription)", "EPR"),
    }
)

_ECONOMY = (
    "Ministère délégué auprès du ministre de l’économie, des finances et de la souveraineté industrielle, "
    "énergétique et numérique"
)
MINISTRIES = MappingProxyType(
    {
        "travail": Ministry(ref="PO873667", label="Ministère du travail et des solidarités"),
        "ia": Ministry(ref="PO873718", label=f"{_ECONOMY}, chargé de l'intelligence artificielle et du numérique"),
        "industrie": Ministry(ref="PO873703", label=f"{_ECONOMY}, chargé de l'industrie"),
        "apprentissage": Ministry(
            ref="PO879418",
            label="Ministère délégué auprès du ministre du travail et des solidarités et du ministre de l'éducation nationale, "
            "chargé de l'enseignement et de la formation professionnels et de l'apprentissage",
        ),
        "agriculture": Ministry(
            ref="PO873647", label="Ministère de l’agriculture, de l'agro-alimentaire et de la souveraineté alimentaire"
        ),
        "ecologie": Ministry(
            ref="PO873679",
            label="Ministère de la transition écologique, de la biodiversité et des négociations internationales "
            "sur le climat et la nature",
        ),
        "transports": Ministry(ref="PO873659", label="Ministère des transports"),
        "education": Ministry(ref="PO873652", label="Ministère de l’éducation nationale"),
        "culture-before": Ministry(ref="PO873669", label="Ministère de la culture"),
        "culture": Ministry(ref="PO879406", label="Ministère de la culture"),
    }
)
"""The labels are those of the reference data, apostrophes of both forms included."""

SHORT = MappingProxyType(
    {
        "PO873667": "Travail et solidarités",
        "PO873718": "Intelligence artificielle et numérique",
        "PO873703": "Industrie",
        "PO879418": "Enseignement et formation professionnels et apprentissage",
        "PO873647": "Agriculture, agro-alimentaire et souveraineté alimentaire",
        "PO873679": "Transition écologique, biodiversité et négociations internationales",
        "PO873659": "Transports",
        "PO873652": "Éducation nationale",
        "PO873669": "Culture",
        "PO879406": "Culture",
    }
)
"""The short names (`abrege`) of the ministries, by reference."""


def reference_files() -> dict[str, str]:
    """Return the files, by their path in a home, that give the invented deputies a name: the chamber's data set does not."""
    members = {
        str(person.ref): {"name": f"{person.first_name} {person.last_name}", "civility": person.civility}
        for person in DEPUTIES.values()
    }
    content = {"source": "Noms inventés", "members": members}
    return {"reference/members.json": json.dumps(content, ensure_ascii=False, indent=1) + "\n"}
