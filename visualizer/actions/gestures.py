"""What the mouse does, in words: the second part of the table behind F1."""

from __future__ import annotations

GESTURES: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = (  # where, and there: gesture, what it does
    (
        "On every control",
        (
            ("Drag", "Change the value; with Shift ten times finer"),
            ("Right click", "Back to the default"),
            ("Shift and right click", "Menu: reset, copy, paste, type, animate"),
            ("Double click", "Type a value; 0.7*2 works; Ctrl and click does the same"),
            ("Ctrl and wheel", "Step the value"),
            ("Dot at its right", "Has been changed; a click resets it"),
        ),
    ),
    (
        "In the picture",
        (
            ("Drag", "Walk the latent map; with Shift finer"),
            ("Ctrl and drag", "Move the picture in its frame, with Shift finer, where a network can"),
            ("Wheel", "Zoom at the pointer"),
            ("Space or middle button and drag", "Pan"),
            ("Double click", "Fit the picture"),
        ),
    ),
    (
        "On the seed map",
        (
            ("Drag", "Walk; with Shift finer"),
            ("Click", "Go to a seed"),
            ("Wheel", "Zoom"),
            ("Ctrl and drag", "A box whose seeds become a table"),
        ),
    ),
    (
        "On the shelf",
        (
            ("Click", "Go there; with Ctrl or Shift choose several"),
            ("Drag", "To another place, onto the picture, onto a source of styles"),
            ("Double click", "Rename"),
            ("Right click", "Menu: animate to it, tags, export"),
            ("Wheel", "Scroll"),
        ),
    ),
    (
        "In the layer strip",
        (
            ("Drag over cells", "Paint their values with the chosen tool"),
            ("Click on the eye", "Mute the layer"),
            ("Shift or Alt and click on the eye", "Only this layer is edited; once more: as before"),
            ("Click on a column's title", "Copy, paste or reset the column"),
        ),
    ),
    (
        "In the timeline",
        (
            ("Drag on the ruler", "Move the playhead"),
            ("Click, Shift and click", "Choose a key, one more"),
            ("Drag from where nothing is", "A box around keys"),
            ("Drag a key", "Move what is chosen; Ctrl does not snap, Alt copies"),
            ("Double click on a track", "Set a key there"),
            ("Wheel on the ruler, Ctrl and wheel", "Zoom time; with Shift pan"),
            ("Middle button and drag", "Pan"),
            ("Diamond beside a control", "A key at the playhead: set, or removed"),
        ),
    ),
    (
        "At the docks",
        (
            ("Drag on an edge", "Make a dock wider, or shut it"),
            ("Click on the edge of a folded one", "Bring it, where there is room for one dock"),
            ("Double click on an edge", "Its own width again"),
            ("A file dropped on the window", "Open it; a sound comes to the timeline, what several hold to the shelf"),
        ),
    ),
)
