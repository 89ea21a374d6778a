import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InvalidFileError } from '../../../src/core/base';
import { formatTrainingAudit } from '../../../src/core/dataset';
import { formatPredictionScores, predictedClasses, scorePredictions } from '../../../src/core/evaluation';
import { loadCorpora } from '../../../src/node/corpora';
import { readPredictions } from '../../../src/node/experiment';
import { projectRoot, writeTable } from '../../../src/node/files';
import { predictionsTable, runPredictions } from '../../../src/node/runs';
import { codeBlocks } from '../../markdown-blocks';
import { pythonWith } from '../../python';
import { toneCorpus } from './tone-corpus';
import { openToneLab } from './tone-lab';

describe('predictions of other programs', function () {
  this.timeout(60_000);
  let folder: string;
  before(() => (folder = mkdtempSync(join(tmpdir(), 'ser-predictions-'))));
  after(() => {
    rmSync(folder, { recursive: true });
  });
  const write = (name: string, content: string | Buffer): string => {
    const path = join(folder, name);
    writeFileSync(path, content);
    return path;
  };
  const read = (content: string | Buffer, list?: string) =>
    readPredictions(write('own.csv', content), {
      ...(list !== undefined && { trainingList: write('training.csv', list) }),
    });
  const assertRejected = async (reason: RegExp, content: string | Buffer, list?: string) => {
    await assert.rejects(read(content, list), (error: unknown) => {
      assert.ok(error instanceof InvalidFileError, String(error));
      assert.equal(error.path, join(folder, list === undefined ? 'own.csv' : 'training.csv'));
      assert.match(error.reason, reason);
      return true;
    });
  };

  it('reads probabilities with a prefix or with the name of the class', async () => {
    for (const heading of [
      'path,actual,p_sad,p_bored',
      'id;label;sad;bored',
      'clip\temotion\tprobability_sad\tprob_bored',
    ]) {
      const separator = /[,;\t]/.exec(heading)![0];
      const lines = ['a.wav,sad,0.9,0.1', 'b.wav,Bored,0.25,0.75', 'c.wav,sad,0.3,0.7'];
      const content = [heading, ...lines.map((line) => line.replaceAll(',', separator))].join('\n');
      const { predictions, overlap } = await read(content);
      assert.deepEqual(predictions.classes, ['sad', 'bored']);
      assert.deepEqual([...predictions.actual], [0, 1, 0]);
      assert.deepEqual([...predictedClasses(predictions)], [0, 1, 1]);
      assert.ok(Math.abs(predictions.probabilities[3] - 0.75) < 1e-6);
      assert.equal(predictions.protocol, 'external');
      assert.equal(predictions.isHard, undefined);
      assert.equal(overlap, undefined);
    }
  });

  it('reads files of Excel: byte order mark, semicolons, decimal commas', async () => {
    const { predictions } = await read(
      '\ufeffsep=;\r\nPath;Actual;P_Sad;P_Angry\r\n"a ä.wav";sad;0,6;0,4\r\nb.wav;angry;0,01;0,98\r\n',
    );
    assert.deepEqual(
      predictions.clips.map(({ path }) => path),
      ['a ä.wav', 'b.wav'],
    );
    assert.deepEqual(predictions.classes, ['angry', 'sad']);
    assert.ok(Math.abs(predictions.probabilities[1] - 0.6) < 1e-6);
    assert.ok(Math.abs(predictions.probabilities[2] - 0.98 / 0.99) < 1e-6); // rounded probabilities are divided by their sum
  });

  it('scores predicted classes without probabilities, and says what is missing', async () => {
    const { predictions } = await read(
      'path,actual,predicted,speaker\na,sad,sad,s1\nb,happy,sad,s1\nc,happy,happy,s2\nd,sad,hapy,s2\n',
    );
    assert.equal(predictions.isHard, true);
    assert.match(predictions.warnings!.join('\n'), /predicted, but never the actual class: hapy/);
    const scores = scorePredictions(predictions);
    assert.equal(scores.report.pooled.scores.accuracy!.value, 0.5);
    assert.equal(scores.calibration, undefined);
    assert.equal(scores.abstention, undefined);
    assert.match(
      formatPredictionScores(scores),
      /Without probabilities there is no calibration and no abstention/,
    );
  });

  it('reads the columns of exported run predictions: calibrated columns and hashes are no classes', async () => {
    const { predictions } = await read(
      'path,sha256,corpus,speaker,sentence,sex,version,split,fold,actual,predicted,p_angry,p_sad,c_angry,c_sad\n' +
        'a.wav,00ff,SAVEE,SAVEE-DC,a01,male,original,fold 1,fold 1,angry,sad,0.4,0.6,0.45,0.55\n' +
        'a.wav,00ff,SAVEE,SAVEE-DC,a01,male,noisy,fold 1,fold 1,angry,angry,0.6,0.4,0.55,0.45\n' +
        'b.wav,01ff,SAVEE,SAVEE-JE,a01,male,original,fold 2,fold 2,sad,sad,0.1,0.9,0.15,0.85\n',
    );
    assert.deepEqual(predictions.classes, ['angry', 'sad']);
    assert.deepEqual(predictions.splits, ['fold 1', 'fold 2']);
    assert.equal(predictions.clips[0].speaker, 'SAVEE-DC');
    assert.equal(predictions.clips[0].sex, 'male');
    assert.equal(scorePredictions(predictions).report.perSplit.length, 2);
  });

  it('reads exported predictions of a run, as CSV and as Parquet', async () => {
    const lab = await openToneLab();
    try {
      const result = await lab.train({ dataset: { fold: 'all' } });
      const table = () => predictionsTable(runPredictions(result, result.predictions!, result.validation));
      const csv = join(folder, 'run.csv');
      const parquet = join(folder, 'run.parquet');
      await writeTable(csv, table(), 'csv');
      await writeTable(parquet, table(), 'parquet');
      const before = scorePredictions(result.predictions!);
      for (const path of [csv, parquet]) {
        const { predictions, overlap } = await readPredictions(path);
        const scores = scorePredictions(predictions, { overlap });
        assert.deepEqual(predictions.splits, result.predictions!.splits);
        assert.deepEqual(scores.matrix.counts, before.matrix.counts);
        assert.equal(scores.report.pooled.scores.uar!.value, before.report.pooled.scores.uar!.value);
        assert.ok(Math.abs(scores.calibration!.ece - before.calibration!.ece) < 1e-4);
        assert.deepEqual(
          scores.slices.map(({ by }) => by),
          before.slices.map(({ by }) => by),
        );
        assert.deepEqual(overlap!.audit.sharedSpeakers, []);
      }
    } finally {
      lab.close();
    }
  });

  it('scores the test part only, if a column names the parts', async () => {
    const { predictions } = await read(
      'path,split,actual,predicted\na,train,sad,sad\nb,test,sad,sad\nc,val,sad,sad\nd,Test,angry,sad\n',
    );
    assert.deepEqual(
      predictions.clips.map(({ path }) => path),
      ['b', 'd'],
    );
    assert.equal(predictions.leftOut![0].count, 2);
    await assertRejected(/no test rows/, 'path,split,actual,predicted\na,train,sad,sad\n');
  });

  it('keeps speakers of different corpora apart', async () => {
    const { predictions } = await read(
      'path,corpus,speaker,actual,predicted\na,A,1,sad,sad\nb,B,1,sad,sad\nc,B,B-2,angry,angry\n',
    );
    assert.deepEqual(
      predictions.clips.map(({ speaker }) => speaker),
      ['A-1', 'B-1', 'B-2'],
    );
  });

  it('scores repeated cross-validation: a clip once per fold and seed', async () => {
    const { predictions } = await read(
      'path,fold,seed,actual,predicted\na,1,1,sad,sad\nb,2,1,angry,sad\na,1,2,sad,sad\nb,2,2,angry,angry\n',
    );
    assert.deepEqual([...predictions.seedOf!], [1, 1, 2, 2]);
    assert.equal(scorePredictions(predictions).report.overSeeds!.accuracy!.count, 2);
  });

  it('warns when the predicted class is not the most probable one', async () => {
    const { predictions } = await read(
      'path,actual,predicted,p_sad,p_angry\na,sad,angry,0.6,0.4\nb,angry,angry,0.2,0.8\n',
    );
    assert.match(
      predictions.warnings!.join('\n'),
      /in 1 row predicted is not the class with the highest probability, which is scored/,
    );
  });

  for (const [title, reason, content] of [
    ['an empty file', /empty/, ''],
    ['a heading alone', /no lines below the heading/, 'path,actual,predicted\n'],
    [
      'no column of clips',
      /must have the columns path \(or file, .*missing, found: name, actual/,
      'name,actual,predicted\na,sad,sad\n',
    ],
    [
      'neither classes nor probabilities',
      /must have the column predicted, or one column of probabilities per class \(p_sad, …\), found: path, actual/,
      'path,actual\na,sad\n',
    ],
    [
      'a missing column of a class',
      /line 3: actual must be a class with a column of probabilities \(angry, sad\), got "calm"; add the column p_calm/,
      'path,actual,p_sad,p_angry\na,sad,.5,.5\nb,calm,.5,.5\n',
    ],
    [
      'a misspelt class',
      /line 2: actual must be .*, got "angy"; did you mean angry\?/,
      'path,actual,p_sad,p_angry\na,angy,.5,.5\n',
    ],
    [
      'an unknown predicted class',
      /line 2: predicted must be a class .*got "sda"; did you mean sad\?/,
      'path,actual,predicted,p_sad,p_angry\na,sad,sda,.5,.5\n',
    ],
    [
      'probabilities that do not sum to 1',
      /line 2: the probabilities \(p_angry, p_sad\) must sum to 1, got 0\.8; .*no class is missing/,
      'path,actual,p_angry,p_sad\na,sad,.5,.3\n',
    ],
    [
      'percentages',
      /must sum to 1, got 100; divide percentages by 100/,
      'path,actual,p_sad,p_angry\na,sad,70,30\n',
    ],
    [
      'logits',
      /line 2: p_angry must be a probability from 0 to 1, got "-1\.5"; convert logits with softmax/,
      'path,actual,p_sad,p_angry\na,sad,2.5,-1.5\n',
    ],
    ['NaN', /p_sad must be a probability from 0 to 1, got "nan"/, 'path,actual,p_sad,p_angry\na,sad,nan,1\n'],
    [
      'a missing probability',
      /p_angry must be a probability from 0 to 1, got ""/,
      'path,actual,p_sad,p_angry\na,sad,1,\n',
    ],
    [
      'a repeated clip',
      /line 3: path "a" is the same as in line 2; .*columns fold and seed/,
      'path,actual,predicted\na,sad,sad\na,sad,sad\n',
    ],
    [
      'two labels of one clip',
      /line 3: actual of "a" must be sad as in line 2, got "angry"/,
      'path,fold,actual,predicted\na,1,sad,sad\na,2,angry,sad\n',
    ],
    ['an empty label', /line 2: actual must not be empty/, 'path,actual,predicted\na,,sad\n'],
    ['an empty prediction', /line 2: predicted must not be empty/, 'path,actual,predicted\na,sad,\n'],
    ['an empty path', /line 2: path must not be empty/, 'path,actual,predicted\n,sad,sad\n'],
    [
      'an empty fold',
      /line 3: fold must not be empty/,
      'path,fold,actual,predicted\na,1,sad,sad\nb,,sad,sad\n',
    ],
    [
      'a seed that is no integer',
      /seed must be an integer, got "x"/,
      'path,seed,actual,predicted\na,x,sad,sad\n',
    ],
    ['a line with too few cells', /line 2: it must have 3 cells/, 'path,actual,predicted\na,sad\n'],
    [
      'a column twice',
      /two columns have probabilities of the same class/,
      'path,actual,p_sad,prob_sad\na,sad,.5,.5\n',
    ],
    [
      'too many classes',
      /at most 100 classes, got 150 .*is actual the column/,
      `path,actual,predicted\n${Array.from({ length: 150 }, (_, i) => `a${i},text ${i},text ${i}`).join('\n')}`,
    ],
    [
      'many wrong lines',
      /line 2: .*; line 3: .*; line 4: .*; and 2 more problems$/,
      'path,actual,predicted\na,,sad\nb,,sad\nc,,sad\nd,,sad\ne,,sad\n',
    ],
    ['a binary file', /not a text file/, Buffer.from([80, 65, 0, 1, 2])],
  ] as const) {
    it(`rejects ${title}`, () => assertRejected(reason, content));
  }

  it('rejects missing files, folders, and formats that cannot be read', async () => {
    await assert.rejects(readPredictions(join(folder, 'none.csv')), /none\.csv: /);
    await assert.rejects(readPredictions(folder), /it is a folder/);
    await assert.rejects(
      readPredictions(write('p.parquet', 'PAR1')),
      /p\.parquet: cannot be read as a Parquet file: /,
    );
    await assert.rejects(
      readPredictions(write('p.csv', 'path,actual,predicted\na,sad,sad\n'), {
        trainingList: join(folder, 'none.csv'),
      }),
      /none\.csv: /,
    );
  });

  const test =
    'path,actual,predicted,speaker,sentence\n' +
    'x/a.wav,sad,sad,s1,hello\nx/b.wav,angry,angry,s1,bye\nx/c.wav,sad,angry,s2,hello\nx/d.wav,angry,angry,s3,other\n';

  it('finds clips, speakers and sentences of the training list, and scores without them', async () => {
    const { predictions, overlap } = await read(
      test,
      'path,speaker,sentence\n./x/a.wav,s1,hello\nx/z.wav,s2,new\n',
    );
    const { audit, withoutClips, withoutSpeakers } = overlap!;
    assert.deepEqual(audit.trainedClips, ['x/a.wav']);
    assert.deepEqual(audit.sharedSpeakers, ['s1', 's2']);
    assert.equal(audit.findings.sentences.count, 1);
    assert.deepEqual(withoutClips, [1, 2, 3]);
    assert.deepEqual(withoutSpeakers, [3]);
    assert.equal(predictions.isLeaky, true);
    const text = `${formatTrainingAudit(audit)}\n${formatPredictionScores(scorePredictions(predictions, { overlap }))}`;
    assert.match(text, /^protocol external, 4 test clips: LEAKY$/m);
    assert.match(text, /clips trained on +1 of 4 test clips \(25\.0 %\): x\/a\.wav +LEAK/);
    assert.match(text, /speakers trained on +2 of 3 test speakers \(66\.7 %\): s1, s2 +warning/);
    assert.match(text, /^all clips +4 .*75\.0 %.* external, LEAKY$/m);
    assert.match(text, /^without clips trained on +3 .* external$/m);
    assert.match(text, /^without speakers trained on +1 .* external$/m);
  });

  it('reports a clean split as such', async () => {
    const { predictions, overlap } = await read(test, 'path,speaker\ny/a.wav,s7\ny/z.wav,s8\n');
    assert.equal(predictions.isLeaky, false);
    assert.equal(overlap!.audit.findings.clips.verdict, 'ok');
    assert.equal(overlap!.audit.findings.speakers.verdict, 'ok');
    assert.equal(overlap!.audit.findings.sentences.verdict, 'not checked');
    assert.equal(scorePredictions(predictions, { overlap }).withoutTraining, undefined);
  });

  it('accepts a list of speakers only, and one path per line', async () => {
    const speakers = await read(test, 'speaker\ns3\n');
    assert.equal(speakers.overlap!.audit.findings.clips.verdict, 'not checked');
    assert.deepEqual(speakers.overlap!.audit.sharedSpeakers, ['s3']);
    const paths = await read(test, '/home/me/x/d.wav\n/home/me/x/e.wav\n');
    assert.deepEqual(paths.overlap!.audit.trainedClips, ['x/d.wav']);
    assert.deepEqual(paths.overlap!.audit.sharedSpeakers, ['s3']);
    assert.match(
      paths.overlap!.audit.findings.speakers.remark!,
      /speakers of other training clips are not known/,
    );
    assert.equal(paths.overlap!.withoutSpeakers, undefined);
    const unrelated = await read(test, 'y/d.wav\n');
    assert.equal(unrelated.overlap!.audit.findings.speakers.verdict, 'not checked');
  });

  it('finds copies of a file under another name', async () => {
    mkdirSync(join(folder, 'x'), { recursive: true });
    writeFileSync(join(folder, 'x', 'b.wav'), 'same bytes');
    writeFileSync(join(folder, 'copy.wav'), 'same bytes');
    writeFileSync(join(folder, 'x', 'a.wav'), 'other bytes');
    const { overlap } = await read(test, 'path\ncopy.wav\n');
    assert.deepEqual(overlap!.audit.trainedClips, ['x/b.wav']);
    assert.match(overlap!.audit.notes.join('\n'), /SHA-256 \(known of 2 of 4 rows\)/);
  });

  const folds =
    'path,actual,predicted,speaker,fold\na,sad,sad,s1,1\nb,angry,angry,s1,2\nc,sad,angry,s2,1\nd,angry,angry,s3,2\n';

  it('compares each fold with its own training clips', async () => {
    const { overlap } = await read(folds, 'path,fold\nb,1\nd,1\na,2\nc,2\nd,2\n');
    assert.deepEqual(overlap!.audit.trainedClips, ['d']);
    await assertRejected(
      /have 2 folds \(1, 2\), so each training clip needs the column fold/,
      folds,
      'path\nb\n',
    );
    await assertRejected(/no training clips of the fold 2; found: 1/, folds, 'path,fold\nb,1\n');
  });

  it('finds speakers in several folds without a list', async () => {
    const { overlap } = await read(folds);
    assert.match(overlap!.audit.source, /assumed that each fold was trained on the clips of the other folds/);
    assert.deepEqual(overlap!.audit.sharedSpeakers, ['s1']);
    assert.equal(overlap!.audit.isLeaky, false);
  });

  it('rejects a list without heading and lines that name nothing', async () => {
    await assertRejected(/first line must name the columns/, test, 'a.wav,anna\nb.wav,ben\n');
    await assertRejected(/line 3: it names neither a clip nor a speaker/, test, 'path,note\na.wav,x\n,y\n');
  });

  it('adds the properties of clips from corpora', async () => {
    const root = join(folder, 'data');
    toneCorpus(root, 2);
    const corpora = await loadCorpora({ root, cacheDirectory: join(folder, 'cache') });
    const path = write(
      'own.csv',
      'path,actual,predicted\nALL/DC_a01.wav,angry,angry\n/data/savee/ALL/JE_h01.wav,happy,angry\nelse.wav,happy,happy\n',
    );
    const { predictions } = await readPredictions(path, { corpora });
    assert.deepEqual(
      predictions.clips.map(({ speaker }) => speaker),
      ['SAVEE-DC', 'SAVEE-JE', undefined],
    );
    assert.equal(predictions.clips[0].corpus, 'SAVEE');
    assert.match(predictions.warnings!.join(), /1 row of clips that are not in the chosen corpora/);
    await assert.rejects(
      readPredictions(write('own.csv', 'path,actual,predicted\nnone.wav,sad,sad\n'), { corpora }),
      /none of its clips \(none\.wav, …\) is in the chosen corpora/,
    );
  });

  it('finds near duplicates of training clips in corpora', async () => {
    const root = join(folder, 'doubles');
    toneCorpus(root, 1);
    const bytes = readFileSync(join(root, 'savee', 'ALL', 'DC_a01.wav'));
    bytes[bytes.length - 1] ^= 1;
    writeFileSync(join(root, 'savee', 'ALL', 'DC_a02.wav'), bytes);
    const corpora = await loadCorpora({ root, cacheDirectory: join(folder, 'cache') });
    const { overlap } = await readPredictions(
      write('own.csv', 'path,actual,predicted\nDC_a01.wav,angry,angry\nJE_h01.wav,happy,angry\n'),
      { corpora, trainingList: write('training.csv', 'path\nALL/DC_a02.wav\nALL/KL_h01.wav\n') },
    );
    const { nearDuplicates, clips } = overlap!.audit.findings;
    assert.equal(clips.count, 0);
    assert.deepEqual(nearDuplicates.examples, ['DC_a01.wav ≈ savee/ALL/DC_a02.wav']);
    assert.equal(overlap!.audit.isLeaky, true);
    assert.deepEqual(overlap!.withoutClips, [1]);
  });

  it('reads what the Python lines of data/README.md write', async function () {
    const python = pythonWith('pandas', 'sklearn');
    if (python === undefined) this.skip();
    const guide = codeBlocks(readFileSync(join(projectRoot, 'data', 'README.md'), 'utf8'));
    const block = guide.find(({ language }) => language === 'python')!;
    assert.ok(block.code.trim().split('\n').length <= 6, block.code);
    const setup = [
      'import numpy as np, pandas as pd',
      'from sklearn.linear_model import LogisticRegression',
      'random = np.random.default_rng(1)',
      "names = np.array(['angry', 'bored', 'sad'])",
      'labels = random.integers(0, 3, 200)',
      "clips = pd.DataFrame({'path': [f'c/{i}.wav' for i in range(200)], 'speaker': [f's{i % 10}' for i in range(200)], 'emotion': names[labels]})",
      'X = random.normal(size=(200, 4)) + labels[:, None]',
      'test = np.flatnonzero(np.arange(200) % 10 < 3)',
      'train = np.setdiff1d(np.arange(200), test)',
      'model = LogisticRegression().fit(X[train], clips.emotion[train])',
    ];
    const end = ['print((model.predict(X[test]) == clips.emotion[test]).mean())'];
    const program = [...setup, block.code, ...end].join('\n');
    const { status, stdout, stderr } = spawnSync(python, ['-c', program], { cwd: folder, encoding: 'utf8' });
    assert.equal(status, 0, stderr);
    const { predictions, overlap } = await readPredictions(join(folder, 'predictions.csv'), {
      trainingList: join(folder, 'training.csv'),
    });
    assert.equal(predictions.clips.length, 60);
    assert.equal(overlap!.audit.isLeaky, false);
    assert.deepEqual(overlap!.audit.sharedSpeakers, []);
    const { accuracy } = scorePredictions(predictions, { overlap }).report.pooled.scores;
    assert.ok(Math.abs(accuracy!.value - Number(stdout)) < 1e-9);
  });
});
