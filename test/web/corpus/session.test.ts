import assert from 'node:assert/strict';
import {
  extraTakes,
  nextOpen,
  progressOf,
  promptState,
  withoutTake,
  withSkipped,
} from '../../../src/web/corpus/session';
import { planPrompts } from '../../../src/web/corpus/setup';
import { emptySession, exampleSetup, recordAll } from './example-session';

const prompts = planPrompts(exampleSetup);

describe('a recording session', () => {
  it('finds the next prompt without a decision, and continues at the beginning', () => {
    let { session } = recordAll(emptySession(), prompts.slice(0, 2));
    assert.equal(nextOpen(session, prompts), 2);
    session = withSkipped(session, prompts[2].id, true);
    assert.equal(nextOpen(session, prompts), 3);
    session = recordAll(session, [prompts[3]], { kept: false }).session;
    assert.equal(nextOpen(session, prompts), 3, 'recorded, but neither kept nor repeated');
    assert.equal(nextOpen(session, prompts, 3), 4);
    assert.equal(nextOpen(session, prompts, 7), 3);
    session = recordAll(session, prompts).session;
    assert.equal(nextOpen(session, prompts), -1);
    assert.equal(nextOpen(session, []), -1);
  });

  it('counts by speaker and emotion', () => {
    let { session } = recordAll(emptySession(), prompts.slice(0, 3));
    session = recordAll(session, [prompts[4]], { kept: false }).session;
    session = withSkipped(session, prompts[5].id, true);
    const { all, speakers } = progressOf(session);
    assert.deepEqual(all, { total: 8, kept: 3, recorded: 1, skipped: 1 });
    assert.deepEqual(
      speakers.map(({ speaker, all: own }) => [speaker, own.kept, own.recorded, own.skipped, own.total]),
      [
        ['Zoë', 3, 0, 0, 4],
        ['S2', 0, 1, 1, 4],
      ],
    );
    assert.deepEqual(
      speakers[0].emotions.map(({ emotion, progress }) => [emotion, progress.kept, progress.total]),
      [
        ['angry', 2, 2],
        ['happy', 1, 2],
      ],
    );
  });

  it('a new take ends skipping, and a deleted one is to do again', () => {
    const [{ id }] = prompts;
    let session = withSkipped(emptySession(), id, true);
    assert.equal(promptState(session, id), 'skipped');
    session = recordAll(session, [prompts[0]]).session;
    assert.equal(promptState(session, id), 'kept');
    session = withoutTake(session, id);
    assert.equal(promptState(session, id), 'to do');
  });

  it('keeps takes that the changed setup no longer needs', () => {
    const { session } = recordAll(emptySession(), prompts);
    const changed = { ...session, setup: { ...exampleSetup, sentences: ['=1+1'] } };
    assert.equal(extraTakes(session).length, 0);
    assert.equal(extraTakes(changed).length, 4);
    assert.equal(progressOf(changed).all.kept, 4);
  });
});
