"""The pages in docs/recipes: index, links, tests, and shells other than bash."""

import re
import subprocess

import pytest

from support.programs.recipe import RECIPES

# Pages that no test follows; each says so.
NOT_FOLLOWED = {"javascript", "others"}
PAGES = [*RECIPES.glob("*.md"), *RECIPES.parent.glob("*.md"), RECIPES.parents[1] / "README.md"]


def test_the_index_names_every_recipe():
    index = (RECIPES / "README.md").read_text()
    assert set(re.findall(r"\]\(([\w-]+\.md)\)", index)) == {page.name for page in RECIPES.glob("*.md")} - {"README.md"}


def test_every_recipe_is_followed_by_a_test():
    """A recipe that no test follows could be wrong."""
    tests = "".join(path.read_text() for path in RECIPES.parents[1].glob("e2e/programs/test_*.py"))
    followed = set(re.findall(r'Recipe\("([\w-]+)", server', tests))
    assert followed == {page.stem for page in RECIPES.glob("*.md")} - {"README"} - NOT_FOLLOWED
    for name in NOT_FOLLOWED:
        assert re.search(r"\*\*The tests do not run (it|these)", (RECIPES / f"{name}.md").read_text()), name


def test_links_are_valid():
    for page in RECIPES.glob("*.md"):
        for target in re.findall(r"\]\((?!https:)([^)]+)\)", page.read_text()):
            assert (RECIPES / target).exists(), f"{page.name}: {target}"


def test_no_variable_holds_several_words():
    """zsh does not split the value of an unquoted variable into words, so that such a command fails there."""
    for page in PAGES:
        for block in re.findall(r"^```sh.*?\n(.*?)^```$", page.read_text(), re.M | re.S):
            several = re.findall(r"""^(?:export )?(\w+)=["'][^"'$]* [^"']*["']""", block, re.M)
            assert not several, f"{page.name}: {several}"


@pytest.mark.parametrize("page", sorted(page for page in PAGES), ids=lambda page: page.name)
def test_every_block_is_valid_in_zsh(page):
    for block in re.findall(r"^```sh.*?\n(.*?)^```$", page.read_text(), re.M | re.S):
        checked = subprocess.run(["zsh", "-n", "-c", block], capture_output=True)
        assert checked.returncode == 0, (block, checked.stderr.decode())
