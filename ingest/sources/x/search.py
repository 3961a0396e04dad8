"""What X's search finds, page by page, each paid for before it is asked for."""

from __future__ import annotations

from collections.abc import Callable, Generator
from datetime import datetime

from ingest.source import SourceRefused
from ingest.sources.x.budget import Advance, Budget
from ingest.sources.x.calls import Call
from ingest.sources.x.client import Client
from ingest.sources.x.posts import Found, read_results
from ingest.sources.x.refusals import NotUnderstood
from ingest.sources.x.wire import AnswerLost

FEWEST, MOST = 10, 100  # posts for which search may be asked at a time


class Search:
    """Asks one query after the other. ``asked`` counts the requests, ``paid`` the posts that cost something.

    An answer that was lost may have to be paid for, so it stays paid until all has been found after all;
    ``advance`` therefore outlives the search.
    """

    def __init__(
        self,
        client: Client,
        budget: Budget,
        advance: Advance,
        clock: Callable[[], datetime],
        patience: float,
    ) -> None:
        self.asked = 0
        self.paid = 0
        self._client = client
        self._budget = budget
        self._advance = advance
        self._clock = clock
        self._patience = patience

    def results(self, query: str, since: int) -> Generator[Found | None]:
        """All that a query finds after the id ``since``, the newest first; ``None`` while X is thinking.

        Raises ``SourceFailed``; what was found until then has been given.
        """
        page: str | None = None
        while True:
            found = yield from self._page(query, since, page)
            yield found
            page = found.next_token
            if page is None:
                return

    def complete(self) -> None:
        """All was found that there was, also what an answer that was lost had held."""
        self._advance.all_was_found()

    def end(self) -> None:
        """Take back what was paid for posts that did not come."""
        self._advance.give_back()

    def _page(self, query: str, since: int, page: str | None) -> Generator[None, None, Found]:
        room = self._budget.room()
        size = MOST if room is None else min(max(room, FEWEST), MOST)
        found = Found()
        try:
            self._advance.expect(size)
            self.asked += 1
            call = Call(lambda: self._client.results(query, since, page, size), self._patience)
            while not call.is_over():
                yield None
            found = read_results(call.result(), self._clock())
        except (AnswerLost, GeneratorExit):
            self._advance.may_have_come(size)
            raise
        except NotUnderstood as fault:
            raise SourceRefused(
                f"{fault}; lower GROUNDSWELL_X_LONGEST_QUERY if it is about the length of the query"
            ) from None
        except ValueError as error:
            self._advance.may_have_come(size)
            raise AnswerLost(str(error)) from None
        finally:
            self.paid += self._advance.came(size, found.paid)
        return found
