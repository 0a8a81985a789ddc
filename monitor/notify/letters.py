"""What each mail says, and where its links lead."""

from collections.abc import Callable
from dataclasses import dataclass

from monitor.core.model import Digest, Letter, MailKind, QueuedMail, Subscriber, Subscription
from monitor.links import LIFETIME, Links, Purpose
from monitor.render import Labels, Personal, Renderer
from monitor.store import accounts, editions
from monitor.store.database import Connection


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A letter, and the https address that its mail unsubscribes at by one click (RFC 8058), where it has one."""

    letter: Letter
    one_click: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Letters:
    """Writes letters with these tools."""

    render: Renderer
    labels: Callable[[], Labels]
    links: Links

    def write(self, conn: Connection, mail: QueuedMail) -> Written | None:
        """Write what a queued mail says; None where its reader has gone. Raises ConfigError for a wrong template."""
        if mail.kind == MailKind.OPERATOR:
            subject, _, text = (mail.payload or "").partition("\n")
            return Written(letter=Letter(subject=subject, text=text))
        about = int(mail.subject.partition("-")[0])
        if mail.kind in (MailKind.DIGEST, MailKind.AGAIN):
            return self._digest(conn, about)
        reader = accounts.by_pk(conn, about)
        if reader is None or not self.links.web:
            return None
        write = self._confirm if mail.kind == MailKind.CONFIRM else self._manage
        letter = write(conn, reader)
        return None if letter is None else Written(letter=letter)

    def _digest(self, conn: Connection, pk: int) -> Written | None:
        edition = editions.load(conn, pk)
        if edition is None:
            return None
        wish = edition.subscription
        shared = self.render.frozen(edition.content, wish, self.labels(), pages=self.links.web)
        letter = shared.personal(self._personal(wish.subscriber, pk))
        return Written(letter=letter, one_click=self.links.one_click(wish.subscriber))

    def preview(self, digest: Digest, wish: Subscription) -> Letter:
        """Write a digest that is not planned: as its reader would see it, but its link to a web page leads nowhere."""
        shared = self.render.digest(digest, wish, self.labels(), pages=self.links.web)
        return shared.personal(self._personal(wish.subscriber, 0))

    def _personal(self, reader: Subscriber, edition: int) -> Personal:
        links = self.links
        return Personal(
            address=reader.email,
            unsubscribe=links.unsubscribe(reader),
            manage=links.manage(reader),
            page=links.edition(reader, edition),
        )

    def _confirm(self, conn: Connection, reader: Subscriber) -> Letter | None:
        wishes, link = accounts.wishes(conn, reader.pk), self.links.confirm(reader)
        if not wishes or link is None:
            return None
        expires = self.links.clock() + LIFETIME[Purpose.CONFIRM]
        return self.render.confirm(wishes[0], self.labels(), link=link, expires=expires)

    def _manage(self, _: Connection, reader: Subscriber) -> Letter | None:
        manage = self.links.manage(reader)
        if manage is None:
            return None
        expires = self.links.clock() + LIFETIME[Purpose.MANAGE]
        return self.render.manage(reader, manage=manage, data=self.links.data(reader), expires=expires)
