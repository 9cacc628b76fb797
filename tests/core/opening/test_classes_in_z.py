"""Classes that are the last numbers of z: of settings in the file, of names beside it, and as the user set them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch

from core.base.errors import UsageError
from core.opening import class_counts
from core.opening.class_counts import named_count, remember_count, remembered_count, with_count
from core.opening.network import convert, describe_network, facts, open_network
from core.render.renderer import Renderer
from core.request import RenderRequest, SeedPoint
from core.request.seeds import z_of
from core.synthesis.generator import SynthesisInputs, synthesize
from tests.fixtures import ports
from tests.fixtures.samples import FOLDER


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("VISUALIZER_CACHE_DIR", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def dcgan(tmp_path: Path) -> str:
    """With a z of five numbers."""
    torch.save({name: torch.from_numpy(array) for name, array in ports.zoo_dcgan().items()}, tmp_path / "dc.gan.pth")
    return str(tmp_path / "dc.gan.pth")


def widths(location: str) -> tuple[int, int, int]:
    """Of z and the class, and how many classes there may be, as the open network and its description agree."""
    network = open_network(location)
    info, origin = describe_network(location)
    assert (info, origin) == (network.info, network.origin)
    return info.z_dim, info.c_dim, info.max_classes


def test_a_count_is_a_part_of_the_name() -> None:
    for location in ("x.pth", "https://a/b.pth#here", "C:\\x#classes=", "x#classes=1234567"):
        assert named_count(location) == (location, None)
        assert named_count(with_count(location, 8)) == (location, 8)
    assert named_count("'x.pth#classes=8'") == ("x.pth", 8)
    assert with_count("x.pth#classes=8", None) == "x.pth"
    assert with_count("x.pth#classes=8", 0) == "x.pth#classes=0"


@pytest.mark.parametrize("name", ["dcgan", "progan_gandissect.pth"])
def test_the_last_numbers_of_z_are_a_class_if_the_name_says_so(name: str, dcgan: str) -> None:
    location = dcgan if name == "dcgan" else str(FOLDER / name)
    plain = open_network(location)
    assert plain.origin.location == f"{location}#classes=0"
    z_dim = plain.info.z_dim
    assert widths(location) == (z_dim, 0, z_dim - 1)
    assert widths(f"{location}#classes=2") == (z_dim - 2, 2, z_dim - 1)
    network = open_network(f"{location}#classes=2")
    z = torch.from_numpy(z_of(7, z_dim - 2, 2)[0])[None]
    whole = plain.generator.map(torch.cat([z, torch.tensor([[0.0, 1.0]])], 1), None)
    frame = Renderer(network).render(RenderRequest(latent=SeedPoint(7), label=1))
    assert torch.equal(frame.image, synthesize(plain.generator, SynthesisInputs(whole))[0])
    assert network.generator.map(z, None)[0, 0, -2:].tolist() == [0, 0]  # no class


def test_what_the_user_set_is_remembered_by_the_file(dcgan: str, tmp_path: Path) -> None:
    digest = open_network(dcgan).origin.digest
    assert remembered_count(digest) is None
    remember_count(digest, 3)
    elsewhere = tmp_path / "elsewhere.pth"
    elsewhere.write_bytes(Path(dcgan).read_bytes())
    network = open_network(str(elsewhere))
    assert (network.info.z_dim, network.info.c_dim) == (2, 3)
    assert network.origin.location == f"{elsewhere}#classes=3"
    assert "The last 3 numbers of its z are classes, as was set for it." in network.origin.notes
    assert widths(f"{elsewhere}#classes=0")[1] == 0  # what a name says goes first
    remember_count(digest, 0)
    assert widths(str(elsewhere)) == (5, 0, 4)


def test_names_beside_a_network_tell_how_many_there_are(dcgan: str) -> None:
    Path(dcgan).with_name("dc.gan.classes.txt").write_text("hen\ncock\n")
    network = open_network(dcgan)
    assert (network.info.c_dim, network.info.class_names) == (2, ("hen", "cock"))
    assert any(note.endswith("as the file of their names beside it says.") for note in network.origin.notes)
    remember_count(network.origin.digest, 0)
    assert widths(dcgan) == (5, 0, 4)
    Path(dcgan).with_name("dc.gan.classes.txt").write_text("\n".join("abcdefgh"))
    remember_count(network.origin.digest, 10**9)  # neither can be
    assert widths(dcgan) == (5, 0, 4)


def test_what_cannot_be_is_said(dcgan: str) -> None:
    with pytest.raises(UsageError, match="cannot have 5 classes: they are a part of its z, which has 5 numbers"):
        open_network(f"{dcgan}#classes=5")
    with pytest.raises(UsageError, match="none of its z can be a class"):
        describe_network(f"{FOLDER / 'sg3_r.pkl'}#classes=3")
    conditional = str(FOLDER / "sg2_cond_resnet.pkl")
    classes = describe_network(conditional)[0].c_dim
    with pytest.raises(UsageError, match=f"its {classes} classes are in its file"):
        describe_network(f"{conditional}#classes={classes + 1}")
    for count in (0, classes):  # nothing that its file does not say
        assert describe_network(f"{conditional}#classes={count}") == describe_network(conditional)


def test_a_converted_network_tells_its_classes_itself(dcgan: str, tmp_path: Path) -> None:
    convert(f"{dcgan}#classes=2", tmp_path / "n.safetensors")
    assert widths(str(tmp_path / "n.safetensors")) == (3, 2, 0)
    info, origin = describe_network(str(tmp_path / "n.safetensors"))
    assert (facts(info, origin)["max_classes"], origin.location) == (0, str(tmp_path / "n.safetensors"))


@pytest.mark.parametrize(
    ("beside", "classes"),
    [
        ({"nz": 3, "n_classes": 2}, 2),
        ({"config": {"noiseVectorDim": 4, "categoryVectorDim": 1}}, 1),
        ({"nz": 5, "n_classes": 2}, 0),  # of something else
        ({"nz": True, "n_classes": 4}, 0),
        ({"n_classes": 2}, 0),
    ],
)
def test_settings_beside_the_tensors_tell_them(beside: dict[str, Any], classes: int, tmp_path: Path) -> None:
    tensors = {name: torch.from_numpy(array) for name, array in ports.zoo_dcgan().items()}
    torch.save({"state_dict": tensors, **beside}, tmp_path / "x.pth")
    assert widths(str(tmp_path / "x.pth")) == (5 - classes, classes, 0 if classes else 4)


def test_what_is_remembered_is_bounded_and_whatever_the_file_holds_is_survived(
    cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(class_counts, "MAX_KEPT", 2)
    for digest in "abca":
        remember_count(digest, ord(digest))
    assert [remembered_count(digest) for digest in "abc"] == [97, None, 99]
    for text in ("", "[1", "[]", '{"a": true, "b": "2"}', "[" * 100_000):
        (cache / class_counts.FILE).write_text(text)
        assert remembered_count("a") is None
    (cache / class_counts.FILE).unlink()
    (cache / class_counts.FILE).mkdir()
    remember_count("a", 1)  # which fails
    assert remembered_count("a") is None
