"""Prints the golden points of Plugins/Wavefront/reference.c, from TorchOptics: the default options of beam-splitter.

Needs torch and torchoptics 1.0.2. The masks and cells are those of reference.c; the loss follows the plugin's README.
"""
import math

import torch
import torchoptics
from torchoptics import Field
from torchoptics.elements import PhaseModulator

N, SPACING, WAVELENGTH, WAIST, DISTANCE, SEPARATION = 60, 10e-6, 700e-9, 70e-6, 0.02, 280e-6
CELLS = [1770, 1815, 1900, 2130]


def main():
    torch.set_default_dtype(torch.float64)
    torchoptics.set_default_spacing(SPACING)
    torchoptics.set_default_wavelength(WAVELENGTH)
    axis = (torch.arange(N) - (N - 1) / 2) * SPACING
    y, x = torch.meshgrid(axis, axis, indexing="ij")
    beam = Field(torch.exp(-(x**2 + y**2) / WAIST**2) + 0j, z=0).normalize()
    spots = sum(torch.exp(-((x + side * SEPARATION / 2) ** 2 + y**2) / WAIST**2) for side in (-1, 1))
    target = Field(spots + 0j, z=DISTANCE).normalize().intensity() * SPACING**2
    i = torch.arange(N * N)
    row, column = i // N, i % N
    masks = {
        "flat": torch.zeros(N * N),
        "scattered": math.pi * ((i * 7919 % 1000).double() / 500 - 1),
        "rings": math.pi * (((row * row + 3 * column * column) % 64).double() / 32 - 1),
    }
    for name, mask in masks.items():
        out = PhaseModulator(mask.reshape(N, N), z=0)(beam).propagate((N, N), DISTANCE, propagation_method="DIM")
        intensity = out.intensity()
        share = intensity / intensity.sum()
        loss = torch.linalg.norm(share - target) / torch.linalg.norm(target)
        values = ", ".join(f"{float(intensity.flatten()[cell]):.15e}" for cell in CELLS)
        print(f"{name}: {float(loss):.15f}, {{ {values} }}")


if __name__ == "__main__":
    main()
