"""A teacher's policy: read from each source, and of all sources the strictest."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from traitlets.config import Config

from rnnmagic import policy
from rnnmagic.policy import Rules, from_config, from_metadata, from_text, strictest

JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
RULES = st.builds(Rules, st.integers(1, 5), st.booleans(), st.booleans(), st.tuples(st.sampled_from("abc")))


@pytest.fixture(autouse=True)
def unread(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if rnnmagic had not been loaded yet."""
    monkeypatch.setattr(policy, "_set_from_outside", None)


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("highest_step=3,allow_apply=no,hints=yes", (3, False, True)),
        ("hints = yes", (5, True, True)),
        ("hints=on; highest_step=2", (2, True, True)),
        ("", (5, True, False)),
        ("highest_step=2,highest_step=4", (2, True, False)),
        ("allow_apply=no,allow_apply=yes", (5, False, False)),
    ],
)
def test_the_environment_variable(text: str, values: tuple[Any, ...]) -> None:
    assert from_text(text).values == values


@pytest.mark.parametrize(
    ("text", "values", "warning"),
    [
        ("highest_step=9", (1, True, False), "highest_step should be a whole number from 1 to 5, not '9'"),
        ("allow_apply=maybe", (5, False, False), "allow_apply should be yes or no, not 'maybe'"),
        ("hints=", (5, True, True), "hints should be yes or no"),
        ("higest_step=3", (1, False, True), "'higest_step=3' is none of"),
        ("no apply please", (1, False, True), "'no' is none of"),
    ],
)
def test_a_wrong_value_is_said_and_read_strictly(text: str, values: tuple[Any, ...], warning: str) -> None:
    rules = from_text(text)
    assert rules.values == values
    (said,) = rules.warnings
    assert warning in said
    assert "\n" not in said


@given(
    metadata=JUNK | st.fixed_dictionaries({"rnnmagic": st.dictionaries(st.sampled_from(policy.NAMES), JUNK)})
)
@settings(max_examples=150, deadline=None)
def test_metadata_may_hold_anything_and_only_restrict(metadata: Any) -> None:
    rules = from_metadata(metadata)
    assert 1 <= rules.highest_step <= 5
    assert strictest([rules, Rules()]).values == rules.values
    for name, value in zip(policy.NAMES, rules.values, strict=True):
        section = metadata.get("rnnmagic") if isinstance(metadata, dict) else None
        given_value = section.get(name) if isinstance(section, dict) else None
        assert value == getattr(Rules(), name) or section is not None, given_value


def test_metadata_and_configuration_say_the_same() -> None:
    section = {"highest_step": 3, "allow_apply": False, "hints": True, "other": "x"}
    assert from_metadata({"rnnmagic": section}).values == (3, False, True)
    assert from_config(Config({"RnnPolicy": section})).values == (3, False, True)
    assert from_config(Config()).values == Rules().values


@given(rules=st.lists(RULES, max_size=4))
@settings(max_examples=150, deadline=None)
def test_the_strictest_of_all_holds_in_any_order(rules: list[Rules]) -> None:
    whole = strictest(rules)
    for one in rules:
        assert whole.highest_step <= one.highest_step
        assert one.allow_apply or not whole.allow_apply
        assert whole.hints or not one.hints
    assert strictest(rules[::-1]).values == whole.values
    assert strictest([*rules, whole]).values == whole.values


def test_what_was_read_first_holds(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(policy.VARIABLE, "highest_step=3,allow_apply=perhaps")
    first = policy.from_outside(Config())
    assert first.values == (3, False, False)
    assert capsys.readouterr().err.startswith("rnnmagic: RNNMAGIC_POLICY: allow_apply should be yes or no")
    monkeypatch.setenv(policy.VARIABLE, "highest_step=5,allow_apply=yes")
    assert policy.from_outside(Config({"RnnPolicy": {"highest_step": 1}})) is first
    assert policy.tighten(Rules(2, True, True)).values == (2, False, True)
    assert policy.tighten(Rules()).values == (2, False, True)
    assert policy.from_outside(Config()).values == (2, False, True)


def test_a_users_file_does_not_loosen_the_systems(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from IPython.core import application

    (tmp_path / "ipython_config.py").write_text("c = get_config()\nc.RnnPolicy.highest_step = 2\n")
    (tmp_path / "ipython_kernel_config.json").write_text('{"RnnPolicy": {"allow_apply": false}}')
    monkeypatch.setattr(application, "SYSTEM_CONFIG_DIRS", [str(tmp_path)])
    user = Config({"RnnPolicy": {"highest_step": 5, "allow_apply": True}})
    rules = policy.from_outside(user)
    assert rules.values == (2, False, False)
    assert str(tmp_path) in policy.describe(rules)


def test_a_file_that_cannot_be_read_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from IPython.core import application

    (tmp_path / "ipython_config.py").write_text("c = ")
    monkeypatch.setattr(application, "SYSTEM_CONFIG_DIRS", [str(tmp_path)])
    policy.from_outside(Config())
    assert "could not be read for a policy (SyntaxError)" in capsys.readouterr().err
