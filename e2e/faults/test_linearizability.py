"""The checker of histories accepts what can have happened, and nothing else."""

import itertools
import random

import pytest

from support.linearizability import (
    MARKER,
    Delete,
    Put,
    Read,
    ReadAll,
    Remove,
    is_linearizable,
)

NONE = frozenset([None])


def one(value):
    return frozenset([value])


@pytest.mark.parametrize(
    ("history", "is_possible"),
    [
        ([], True),
        ([Read(0, 1, NONE)], True),
        ([Read(0, 1, one("a"))], False),
        ([Put(0, 1, "a"), Read(2, 3, one("a"))], True),
        ([Put(0, 1, "a"), Read(2, 3, NONE)], False),
        # At the same time: either.
        ([Put(0, 3, "a"), Read(1, 2, NONE)], True),
        ([Put(0, 3, "a"), Read(1, 2, one("a"))], True),
        # Once seen, it stays.
        ([Put(0, 9, "a"), Read(1, 2, one("a")), Read(3, 4, NONE)], False),
        ([Put(0, 9, "a"), Read(1, 3, one("a")), Read(2, 4, NONE)], True),
        # A read after two writes gets the later one.
        ([Put(0, 1, "a"), Put(2, 3, "b"), Read(4, 5, one("a"))], False),
        ([Put(0, 3, "a"), Put(1, 2, "b"), Read(4, 5, one("a"))], True),
        # Without an answer: never, or later, but only once.
        ([Put(0, None, "a"), Read(1, 2, NONE)], True),
        ([Put(0, None, "a"), Read(1, 2, NONE), Read(3, 4, one("a"))], True),
        ([Put(0, None, "a"), Read(1, 2, one("a")), Read(3, 4, NONE)], False),
        ([Read(0, 1, one("a")), Put(2, None, "a")], False),
        ([Put(0, 1, "a"), Delete(2, None), Put(3, 4, "b"), Read(5, 6, NONE)], True),
        ([Put(0, 1, "a"), Delete(2, None), Read(3, 4, NONE), Put(5, 6, "b"), Read(7, 8, NONE)], False),
        # A deleted object does not rise.
        ([Put(0, 1, "a"), Delete(2, 3), Read(4, 5, one("a"))], False),
        # Of two conditional writes on the same state one succeeds.
        ([Put(0, 3, "a", requires=NONE), Put(1, 2, "b", requires=NONE)], False),
        ([Put(0, 3, "a", requires=NONE), Put(1, None, "b", requires=NONE)], True),
        ([Put(0, 3, "a", requires=NONE), Read(1, 2, others=NONE)], True),
        ([Put(2, 3, "a", requires=NONE), Read(0, 1, others=NONE)], False),
        ([Put(0, 1, "a"), Put(2, 3, "b", requires=one("a")), Read(4, 5, one("b"))], True),
        ([Put(0, 1, "a"), Put(2, 3, "b", requires=one("c"))], False),
        # Versions.
        ([Put(0, 1, "a", True), Put(2, 3, "b", True), ReadAll(4, 5, ("a", "b"))], True),
        ([Put(0, 1, "a", True), Put(2, 3, "b", True), ReadAll(4, 5, ("b", "a"))], False),
        ([Put(0, 1, "a", True), Delete(2, 3, True), Read(4, 5, NONE), ReadAll(6, 7, ("a", MARKER))], True),
        ([Put(0, 1, "a", True), Put(2, 3, "b", True), Remove(4, 5, "b"), Read(6, 7, one("a"))], True),
        ([Put(0, 1, "a", True), Remove(2, 3, "a"), ReadAll(4, 5, ("a",))], False),
    ],
)
def test_histories(history, is_possible):
    for order in itertools.islice(itertools.permutations(history), 24):
        assert is_linearizable(list(order)) == is_possible


def test_the_state_at_the_beginning():
    assert is_linearizable([Read(0, 1, one("a"))], ("a",))
    assert not is_linearizable([Read(0, 1, NONE)], ("a",))


def simulated(chance, versioned):
    """Returns the history of operations that took effect one after another, each at a time that only we know."""
    state, history = (), []
    for n in range(25):
        moment = float(n)
        start = moment - chance.uniform(0, 2)
        end = moment + chance.uniform(0, 2) if chance.random() < 0.95 else None
        kind = chance.choice(["put", "put", "delete", "read", "read", "create", "remove"])
        now = state[-1] if state and state[-1] != MARKER else None
        operation = {
            "put": Put(start, end, n, versioned),
            "delete": Delete(start, end, versioned),
            "read": Read(start, end, one(now)),
            "create": Put(start, end, n, versioned, NONE) if now is None else Read(start, end, others=NONE),
            "remove": Remove(start, end, chance.choice(state or (n,))),
        }[kind]
        # An operation without an answer may not have happened; a read without an answer says nothing.
        if end is None and (isinstance(operation, Read) or chance.random() < 0.5):
            continue
        state = operation.after(state)
        history.append(operation)
    return [*history, ReadAll(100, 101, state)], state


@pytest.mark.parametrize("versioned", [False, True])
def test_what_happened_is_possible_and_another_end_is_not(versioned):
    chance = random.Random(7)
    for _ in range(40):
        history, state = simulated(chance, versioned)
        assert is_linearizable(history)
        history[-1] = ReadAll(100, 101, (*state, "never written"))
        assert not is_linearizable(history)
