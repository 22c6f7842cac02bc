"""Trains a request of POST /jobs with PyTorch, so that Descent can be compared with it.

Modules, losses, optimizers and schedulers are PyTorch's own wherever it has them. Where Descent has
a rule of its own (weights of rows, warm-up, early stopping) the formula stands here.
"""

import copy
import math
import warnings

import numpy
import torch

# The scheduler of a request with warm-up is made after the optimizer's first steps.
warnings.filterwarnings("ignore", module="torch.optim.lr_scheduler")


def kind(value, default=None):
    """A kind as type and options; it may be written as the type alone."""
    value = default if value is None else value
    return (value, {}) if isinstance(value, str) else (value["type"], value)


def id_order(name):
    """Ids sort numbers before words, numbers by value."""
    return (0, int(name), "") if name.isdigit() else (1, 0, name)


class Kinks:
    """The least distance from a place where a function has no derivative, over a whole training."""

    def __init__(self):
        self.distance = math.inf

    def note(self, values):
        self.distance = min(self.distance, float(values.detach().abs().min()))


class Reference:
    """One training of a request."""

    def __init__(self, request, dtype):
        # The engine reads 32-bit floats: both precisions begin with the same numbers.
        self.tensor = lambda rows: torch.tensor(rows, dtype=torch.float32).to(dtype)
        self.dtype = dtype
        self.kinks = Kinks()
        self.margin = math.inf
        network, self.training = request["network"], request["training"]
        self.operators = {name: kind(value) for name, value in network["operators"].items()}
        self.outputs = [n for n, fed in network["connectivity"].items() if not fed]
        self.read_sources(network)
        self.splits = {
            name: self.read_split(split) for name, split in request["dataset"].items()
        }
        self.modules = {}
        for name in self.order:
            self.modules[name] = self.make_module(name)
        self.parameters = list(
            {
                id(p): p
                for name in sorted(self.modules, key=id_order)
                for p in self.modules[name].parameters()
            }.values()
        )
        losses = self.training.get("losses")
        loss = self.training.get("loss", "mse")
        self.losses = losses or {name: loss for name in self.outputs}
        self.make_optimizer()

    # The network.

    def read_sources(self, network):
        connectivity = network["connectivity"]
        feeders = [n for fed in connectivity.values() for n in map(str, fed)]
        default = {"x": [n for n in connectivity if n not in feeders]}
        self.inputs = network.get("inputs", default)
        feeds = {**connectivity, **self.inputs}
        self.sources = {}
        for name, (_, options) in self.operators.items():
            found = sorted((s for s in feeds if name in map(str, feeds[s])), key=id_order)
            named = options.get("inputs")
            assert named is None or sorted(named) == sorted(found)
            self.sources[name] = named or found
        self.order = []
        while len(self.order) < len(self.operators):
            self.order.append(
                next(
                    n
                    for n in sorted(self.operators, key=id_order)
                    if n not in self.order
                    and all(s in self.inputs or s in self.order for s in self.sources[n])
                )
            )

    def read_split(self, split):
        inputs, targets = split["inputs"], split["targets"]
        inputs = inputs if isinstance(inputs, dict) else {next(iter(self.inputs)): inputs}
        targets = targets if isinstance(targets, dict) else {self.outputs[0]: targets}
        weights = split.get("weights")
        return (
            {name: self.tensor(rows) for name, rows in inputs.items()},
            {name: self.tensor(rows) for name, rows in targets.items()},
            None if weights is None else self.tensor(weights),
        )

    def make_module(self, name):
        type, o = self.operators[name]
        nn, dtype = torch.nn, self.dtype
        if "shares" in o:
            # The very module: one set of parameters, to which all users' gradients add.
            return self.modules[o["shares"]]
        if type == "linear":
            outs, ins = numpy.shape(o["weight"])
            module = nn.Linear(ins, outs, bias=o.get("bias") is not False, dtype=dtype)
        elif type == "batch_norm":
            module = nn.BatchNorm1d(
                len(o["weight"]), eps=o.get("epsilon", 1e-5), momentum=o.get("momentum", 0.1),
                dtype=dtype)
        elif type == "layer_norm":
            module = nn.LayerNorm(len(o["weight"]), eps=o.get("epsilon", 1e-5), dtype=dtype)
        else:
            return {
                "identity": lambda: nn.Identity(),
                "relu": lambda: nn.ReLU(),
                "sigmoid": lambda: nn.Sigmoid(),
                "tanh": lambda: nn.Tanh(),
                "leaky_relu": lambda: nn.LeakyReLU(o.get("negative_slope", 0.01)),
                "elu": lambda: nn.ELU(o.get("alpha", 1.0)),
                "gelu": lambda: nn.GELU(approximate=o.get("approximate", "none")),
                "silu": lambda: nn.SiLU(),
                "softplus": lambda: nn.Softplus(o.get("beta", 1.0), o.get("threshold", 20.0)),
                "softmax": lambda: nn.Softmax(dim=1),
                "dropout": lambda: nn.Dropout(o.get("rate", 0.5)),
                "standardize": lambda: Standardize(o, self.splits["train"][0], self.sources[name]),
                "sum": lambda: Fold(torch.add),
                "multiply": lambda: Fold(torch.mul),
                "subtract": lambda: Fold(torch.sub),
                "concat": lambda: Concat(),
            }[type]()
        with torch.no_grad():
            for member, tensor in self.members(module).items():
                if member in o and o[member] is not False:
                    tensor.copy_(self.tensor(o[member]))
        return module

    @staticmethod
    def members(module):
        """What a module keeps, by the names that a request gives it."""
        names = {
            "weight": "weight", "bias": "bias", "running_mean": "running_mean",
            "running_variance": "running_var", "mean": "mean",
            "standard_deviation": "standard_deviation",
        }
        found = {name: getattr(module, attribute, None) for name, attribute in names.items()}
        return {name: tensor for name, tensor in found.items() if tensor is not None}

    def forward(self, inputs, is_training):
        values = dict(inputs)
        for name in self.order:
            module = self.modules[name]
            module.train(is_training)
            values[name] = module(*(values[s] for s in self.sources[name]))
            if is_training:
                self.note_kinks(name, values[self.sources[name][0]])
        return {name: values[name] for name in self.outputs}

    def note_kinks(self, name, value):
        type, o = self.operators[name]
        if type in ("relu", "leaky_relu") or (type == "elu" and o.get("alpha", 1) != 1):
            self.kinks.note(value)
        if type == "softplus":
            self.kinks.note(o.get("beta", 1) * value - o.get("threshold", 20))

    # Losses.

    def loss(self, outputs, targets, weights, is_training):
        """The loss of a batch, and the sum of its rows' weights."""
        total, row_weight = 0, None
        for name, output in outputs.items():
            type, o = kind(self.losses[name])
            target = targets[name]
            if is_training and type == "mae":
                self.kinks.note(output - target)
            if is_training and type == "huber":
                self.kinks.note((output - target).abs() - o.get("delta", 1))
            value, weight = self.output_loss(type, o, output, target, weights)
            total = total + o.get("weight", 1) * value
            row_weight = weight
        return total, row_weight

    def output_loss(self, type, o, output, target, weights):
        nn, rows = torch.nn, len(output)
        classes = o.get("class_weights")
        classes = None if classes is None else self.tensor(classes)
        if type == "cross_entropy":
            if target.shape[1] == 1:
                target = target[:, 0].long()
            elif bool(((target == 0) | (target == 1)).all()):
                target = target.argmax(dim=1)
        if weights is None and (classes is None or (type == "cross_entropy" and target.dim() == 1)):
            module = {
                "mse": lambda: nn.MSELoss(),
                "mae": lambda: nn.L1Loss(),
                "huber": lambda: nn.HuberLoss(delta=o.get("delta", 1.0)),
                "bce": lambda: nn.BCELoss(),
                "bce_with_logits": lambda: nn.BCEWithLogitsLoss(),
                "cross_entropy": lambda: nn.CrossEntropyLoss(weight=classes),
            }[type]()
            row_weight = rows if classes is None else float(classes[target].sum())
            return module(output, target), row_weight
        # PyTorch has no weights of rows. Descent's rule: the weight of a row is its sample weight
        # times the class weight of its target, the loss of a batch sum(w l) / sum(w), 0 if all
        # weights are 0.
        row_losses = {
            "mse": lambda: nn.MSELoss(reduction="none")(output, target).mean(dim=1),
            "mae": lambda: nn.L1Loss(reduction="none")(output, target).mean(dim=1),
            "huber": lambda: nn.HuberLoss(reduction="none", delta=o.get("delta", 1.0))(
                output, target).mean(dim=1),
            "bce": lambda: nn.BCELoss(reduction="none")(output, target).mean(dim=1),
            "bce_with_logits": lambda: nn.BCEWithLogitsLoss(reduction="none")(
                output, target).mean(dim=1),
            "cross_entropy": lambda: nn.CrossEntropyLoss(reduction="none")(output, target),
        }[type]()
        w = torch.ones(rows, dtype=self.dtype) if weights is None else weights
        if classes is not None:
            if type == "cross_entropy":
                w = w * (classes[target] if target.dim() == 1 else target @ classes)
            else:
                w = w * (classes[0] * (1 - target) + classes[1] * target)[:, 0]
        total = float(w.sum())
        return (w * row_losses).sum() / (total if total > 0 else 1), total

    # Steps.

    def make_optimizer(self):
        type, o = kind(self.training.get("optimizer"), "sgd")
        default_rates = {
            "sgd": 0.05, "adam": 0.001, "adamw": 0.001, "rmsprop": 0.01, "adagrad": 0.01}
        self.rate = o.get("learning_rate", default_rates[type])
        self.l1, self.l2 = self.training.get("l1", 0), self.training.get("l2", 0)
        common = {"lr": self.rate, "foreach": False}
        if type != "adamw":
            common["weight_decay"] = self.l2
        betas = (o.get("beta1", 0.9), o.get("beta2", 0.999))
        optim = torch.optim
        self.optimizer = {
            "sgd": lambda: optim.SGD(
                self.parameters, momentum=o.get("momentum", 0), nesterov=o.get("nesterov", False),
                **common),
            "adam": lambda: optim.Adam(
                self.parameters, betas=betas, eps=o.get("epsilon", 1e-8), **common),
            "adamw": lambda: optim.AdamW(
                self.parameters, betas=betas, eps=o.get("epsilon", 1e-8),
                weight_decay=o.get("weight_decay", 0.01), **common),
            "rmsprop": lambda: optim.RMSprop(
                self.parameters, alpha=o.get("alpha", 0.99), eps=o.get("epsilon", 1e-8),
                momentum=o.get("momentum", 0), **common),
            "adagrad": lambda: optim.Adagrad(
                self.parameters, eps=o.get("epsilon", 1e-10), **common),
        }[type]()
        self.adds_l2 = type == "adamw"

    def step(self, batch):
        inputs, targets, weights = (self.take(part, batch) for part in self.splits["train"])
        self.optimizer.zero_grad()
        loss, row_weight = self.loss(self.forward(inputs, True), targets, weights, True)
        loss.backward()
        clipping = self.training.get("gradient_clipping", {})
        if "norm" in clipping:
            norm = torch.nn.utils.clip_grad_norm_(self.parameters, clipping["norm"])
            self.clipped.append(float(norm) > clipping["norm"])
        if "value" in clipping:
            self.clipped.append(
                any(bool((p.grad.abs() > clipping["value"]).any()) for p in self.parameters))
            torch.nn.utils.clip_grad_value_(self.parameters, clipping["value"])
        with torch.no_grad():
            for p in self.parameters:
                # PyTorch has no L1; its AdamW's weight decay is the decoupled one. After clipping.
                if self.l1:
                    self.kinks.note(p)
                    p.grad += self.l1 * torch.sign(p)
                if self.adds_l2:
                    p.grad += self.l2 * p
        self.optimizer.step()
        return float(loss.detach()), row_weight

    @staticmethod
    def take(part, batch):
        if part is None or not isinstance(part, dict):
            return None if part is None else part[batch]
        return {name: rows[batch] for name, rows in part.items()}

    def split_loss(self, split):
        inputs, targets, weights = self.splits[split]
        with torch.no_grad():
            return float(self.loss(self.forward(inputs, False), targets, weights, False)[0])

    # Epochs.

    def begin_epoch(self, epoch):
        """Sets the learning rate: a warm-up, then PyTorch's scheduler, which begins after it."""
        type, o = kind(self.training.get("schedule"), "constant")
        warmup, lr = o.get("warmup_epochs", 0), torch.optim.lr_scheduler
        group = self.optimizer.param_groups[0]
        if epoch < warmup:
            group["lr"] = self.rate * (epoch + 1) / warmup
        elif epoch == warmup:
            group["lr"] = self.rate
            self.period = o.get("period", self.training["epochs"] - warmup)
            self.scheduler = {
                "constant": lambda: lr.ConstantLR(self.optimizer, factor=1),
                "step": lambda: lr.StepLR(self.optimizer, o["step_size"], o.get("gamma", 0.1)),
                "exponential": lambda: lr.ExponentialLR(self.optimizer, o["gamma"]),
                "cosine": lambda: lr.CosineAnnealingLR(
                    self.optimizer, self.period, o.get("minimum", 0)),
                "reduce_on_plateau": lambda: lr.ReduceLROnPlateau(
                    self.optimizer, factor=o.get("factor", 0.1), patience=o.get("patience", 10),
                    threshold=o.get("threshold", 1e-4), min_lr=o.get("minimum", 0)),
            }[type]()
        return group["lr"]

    def end_epoch(self, epoch, monitored):
        type, o = kind(self.training.get("schedule"), "constant")
        warmup = o.get("warmup_epochs", 0)
        if epoch < warmup:
            return
        if type == "reduce_on_plateau":
            bound = self.scheduler.best * (1 - self.scheduler.threshold)
            self.note_margin(monitored, bound)
            self.scheduler.step(monitored)
        elif type != "cosine" or epoch - warmup < self.period:
            # Past its period PyTorch's cosine would rise again; Descent's stays.
            self.scheduler.step()

    def note_margin(self, value, bound):
        if math.isfinite(bound):
            self.margin = min(self.margin, abs(value - bound) / abs(bound))

    def should_stop(self, epoch, result):
        """Keras's rule, since PyTorch has none: `patience` epochs in a row without improvement."""
        o = self.training.get("early_stopping")
        if o is None:
            return False
        monitor = o.get("monitor", "validation" if "validation" in self.splits else "train")
        value = result[monitor + "_loss"][-1]
        bound = self.best[0] - o.get("minimum_change", 0)
        self.note_margin(value, bound)
        if value < bound:
            modules = copy.deepcopy({name: m.state_dict() for name, m in self.modules.items()})
            self.best = (value, epoch, modules)
        return epoch - self.best[1] >= o.get("patience", 10)

    def run(self):
        rows = len(next(iter(self.splits["train"][0].values())))
        size = self.training["batch_size"]
        batches = [slice(i, min(i + size, rows)) for i in range(0, rows, size)]
        result = {"train_loss": [], "validation_loss": [], "learning_rate": []}
        self.clipped, self.best = [], (math.inf, 0, None)
        for epoch in range(self.training["epochs"]):
            result["learning_rate"].append(self.begin_epoch(epoch))
            steps = [self.step(batch) for batch in batches]
            weight = sum(w for _, w in steps)
            result["train_loss"].append(sum(l * w for l, w in steps) / weight)
            if "validation" in self.splits:
                result["validation_loss"].append(self.split_loss("validation"))
            monitored = (result["validation_loss"] or result["train_loss"])[-1]
            self.end_epoch(epoch, monitored)
            if self.should_stop(epoch, result):
                break
        if self.best[2] is not None:
            for name, state in self.best[2].items():
                self.modules[name].load_state_dict(state)
        if not result["validation_loss"]:
            del result["validation_loss"]
        return self.finish(result)

    def finish(self, result):
        result["parameters"] = {
            name: {n: t.detach().tolist() for n, t in self.members(module).items()}
            for name, module in self.modules.items()
            if self.members(module) and "shares" not in self.operators[name][1]
        }
        with torch.no_grad():
            outputs = self.forward(self.splits["train"][0], False)
        result["outputs"] = {name: tensor.tolist() for name, tensor in outputs.items()}
        return result


class Fold(torch.nn.Module):
    """An elementwise operation on all inputs, from the left."""

    def __init__(self, function):
        super().__init__()
        self.function = function

    def forward(self, first, *others):
        for other in others:
            first = self.function(first, other)
        return first


class Concat(torch.nn.Module):
    """The features of all inputs side by side."""

    def forward(self, *inputs):
        return torch.cat(inputs, dim=1)


class Standardize(torch.nn.Module):
    """`(x - mean) / standard_deviation`; what is left out is fitted on the training split."""

    def __init__(self, options, inputs, sources):
        super().__init__()
        (source,) = sources
        x = inputs[source]
        deviation = x.std(dim=0, correction=0)
        deviation = torch.where(deviation == 0, torch.ones_like(deviation), deviation)
        given = {n: torch.tensor(options[n], dtype=torch.float32).to(x.dtype)
                 for n in ("mean", "standard_deviation") if n in options}
        self.register_buffer("mean", given.get("mean", x.mean(dim=0)))
        self.register_buffer(
            "standard_deviation", given.get("standard_deviation", deviation))

    def forward(self, x):
        return (x - self.mean) / self.standard_deviation
