"""Times the paper's features in librosa. Reads file names from standard input and prints one JSON object.

Computes the same as the workbench's default configuration: the window from 0.6 to 3.1 s at 22,050 Hz; original, with noise,
pitched by 0.7 semitones (computed once), pitched with noise; zero-crossing rate, RMS and 20 MFCC of each frame.
"""

import json
import sys
import time
import warnings

import librosa
import numpy as np

warnings.filterwarnings("ignore")
random = np.random.default_rng(42)


def with_noise(samples):
    amplitude = 0.035 * random.uniform() * np.amax(samples)
    return samples + amplitude * random.normal(size=samples.shape[0])


def features(samples, rate):
    zcr = librosa.feature.zero_crossing_rate(samples, frame_length=2048, hop_length=512)
    rms = librosa.feature.rms(y=samples, frame_length=2048, hop_length=512)
    mfcc = librosa.feature.mfcc(y=samples, sr=rate, n_mfcc=20, n_fft=2048, hop_length=512)
    return np.concatenate([zcr, rms, mfcc]).T


def rows_of(path):
    samples, rate = librosa.load(path, sr=22050, offset=0.6, duration=2.5)
    pitched = librosa.effects.pitch_shift(samples, sr=rate, n_steps=0.7)
    return [features(version, rate) for version in (samples, with_noise(samples), pitched, with_noise(pitched))]


files = sys.stdin.read().split("\n")
for path in files[:3]:  # warm-up: librosa imports, compiles and builds tables on first use
    rows_of(path)
wall, cpu = time.perf_counter(), time.process_time()
for path in files:
    rows_of(path)
wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
print(
    json.dumps(
        {
            "version": librosa.__version__,
            "clipsPerSecond": len(files) / wall,
            "cpuMsPerClip": 1000 * cpu / len(files),
        }
    )
)
