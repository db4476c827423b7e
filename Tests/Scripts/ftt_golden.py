#!/usr/bin/env python3
"""Makes Tests/DMOSurrogatesTests/Golden/ftt.json: a small FT-Transformer worked through by PyTorch in double precision.

    python3 ftt_golden.py        (needs torch)

Weights, inputs, targets; outputs, d sum(v * out)/dx for a given v, the joint loss (Huber on the first columns, weighted
binary cross-entropy on the others, NaN targets masked) and its gradient with respect to every weight.
"""
import json, os
import torch
from torch import nn
import torch.nn.functional as F

torch.set_default_dtype(torch.float64)
torch.manual_seed(7)
GROUPS, WIDTH, HEADS, HIDDEN, BLOCKS, REGRESSIONS, CLASSES, ROWS = [1, 1, 3, 1, 2], 12, 3, 20, 3, 3, 2, 6


class FTT(nn.Module):
    def __init__(self):
        super().__init__()
        n = sum(GROUPS)
        u = lambda *s: nn.Parameter(torch.empty(*s).uniform_(-1, 1) / 2)
        self.feature, self.bias, self.cls = u(n, WIDTH), u(len(GROUPS), WIDTH), u(WIDTH)
        self.owner = torch.tensor([t for t, g in enumerate(GROUPS) for _ in range(g)])
        self.blocks = nn.ModuleList()
        for b in range(BLOCKS):
            m = nn.ModuleDict({
                "query": nn.Linear(WIDTH, WIDTH), "keyValue": nn.Linear(WIDTH, 2 * WIDTH), "out": nn.Linear(WIDTH, WIDTH),
                "norm": nn.LayerNorm(WIDTH), "up": nn.Linear(WIDTH, HIDDEN), "down": nn.Linear(HIDDEN, WIDTH)})
            if b > 0:
                m["attentionNorm"] = nn.LayerNorm(WIDTH)
            self.blocks.append(m)
        self.norm, self.head = nn.LayerNorm(WIDTH), nn.Linear(WIDTH, REGRESSIONS + CLASSES)

    def forward(self, x):
        tokens = torch.zeros(len(x), len(GROUPS), WIDTH).index_add(1, self.owner, x[:, :, None] * self.feature) + self.bias
        h = torch.cat([self.cls.expand(len(x), 1, WIDTH), tokens], 1)
        for m in self.blocks:
            a = m["attentionNorm"](h) if "attentionNorm" in m else h
            split = lambda t: t.view(len(x), -1, HEADS, WIDTH // HEADS).transpose(1, 2)
            k, v = m["keyValue"](a).chunk(2, -1)
            o = F.scaled_dot_product_attention(split(m["query"](a)), split(k), split(v))
            h = h + m["out"](o.transpose(1, 2).reshape(h.shape))
            h = h + m["down"](F.gelu(m["up"](m["norm"](h))))
        return self.head(self.norm(h[:, 0]))


def main():
    net = FTT()
    with torch.no_grad():  # LayerNorms that are not the identity
        for name, p in net.named_parameters():
            if "orm.weight" in name:
                p.uniform_(0.5, 1.5)
            elif "orm.bias" in name:
                p.uniform_(-0.5, 0.5)
    x = torch.randn(ROWS, sum(GROUPS), requires_grad=True)
    v = torch.randn(ROWS, REGRESSIONS + CLASSES)
    y = torch.randn(ROWS, REGRESSIONS + CLASSES) * 2
    y[:, REGRESSIONS:] = (y[:, REGRESSIONS:] > 0).double()
    y[1, 0] = y[2, REGRESSIONS] = float("nan")
    column = torch.tensor([0.3, 0.5, 0.2, 0.4, 0.6])
    positive, negative = torch.tensor([1, 1, 1, 1.5, 0.7]), torch.tensor([1, 1, 1, 0.8, 2.0])
    row = torch.rand(ROWS) + 0.5
    out = net(x)
    gx, = torch.autograd.grad((v * out).sum(), x, retain_graph=True)
    known = ~y.isnan()
    t = torch.where(known, y, torch.zeros(()))
    huber = F.huber_loss(out, t, reduction="none")
    bce = -(positive * t * F.logsigmoid(out) + negative * (1 - t) * F.logsigmoid(-out))
    terms = torch.cat([huber[:, :REGRESSIONS], bce[:, REGRESSIONS:]], 1)
    loss = (torch.where(known, terms, torch.zeros(())) * column * row[:, None]).sum()
    loss.backward()
    flat = lambda t: [("nan" if e != e else round(e, 10)) for e in t.detach().flatten().tolist()]
    data = {
        "groups": GROUPS, "width": WIDTH, "heads": HEADS, "hidden": HIDDEN, "blocks": BLOCKS,
        "regressions": REGRESSIONS, "x": flat(x), "v": flat(v), "y": flat(y), "column": flat(column),
        "positive": flat(positive), "negative": flat(negative), "row": flat(row), "output": flat(out),
        "inputGradient": flat(gx), "loss": loss.item(),
        "weights": {n: flat(p) for n, p in net.named_parameters()},
        "gradients": {n: flat(p.grad) for n, p in net.named_parameters()}}
    folder = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "DMOSurrogatesTests", "Golden")
    with open(os.path.join(folder, "ftt.json"), "w") as f:
        json.dump(data, f)
        f.write("\n")


main()
