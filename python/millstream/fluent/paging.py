"""All pages of a search as one."""

from __future__ import annotations

from typing import Any, Callable, Optional

from ..entities import PagedList


def everything(search: Callable[[int, Optional[str]], Any], page: int,
               most: Optional[int] = None) -> PagedList[Any]:
    """What `search(count, token)` gives, page after page.

    Arguments:
        search: gives a PagedList of at most `count` items.
        page: items to ask for at once.
        most: items to stop at; None: none.
    """
    found: PagedList[Any] = PagedList()
    token: Optional[str] = None
    while most is None or len(found) < most:
        items = search(page if most is None else min(page, most - len(found)), token)
        found.extend(items)
        token = items.token
        if not token:
            break
    return found
