"""The form of feeds.yaml and of a pack, as pydantic models; their descriptions are the editor's help and the docs."""

from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from monitor.config.fields import (
    Address,
    Cookies,
    Country,
    Day,
    Headers,
    Identifier,
    Interval,
    Label,
    Language,
    Names,
    Password,
    ProxyAddress,
    Query,
    Text,
    Timeout,
    User,
    Word,
    Words,
)

PressName = Literal["state", "public", "private", "agency", "official"]


class Section(BaseModel):
    """Every mapping of the file: unknown keys are mistakes, and nothing is converted in silence."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class ScopeSection(Section):
    """What makes an entry relevant, and what speaks against it."""

    strong: Words = Field({}, description="Words that each show by themselves that a text is about the war")
    weak: dict[Identifier, Words] = Field(
        {}, description="Groups of words; signs of two different groups, or one beside a strong word, are needed"
    )
    elsewhere: Words = Field({}, description="Words that show another place or another war")
    leisure: Words = Field({}, description="Words of sport and show business")
    never: Words = Field({}, description="Phrases whose words do not count, such as the name of a dish or a team")
    first_names: Words = Field({}, description="First names: a last name behind one is not an actor's, but somebody's")


class TitleSection(BaseModel):
    """An office, by its words in any language, and when it was held."""

    model_config = ConfigDict(extra="allow", strict=True, frozen=True)
    __pydantic_extra__: dict[Language, list[Word]] = Field(init=False)

    since: Day | None = Field(None, description="First day in the office")
    until: Day | None = Field(None, description="First day out of it")

    @model_validator(mode="after")
    def _check(self) -> Self:
        if not any(self.__pydantic_extra__.values()):
            raise ValueError('has no words; give them by language, such as "en: [...]"')
        if self.since and self.until and self.since >= self.until:
            raise PydanticCustomError("until", "must be later than since")
        return self


class ActorSection(Section):
    """A person or a body to watch."""

    kind: Literal["person", "body"] = Field("person", description="Whether it is a person or a body")
    gender: Literal["m", "f"] | None = Field(None, description="Grammatical gender")
    label: Label = Field({}, description="Its name as readers see it, by language; else first and last name")
    first: Names = Field({}, description="A person's first names, by language")
    last: Names = Field({}, description="A person's last names, by language")
    names: Words = Field({}, description="A body's names, by language")
    alone: bool = Field(True, description="Whether the last name by itself is enough; false for common names")
    scope: Literal["strong", "weak", "none"] = Field(
        "none",
        description="How far naming it shows that a text is about the war: alone, beside another sign, not at all",
    )
    group: Identifier | None = Field(None, description="With a weak scope: the group of weak words that it belongs to")
    aliases: Words = Field({}, description="Other names, nicknames and short forms, by language")
    context: Words = Field({}, description="Words beside which a last name that is not alone enough names the actor")
    titles: list[TitleSection] = Field([], description="Offices that name the actor in texts of their time")


class TopicSection(Section):
    """A subject to watch."""

    label: Label = Field({}, description="Its name as readers see it, by language; else the id")
    terms: Words = Field({}, description="Words and phrases of which one is enough, by language")
    hints: Words = Field({}, description="Words that count in a title, or where two different ones stand")
    query: Query | None = Field(None, description="A rule in the watch language, which shows the topic as terms do")
    any: Words = Field({}, description="Words of which a text must have one, beside all those of `all`, by language")
    all: Words = Field({}, description="Words that a text must all have, beside one of `any`, by language")
    none: Words = Field({}, description="Words that a text must not have, whatever else shows the topic, by language")
    scope: Literal["required", "none"] = Field(
        "required", description="none: read it in every entry, not only in those about the war"
    )


class DefaultsSection(Section):
    """What holds for every feed that does not say otherwise."""

    interval: Interval | None = Field(None, description="How often a feed is asked: 1m to 7d")
    min_interval: Interval | None = Field(None, description="How often at most, while much is new; else 3 × as often")
    max_interval: Interval | None = Field(None, description="How seldom at most, while nothing is; else 4 × as seldom")
    hints: bool | None = Field(None, description="false: what the publisher says of when to come again does not count")
    timeout: Timeout | None = Field(None, description="How long one request may take: 1s to 5m")
    language: Language | None = Field(None, description="Language of the texts (ISO 639-1)")
    country: Country | None = Field(None, description="The publisher's country (ISO 3166-1, or EU, UN)")
    press: PressName | None = Field(None, description="Who stands behind the publisher")
    headers: Headers = Field({}, description="Request headers; ${NAME} is taken from the environment or .env")
    enabled: bool | None = Field(None, description="false rests a feed without losing its history")


class SignInSection(Section):
    """A user name and a password, sent as Basic authentication."""

    user: User = Field(description="User name; ${NAME} is taken from the environment or .env")
    password: Password = Field(description="Password; ${NAME} is taken from the environment or .env")


class ProxySection(Section):
    """A proxy: requests go to it, and it asks the publisher."""

    url: ProxyAddress = Field(description="The proxy's address, http or https, without a path")
    user: User | None = Field(None, description="User name at the proxy; ${NAME} as in headers")
    password: Password | None = Field(None, description="Password at the proxy; ${NAME} as in headers")

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.password is not None and self.user is None:
            raise ValueError('has a password and no user name; give it "user" too')
        return self


class FeedSection(DefaultsSection):
    """A feed to poll."""

    id: Identifier = Field(description="Stays the same for ever: the feed's history hangs on it")
    url: Address = Field(description="The feed's address, http or https")
    title: Text | None = Field(None, description="The publisher's name as readers see it; else the id")
    auth: SignInSection | None = Field(None, description="User name and password at the publisher")
    cookies: Cookies = Field({}, description="Cookies, by name; ${NAME} as in headers")
    proxy: ProxySection | None = Field(None, description="A proxy to ask through")
    allow_private: bool = Field(False, description="Allows an address inside your own network, a proxy's too")

    @model_validator(mode="after")
    def _check(self) -> Self:
        given = {name.lower() for name in self.headers}
        if self.auth and "authorization" in given:
            raise ValueError('has "auth" and a header "Authorization"; give one of them')
        if self.cookies and "cookie" in given:
            raise ValueError('has "cookies" and a header "Cookie"; give one of them')
        return self


class WatchFile(Section):
    """The watchlist, which a pack and feeds.yaml have in common."""

    scope: ScopeSection = Field(ScopeSection(), description="What makes an entry relevant")
    actors: dict[Identifier, ActorSection | None] = Field(
        {}, description="People and bodies, by id; null removes one of the pack"
    )
    topics: dict[Identifier, TopicSection | None] = Field(
        {}, description="Subjects, by id; null removes one of the pack"
    )


class PackFile(WatchFile):
    """A built-in watchlist, `monitor/packs/NAME.yaml`."""

    version: int = Field(1, description="Counts up with every change of the pack", ge=1)


class ConfigFile(WatchFile):
    """The file feeds.yaml: which feeds are polled, and what is watched."""

    extends: str | None = Field(
        None, description="Built-in watchlist to build on: `ukraine`, or `ukraine@2` for this version of it"
    )
    defaults: DefaultsSection = Field(
        DefaultsSection(), description="What holds for every feed that does not say otherwise"
    )
    feeds: list[FeedSection] = Field([], description="The feeds to poll")


_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_NULLABLE = ("actors", "topics")


def json_schema() -> dict[str, object]:
    """Return the JSON Schema (draft 2020-12) of feeds.yaml, made from the models that check it."""
    schema = ConfigFile.model_json_schema()
    for model in (schema, *schema["$defs"].values()):
        for name, field in model["properties"].items():
            field.pop("title", None)
            if "patternProperties" in field:
                field["additionalProperties"] = False
            if name not in _NULLABLE:
                _refuse_null(field)
    return {"$schema": _DIALECT} | schema


def _refuse_null(field: dict[str, object]) -> None:
    """None stands in our models for a key that is not there; in the file it is a mistake."""
    choices = field.get("anyOf")
    if isinstance(choices, list):
        (kept,) = (choice for choice in choices if choice != {"type": "null"})
        del field["anyOf"]
        field.update(kept)
    if field.get("default", ...) is None:
        del field["default"]
