"""Checks the history of a key: is there an order of its operations that explains all answers?

An operation takes effect at one moment between its request and its answer. Without an answer it takes effect at some
moment after its request, or never. The search is that of Wing and Gong: it places one operation after another that no
unplaced one precedes, and remembers the places and states it has seen, as Lowe does.
"""

import math
from dataclasses import dataclass

MARKER = "delete marker"


@dataclass(frozen=True)
class Operation:
    """An operation on a key. `end` is None if it had no answer.

    The state of a key is the tuple of its versions, oldest first: values and MARKER. A bucket without versioning keeps
    one at most.
    """

    start: float
    end: float | None = None

    # True if the state never changes. Such an operation is placed as soon as it fits.
    is_read = False

    def after(self, state):
        """Returns the state after the operation, or None if it cannot happen in this state."""
        raise NotImplementedError


def current(state):
    """Returns the value that a GET without a version returns, or None."""
    return state[-1] if state and state[-1] != MARKER else None


@dataclass(frozen=True)
class Put(Operation):
    """A write. `requires` are the values one of which must be there, None among them for no object; None: no condition."""

    value: object = None
    versioned: bool = False
    requires: frozenset | None = None

    def after(self, state):
        if self.requires is not None and current(state) not in self.requires:
            return None
        return (*state, self.value) if self.versioned else (self.value,)


@dataclass(frozen=True)
class Delete(Operation):
    """A deletion without a version."""

    versioned: bool = False

    def after(self, state):
        return (*state, MARKER) if self.versioned else ()


@dataclass(frozen=True)
class Remove(Operation):
    """The deletion of one version."""

    value: object = None

    def after(self, state):
        return tuple(value for value in state if value != self.value)


@dataclass(frozen=True)
class Read(Operation):
    """An answer that says that the current value is one of `values`, or is none of `others`."""

    values: frozenset | None = None
    others: frozenset = frozenset()

    is_read = True

    def after(self, state):
        now = current(state)
        return state if now not in self.others and (self.values is None or now in self.values) else None


@dataclass(frozen=True)
class ReadAll(Operation):
    """An answer that contains all versions, oldest first."""

    versions: tuple = ()

    is_read = True

    def after(self, state):
        return state if state == self.versions else None


def is_linearizable(operations, state=()):
    """Returns whether the operations, all of one key that begins in `state`, have an order that explains the answers."""
    operations = sorted(operations, key=lambda operation: operation.start)
    ends = [math.inf if operation.end is None else operation.end for operation in operations]
    answered = sum(1 << n for n, end in enumerate(ends) if end != math.inf)
    seen, to_try = {(0, state)}, [(0, state)]
    while to_try:
        placed, state = to_try.pop()
        if placed & answered == answered:
            return True
        unplaced = [n for n in range(len(operations)) if not placed >> n & 1]
        first_end = min(ends[n] for n in unplaced)
        following = []
        for n in unplaced:
            if operations[n].start > first_end:
                break
            after = operations[n].after(state)
            if after is None:
                continue
            if operations[n].is_read:
                # Nothing is lost by placing it now.
                following = [(placed | 1 << n, after)]
                break
            following.append((placed | 1 << n, after))
        new = [step for step in following if step not in seen]
        seen.update(new)
        to_try += new
    return False
