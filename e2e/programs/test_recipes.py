"""The pages in docs/recipes: index, links and tests."""

import re

from support.programs.recipe import RECIPES


def test_the_index_names_every_recipe():
    index = (RECIPES / "README.md").read_text()
    assert set(re.findall(r"\]\(([\w-]+\.md)\)", index)) == {page.name for page in RECIPES.glob("*.md")} - {"README.md"}


def test_every_recipe_is_followed_by_a_test():
    """A recipe that no test follows could be wrong."""
    tests = "".join(path.read_text() for path in RECIPES.parents[1].glob("e2e/programs/test_*.py"))
    followed = set(re.findall(r'Recipe\("([\w-]+)", server', tests))
    assert followed == {page.stem for page in RECIPES.glob("*.md")} - {"README"}


def test_links_are_valid():
    for page in RECIPES.glob("*.md"):
        for target in re.findall(r"\]\((?!https:)([^)]+)\)", page.read_text()):
            assert (RECIPES / target).exists(), f"{page.name}: {target}"
