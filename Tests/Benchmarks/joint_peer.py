#!/usr/bin/env python3
"""The peer of `jointbench`: dmosopt's joint transformer, as a PyTorch twin, on seeded data.

    joint_peer.py --data FOLDER [--epochs 1000]

Writes FOLDER/joint.bin, which `jointbench` reads: 1000 training and 2000 held-out rows of 15 parameters, 5 objectives
and 8 constraint margins (c <= 0 feasible), little-endian doubles, each block row by row: x, y, c of the training rows,
then of the held-out ones. Then trains the twin on one thread and prints a JSON line every 100 epochs: held-out NRMSE
(mean over objectives of RMSE / standard deviation), mean log loss of the constraint bits, processor seconds.
--epochs 0 writes the data only.

The architecture and settings are those that Gressmann et al. (arXiv 2603.20984) published with dmosopt 0.9: a dense
tokeniser, three pre-norm blocks of width 128 with 4 heads, feed-forward ratio 2, GELU, token 0 read out, Adam at 1e-3
on full batches, targets mapped to one shared range and through log(1 + y).
"""
import argparse, json, os, time
import numpy as np

N, Q, K, TRAIN, TEST = 15, 5, 8, 1000, 2000


def make_data(seed=20261121):
    """Sums of sines of random directions plus a bowl and a product of two coordinates; rows uniform in [0, 1]^15."""
    g = np.random.default_rng(seed)
    x = g.random((TRAIN + TEST, N))
    outs = []
    for _ in range(Q + K):
        w = g.normal(size=(4, N)) * (g.random(N) < 0.5)
        v = x @ w.T * 1.2 + g.uniform(0, 2 * np.pi, 4)
        i, j = g.choice(N, 2, replace=False)
        bowl = ((x - g.random(N)) ** 2 * g.random(N)).sum(1)
        outs.append(np.sin(v) @ g.normal(size=4) + bowl + 2 * x[:, i] * x[:, j])
    out = np.stack(outs, 1)
    y = out[:, :Q] * 10.0 ** np.arange(-2, 3)
    c = out[:, Q:]
    share = np.linspace(0.3, 0.9, K)  # part of the rows that is feasible
    c = c - [np.quantile(c[:TRAIN, j], share[j]) for j in range(K)]
    return x, y, c


def scaled(y, low, high):
    bottom, top = low.max(), high.max()
    r = np.clip((y - low) / (high - low), 0, 1)
    return np.log(1 + np.maximum(r * (top - bottom) + bottom, -1 + 1e-6))


def unscaled(t, low, high):
    bottom, top = low.max(), high.max()
    return (np.exp(t) - 1 - bottom) / (top - bottom) * (high - low) + low


def build():
    import torch
    from torch import nn

    class Attention(nn.Module):
        def __init__(self, d, heads):
            super().__init__()
            self.heads = heads
            self.qkv, self.out = nn.Linear(d, 3 * d), nn.Linear(d, d)

        def forward(self, x):
            b, t, d = x.shape
            q, k, v = self.qkv(x).view(b, t, 3, self.heads, d // self.heads).permute(2, 0, 3, 1, 4)
            a = nn.functional.scaled_dot_product_attention(q, k, v, dropout_p=0.1 if self.training else 0.0)
            return self.out(a.transpose(1, 2).reshape(b, t, d))

    class Twin(nn.Module):
        def __init__(self, d=128, heads=4, blocks=3):
            super().__init__()
            self.d = d
            self.tokens = nn.Linear(N, N * d)
            self.norm1 = nn.ModuleList([nn.Identity() if i == 0 else nn.LayerNorm(d) for i in range(blocks)])
            self.norm2 = nn.ModuleList([nn.LayerNorm(d) for _ in range(blocks)])
            self.attention = nn.ModuleList([Attention(d, heads) for _ in range(blocks)])
            self.ffn = nn.ModuleList([
                nn.Sequential(nn.Linear(d, 2 * d), nn.GELU(), nn.Dropout(0.05), nn.Linear(2 * d, d))
                for _ in range(blocks)])
            self.drop = nn.Dropout(0.1)
            self.head_norm = nn.LayerNorm(d)
            self.objectives, self.constraints = nn.Linear(d, Q), nn.Linear(d, K)

        def forward(self, z):
            h = self.tokens(z).view(len(z), N, self.d)
            for n1, n2, a, f in zip(self.norm1, self.norm2, self.attention, self.ffn):
                h = h + self.drop(a(n1(h)))
                h = h + self.drop(f(n2(h)))
            h = self.head_norm(h[:, 0])
            return self.objectives(h), self.constraints(h)

    return Twin()


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--data", required=True)
    ap.add_argument("--epochs", type=int, default=1000)
    a = ap.parse_args()
    x, y, c = make_data()
    os.makedirs(a.data, exist_ok=True)
    with open(os.path.join(a.data, "joint.bin"), "wb") as f:
        for rows in (slice(0, TRAIN), slice(TRAIN, None)):
            for block in (x, y, c):
                f.write(np.ascontiguousarray(block[rows]).astype("<f8").tobytes())
    if a.epochs == 0:
        return
    import torch
    torch.set_num_threads(1)
    torch.manual_seed(0)
    low, high = y[:TRAIN].min(0), y[:TRAIN].max(0)
    z = torch.tensor(x, dtype=torch.float32)
    t = torch.tensor(scaled(y, low, high)[:TRAIN], dtype=torch.float32)
    bits = torch.tensor(c <= 0, dtype=torch.float32)
    net = build()
    opt = torch.optim.Adam(net.parameters(), lr=1e-3)
    bce = torch.nn.functional.binary_cross_entropy_with_logits
    start = time.process_time()
    for epoch in range(1, a.epochs + 1):
        net.train()
        opt.zero_grad()
        o, l = net(z[:TRAIN])
        (((o - t) ** 2).mean() + bce(l, bits[:TRAIN])).backward()
        opt.step()
        if epoch % 100 == 0 or epoch == a.epochs:
            net.eval()
            used = time.process_time() - start
            with torch.no_grad():
                o, l = net(z[TRAIN:])
            error = unscaled(o.double().numpy(), low, high) - y[TRAIN:]
            nrmse = float((np.sqrt((error ** 2).mean(0)) / y[TRAIN:].std(0)).mean())
            print(json.dumps({
                "epochs": epoch, "nrmse": round(nrmse, 4), "log_loss": round(float(bce(l, bits[TRAIN:])), 4),
                "accuracy": round(float(((l > 0) == (bits[TRAIN:] > 0)).float().mean()), 4),
                "cpu_s": round(used, 1)}), flush=True)
            start = time.process_time() - used


if __name__ == "__main__":
    main()
