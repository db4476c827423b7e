#!/usr/bin/env python3
"""The answers of the templates' singlet lens, by another method than the templates', for their golden points.

usage: lens_reference.py            prints SDK/templates/common/golden.csv
       lens_reference.py --check    compares this trace with third-order theory; exit 1 where they part

The templates use Welford's algebraic trace. Here each ray meets the sphere as a line meets a circle, and is refracted by
angles (asin, atan2). The check: for a thin lens and a small aperture the transverse spherical aberration is a h^3 with
Coddington's a (Jenkins and White, Fundamentals of Optics, section 9.4), and a disc of such rays has the least root mean
square radius |a| R^3 / 6.
"""
import math
import sys

RAYS = 16
DENSITY = 2.51e-3  # g/mm3, N-BK7


def refractive_index(wavelength):
    """N-BK7 by Sellmeier's equation, wavelength in um (Schott's data sheet)."""
    terms = [(1.03961212, 0.00600069867), (0.231792344, 0.0200179144), (1.01046945, 103.560653)]
    w2 = wavelength**2
    return math.sqrt(1 + sum(b * w2 / (w2 - c) for b, c in terms))


def meet(y, z, angle, vertex, curvature):
    """Where the ray from (z, y) at `angle` meets the surface, on the branch at the vertex."""
    dy, dz = math.sin(angle), math.cos(angle)
    if curvature == 0:
        return y + (vertex - z) / dz * dy, vertex
    radius = 1 / curvature
    oy, oz = y, z - (vertex + radius)
    b = oy * dy + oz * dz
    inside = b * b - (oy * oy + oz * oz - radius * radius)
    if inside < 0:
        raise ValueError("a ray misses a surface")
    s = -b - math.copysign(math.sqrt(inside), radius)
    return y + s * dy, z + s * dz


def bend(y, angle, curvature, n, m):
    """The angle after refraction from index n into m; the normal leans by asin(c y)."""
    normal = -math.asin(curvature * y)
    sine = n / m * math.sin(angle - normal)
    if abs(sine) > 1:
        raise ValueError("total internal reflection")
    return math.asin(sine) + normal


def sag(c, h):
    if c == 0:
        return 0.0
    if abs(c * h) >= 1:
        raise ValueError("a surface does not reach the rim")
    r = 1 / c
    return r - math.copysign(math.sqrt(r * r - h * h), r)


def focal_length(c1, c2, t, n):
    """Lensmaker's equation for a thick lens."""
    return 1 / ((n - 1) * (c1 - c2 + (n - 1) * t * c1 * c2 / n))


def evaluate(c1, c2, t, wavelength=0.5876, aperture=12.5, rays=RAYS):
    n = refractive_index(wavelength)
    edge = t - sag(c1, aperture) + sag(c2, aperture)
    if edge <= 0:
        raise ValueError("the surfaces cross")
    power = c1 - c2 + (n - 1) * t * c1 * c2 / n
    if power <= 0:
        raise ValueError("the lens diverges")
    f = focal_length(c1, c2, t, n)
    # The back focal distance of a thick lens.
    focus = t + f * (1 - (n - 1) * t * c1 / n)
    heights, slopes = [], []
    for k in range(rays):
        y, z = meet(aperture * math.sqrt((k + 0.5) / rays), -10.0, 0.0, 0.0, c1)
        angle = bend(y, 0.0, c1, 1.0, n)
        y, z = meet(y, z, angle, t, c2)
        angle = bend(y, angle, c2, n, 1.0)
        slopes.append(math.tan(angle))
        heights.append(y + slopes[-1] * (focus - z))
    # The least mean square over the position of the sensor.
    shift = -sum(h * s for h, s in zip(heights, slopes)) / sum(s * s for s in slopes)
    spot = 1000 * math.sqrt(math.fsum((h + shift * s) ** 2 for h, s in zip(heights, slopes)) / rays)
    s1, s2 = sag(c1, aperture), sag(c2, aperture)
    caps = sum(sign * math.pi * s * (3 * aperture**2 + s * s) / 6 for sign, s in ((1, s1), (-1, s2)))
    return spot, DENSITY * (math.pi * aperture**2 * edge + caps), f, edge


POINTS = [(0.0102, -0.0102, 6.0), (0.017, -0.003, 5.0), (0.017, 0.002, 6.0), (0.03, -0.03, 12.0), (0.0, -0.02, 4.0),
          (0.04, -0.04, 2.0), (0.0, 0.01, 4.0)]


def golden():
    print("c1,c2,thickness,spot,mass,focal_length,edge,status")
    for point in POINTS:
        try:
            answer = ",".join("%.15g" % value for value in evaluate(*point)) + ",ok"
        except ValueError:
            answer = ",,,,infeasible"
        print(",".join("%g" % value for value in point) + "," + answer)


def coddington(c1, c2, n, aperture):
    """The least root mean square radius in um that third-order theory gives a thin lens, object at infinity."""
    f = 1 / ((n - 1) * (c1 - c2))
    q, p = (c1 + c2) / (c1 - c2), -1
    bracket = ((n + 2) / (n - 1) * q * q + 4 * (n + 1) * p * q + (3 * n + 2) * (n - 1) * p * p + n**3 / (n - 1))
    return 1000 * aperture**3 * bracket / (8 * f**2 * n * (n - 1)) / 6


def check():
    n = refractive_index(0.5876)
    worst = 0.0
    for c1, c2 in [(0.01, -0.01), (0.018, -0.002), (0.005, -0.015), (0.02, 0.001)]:
        # Thin, narrow, many rays: what is left is of the order of thickness/f and (aperture/f)^2, below 0.1 %.
        traced = evaluate(c1, c2, 0.05, aperture=1.0, rays=400)[0]
        worst = max(worst, abs(traced / coddington(c1, c2, n, 1.0) - 1))
    print("lens_reference: trace and third-order theory part by at most %.2g" % worst)
    return 0 if worst < 2e-3 else 1


if __name__ == "__main__":
    sys.exit(check() if sys.argv[1:] == ["--check"] else golden())
