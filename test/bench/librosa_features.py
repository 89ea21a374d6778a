"""Times the features of a preset in librosa. Reads file names from standard input and prints one JSON object.

paper: the window from 0.6 to 3.1 s at 22,050 Hz; original, with noise, pitched by 0.7 semitones (computed once), pitched with
noise; zero-crossing rate, RMS and 20 MFCC of each frame. compact: the first 3.5 s; original, pitched by 2 and by -2 semitones;
zero-crossing rate, RMS, 13 MFCC, their deltas, and the fundamental frequency by YIN.
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


def features(samples, rate, n_mfcc=20):
    zcr = librosa.feature.zero_crossing_rate(samples, frame_length=2048, hop_length=512)
    rms = librosa.feature.rms(y=samples, frame_length=2048, hop_length=512)
    mfcc = librosa.feature.mfcc(y=samples, sr=rate, n_mfcc=n_mfcc, n_fft=2048, hop_length=512)
    return [zcr, rms, mfcc]


def paper(path):
    samples, rate = librosa.load(path, sr=22050, offset=0.6, duration=2.5)
    pitched = librosa.effects.pitch_shift(samples, sr=rate, n_steps=0.7)
    versions = (samples, with_noise(samples), pitched, with_noise(pitched))
    return [np.concatenate(features(version, rate)).T for version in versions]


def compact(path):
    samples, rate = librosa.load(path, sr=22050, duration=3.5)
    rows = []
    for steps in (0, 2, -2):
        version = librosa.effects.pitch_shift(samples, sr=rate, n_steps=steps) if steps else samples
        measured = features(version, rate, n_mfcc=13)
        mfcc = measured[2]
        deltas = librosa.feature.delta(mfcc, mode="nearest" if mfcc.shape[1] < 9 else "interp")
        f0 = librosa.yin(version, fmin=65, fmax=600, sr=rate, frame_length=2048, hop_length=512)
        rows.append(np.concatenate([*measured, deltas, f0[None]]).T)
    return rows


rows_of = {"paper": paper, "compact": compact}[sys.argv[1]]
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
