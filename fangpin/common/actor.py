"""Who acts: the type of `by` and `user`, a user in the duty he acts in. None stands for the system itself."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # a type alone; at run time nothing here knows of accounts
    from fangpin.accounts.models import User as Actor
else:
    Actor = Any

__all__ = ["Actor"]
