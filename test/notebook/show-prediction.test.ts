import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WaveFile } from 'wavefile';
import { encodeWav } from '../../src/core/audio';
import { underProtocol } from '../../src/core/evaluation';
import { type MimeBundle, showPrediction } from '../../src/notebook';
import { installCellHost } from '../../src/notebook/display';
import { fakeHost } from './fake-host';

const probabilities = [
  { emotion: 'sad', probability: 0.6 },
  { emotion: 'angry', probability: 0.4 },
] as const;
const prediction = (durationSec: number, windows: number) => ({
  ...underProtocol('speakers'),
  model: 'compact, trained on TESS',
  abstained: true,
  reason: 'sad is below the threshold',
  threshold: 0.7,
  durationSec,
  probabilities,
  timeline: Array.from({ length: windows }, (_, i) => ({ startSec: i, endSec: i + 2.5, probabilities })),
  segments: [{ startSec: 0, endSec: durationSec, label: 'unsure' as const, probabilities }],
  notes: ['1 silent part is left out'],
});

describe('showPrediction', function () {
  this.timeout(30_000);
  const shown: MimeBundle[] = [];
  before(() => {
    installCellHost(fakeHost((bundle) => void shown.push(bundle)));
  });
  after(() => installCellHost(undefined));
  beforeEach(() => (shown.length = 0));
  const texts = () => shown.map((bundle) => bundle['text/plain'] as string);
  const waveform = { samples: new Float32Array(32_000).fill(0.1), sampleRate: 16_000 };

  it('shows a player, the class probabilities and the notes', async () => {
    await showPrediction(waveform, prediction(2, 1), { title: 'mine' });
    assert.deepEqual(texts(), [
      '[audio: mine, 2.00 s, 16000 Hz]',
      '[figure: Abstained: sad has only 60.0 %]',
      '- sad is below the threshold\n- 1 silent part is left out',
    ]);
  });

  it('shows an uploaded recording from its bytes, and names it if it cannot be read', async () => {
    const bytes = encodeWav(waveform);
    await showPrediction(bytes, prediction(2, 1), { title: 'upload.wav' });
    assert.equal(texts()[0], '[audio: upload.wav, 2.00 s, 16000 Hz]');
    await assert.rejects(
      showPrediction(new TextEncoder().encode('not audio'), prediction(2, 1), { title: 'notes.txt' }),
      /^InvalidFileError: notes\.txt: /,
    );
  });

  it('plays the channel that was predicted', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'show-prediction-'));
    try {
      const wav = new WaveFile();
      wav.fromScratch(2, 16_000, '16', [
        new Int16Array(16_000).fill(1000),
        new Int16Array(16_000).fill(2000),
      ]);
      const path = join(folder, 'call.wav');
      writeFileSync(path, wav.toBuffer());
      await showPrediction(path, { ...prediction(1, 1), channel: 'right' });
      assert.equal(texts()[0], '[audio: call.wav, channel right, 1.00 s, 16000 Hz]');
      const [, base64] = /base64,([^"]+)/.exec(shown[0]['text/html'] as string)!;
      const played = new WaveFile(Buffer.from(base64, 'base64'));
      assert.equal(played.getSample(100), 2000);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('shows the timeline of a long recording, without a player', async () => {
    await showPrediction(waveform, prediction(90, 3));
    assert.deepEqual(
      texts().map((text) => text.slice(0, 8)),
      ['[figure:', '[figure:', '- sad is'],
    );
    assert.match(shown[1]['text/html'] as string, /scored under speakers/);
  });
});
