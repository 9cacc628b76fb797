"""What files give to the shelf, and what is exported from it."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.base.errors import Cancelled, UsageError
from core.base.progress import silent
from core.documents.document import to_text
from core.documents.latents.many import latents_archive, latents_array, z_of_latent
from core.request import ModelInfo, Origin, RenderRequest, SeedPoint, Truncation, WVector, ZVector
from core.request.seeds import z_of
from visualizer.output.capture import save_picture
from visualizer.output.contact_sheet import CAPTION, EDGE, MARGIN, contact_sheet
from visualizer.output.shelf_files import Base, pictures_in, read_all
from visualizer.output.small_pictures import EDGE as SMALL
from visualizer.output.small_pictures import small_pixels

INFO = ModelInfo("StyleGAN2", "skip", 32, 32, 3, z_dim=8, w_dim=8, c_dim=0, num_ws=4, ws_names=("",) * 4)
BASE = Base(RenderRequest("here.pkl", truncation=Truncation(0.7)), INFO, digest="abc")


def picture(folder: Path, seed: int, digest: str = "") -> Path:
    request = RenderRequest("there.pkl", latent=SeedPoint(float(seed)))
    pixels = np.full((200, 100, 3), (seed, 100, 50), np.uint8)
    return save_picture(pixels, folder, to_text(request, Origin("there.pkl", digest=digest)))


def test_pictures_of_a_folder_come_with_their_requests_and_pixels(tmp_path):
    picture(tmp_path, 7)
    picture(tmp_path, 9, digest="abc")
    Image.new("RGB", (4, 4)).save(tmp_path / "other.png")
    (tmp_path / "notes.txt").write_text("nothing")
    found = read_all(pictures_in(tmp_path), BASE, 100, silent)
    assert [(one.name, one.request.latent, one.request.network) for one in found.kept] == [
        ("00000", SeedPoint(7.0), "there.pkl"),
        ("00001", SeedPoint(9.0), "here.pkl"),  # the open network made it, wherever its file was then
    ]
    assert (found.left_out, found.bad) == (1, ())
    pixels = small_pixels(found.kept[0].picture)
    assert pixels is not None
    assert pixels.shape == (2 * SMALL - 56, SMALL - 28, 3) == (200, 100, 3)  # it is smaller than a large one
    assert np.abs(pixels.astype(int) - (7, 100, 50)).max() < 6


def test_a_bad_file_is_told_and_the_others_are_read(tmp_path):
    (tmp_path / "seeds.csv").write_text("seed,name\n85,Anna\n3,\n")
    (tmp_path / "cut.npy").write_bytes(b"\x93NUMPY\x01\x00")
    (tmp_path / "what.xyz").write_text("?")
    (tmp_path / "z.npy").write_bytes(latents_array([np.zeros(8, np.float32)] * 3))
    broken = picture(tmp_path, 1)
    broken.write_bytes(broken.read_bytes().replace(b'"version":', b'"version":"x", "v":'))
    names = ("seeds.csv", "cut.npy", "what.xyz", "z.npy", broken.name, "gone.npy")
    found = read_all([tmp_path / name for name in names], BASE, 100, silent)
    assert [one.name for one in found.kept] == ["Anna", "", "z 0", "z 1", "z 2"]
    assert found.kept[1].request == RenderRequest("here.pkl", latent=SeedPoint(3.0), truncation=Truncation(0.7))
    assert len(found.bad) == 4
    assert all(name in said for name, said in zip(("cut", "what", broken.stem, "gone"), found.bad, strict=True))


def test_no_more_are_read_than_there_is_room_for_and_a_cancelled_import_ends(tmp_path):
    (tmp_path / "many.txt").write_text("0-99")
    found = read_all([tmp_path / "many.txt"], BASE, 3, silent)
    assert len(found.kept) == 3
    assert "room for 3" in found.notes[0]

    def cancel(stage: str, done: int, total: int, unit: str = "") -> None:
        raise Cancelled("import")

    with pytest.raises(Cancelled):
        read_all([tmp_path / "many.txt"], BASE, 3, cancel)


def test_exported_latents_come_back_with_their_names(tmp_path):
    ws = [np.full((4, 8), value, np.float32) for value in (0.5, 1.5)]
    (tmp_path / "shelf.npz").write_bytes(latents_archive("w", ws, ["Anna", "Björn 2"]))
    (tmp_path / "shelf.npy").write_bytes(latents_array(ws))
    found = read_all([tmp_path / "shelf.npz", tmp_path / "shelf.npy"], BASE, 100, silent)
    assert [one.name for one in found.kept] == ["Anna", "Björn 2", "shelf 0", "shelf 1"]
    assert found.kept[1].request.latent == found.kept[3].request.latent == WVector(((1.5,) * 8,) * 4)
    with pytest.raises(UsageError, match="different shapes"):
        latents_array([np.zeros(3), np.zeros(4)])


def test_only_seeds_and_z_have_a_z():
    seeded, given = z_of_latent(SeedPoint(2.0, 1.0), INFO), z_of_latent(ZVector((1.0, 2.0)), INFO)
    assert seeded is not None
    assert given is not None
    assert seeded.tolist() == z_of(102, 8, 0)[0].tolist()
    assert given.tolist() == [1, 2]
    assert z_of_latent(SeedPoint(0.5), INFO) is None
    assert z_of_latent(WVector(((0.0,) * 8,)), INFO) is None


@pytest.mark.parametrize("data", [b"", b"no picture", b"\xff\xd8\xff\xe0 cut"])
def test_what_is_no_small_picture_gives_none(data):
    assert small_pixels(data) is None
    file = io.BytesIO()
    Image.new("L", (5000, 2)).save(file, "PNG")
    assert small_pixels(file.getvalue()) is None


def test_a_contact_sheet_has_each_picture_with_its_name_below():
    pixels = [np.full((64, 512, 3), 40 * index, np.uint8) for index in range(3)]
    sheet = contact_sheet([("Anna", pixels[0]), ("", pixels[1]), ("A name that is far too long " * 9, pixels[2])])
    below = MARGIN + EDGE // 8
    assert sheet[below - 4, MARGIN + 5].tolist() == [0, 0, 0]
    assert sheet[below - 4, -MARGIN - 5].tolist() == [40, 40, 40]
    first, second = sheet[below : below + CAPTION, : MARGIN + EDGE], sheet[below : below + CAPTION, -EDGE - MARGIN :]
    assert first.min() < 100 < second.min()  # a name in dark letters, and none
    assert (sheet[:, :MARGIN] == 255).all()
    assert (sheet[:, -MARGIN:] == 255).all()
