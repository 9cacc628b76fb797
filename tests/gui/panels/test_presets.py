"""The panel Presets: applying by an amount, morphing, saving, files."""

from __future__ import annotations

from core.documents.preset_files import read_preset, write_preset
from core.project import Part, Preset
from core.request import Noise, NoiseMode, SeedPoint, Truncation

SHUT = dict.fromkeys(("Network", "Latent", "Style mixing", "Truncation & noise", "Light", "Transform"), False)


def open_panel(launch, tmp_path, monkeypatch):
    monkeypatch.setenv("VISUALIZER_CONFIG_DIR", str(tmp_path / "config"))
    return launch(size=(1280, 800), panels={**SHUT, "Presets": True})


def test_a_preset_is_applied_by_an_amount_and_morphs_into_another(launch, tmp_path, monkeypatch):
    folder = tmp_path / "config" / "presets"
    write_preset(Preset("Flat", (Part("truncation.psi", 0.0),)), folder)
    write_preset(Preset("Still", (Part("noise.strength", 0.0), Part("transform.rotate", 30.0))), folder)
    (folder / "bad.json").write_text("{")
    pilot = open_panel(launch, tmp_path, monkeypatch)
    pilot.click("Presets/Your folder/Flat")
    assert pilot.request.truncation == Truncation(0.0)
    assert pilot.session.document.undone == "Preset “Flat”"
    pilot.enter("Presets/Amount", "25")
    assert pilot.request.truncation == Truncation(0.75)
    assert pilot.session.document.undone == "Preset “Flat” 25 %"
    pilot.press("Ctrl+Z")
    pilot.press("Ctrl+Z")
    assert pilot.request.truncation == Truncation()
    pilot.click("Presets/Your folder/Flat")
    pilot.click("Presets/Your folder/Still")
    assert (pilot.request.truncation.psi, pilot.request.noise.strength) == (0.75, 0.75)
    assert "input transform" in pilot.session.notices[-1].detail
    pilot.click("Presets/Your folder/Flat")
    pilot.click("Presets/Morph to")
    pilot.click("Menu/Still")
    pilot.step()
    pilot.enter("Presets/Morph", "50")
    assert (pilot.request.truncation.psi, pilot.request.noise.strength) == (0.375, 0.375)
    assert "bad.json" in pilot.actions.presets.folder.errors[0]


def test_a_preset_is_made_of_what_is_changed_and_kept_where_the_user_says(launch, tmp_path, monkeypatch):
    pilot = open_panel(launch, tmp_path, monkeypatch)
    pilot.session.edit(latent=SeedPoint(5.0), truncation=Truncation(0.5), noise=Noise(NoiseMode.NONE))
    pilot.step()
    pilot.click("Presets/Save a preset…")
    pilot.step()
    pilot.click("Presets/Truncation", at=(0.1, 0.5))
    pilot.click("Presets/In the session")
    pilot.step()
    (preset,) = pilot.session.document.state.presets
    assert preset == Preset("Noise", (Part("noise.mode", NoiseMode.NONE),))  # the latent is not chosen by itself
    pilot.session.edit(noise=Noise(NoiseMode.RANDOM))
    pilot.step()
    pilot.click("Presets/This session/Noise")
    assert pilot.request.noise.mode is NoiseMode.NONE
    pilot.click("Presets/Copy")
    pilot.step(2)
    (path,) = (tmp_path / "config" / "presets").iterdir()
    assert read_preset(path) == preset
    pilot.session.edit(noise=Noise(NoiseMode.CONST))
    pilot.click("Presets/Update")
    assert read_preset(path).parts == (Part("noise.mode", NoiseMode.CONST),)
    pilot.click("Presets/Remove")
    pilot.step()
    assert not path.exists()
    pilot.click("Presets/Put back Noise")
    assert path.exists()
    pilot.click("Presets/This session/Noise")
    pilot.click("Presets/Remove")
    pilot.step()
    assert pilot.session.document.state.presets == ()
    assert pilot.session.document.undone == "Preset “Noise” removed"
    pilot.press("Ctrl+Z")
    assert pilot.session.document.state.presets == (preset,)
    pilot.actions.opening.open(str(path))  # as if it were dropped
    assert [one.name for one in pilot.session.document.state.presets] == ["Noise", "Noise 2"]
    path.write_text('{"format": "stylegan-visualizer preset", "parts": 3}')
    pilot.actions.opening.open(str(path))
    assert pilot.session.problem is not None
    assert len(pilot.session.document.state.presets) == 2
