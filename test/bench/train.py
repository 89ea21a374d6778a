"""Times training in Keras or PyTorch and prints one JSON object.

Usage: train.py keras|keras-static|torch paper|compact|log-mel WIDTH BATCH STEPS

keras-static feeds batches with a static shape; by default, the step that Keras compiles accepts batches of any size."""
import json, os, resource, sys, time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
import numpy as np

framework, model_name = sys.argv[1:3]
width, batch, steps = map(int, sys.argv[3:])
shape = {"paper": (2376, 1), "compact": (108, 22), "log-mel": (108, 64, 1)}[model_name]
rng = np.random.default_rng(1)
x = rng.standard_normal((batch * steps, *shape)).astype("float32")
labels = np.arange(batch * steps) % 7
# Warm-up before the timed training: one step of the paper's network, all steps of the others.
warm = batch if model_name == "paper" else batch * steps


def keras(is_static=False):
    import tensorflow as tf

    L = tf.keras.layers

    def paper():
        def block(filters, taps, pool):
            return [
                L.Conv1D(filters, taps, padding="same", activation="relu"),
                L.BatchNormalization(),
                L.MaxPool1D(pool, 2, padding="same"),
            ]

        layers = [*block(512, 5, 5), *block(512, 5, 5), L.Dropout(0.2), *block(256, 5, 5), *block(256, 3, 5), L.Dropout(0.2)]
        layers += [*block(128, 3, 3), L.Dropout(0.2), L.Flatten(), L.Dense(512, activation="relu"), L.BatchNormalization()]
        net = tf.keras.Sequential([L.Input(shape), *layers, L.Dense(7, activation="softmax")])
        net.compile(optimizer="adam", loss="categorical_crossentropy", metrics=["accuracy"])
        return net

    def compact():
        inputs = L.Input(shape)
        h = inputs
        for filters, taps, rate in ((width, 5, 0.2), (width, 5, 0.2), (2 * width, 3, 0.3)):
            h = L.Conv1D(filters, taps, padding="same", use_bias=False)(h)
            h = L.ReLU()(L.BatchNormalization(momentum=0.9, epsilon=1e-5)(h))
            h = L.Dropout(rate)(L.MaxPool1D(2)(h))
        h = L.Concatenate()([L.GlobalAveragePooling1D()(h), L.GlobalMaxPooling1D()(h)])
        return regularised(inputs, h)

    def log_mel():
        inputs = L.Input(shape)
        h = inputs
        for filters, rate in ((width, 0.1), (2 * width, 0.2), (4 * width, 0.2), (4 * width, 0.3)):
            h = L.Conv2D(filters, 3, padding="same", use_bias=False)(h)
            h = L.ReLU()(L.BatchNormalization(momentum=0.9, epsilon=1e-5)(h))
            h = L.Dropout(rate)(L.MaxPool2D(2)(h))
        h = L.Concatenate()([L.GlobalAveragePooling2D()(h), L.GlobalMaxPooling2D()(h)])
        return regularised(inputs, h)

    def regularised(inputs, h):
        net = tf.keras.Model(inputs, L.Dense(7, activation="softmax")(h))
        loss = tf.keras.losses.CategoricalCrossentropy(label_smoothing=0.1)
        net.compile(optimizer=tf.keras.optimizers.AdamW(1e-3), loss=loss, metrics=["accuracy"])
        return net

    net = {"paper": paper, "compact": compact, "log-mel": log_mel}[model_name]()
    y = np.eye(7, dtype="float32")[labels]

    def data(rows, *arrays):
        if not is_static:
            return {**dict(zip("xy", (array[:rows] for array in arrays))), "batch_size": batch}
        slices = tf.data.Dataset.from_tensor_slices(tuple(array[:rows] for array in arrays))
        return {"x": slices.batch(batch, drop_remainder=True)}

    net.fit(**data(warm, x, y), verbose=0)
    start = time.perf_counter()
    net.fit(**data(len(x), x, y), verbose=0)
    train = time.perf_counter() - start
    net.predict(**data(batch, x), verbose=0)
    start = time.perf_counter()
    net.predict(**data(len(x), x), verbose=0)
    predict = time.perf_counter() - start
    parameters = sum(int(np.prod(weight.shape)) for weight in net.trainable_weights)
    static = ", static shapes" if is_static else ""
    return f"Keras {tf.keras.__version__} on TensorFlow {tf.__version__}{static}", parameters, train, predict


def torch():
    import torch
    from torch import nn

    channels = shape[-1]

    def paper():
        def block(i, o, k, pool):
            return [nn.Conv1d(i, o, k, padding=k // 2), nn.ReLU(), nn.BatchNorm1d(o), nn.MaxPool1d(pool, 2, padding=pool // 2)]

        layers = [*block(1, 512, 5, 5), *block(512, 512, 5, 5), nn.Dropout(0.2), *block(512, 256, 5, 5), *block(256, 256, 3, 5)]
        layers += [nn.Dropout(0.2), *block(256, 128, 3, 3), nn.Dropout(0.2), nn.Flatten(), nn.Linear(75 * 128, 512), nn.ReLU()]
        return nn.Sequential(*layers, nn.BatchNorm1d(512), nn.Linear(512, 7))

    class Compact(nn.Module):
        def __init__(self):
            super().__init__()

            def block(i, o, k, rate):
                convolution = nn.Conv1d(i, o, k, padding=k // 2, bias=False)
                return nn.Sequential(convolution, nn.BatchNorm1d(o), nn.ReLU(), nn.MaxPool1d(2), nn.Dropout(rate))

            self.features = nn.Sequential(block(channels, width, 5, 0.2), block(width, width, 5, 0.2), block(width, 2 * width, 3, 0.3))
            self.out = nn.Linear(4 * width, 7)

        def forward(self, values):
            h = self.features(values)
            return self.out(torch.cat([h.mean(-1), h.amax(-1)], 1))

    class LogMel(nn.Module):
        def __init__(self):
            super().__init__()

            def block(i, o, rate):
                convolution = nn.Conv2d(i, o, 3, padding=1, bias=False)
                return nn.Sequential(convolution, nn.BatchNorm2d(o), nn.ReLU(), nn.MaxPool2d(2), nn.Dropout(rate))

            sizes = (channels, width, 2 * width, 4 * width, 4 * width)
            self.features = nn.Sequential(*(block(*sizes[i : i + 2], rate) for i, rate in enumerate((0.1, 0.2, 0.2, 0.3))))
            self.out = nn.Linear(8 * width, 7)

        def forward(self, values):
            h = self.features(values)
            return self.out(torch.cat([h.mean((-2, -1)), h.amax((-2, -1))], 1))

    net = {"paper": paper, "compact": Compact, "log-mel": LogMel}[model_name]()
    optimizer = torch.optim.Adam(net.parameters()) if model_name == "paper" else torch.optim.AdamW(net.parameters(), 1e-3)
    loss = nn.CrossEntropyLoss(label_smoothing=0.0 if model_name == "paper" else 0.1)
    values = torch.from_numpy(np.ascontiguousarray(np.moveaxis(x, -1, 1)))
    targets = torch.from_numpy(labels)

    def epoch(rows):
        for i in range(0, rows, batch):
            optimizer.zero_grad()
            loss(net(values[i : i + batch]), targets[i : i + batch]).backward()
            optimizer.step()

    epoch(warm)
    start = time.perf_counter()
    epoch(len(values))
    train = time.perf_counter() - start
    net.eval()
    with torch.no_grad():
        net(values[:batch])
        start = time.perf_counter()
        for i in range(0, len(values), batch):
            net(values[i : i + batch])
    predict = time.perf_counter() - start
    parameters = sum(weight.numel() for weight in net.parameters())
    return f"PyTorch {torch.__version__}", parameters, train, predict


run = {"keras": keras, "keras-static": lambda: keras(True), "torch": torch}[framework]
version, parameters, train, predict = run()
ms = 1000 / steps
rss = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
times = {"msPerStep": train * ms, "msPerPrediction": predict * ms, "peakRssMb": rss}
print(json.dumps({"version": version, "parameters": parameters, **times}))
