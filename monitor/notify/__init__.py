"""Digests and every other mail: planning says what goes out, sending brings it there. Neither knows the other."""

from monitor.notify.planning import SILENT_AFTER as SILENT_AFTER
from monitor.notify.planning import Planned as Planned
from monitor.notify.planning import Planner as Planner
from monitor.notify.sending import Notifier as Notifier
from monitor.notify.sending import Sender as Sender
