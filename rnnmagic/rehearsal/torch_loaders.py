"""Loaders in a rehearsal: those of their batches that teach something."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from rnnmagic.rehearsal.unknown import CannotTell

if TYPE_CHECKING:
    from rnnmagic.rehearsal.torch_world import TorchWorld

_BATCHES_AT_MOST = 3
_SAMPLES_READ = 2_000
"""Samples of a dataset of the user's that are read to know their class numbers."""


class Batches:
    """The first two batches of a loader, the last, which may be smaller, and those of extreme class numbers."""

    def __init__(self, world: TorchWorld, loader: Any) -> None:
        self.world, self.loader = world, loader

    def __len__(self) -> int:
        return len(self.loader)

    def __iter__(self) -> Iterator[Any]:
        loader, data = self.loader, self.world.torch.utils.data
        sampler = type(loader.sampler).__name__
        if isinstance(loader.dataset, data.IterableDataset) or loader.batch_size is None:
            raise CannotTell("a loader over a stream")
        if type(loader.batch_sampler) is not data.BatchSampler or sampler not in (
            "SequentialSampler", "RandomSampler", "SubsetRandomSampler", "WeightedRandomSampler",
        ):  # fmt: skip
            raise CannotTell("a loader with a sampler of its own")
        count, size = len(loader.sampler), loader.batch_size
        total = len(loader)
        numbers = {*range(min(total, _BATCHES_AT_MOST - 1)), total - 1}
        if total > _BATCHES_AT_MOST:
            numbers |= {place // size for place in self._telling(loader.dataset) if place < total * size}
        for number in sorted(numbers - {-1}):
            self.world.guard.tick()
            places = range(number * size, min(count, (number + 1) * size))
            yield self.world.made(self._batch(loader, places))

    def _telling(self, dataset: Any) -> set[int]:
        """Samples that no batch may be left out for: those with the lowest and highest whole numbers."""
        if type(dataset).__name__ == "TensorDataset":
            whole = [part for part in dataset.tensors if not part.is_floating_point()]
            if any(self.world.is_fake(part) for part in whole):
                self.world.doubt("class numbers that are not known")
            return {place for part in whole if not self.world.is_fake(part) for place in self._extremes(part)}
        if len(dataset) > _SAMPLES_READ:
            self.world.doubt("samples that were passed over")
            return set()
        rows = [self._leaves(self.world.inside(dataset[place])) for place in range(len(dataset))]
        shapes = {tuple((tuple(leaf.shape), leaf.dtype) for leaf in row) for row in rows}
        if len(shapes) > 1:
            self.world.doubt("samples of different shape")
            return set()
        found: set[int] = set()
        for column in zip(*rows, strict=True):
            if column[0].is_floating_point():
                continue
            if any(self.world.is_fake(leaf) for leaf in column):
                self.world.doubt("class numbers that are not known")
                continue
            lows, highs = [int(leaf.min()) for leaf in column], [int(leaf.max()) for leaf in column]
            found |= {lows.index(min(lows)), highs.index(max(highs))}
        return found

    def _extremes(self, part: Any) -> set[int]:
        if not part.numel():
            return set()
        inner = part.numel() // part.shape[0]
        with self.world.outside():
            return {int(part.reshape(-1).argmin()) // inner, int(part.reshape(-1).argmax()) // inner}

    def _leaves(self, row: Any) -> list[Any]:
        """The tensors of one sample, a plain number as one of its own."""
        if isinstance(row, (tuple, list)):
            return [leaf for part in row for leaf in self._leaves(part)]
        if isinstance(row, dict):
            return [leaf for part in row.values() for leaf in self._leaves(part)]
        if self.world.is_tensor(row):
            return [row]
        with self.world.outside(), contextlib.suppress(TypeError, ValueError, RuntimeError):
            return [self.world.torch.as_tensor(row)]
        return []

    def _batch(self, loader: Any, places: range) -> Any:
        dataset, world = loader.dataset, self.world
        default = getattr(loader.collate_fn, "__name__", "") == "default_collate"
        # Fake tensors and those with elements side by side: each knows by itself what to do.
        with world.outside():
            if type(dataset).__name__ == "TensorDataset" and default:
                return [part[places.start : places.stop] for part in dataset.tensors]
            return loader.collate_fn([world.inside(dataset[place]) for place in places])
