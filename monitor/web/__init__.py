"""The readers' pages: subscribe, confirm, manage, leave, read an edition whole. The only home of FastAPI and uvicorn.

request ─► Guard (size, pace, headers, errors) ─► FastAPI ─► account | manage | leave | editions
                                                               └─► links: whose page?  ─► store.accounts ─► render

A GET or HEAD changes nothing: mail gateways follow every link. Who may do what stands in the address alone: there is no
cookie and no login. Whether an address is known shows in no answer, and in no answer's time.
"""

from monitor.web.server import listening, serving

__all__ = ["listening", "serving"]
