"""The database as the settings want it, without the other parts: most commands need no more."""

from monitor import logs
from monitor.settings import Settings
from monitor.store import maintenance
from monitor.store.database import Database

log = logs.get()


def open_database(settings: Settings, *, upgrade: bool = False) -> Database:
    """Open the database, making its tables where it is empty. Raises StoreError.

    Tables of an older version are brought to this one only with `upgrade`: a look must not change them beneath a
    daemon of that version.
    """
    db = Database(settings.database)
    try:
        before, head = maintenance.versions(db.engine)
        if before is not None and not upgrade:
            maintenance.require_head(before, head)
        maintenance.upgrade(db.engine)
    except BaseException:
        db.close()
        raise
    if before not in (None, head):
        log.info("database upgraded", before=before, after=head)
    return db
