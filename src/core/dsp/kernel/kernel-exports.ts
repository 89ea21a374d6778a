/** What the compiled module exports; each function is described in `assembly/`. All addresses are in bytes. */
export interface KernelExports {
  memory: WebAssembly.Memory;
  addNormalNoise(x: number, count: number, deviation: number, state: number, out: number): void;
  addWindows(squares: number, n: number, hop: number, frames: number, sums: number): void;
  allFinite(address: number, count: number): number;
  bandRows(bands: number, groups: number, nMels: number, floor: number, out: number, stride: number): void;
  cosineTransform(
    bands: number,
    groups: number,
    nMels: number,
    floor: number,
    basis: number,
    nMfcc: number,
    out: number,
    stride: number,
  ): void;
  divideByWindows(signal: number, sums: number, count: number): void;
  filterBlocks(
    x: number,
    step: number,
    n: number,
    plan: number,
    half: number,
    response: number,
    m: number,
    planOut: number,
    guard: number,
    work: number,
    spec: number,
    out: number,
  ): void;
  interpolateBlend(
    x: number,
    position: number,
    step: number,
    phases: number,
    table: number,
    count: number,
    out: number,
  ): void;
  interpolateExact(
    x: number,
    numerator: number,
    stepWhole: number,
    stepNumerator: number,
    denominator: number,
    table: number,
    count: number,
    out: number,
  ): void;
  logMel(
    signal: number,
    groups: number,
    lastFrames: number,
    n: number,
    hop: number,
    window: number,
    plan: number,
    work: number,
    power: number,
    filters: number,
    nMels: number,
    amin: number,
    bands: number,
    peaks: number,
    polar: number,
    area: number,
    stride: number,
  ): number;
  pick(x: number, step: number, count: number, out: number): void;
  polarStft(
    signal: number,
    groups: number,
    n: number,
    hop: number,
    window: number,
    plan: number,
    work: number,
    spec: number,
    polar: number,
    area: number,
    stride: number,
  ): void;
  powerRows(
    signal: number,
    groups: number,
    n: number,
    hop: number,
    window: number,
    plan: number,
    work: number,
    power: number,
    magnitude: boolean,
    out: number,
    stride: number,
  ): void;
  stft(
    signal: number,
    groups: number,
    n: number,
    hop: number,
    window: number,
    plan: number,
    work: number,
    spec: number,
    real: number,
    imag: number,
    stride: number,
  ): void;
  stretch(
    polar: number,
    area: number,
    stride: number,
    rows: number,
    rate: number,
    frames: number,
    n: number,
    hop: number,
    window: number,
    plan: number,
    work: number,
    spec: number,
    rowArea: number,
    state: number,
    out: number,
  ): void;
  yin(
    signal: number,
    frames: number,
    steps: number,
    hop: number,
    length: number,
    segments: number,
    n: number,
    window: number,
    turns: number,
    plan: number,
    work: number,
    spec: number,
    shortest: number,
    longest: number,
    sampleRate: number,
    threshold: number,
    hz: number,
  ): void;
  zcrRms(
    signal: number,
    pad: number,
    length: number,
    frames: number,
    frameLength: number,
    hop: number,
    blocks: number,
    zcr: number,
    rms: number,
    stride: number,
  ): void;
}
