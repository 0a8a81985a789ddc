"""Outlines: what is kept of each feed's last document, so that the next may be read in part."""

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from monitor.store.schema import feed_outline

_OWN = feed_outline.c.feed_id == bindparam("pk")
_READ = select(feed_outline.c.outline).where(_OWN)
_REPLACE = update(feed_outline).where(_OWN).values(outline=bindparam("new"))
_DROP = delete(feed_outline).where(_OWN)


def read(conn: Connection, feed_pk: int) -> bytes | None:
    """Return what is kept of the items of a feed's last document (see `monitor.core.parsing.parse_news`)."""
    found: bytes | None = conn.execute(_READ, {"pk": feed_pk}).scalar_one_or_none()
    return found


def keep(conn: Connection, feed_pk: int, new: bytes | None) -> None:
    """Put an outline in the place of the last one; empty: there is none, None: it stays."""
    if new:
        if not conn.execute(_REPLACE, {"pk": feed_pk, "new": new}).rowcount:
            conn.execute(insert(feed_outline), {"feed_id": feed_pk, "outline": new})
    elif new is not None:
        conn.execute(_DROP, {"pk": feed_pk})
