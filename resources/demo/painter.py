"""Draws portraits from attributes: what the demo networks are trained to imitate.

A batch is drawn at once, at any points of the plane: a head and what is on it, in front of shoulders and a background.
"""

from __future__ import annotations

import torch
from torch import Tensor

from .shapes import Canvas, Drawing, Points, bump, ellipse, smoothstep

COARSE = (
    *("yaw", "pitch", "tilt", "shift_x", "shift_y", "size", "face_width", "face_length", "jaw"),
    *("hair_length", "hair_volume", "fringe", "parting", "shoulders"),
)
MIDDLE = (
    *("eye_size", "eye_open", "eye_distance", "gaze", "brow_height", "brow_angle", "brow_width"),
    *("smile", "mouth_open", "mouth_width", "nose", "glasses", "beard"),
)
FINE = (
    *("skin", "skin_warmth", "hair", "hair_hue", "shirt_1", "shirt_2", "shirt_light"),
    *("ground_1", "ground_2", "ground_light", "ground_fall", "iris", "lips", "light_side", "light_warmth"),
)
ATTRIBUTES = COARSE + MIDDLE + FINE

BLACK, BROWN, BLOND, RED, GRAY = (
    (0.10, 0.08, 0.09),
    (0.36, 0.22, 0.13),
    (0.88, 0.69, 0.40),
    (0.66, 0.27, 0.12),
    (0.72, 0.72, 0.74),
)
SKINS = ((0.40, 0.25, 0.18), (0.78, 0.55, 0.40), (0.98, 0.83, 0.73))
IRISES = ((0.28, 0.16, 0.08), (0.30, 0.45, 0.25), (0.25, 0.50, 0.78))
INK = (0.12, 0.08, 0.09)
WHITE = (0.97, 0.96, 0.95)
MOUTH = (0.30, 0.07, 0.08)


def normalized(z: Tensor) -> Tensor:
    """As the mapping network normalises its input: each z to a mean square of 1. [..., z_dim]"""
    return z * (z.square().mean(dim=-1, keepdim=True) + 1e-8).rsqrt()


def squash(z: Tensor) -> Tensor:
    """Normally distributed numbers to attributes, -1..1."""
    return torch.tanh(z * 0.8)


def paint(attributes: Tensor, at: Points) -> Drawing:
    """attributes: [N, A] -> a drawing at the points."""
    values = attributes.reshape(*attributes.shape, *(1,) * (at.x.dim() - 1)).unbind(1)
    return _Portrait(dict(zip(ATTRIBUTES, values, strict=True)), at).draw()


class _Portrait:
    """The geometry of one batch of portraits. u, v: the head's own plane; right, down, from its centre."""

    def __init__(self, a: dict[str, Tensor], at: Points) -> None:
        self.a = a
        self.at = at
        self.neck_x = 0.12 * a["shift_x"]
        pivot_y = 0.70 + 0.05 * a["shift_y"]
        roll = 0.22 * a["tilt"]
        scale = 1 / (1.22 * (1 + 0.07 * a["size"]))
        x, y = (at.x - self.neck_x) * scale, (at.y - pivot_y) * scale
        self.u = x * torch.cos(roll) + y * torch.sin(roll)
        self.v = y * torch.cos(roll) - x * torch.sin(roll) + 0.58
        self.neck_u, self.neck_v = x, y + 0.58
        self.width = 0.415 * (1 + 0.09 * a["face_width"])
        self.height = 0.555 * (1 + 0.06 * a["face_length"])
        self.turn = 0.50 * a["yaw"]
        self.nod = 0.055 * a["pitch"]
        self.light = 0.75 * a["light_side"]
        self._mix_colours()

    # ---- colours

    def colour(self, rgb: tuple[float, float, float]) -> list[Tensor]:
        return [self.u.new_tensor(c) for c in rgb]

    def ramp(self, stops: tuple[tuple[float, float, float], ...], t: Tensor) -> list[Tensor]:
        """Through three colours, t from -1 to 1."""
        low, middle, high = stops
        up, down = t.clamp(0, 1), (-t).clamp(0, 1)
        return [m + (h - m) * up + (lo - m) * down for lo, m, h in zip(low, middle, high, strict=True)]

    def tinted(self, name: str, base: float, spread: float, chroma: float) -> list[Tensor]:
        """A free colour: a lightness, and a chroma from two attributes."""
        light = base + spread * self.a[f"{name}_light"]
        p, q = chroma * self.a[f"{name}_1"], chroma * self.a[f"{name}_2"]
        return [light + p, light - 0.5 * p + 0.87 * q, light - 0.5 * p - 0.87 * q]

    def _mix_colours(self) -> None:
        a = self.a
        warm = 0.05 * a["skin_warmth"]
        r, g, b = self.ramp(SKINS, a["skin"])
        self.skin = [r + warm * 0.4, g, b - warm]
        hair = self.ramp((BLACK, BROWN, BLOND), a["hair"])
        red, gray = a["hair_hue"].clamp(0, 1), (-a["hair_hue"]).clamp(0, 1) ** 2
        self.hair = [h + (r - h) * 0.8 * red for h, r in zip(hair, RED, strict=True)]
        self.hair = [h + (g - h) * 0.85 * gray for h, g in zip(self.hair, GRAY, strict=True)]
        self.shirt = self.tinted("shirt", 0.48, 0.26, 0.26)
        self.ground = self.tinted("ground", 0.55, 0.25, 0.20)
        self.lamp = [1 + 0.06 * a["light_warmth"], torch.ones_like(warm), 1 - 0.08 * a["light_warmth"]]

    def shaded(self, colour: list[Tensor], shade: Tensor | float) -> list[Tensor]:
        return [c * shade * lamp for c, lamp in zip(colour, self.lamp, strict=True)]

    # ---- shapes

    def draw(self) -> Drawing:
        x, y = self.at.x, self.at.y
        fall = self.a["ground_fall"]
        glow = bump((x - 0.5 * self.light) / 1.1, (y + 0.25) / 1.1)
        shade = 0.72 + 0.34 * glow - 0.14 * fall * y
        zero = torch.zeros_like(self.u)
        ground = [g + zero for g in self.ground]
        self.on = Canvas(self.at.pixel, self.shaded(ground, shade), ground, zero, zero, zero, zero)
        self._back_hair()
        self._body()
        self._ears()
        self._head()
        self._nose()
        for side in (-1, 1):
            self._eye(side)
        self._mouth()
        self._front_hair()
        for side in (-1, 1):
            self._brow(side)
        self._glasses()
        on = self.on
        lit, flat = (
            torch.stack([c.expand_as(self.u) for c in parts], dim=1).clamp(0, 1) for parts in (on.lit, on.flat)
        )
        return Drawing(lit, flat, on.ink[:, None], on.hair[:, None], on.figure[:, None], on.detail[:, None])

    def _hair_shade(self, along: Tensor) -> Tensor:
        """Strands and gloss. along: numbers the strands across the hair."""
        strands = torch.sin(7 * along + 1.2 * torch.sin(2.5 * self.v))
        gloss = bump((self.v + 0.72 * self.height) / 0.13, (self.u - 0.35 * self.light) / 0.40)
        side = self.u * self.light * 0.5
        return 0.88 + 0.09 * strands + 0.38 * gloss + side

    def _back_hair(self) -> None:
        a, u, v = self.a, self.u, self.v
        self.hair_width = self.width * (1.13 + 0.10 * a["hair_volume"])
        self.hair_height = self.height * (1.10 + 0.07 * a["hair_volume"])
        self.hair_u = u + 0.10 * torch.sin(self.turn)
        self.crown = ellipse(self.hair_u, v + 0.05, self.hair_width, self.hair_height)
        length = self.height * (0.75 + 0.90 * a["hair_length"])
        flare = self.hair_width * (1.0 + 0.06 * torch.sin(4 * v) - 0.10 * (v / self.height).clamp(0, 2) ** 2 / 2)
        radius = 0.14
        p, q = self.hair_u.abs() - flare + radius, v - length + radius
        curtain = (p.clamp(min=0) ** 2 + q.clamp(min=0) ** 2 + 1e-8).sqrt() + torch.maximum(p, q).clamp(max=0) - radius
        curtain = torch.maximum(curtain, -v - 0.05)
        distance = torch.minimum(torch.maximum(self.crown, v - 0.25), curtain)
        shade = self._hair_shade(self.hair_u / 0.12) * (0.80 - 0.12 * smoothstep(-0.2, 0.6, v))
        mask = self.on.cover(distance)
        self.on.lay(mask, self.shaded(self.hair, shade), [0.8 * h for h in self.hair], distance)
        self.on.hair = self.on.hair.maximum(mask)

    def _body(self) -> None:
        u, v = self.neck_u, self.neck_v
        neck_width = 0.185 * (1 + 0.10 * self.a["face_width"]) + 0.10 * smoothstep(0.55, 0.9, v)
        neck = torch.maximum(u.abs() - neck_width, 0.2 - v)
        under_chin = smoothstep(0.85, 0.50, v)
        shade = 0.97 - 0.36 * under_chin + 0.7 * u * self.light
        self.on.lay(self.on.cover(neck), self.shaded(self.skin, shade), self.skin, neck)
        wide = 0.88 + 0.13 * self.a["shoulders"]
        shoulders = ellipse(u, v - 1.36, wide, 0.66 + 0.05 * self.a["shoulders"])
        collar = ellipse(u, v - 0.60, 0.27, 0.18)
        shirt = torch.maximum(shoulders, -collar)
        chest = bump(u / 0.5, (v - 0.80) / 0.2)
        shade = 0.90 + 0.45 * u * self.light - 0.35 * smoothstep(0.55, 1.0, u.abs() / wide) + 0.12 * chest
        self.on.lay(self.on.cover(shirt), self.shaded(self.shirt, shade), self.shirt, shirt)
        seam = self.on.stroke(torch.maximum(collar - 0.035, shoulders), 0.014) * self.on.cover(shirt)
        self.on.lay(0.5 * seam, self.shaded(self.shirt, 0.55), self.shirt)

    def _ears(self) -> None:
        for side in (-1, 1):
            u = self.u - side * self.width + 0.12 * torch.sin(self.turn)
            v = self.v - 0.04 + 0.3 * self.nod
            ear = ellipse(u, v, 0.075, 0.125)
            shade = 0.90 - 0.20 * bump(u / 0.04, v / 0.07) + 0.3 * self.u * self.light
            self.on.lay(self.on.cover(ear), self.shaded(self.skin, shade), self.skin, ear)

    def _head(self) -> None:
        u, v = self.u, self.v
        t = v / self.height
        chin = t.clamp(0, 1.2) ** 1.6
        half = self.width * (1 - (0.28 - 0.20 * self.a["jaw"]) * chin)
        self.head = ellipse(u - 0.05 * self.turn * chin, v, half, self.height)
        nx, ny = u / self.width, t
        rim = (nx * nx + ny * ny).clamp(0, 1.2)
        self.shade = 1.02 + 0.26 * nx * self.light - 0.08 * ny - 0.20 * rim * rim
        blush = [bump((u - self._across(s * 0.62)) / 0.10, (v - 0.17 - self.nod) / 0.075) for s in (-1, 1)]
        rosy = 0.10 * (blush[0] + blush[1])
        face = [self.skin[0] + 0.3 * rosy, self.skin[1] - 0.6 * rosy, self.skin[2] - 0.5 * rosy]
        mask = self.on.cover(self.head)
        self.face = mask
        self.on.lay(mask, self.shaded(face, self.shade), self.skin, self.head)
        self._beard()

    def _beard(self) -> None:
        a, u, v = self.a, self.u, self.v
        amount = smoothstep(0.40, 0.80, a["beard"])
        low = v - 0.6 * self.nod
        p = (u - self._across(0.0) * 0.8) / self.width
        cheek = 0.34 - 0.32 * smoothstep(0.35, 1.0, p.abs())
        moustache = bump(p / 0.34, (low - 0.265) / 0.035)
        inside = (smoothstep(-0.03, 0.05, low - cheek) + moustache).clamp(0, 1) * self.face
        mask = 0.80 * amount * inside
        shade = self.shade * (0.78 + 0.06 * torch.sin(60 * u) * torch.sin(45 * v + 20 * u))
        self.on.lay(mask, self.shaded(self.hair, shade), self.hair)
        self.on.hair = self.on.hair.maximum(mask)

    def _across(self, angle: Tensor | float) -> Tensor:
        """u of what sits on the turned head at an angle from its middle."""
        return self.width * 0.93 * torch.sin(angle + self.turn)

    def _nose(self) -> None:
        a, u, v = self.a, self.u, self.v - self.nod
        big = 1.05 + 0.42 * a["nose"]
        tip = self._across(0.0) * 1.18
        bridge = tip * smoothstep(-0.25, 0.12, v)
        side = torch.tanh(4 * self.light) * 0.5
        fall = smoothstep(-0.12, 0.10, v) * smoothstep(0.20, 0.13, v)
        shadow = bump((u - bridge + 0.060 * big * (side + 0.15 * torch.sign(side + 0.001))) / 0.030) * fall * 0.20
        gleam = bump((u - bridge - 0.01 * side) / 0.022) * fall * 0.12
        under = bump((u - tip) / (0.075 * big), (v - 0.185) / 0.022) * 0.36
        wings = sum(bump((u - tip - s * 0.058 * big) / 0.022, (v - 0.165) / 0.026) for s in (-1, 1)) * 0.16
        holes = sum(bump((u - tip - s * 0.030 * big) / 0.019, (v - 0.183) / 0.014) for s in (-1, 1)) * 0.45
        shade = 1 - (shadow + under + wings + holes).clamp(0, 0.75) + gleam
        self.on.lit = [c * (1 + (shade - 1) * self.face) for c in self.on.lit]
        line = self.on.stroke(ellipse(u - tip, v - 0.135, 0.065 * big, 0.055), 0.010) * smoothstep(0.13, 0.17, v)
        self.on.ink = self.on.ink.maximum(line)

    def _eye_frame(self, side: int) -> tuple[Tensor, Tensor, Tensor]:
        """Coordinates from the eye's centre, and how much the turn of the head narrows it."""
        angle = side * (0.47 + 0.04 * self.a["eye_distance"])
        return self.u - self._across(angle), self.v - self.nod + 0.035, torch.cos(angle * 0.6 + self.turn)

    def _eye(self, side: int) -> None:
        a, on = self.a, self.on
        u, v, narrow = self._eye_frame(side)
        half = 0.104 * (1 + 0.13 * a["eye_size"]) * narrow
        tall = 0.056 * (1 + 0.16 * a["eye_size"]) * (0.92 + 0.38 * a["eye_open"])
        t = (u / half).clamp(-1.3, 1.3)
        arch = 1 - t * t
        almond = torch.maximum((v - 0.10 * tall).abs() - tall * arch, u.abs() - half)
        socket = 0.20 * bump(u / 0.13, (v + 0.05) / 0.075) * self.face
        on.lit = [c * (1 - socket) for c in on.lit]
        mask = on.cover(almond)
        on.detail = on.detail.maximum(bump(u / 0.17, (v + 0.07) / 0.19))
        white = self.colour(WHITE)
        on.lay(mask, self.shaded(white, 0.98 - 0.30 * smoothstep(0.0, -0.06, v) - 0.12 * t * t), white)
        radius = 0.050 * (1 + 0.10 * a["eye_size"])
        gaze = 0.030 * a["gaze"] + 0.02 * self.turn
        p, q = (u - gaze) / narrow.clamp(0.6, 1), v + 0.004
        ring = (p * p + q * q + 1e-8).sqrt()
        iris = self.ramp(IRISES, a["iris"])
        rim = smoothstep(0.6, 1.0, ring / radius)
        on.lay(mask * on.cover(ring - radius), self.shaded(iris, 1.0 - 0.45 * rim), iris)
        ink = self.colour(INK)
        on.lay(mask * on.cover(ring - 0.46 * radius), ink, ink)
        spark = ((p + 0.34 * radius) ** 2 + (q + 0.36 * radius) ** 2 + 1e-8).sqrt()
        on.lay(mask * on.cover(spark - 0.26 * radius), white, white)
        lid = on.stroke(v - 0.10 * tall + tall * arch, 0.015) * smoothstep(1.25, 1.0, t.abs())
        below = on.stroke(v - 0.10 * tall - tall * arch, 0.006) * smoothstep(1.0, 0.7, t.abs())
        line = (0.92 * lid).maximum(0.45 * below)
        on.lay(line, ink, ink)
        on.ink = on.ink.maximum(line)

    def _brow(self, side: int) -> None:
        a = self.a
        u, v, narrow = self._eye_frame(side)
        half = 0.132 * narrow
        t = (u * side / half).clamp(-1.4, 1.4)
        curve = -0.150 - 0.032 * a["brow_height"] - 0.022 * (1 - t * t) - 0.052 * a["brow_angle"] * t
        thick = 0.023 * (1 + 0.50 * a["brow_width"]) * (1 - 0.35 * t.clamp(0, 1))
        brow = self.on.cover(torch.maximum((v - curve).abs() - thick, u.abs() - half))
        colour = [0.72 * h for h in self.hair]
        self.on.lay(0.92 * brow, self.shaded(colour, 0.95), colour)
        self.on.ink = self.on.ink.maximum(0.7 * brow)

    def _mouth(self) -> None:
        a, on = self.a, self.on
        u = self.u - self._across(0.0) * 1.04
        v = self.v - 0.345 * self.height / 0.555 - 0.85 * self.nod
        half = 0.155 * (1 + 0.26 * a["mouth_width"] + 0.12 * a["smile"]) * torch.cos(0.8 * self.turn)
        t = (u / half).clamp(-1.3, 1.3)
        arch = 1 - t * t
        bend = 0.088 * (a["smile"] + 0.38)
        w = v + bend * (t * t - 0.4)
        gap = 0.052 * smoothstep(-0.1, 1.0, a["mouth_open"])
        upper, lower = 0.030 + gap, 0.042 + gap
        on.detail = on.detail.maximum(bump(u / 0.24, v / 0.12))
        cupid = 1 - 0.25 * bump(t / 0.22)
        ends = u.abs() - half
        lips = torch.maximum(torch.maximum(-w - upper * arch * cupid, w - lower * arch), ends)
        red = 0.5 + 0.5 * a["lips"]
        colour = [
            self.skin[0] * (0.90 + 0.06 * red),
            self.skin[1] * (0.76 - 0.42 * red),
            self.skin[2] * (0.74 - 0.32 * red),
        ]
        shade = 0.88 + 0.16 * smoothstep(-0.01, 0.02, w) + 0.2 * bump(t / 0.4, (w - 0.55 * lower) / 0.012)
        on.lay(on.cover(lips), self.shaded(colour, shade), colour)
        inside = torch.maximum(w.abs() - gap * arch, ends)
        mask = on.cover(inside) * smoothstep(0.002, 0.01, gap)
        dark = self.colour(MOUTH)
        on.lay(mask, dark, dark)
        white = self.colour(WHITE)
        on.lay(mask * smoothstep(0.3, -0.1, w / (gap + 0.004)) * 0.95, white, white)
        line = on.stroke(w, 0.009) * smoothstep(1.15, 0.95, t.abs()) * smoothstep(0.012, 0.004, gap)
        deep = [0.45 * c for c in colour]
        on.lay(0.9 * line, deep, deep)
        on.ink = on.ink.maximum((0.8 * line).maximum(0.5 * on.stroke(lips, 0.008)))
        dent = 0.16 * bump(u / 0.09, (v - 0.105) / 0.022) * self.face
        on.lit = [c * (1 - dent) for c in on.lit]

    def _front_hair(self) -> None:
        a, u, v = self.a, self.u, self.v
        middle = 0.16 * self.width * a["parting"] + 0.5 * self._across(0.0)
        t = (u - middle) / self.width
        line = -self.height * (0.60 - 0.14 * a["fringe"]) + self.height * 0.66 * t * t
        wisps = 0.018 * torch.sin(17 * t + 1.0)
        distance = torch.maximum(self.crown, (v - line - wisps) * 0.75)
        angle = torch.atan2(t * self.width, v + 1.25 * self.height)
        shade = self._hair_shade(angle * 7.0)
        cast = 0.22 * smoothstep(0.09, 0.0, v - line) * self.face
        self.on.lit = [c * (1 - cast) for c in self.on.lit]
        mask = self.on.cover(distance)
        self.on.lay(mask, self.shaded(self.hair, shade), self.hair, distance)
        self.on.hair = self.on.hair.maximum(mask)

    def _glasses(self) -> None:
        on, amount = self.on, smoothstep(0.10, 0.55, self.a["glasses"])
        frame = None
        for side in (-1, 1):
            u, v, narrow = self._eye_frame(side)
            ring = ellipse(u, v - 0.012, 0.142 * narrow, 0.118)
            on.lit = [c + amount * 0.07 * on.cover(ring) for c in on.lit]
            line = on.stroke(ring, 0.0125)
            inner = 0.135 * narrow - u * side
            bar = on.cover(torch.maximum((v + 0.022).abs() - 0.011, inner)) * self.face
            line = line.maximum(bar)
            frame = line if frame is None else frame.maximum(line)
        assert frame is not None
        u, v = self.u - self._across(0.0) * 1.02, self.v - self.nod + 0.035
        frame = frame.maximum(on.cover(torch.maximum((v + 0.015 + 2 * u * u).abs() - 0.011, u.abs() - 0.055)))
        ink = self.colour(INK)
        on.lay(amount * frame, [c + 0.10 * bump(self.v / 0.3) for c in ink], ink)
        on.ink = on.ink.maximum(amount * frame)
