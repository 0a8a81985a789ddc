"""Outlines: what is kept of each feed's last document, so that the next may be read in part."""

from sqlalchemy import Connection, delete, insert, select, update

from monitor.store.schema import feed_outline


def read(conn: Connection, feed_pk: int) -> bytes | None:
    """Return what is kept of the items of a feed's last document (see `monitor.core.parsing.parse_news`)."""
    query = select(feed_outline.c.outline).where(feed_outline.c.feed_id == feed_pk)
    found: bytes | None = conn.execute(query).scalar_one_or_none()
    return found


def keep(conn: Connection, feed_pk: int, new: bytes | None) -> None:
    """Put an outline in the place of the last one; empty: there is none, None: it stays."""
    own = feed_outline.c.feed_id == feed_pk
    if new:
        if not conn.execute(update(feed_outline).where(own).values(outline=new)).rowcount:
            conn.execute(insert(feed_outline).values(feed_id=feed_pk, outline=new))
    elif new is not None:
        conn.execute(delete(feed_outline).where(own))
