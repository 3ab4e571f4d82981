"""The commonest mistakes with plain PyTorch as short notebooks, with what is expected of each.

In `nn.Sequential`, in classes of the notebook's own, in functions and in loops over a DataLoader.
"""

from __future__ import annotations

from mistakes import Mistake

IMPORTS = """
import numpy as np
import torch
from torch import nn
import torch.nn.functional as F
from torch.utils.data import DataLoader, TensorDataset
torch.manual_seed(1)
np.random.seed(1)
N, T, FEATURES, CLASSES = 20, 7, 3, 5
"""

X = "X = torch.randn(N, T, FEATURES)\n"
NUMBERS = "y = torch.randn(N, 1)\n"
LABELS = "y = torch.randint(0, CLASSES, (N,))\n"


def net(first: str = "True", out: str = "1", cell: str = "LSTM", body: str = "", head: str = "8") -> str:
    """Source of a class with a recurrent layer and a Linear, and of one instance of it."""
    body = body or "out, _ = self.lstm(x)\n        return self.fc(out[:, -1])"
    return f"""
class Net(nn.Module):
    def __init__(self, features=FEATURES, hidden=8):
        super().__init__()
        self.lstm = nn.{cell}(features, hidden, batch_first={first})
        self.fc = nn.Linear({head}, {out})

    def forward(self, x):
        {body}

model = Net()
"""


LOOP = """
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
losses = []
for epoch in range(3):
    optimizer.zero_grad()
    out = model(X)
    loss = criterion(out, y)
    loss.backward()
    optimizer.step()
    losses.append(loss.item())
print(f"{losses[-1]:.3f} {loss:.3f}")
"""
BATCHES = """
loader = DataLoader(TensorDataset(X, y), batch_size=8, shuffle=True)
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
for epoch in range(2):
    total = 0.0
    for xb, yb in loader:
        optimizer.zero_grad()
        loss = criterion(model(xb), yb)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        total += loss.item() * len(xb)
    print(epoch, total / N)
"""
TRAIN = """
def train(model, loader, criterion, epochs=2):
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
    model.train()
    for epoch in range(epochs):
        for xb, yb in loader:
            optimizer.zero_grad()
            pred = model(xb)
            loss = criterion(pred, yb)
            loss.backward()
            optimizer.step()
    return loss.item()
"""
MSE, CE = "criterion = nn.MSELoss()\n", "criterion = nn.CrossEntropyLoss()\n"

MISTAKES = (
    Mistake(
        "flat table",
        ("X = torch.randn(N, T * FEATURES)\n" + NUMBERS + net() + MSE, LOOP),
        ("flattened",), ("X",), ("lstm",), ("reshape",),
    ),
    Mistake(
        "flat table in batches, in a function",
        ("X = torch.randn(N, T * FEATURES)\n" + NUMBERS, net(), TRAIN,
         "loader = DataLoader(TensorDataset(X, y), batch_size=8)\ntrain(model, loader, nn.MSELoss())\n"),
        ("flattened",), ("xb", "X"), ("lstm",), ("reshape",),
    ),
    Mistake(
        "missing feature axis",
        ("X = torch.randn(N, T)\n" + NUMBERS, net().replace("FEATURES", "1") + MSE, BATCHES),
        ("feature_axis_missing",), ("xb", "X"), ("lstm",), ("expand",),
    ),
    Mistake(
        "other number of features",
        ("X = torch.randn(N, T, 4)\n" + NUMBERS, net(), MSE + LOOP),
        ("features",), ("X",), ("lstm",), ("layer_argument",),
    ),
    Mistake(
        "other number of features, said where the class is called",
        ("X = torch.randn(N, T, 4)\n" + NUMBERS, net().replace("Net()", "Net(3, 8)"), MSE + LOOP),
        ("features",), ("X",), ("lstm",), ("layer_argument",),
    ),
    Mistake(
        "features before timesteps",
        ("X = torch.randn(N, FEATURES, T)\n" + NUMBERS, net(), MSE + LOOP),
        ("axis_order",), ("X",), ("lstm",), ("transpose",),
    ),
    Mistake(
        "batch_first forgotten, told by the state",
        (X + "h0 = torch.zeros(1, N, 8)\nc0 = torch.zeros(1, N, 8)\nlstm = nn.LSTM(FEATURES, 8)\n",
         "out, (h, c) = lstm(X, (h0, c0))\nout[:, -1].shape\n"),
        ("axis_order",), ("X",), ("lstm",), ("layer_argument",),
    ),
    Mistake(
        "batch_first forgotten, told by the target",
        (X + LABELS, net(first="False", out="CLASSES", body="out, h = self.lstm(x)\n        return self.fc(out[-1])"),
         CE + LOOP),
        ("axis_order",), ("X",), ("lstm",), ("transpose",),
    ),
    Mistake(
        "batch_first forgotten, told by the target, the last state used",
        (X + LABELS, net(first="False", out="CLASSES", body="out, (h, c) = self.lstm(x)\n        return self.fc(h[-1])"),
         CE + LOOP),
        ("axis_order",), ("X",), ("lstm",), ("layer_argument",),
    ),
    Mistake(
        "four axes",
        ("X = torch.randn(N, 1, T, FEATURES)\n" + NUMBERS, net() + MSE, LOOP),
        ("rank",), ("X",), ("lstm",), ("squeeze",),
    ),
    Mistake(
        "state of another size",
        (X + "lstm = nn.LSTM(FEATURES, 8, batch_first=True)\n",
         "h0, c0 = torch.zeros(1, 20, 16), torch.zeros(1, 20, 16)\nout, _ = lstm(X, (h0, c0))\n"),
        ("state_size",), ("h0",), ("lstm",), (),
    ),
    Mistake(
        "state of one layer for two",
        (X + "gru = nn.GRU(FEATURES, 8, num_layers=2, batch_first=True)\n",
         "h0 = torch.zeros(1, 20, 8)\nout, h = gru(X, h0)\n"),
        ("state_size",), ("h0",), ("gru",), (),
    ),
    Mistake(
        "pair passed on to Linear",
        (X + NUMBERS, net(body="out = self.lstm(x)\n        return self.fc(out)"), MSE + LOOP),
        ("custom_op",), ("-",), ("lstm",), ("select",),
    ),
    Mistake(
        "pair passed on in a Sequential",
        (X + "model = nn.Sequential(\n    nn.LSTM(FEATURES, 8, batch_first=True),\n    nn.Linear(8, 1),\n)\n",
         "out = model(X)\nprint(out.shape)\n"),
        ("custom_op",), ("-",), ("1",), ("wrap",),
    ),
    Mistake(
        "pair passed on from one recurrent layer to the next",
        (X, "a = nn.GRU(FEATURES, 8, batch_first=True)\nb = nn.GRU(8, 4, batch_first=True)\n",
         "h = a(X)\nout, _ = b(h)\nout.shape\n"),
        ("custom_op",), ("-",), ("a",), ("select",),
    ),
    Mistake(
        "pair indexed",
        (X + "lstm = nn.LSTM(FEATURES, 8, batch_first=True)\n", "last = lstm(X)[:, -1]\nlast.shape\n"),
        ("custom_op",), ("-",), ("lstm",), ("select",),
    ),
    Mistake(
        "Linear after a bidirectional layer",
        (X + LABELS, net(out="CLASSES", head="hidden").replace("batch_first=True", "batch_first=True, bidirectional=True"),
         CE + BATCHES),
        ("features",), ("-",), ("fc",), ("layer_argument",),
    ),
    Mistake(
        "Linear of another width",
        (X + LABELS, net(out="CLASSES", head="16"), CE + LOOP),
        ("features",), ("-",), ("fc",), ("layer_argument",),
    ),
    Mistake(
        "one-hot whole numbers for CrossEntropy",
        (X + "y = F.one_hot(torch.randint(0, CLASSES, (N,)), CLASSES)\n", net(out="CLASSES"), CE + LOOP),
        ("target_encoding",), ("y",), ("criterion",), ("class_index",),
    ),
    Mistake(
        "class numbers in a column",
        (X + "y = torch.randint(0, CLASSES, (N, 1))\n", net(out="CLASSES"), CE + BATCHES),
        ("target_shape",), ("y", "yb"), ("criterion",), ("squeeze",),
    ),
    Mistake(
        "more classes than outputs",
        (X + LABELS, net(out="4"), CE + LOOP.replace("out = model(X)", "assert y.max() == 4; out = model(X)")),
        ("target_encoding",), ("y",), ("criterion",), ("layer_argument",),
    ),
    Mistake(
        "class numbers from 1",
        (X + "y = 1 + torch.arange(N) % CLASSES\n", net(out="CLASSES"), CE + LOOP),
        ("target_encoding",), ("y",), ("criterion",), ("class_index",),
    ),
    Mistake(
        "classes on the last axis",
        (X + "y = torch.randint(0, CLASSES, (N, T))\n",
         net(out="CLASSES", body="out, _ = self.lstm(x)\n        return self.fc(out)"), CE + LOOP),
        ("target_shape",), ("y",), ("criterion",), ("transpose",),
    ),
    Mistake(
        "a whole sequence against one class",
        (X + LABELS, net(out="CLASSES", body="out, _ = self.lstm(x)\n        return self.fc(out)"),
         "logits = model(X)\nloss = F.cross_entropy(logits, y)\nloss.backward()\n"),
        ("sequence_kept",), ("y",), (), ("select",),
    ),
    Mistake(
        "class numbers as floats",
        (X + "y = torch.randint(0, CLASSES, (N,)).float()\n", net(out="CLASSES"), CE + LOOP),
        ("dtype",), ("y",), ("criterion",), ("cast",),
    ),
    Mistake(
        "BCE with a column",
        (X + "y = torch.randint(0, 2, (N,)).float()\n", net(), "criterion = nn.BCEWithLogitsLoss()\n" + LOOP),
        ("target_shape",), ("y",), ("criterion",), ("expand",),
    ),
    Mistake(
        "double from NumPy",
        ("X = torch.from_numpy(np.random.randn(N, T, FEATURES))\n" + NUMBERS, net(), MSE + BATCHES),
        ("dtype",), ("X", "xb"), ("lstm",), ("cast",),
    ),
    Mistake(
        "a NumPy array",
        ("X = np.random.randn(N, T, FEATURES)\n" + NUMBERS, net(), MSE + LOOP),
        ("dtype",), ("X",), ("lstm",), ("cast",),
    ),
    Mistake(
        "sequences of unequal length",
        ("seqs = [np.random.randn(n, FEATURES).tolist() for n in (3, 5, 7)]\n",
         "X = torch.tensor(seqs)\nout, _ = nn.LSTM(FEATURES, 8, batch_first=True)(X)\n"),
        ("ragged",), ("seqs",), (), ("pad",),
    ),
    Mistake(
        "tensors of unequal length stacked",
        ("seqs = [torch.randn(n, FEATURES) for n in (3, 5, 7)]\n", "X = torch.stack(seqs)\nX.shape\n"),
        ("ragged",), ("seqs",), (), ("pad",),
    ),
    Mistake(
        "ids as floats",
        ("ids = torch.randint(0, 10, (N, T)).float()\nemb = nn.Embedding(10, 4)\n",
         "lstm = nn.LSTM(4, 8, batch_first=True)\nout, _ = lstm(emb(ids))\n"),
        ("dtype",), ("ids",), ("emb",), ("cast",),
    ),
    Mistake(
        "an id beyond the vocabulary",
        ("ids = torch.arange(N * T).reshape(N, T)\nemb = nn.Embedding(100, 4)\n", "emb(ids).shape\n"),
        ("other",), ("ids",), ("emb",), ("layer_argument",),
    ),
    Mistake(
        "targets of fewer samples",
        (X + "y = torch.randint(0, CLASSES, (N - 2,))\n", net(out="CLASSES"), CE + LOOP),
        ("sample_count",), ("y",), ("criterion",), (),
    ),
    Mistake(
        "unsorted lengths",
        (X + "lengths = torch.randint(1, T + 1, (N,))\nlengths[-1] = T\nlengths[0] = 1\n",
         "packed = nn.utils.rnn.pack_padded_sequence(X, lengths, batch_first=True)\nout, h = nn.GRU(FEATURES, 8, batch_first=True)(packed)\n"),
        ("other",), (), (), ("other",),
    ),
    Mistake(
        "time steps before a convolution",
        (X, "conv = nn.Conv1d(FEATURES, 8, 3)\nconv(X).shape\n"),
        ("axis_order",), ("X",), ("conv",), ("transpose",),
    ),
)  # fmt: skip

DATASET = """
from torch.utils.data import Dataset

class Windows(Dataset):
    def __init__(self, series, steps):
        self.series, self.steps = series, steps

    def __len__(self):
        return len(self.series) - self.steps

    def __getitem__(self, i):
        return self.series[i : i + self.steps], self.series[i + self.steps, :1]

series = torch.randn(40, 4)
dataset = Windows(series, T)
train_set, test_set = torch.utils.data.random_split(dataset, [25, 8])
train_loader = DataLoader(train_set, batch_size=10, shuffle=True)
test_loader = DataLoader(test_set, batch_size=10)
"""
EVALUATE = """
@torch.no_grad()
def evaluate(model, loader, criterion):
    model.eval()
    losses = [criterion(model(xb), yb).item() for xb, yb in loader]
    return sum(losses) / len(losses)
"""
WHOLE = """
device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
model = model.to(device)
criterion = nn.MSELoss()
optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
scheduler = torch.optim.lr_scheduler.StepLR(optimizer, step_size=1)
best, history = float("inf"), []
for epoch in range(32):
    model.train()
    for i, (xb, yb) in enumerate(train_loader):
        xb, yb = xb.to(device), yb.to(device)
        optimizer.zero_grad(set_to_none=True)
        loss = criterion(model(xb), yb)
        loss.backward()
        optimizer.step()
    scheduler.step()
    history.append(evaluate(model, test_loader, criterion))
    if history[-1] < best:
        best = history[-1]
        state = {k: v.clone() for k, v in model.state_dict().items()}
model.load_state_dict(state)
xb, yb = next(iter(test_loader))
predictions = model(xb).detach().numpy()
print(f"{best:.4f}", predictions.shape, np.abs(predictions).mean() >= 0)
"""

MORE = (
    Mistake(
        "a dataset of one's own, a scheduler, an evaluation",
        (DATASET, net(), EVALUATE, WHOLE),
        ("features",), ("xb",), ("lstm",), ("layer_argument",),
    ),
    Mistake(
        "an Embedding, dropout and a Linear of another width",
        ("X = torch.randint(0, 50, (N, T))\ny = torch.randint(0, 2, (N,)).float()\n", """
class Classifier(nn.Module):
    def __init__(self, vocabulary, hidden):
        super().__init__()
        self.emb = nn.Embedding(vocabulary, 12)
        self.gru = nn.GRU(12, hidden, num_layers=2, dropout=0.1, batch_first=True, bidirectional=True)
        self.head = nn.Sequential(nn.Dropout(0.2), nn.Linear(hidden, 6), nn.ReLU(), nn.Linear(6, 1))

    def forward(self, tokens):
        _, h = self.gru(self.emb(tokens))
        return torch.sigmoid(self.head(torch.cat([h[-2], h[-1]], dim=1))).squeeze(-1)

model = Classifier(50, 8)
""", "criterion = nn.BCELoss()\n" + BATCHES),
        ("features",), ("-",), ("head.1",), ("layer_argument",),
    ),
    Mistake(
        "a state kept between calls",
        (X + NUMBERS, """
class Stateful(nn.Module):
    def __init__(self):
        super().__init__()
        self.rnn = nn.RNN(FEATURES, 8, batch_first=True)
        self.fc = nn.Linear(8, 1)
        self.calls = 0
        self.register_buffer("seen", torch.zeros(1))

    def forward(self, x):
        self.calls += 1
        self.seen += 1
        h0 = torch.zeros(2, x.size(0), 8)
        out, h = self.rnn(x, h0)
        return self.fc(out[:, -1])

model = Stateful()
""", MSE + LOOP),
        ("state_size",), ("h0",), ("rnn",), (),
    ),
    Mistake(
        "test data of the same flat shape",
        ("X_train, X_test = torch.randn(N, T * FEATURES), torch.randn(6, T * FEATURES)\n"
         "y_train, y_test = torch.randn(N, 1), torch.randn(6, 1)\n" + net() + MSE,
         LOOP.replace("(X)", "(X_train)").replace(", y)", ", y_train)")
         + "with torch.no_grad():\n    print(criterion(model(X_test), y_test))\n"),
        ("flattened",), ("X_train",), ("lstm",), ("reshape",),
    ),
    Mistake(
        "test data with the features first",
        ("X_train, X_test = torch.randn(N, FEATURES, T), torch.randn(6, FEATURES, T)\n"
         "y_train, y_test = torch.randn(N, 1), torch.randn(6, 1)\n" + net() + MSE,
         LOOP.replace("(X)", "(X_train)").replace(", y)", ", y_train)")
         + "with torch.no_grad():\n    print(criterion(model(X_test), y_test))\n"),
        ("axis_order",), ("X_train",), ("lstm",), ("transpose",),
    ),
    Mistake(
        "cells, one step at a time",
        (X + "cell = nn.LSTMCell(4, 8)\n",
         "h = c = torch.zeros(N, 8)\nfor t in range(T):\n    h, c = cell(X[:, t], (h, c))\n"),
        ("features",), (), ("cell",), ("layer_argument",),
    ),
    Mistake(
        "a batch in a NumPy loop",
        ("X = np.random.randn(N, T, FEATURES).astype('float32')\ny = np.random.randn(N, 1).astype('float32')\n", net(),
         """
opt = torch.optim.SGD(model.parameters(), lr=0.1)
for i in range(0, N, 8):
    xb = torch.from_numpy(X[i:i+8]).double()
    loss = F.mse_loss(model(xb), torch.from_numpy(y[i:i+8]))
    opt.zero_grad(); loss.backward(); opt.step()
"""),
        ("dtype",), ("xb",), ("lstm",), ("cast",),
    ),
)  # fmt: skip

CORRECT = (
    Mistake("a whole training", (DATASET, net().replace("FEATURES", "4"), EVALUATE, WHOLE), outcome="clean"),
    Mistake("regression", (X + NUMBERS, net(), MSE + LOOP), outcome="clean"),
    Mistake("batches", (X + LABELS, net(out="CLASSES"), CE + BATCHES), outcome="clean"),
    Mistake(
        "time first, and meant",
        ("X = torch.randn(T, N, FEATURES)\n" + NUMBERS,
         net(first="False", body="out, _ = self.lstm(x)\n        return self.fc(out[-1])"), MSE + LOOP),
        outcome="clean",
    ),
    Mistake(
        "time first, turned for the answer",
        (X + NUMBERS, net(
            first="False",
            body="out, _ = self.lstm(x.transpose(0, 1))\n        out = out.transpose(0, 1)\n        return self.fc(out[:, -1])",
        ), MSE + LOOP),
        outcome="clean",
    ),
    Mistake("one sample alone", (X, "lstm = nn.LSTM(FEATURES, 8)\nout, _ = lstm(X[0])\nout[:, -1]\n"), outcome="clean"),
    Mistake(
        "one sample, time first",
        (X, "lstm = nn.LSTM(FEATURES, 8)\nout, _ = lstm(X[0].unsqueeze(1))\nlast = out[:, -1]\n"), outcome="clean",
    ),
    Mistake(
        "classes for each timestep",
        (X + "y = torch.randint(0, CLASSES, (N, T))\n",
         net(out="CLASSES", body="out, _ = self.lstm(x)\n        return self.fc(out).transpose(1, 2)"), CE + LOOP),
        outcome="clean",
    ),
    Mistake("a Sequential", (X, "m = nn.Sequential(nn.Flatten(), nn.Linear(T * FEATURES, 1))\nm(X).shape\n"), outcome="clean"),
    Mistake(
        "cells by hand",
        (X, "cell = nn.LSTMCell(FEATURES, 8)\nh = c = torch.zeros(N, 8)\nfor t in range(T):\n    h, c = cell(X[:, t], (h, c))\n"),
        outcome="clean",
    ),
)  # fmt: skip

SILENT = (
    Mistake(
        "MSE of a column against a row",
        (X + "y = torch.randn(N)\n", net(), MSE + LOOP),
        arrays=("y",), outcome="clean", warning="broadcast_loss",
    ),
    Mistake(
        "batch_first forgotten",
        (X + NUMBERS, net(first="False"), MSE + LOOP),
        layers=("lstm",), outcome="clean", warning="time_major",
    ),
)  # fmt: skip
