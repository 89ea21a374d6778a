import assert from 'node:assert/strict';

import { emotions } from '../../../src/core/base';
import {
  ageSexFigure,
  durationsFigure,
  emotionColors,
  emotionCountsFigure,
  emotionsByGroupFigure,
  type Figure,
  figureJson,
  imbalanceFigure,
  sampleRatesFigure,
  speakerEmotionHeatmap,
  type Trace,
  waveformFigure,
  waveformGridFigure,
} from '../../../src/core/figures';
import { baseLayout, colorsOfCorpora } from '../../../src/core/figures/theme';
import { plotlyWindow } from '../../../src/node/drawing/plotly-window';
import { sampleClips, sampleCount } from './sample-clips';

const source = 'three synthetic corpora, 42 clips';
const tone = { samples: Float32Array.from({ length: 800 }, (_, i) => Math.sin(i / 5) / 2), sampleRate: 8000 };

const figures: Record<string, () => Figure> = {
  emotionCountsFigure: () => emotionCountsFigure(sampleClips, { source }),
  'emotionsByGroupFigure, stacked': () => emotionsByGroupFigure(sampleClips, { by: 'corpus', source }),
  'emotionsByGroupFigure, grouped': () =>
    emotionsByGroupFigure(sampleClips, { by: 'sex', source, mode: 'group' }),
  'emotionsByGroupFigure, shares': () =>
    emotionsByGroupFigure(sampleClips, { by: 'corpus', source, mode: 'share' }),
  speakerEmotionHeatmap: () => speakerEmotionHeatmap(sampleClips, { source }),
  durationsFigure: () => durationsFigure(sampleClips, { source }),
  sampleRatesFigure: () => sampleRatesFigure(sampleClips, { source }),
  imbalanceFigure: () => imbalanceFigure({ angry: 3, happy: 1 }, { source }),
  ageSexFigure: () => ageSexFigure(sampleClips.slice(0, -1), { source }),
  waveformFigure: () => waveformFigure(tone, { title: 'A tone', source }),
  waveformGridFigure: () =>
    waveformGridFigure(
      [
        { title: 'one', waveform: tone, emotion: 'sad' },
        { title: 'two', waveform: tone },
        { title: 'three', waveform: tone },
      ],
      { source, columns: 2 },
    ),
};

function numbers(values: unknown): number[] {
  return Array.from(values as Iterable<unknown>, Number);
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function trace(figure: Figure, name: string): Trace {
  const found = figure.data.find((one) => one.name === name);
  assert.ok(found, `no trace ${name}`);
  return found;
}

describe('every figure builder', () => {
  for (const [name, build] of Object.entries(figures)) {
    it(`${name} has a title, a source and axis titles`, () => {
      const { title, xaxis, yaxis, annotations = [] } = build().layout;
      assert.ok(title?.text);
      assert.equal(title.subtitle?.text, source);
      // A grid of panels has one amplitude title for all, and time below the lowest panels.
      const grid = name === 'waveformGridFigure';
      assert.ok(grid ? annotations.some(({ text }) => text.startsWith('Amplitude')) : xaxis?.title?.text);
      assert.ok(grid || yaxis?.title?.text);
    });

    it(`${name} is a valid Plotly specification`, async () => {
      const { Plotly } = await plotlyWindow();
      const { data, layout } = JSON.parse(figureJson(build())) as Figure;
      // Plotly's check fails on a legend that is not shown. "unused" attributes have no effect here, such as the
      // colour of a hidden grid.
      const complaints = Plotly.validate(data, { ...layout, showlegend: true }) ?? [];
      const serious = complaints.filter(({ code }) => code !== 'unused');
      assert.equal(serious.map(({ msg }) => msg).join('; '), '');
    });

    it(`${name} is deterministic and does not modify its input`, () => {
      const before = JSON.stringify(sampleClips);
      assert.equal(figureJson(build()), figureJson(build()));
      assert.equal(JSON.stringify(sampleClips), before);
    });
  }

  it('adds the protocol to the source, and wraps long lines', () => {
    const layout = baseLayout({ title: 'Scores', source, protocol: 'speakers' });
    assert.equal(layout.title?.subtitle?.text, `${source} · speakers`);
    const long = baseLayout({ title: 'Scores', source: 'RAVDESS '.repeat(30).trim() });
    assert.match(long.title!.subtitle!.text, /^[^<]{1,98}<br>/);
    assert.ok(Number(long.margin?.t) > Number(layout.margin?.t));
  });

  it('rejects an empty list of clips', () => {
    const empty = { name: 'InvalidArgumentError', message: /^clips must be/ };
    assert.throws(() => emotionCountsFigure([], { source }), empty);
    assert.throws(() => emotionsByGroupFigure([], { by: 'corpus', source }), empty);
    assert.throws(() => speakerEmotionHeatmap([], { source }), empty);
    assert.throws(() => durationsFigure([], { source }), empty);
    assert.throws(() => sampleRatesFigure([], { source }), empty);
    assert.throws(() => ageSexFigure([], { source }), empty);
    assert.throws(() => ageSexFigure([{}], { source }), /clips with a speaker/);
    assert.throws(() => waveformGridFigure([], { source }), /^InvalidArgumentError: panels must be/);
  });
});

describe('emotionCountsFigure', () => {
  it('counts every clip, in the order of the emotions, with numbers on the bars', () => {
    const [bars] = emotionCountsFigure(sampleClips, { source }).data;
    assert.deepEqual(bars.x, [...emotions]);
    assert.deepEqual(
      numbers(bars.y),
      emotions.map((emotion) => sampleCount(emotion)),
    );
    assert.equal(sum(numbers(bars.y)), sampleClips.length);
    assert.deepEqual(
      bars.text,
      emotions.map((emotion) => String(sampleCount(emotion))),
    );
    assert.deepEqual(
      bars.marker?.color,
      emotions.map((emotion) => emotionColors[emotion]),
    );
  });

  it('shows 0 for an emotion that does not occur', () => {
    const [bars] = emotionCountsFigure([{ emotion: 'sad' }], { source }).data;
    assert.deepEqual(numbers(bars.y), [0, 0, 0, 0, 0, 1, 0]);
  });

  it('uses thousands separators', () => {
    const many = Array.from({ length: 1923 }, () => ({ emotion: 'angry' as const }));
    const [bars] = emotionCountsFigure(many, { source }).data;
    assert.equal((bars.text as string[])[0], '1,923');
  });
});

describe('emotionsByGroupFigure', () => {
  it('has one trace per emotion in its colour, and the counts add up to the number of clips', () => {
    const { data } = emotionsByGroupFigure(sampleClips, { by: 'corpus', source });
    assert.deepEqual(
      data.map(({ name }) => name),
      [...emotions],
    );
    assert.deepEqual(
      data.map(({ marker }) => marker?.color),
      emotions.map((emotion) => emotionColors[emotion]),
    );
    assert.equal(sum(data.flatMap(({ y }) => numbers(y))), sampleClips.length);
    assert.deepEqual(data[0]?.x, ['RAVDESS', 'CREMA-D', 'Mine']);
  });

  it('groups clips without the property under "not stated", at the end', () => {
    const figure = emotionsByGroupFigure(sampleClips, { by: 'sex', source });
    assert.deepEqual(figure.data[0]?.x, ['female', 'male', 'not stated']);
    assert.deepEqual(numbers(trace(figure, 'happy').y).at(-1), 1);
  });

  it('has shares that add up to 100 % per group', () => {
    const { data } = emotionsByGroupFigure(sampleClips, { by: 'corpus', source, mode: 'share' });
    for (const group of [0, 1, 2]) {
      assert.ok(Math.abs(sum(data.map(({ y }) => numbers(y)[group])) - 100) < 1e-9);
    }
  });

  it('sorts speakers numerically', () => {
    const clips = ['S-10', 'S-9', 'S-1'].map((speaker) => ({ emotion: 'sad' as const, speaker }));
    assert.deepEqual(emotionsByGroupFigure(clips, { by: 'speaker', source }).data[0]?.x, [
      'S-1',
      'S-9',
      'S-10',
    ]);
  });
});

describe('speakerEmotionHeatmap', () => {
  it('has one row per emotion and one column per speaker, and counts every clip', () => {
    const figure = speakerEmotionHeatmap(sampleClips, { source });
    const [map] = figure.data;
    const counts = map.customdata as number[][];
    assert.deepEqual(map.y, [...emotions]);
    assert.deepEqual(figure.layout.xaxis?.ticktext, [
      'RAVDESS-01',
      'RAVDESS-02',
      'RAVDESS-03',
      'CREMA-D-1001',
      'CREMA-D-1002',
      'Mine not stated',
    ]);
    assert.deepEqual(
      counts.map(sum),
      emotions.map((emotion) => sampleCount(emotion)),
    );
  });

  it('leaves a cell without clips empty', () => {
    const [map] = speakerEmotionHeatmap(sampleClips, { source }).data;
    const surprise = map.z![emotions.indexOf('surprise')];
    assert.deepEqual(Array.from(surprise as unknown[]).slice(3), [null, null, null]);
  });

  it('labels the corpora but not the speakers if there are 121', () => {
    const clips = Array.from({ length: 121 }, (_, i) => ({
      corpus: i < 91 ? 'CREMA-D' : 'RAVDESS',
      speaker: `speaker-${i}`,
      emotion: 'sad' as const,
    }));
    const { layout } = speakerEmotionHeatmap(clips, { source });
    assert.deepEqual(layout.xaxis?.ticktext, []);
    assert.deepEqual(
      layout.annotations?.map(({ text }) => text),
      ['RAVDESS (30)', 'CREMA-D (91)'],
    );
  });

  it('puts the headings of narrow corpora into different lines, beginning or ending above their speakers', () => {
    const wide = Array<string>(60).fill('M, many speakers');
    const narrow = ['one', 'two', 'three'];
    for (const [where, xanchor, yshifts] of [
      ['Z', 'right', [0, 17, 34]],
      ['A', 'left', [34, 17, 0]],
    ] as const) {
      const corpora = [...wide, ...narrow.map((name, i) => `${where}${i}, speaker ${name}`)];
      const clips = corpora.map((corpus, i) => ({ corpus, speaker: `s${i}`, emotion: 'sad' as const }));
      const { annotations = [], shapes = [] } = speakerEmotionHeatmap(clips, { source }).layout;
      const placed = annotations.filter(({ text }) => text.startsWith(where));
      assert.deepEqual(
        placed.map((heading) => [heading.xanchor, heading.yshift]),
        yshifts.map((yshift) => [xanchor, yshift]),
      );
      // A line connects those that are not in the lowest line with their column.
      assert.equal((shapes as { y0: number }[]).filter(({ y0 }) => y0 === 1).length, 2);
    }
  });
});

describe('durationsFigure', () => {
  it('draws every clip under its corpus, and marks the end of the window', () => {
    const figure = durationsFigure(sampleClips, { source });
    assert.equal(sum(figure.data.map(({ x }) => x!.length)), sampleClips.length);
    assert.deepEqual(numbers(trace(figure, 'Mine').x), [1]);
    assert.equal(figure.layout.shapes?.[0]?.x0, 3.1);
    assert.match(figure.layout.annotations![0].text, /3\.1 s/);
  });

  it('shows the share of shorter clips', () => {
    const clips = [1, 2, 3, 4].map((durationSec) => ({ corpus: 'TESS', durationSec }));
    const { layout } = durationsFigure(clips, { source, markSec: 2.5 });
    assert.match(layout.yaxis!.ticktext![0], /TESS.*, 4 clips<br>50\.0 % below 2\.5 s/);
  });
});

describe('sampleRatesFigure', () => {
  it('has one bar per combination of rate and corpus that occurs, sorted by rate, on a logarithmic axis', () => {
    const { data, layout } = sampleRatesFigure(sampleClips, { source });
    assert.deepEqual(layout.xaxis?.ticktext, ['16 kHz<br>CREMA-D', '16 kHz<br>Mine', '48 kHz<br>RAVDESS']);
    assert.equal(layout.yaxis?.type, 'log');
    assert.equal(sum(data.flatMap(({ y }) => numbers(y))), sampleClips.length);
    assert.deepEqual(data.flatMap(({ x }) => numbers(x)).sort(), [0, 1, 2]);
  });
});

describe('imbalanceFigure', () => {
  it('draws the majority baseline at the largest share, and chance at one over the number of classes', () => {
    const { data, layout } = imbalanceFigure({ angry: 60, sad: 30, fear: 10, happy: 0 }, { source });
    const [majority, chance] = layout.shapes!;
    assert.equal(majority.y0, 60);
    assert.match(String(majority.name), /always “angry”: accuracy 60\.0 %, UAR 33\.3 %/);
    assert.ok(Math.abs(Number(chance.y0) - 100 / 3) < 1e-9);
    assert.ok(Math.abs(sum(numbers(data[0]?.y)) - 100) < 1e-9);
  });

  it('names no class if several are equally frequent', () => {
    const { layout } = imbalanceFigure({ angry: 2, sad: 2 }, { source });
    assert.match(String(layout.shapes?.[0]?.name), /^always the largest class/);
  });

  it('rejects negative counts, and all zeros', () => {
    assert.throws(() => imbalanceFigure({ angry: -1 }, { source }), /counts must be/);
    assert.throws(() => imbalanceFigure({}, { source }), /at least one clip/);
  });
});

describe('ageSexFigure', () => {
  it('counts each speaker once, including those without an age', () => {
    const figure = ageSexFigure(sampleClips.slice(0, -1), { source });
    assert.equal(sum(figure.data.flatMap(({ y }) => numbers(y))), 5);
    const bins = figure.data[0].x as string[];
    assert.deepEqual([bins[0], bins.at(-2), bins.at(-1)], ['20–24', '50–54', 'not stated']);
    assert.equal(sum(figure.data.map(({ y }) => numbers(y).at(-1)!)), 3);
  });

  it('shows the number of clips without a speaker', () => {
    const subtitle = ageSexFigure([...sampleClips, {}], { source }).layout.title?.subtitle?.text;
    assert.equal(subtitle, `${source} · 2 clips without a speaker`);
  });
});

describe('colours', () => {
  it('are different for each emotion and corpus, and do not change when others are added', () => {
    assert.equal(new Set(Object.values(emotionColors)).size, emotions.length);
    const corpora = ['RAVDESS', 'CREMA-D', 'TESS', 'SAVEE', 'constructor', '__proto__'];
    const all = corpora.map(colorsOfCorpora(corpora));
    assert.equal(new Set(all).size, 6);
    assert.ok(all.every((color) => /^#[\dA-F]{6}$/.test(color)));
    assert.equal(colorsOfCorpora(['TESS'])('TESS'), all[2]);
  });
});
