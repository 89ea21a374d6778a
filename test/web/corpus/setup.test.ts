import assert from 'node:assert/strict';
import fc from 'fast-check';
import { emotions } from '../../../src/core/base';
import {
  type CorpusSetup,
  defaultSetup,
  planPrompts,
  promptCount,
  setupProblems,
  tidySetup,
  otherLabels,
} from '../../../src/web/corpus/setup';
import { exampleSetup } from './example-session';

const problemsOf = (change: Partial<CorpusSetup>): [string, string][] =>
  setupProblems(tidySetup({ ...exampleSetup, ...change })).map(({ field, message }) => [field, message]);

describe('the setup of a recorded corpus', () => {
  it('starts with the seven emotions and needs a name and a speaker', () => {
    assert.deepEqual(defaultSetup().emotions, emotions);
    assert.deepEqual(
      setupProblems(defaultSetup()).map(({ field }) => field),
      ['name', 'speakers'],
    );
    assert.deepEqual(problemsOf({}), []);
  });

  it('tidies texts and leaves out empty ones', () => {
    const tidy = tidySetup({
      ...exampleSetup,
      name: '  class\u200b 7b\n',
      speakers: [{ name: ' Zoe\u0308 ' }, { name: '\t' }],
      emotions: ['Angry ', '', 'HAPPY'],
      sentences: ['a  b\u0000c', ' '],
    });
    assert.equal(tidy.name, 'class 7b');
    assert.deepEqual(tidy.speakers, [{ name: 'Zoë' }]);
    assert.deepEqual(tidy.emotions, ['angry', 'happy']);
    assert.deepEqual(tidy.sentences, ['a b c']);
  });

  it('names the field, the rule and the value of each problem', () => {
    const many = (count: number): string[] => Array.from({ length: count }, (_, i) => `e${i}`);
    const cases: [Partial<CorpusSetup>, string, RegExp][] = [
      [{ name: '' }, 'name', /Give the corpus a name/],
      [{ name: '...' }, 'name', /at least one letter or digit/],
      [{ name: 'x'.repeat(61) }, 'name', /at most 60 characters/],
      [{ name: 'crema d' }, 'name', /CREMA-D is the name of a published corpus/],
      [{ speakers: [] }, 'speakers', /1 to 200 speakers; there are 0/],
      [
        { speakers: [{ name: 'Anna' }, { name: 'anna' }] },
        'speakers',
        /“Anna” and “anna” cannot be told apart/,
      ],
      [{ emotions: ['angry'] }, 'emotions', /2 to 20 emotions; there are 1/],
      [{ emotions: many(21) }, 'emotions', /2 to 20 emotions; there are 21/],
      [{ sentences: ['a', 'A'] }, 'sentences', /“a” and “A”/],
      [{ sentences: ['s'.repeat(301)] }, 'sentences', /at most 300 characters; “s{20}…” has 301/],
      [{ takes: 0 }, 'takes', /from 1 to 20/],
      [{ takes: 1.5 }, 'takes', /from 1 to 20/],
      [{ seed: 0.5 }, 'seed', /whole number/],
      [
        { speakers: many(200).map((name) => ({ name })), emotions: many(20), takes: 20 },
        'takes',
        /at most 20000 recordings; this setup needs 160000/,
      ],
    ];
    for (const [change, field, message] of cases) {
      const [first, ...others] = problemsOf(change);
      assert.deepEqual([first[0], others], [field, []]);
      assert.match(first[1], message);
    }
    assert.deepEqual(problemsOf({ emotions: many(20) }), []);
  });

  it('labels other than the seven emotions become classes, if they can be the name of a class', () => {
    assert.deepEqual(otherLabels({ emotions: ['joy', 'bored', 'calm', 'constructor', 'unsure', 'a/b'] }), {
      classes: ['bored', 'constructor'],
      leftOut: ['unsure', 'a/b'],
    });
  });

  it('plans every combination once, speaker by speaker, in an order that depends on the seed only', () => {
    const names = fc.uniqueArray(fc.stringMatching(/^[a-z]{1,3}$/), { minLength: 2, maxLength: 4 });
    fc.assert(
      fc.property(
        names,
        names,
        names,
        fc.integer({ min: 1, max: 3 }),
        fc.integer(),
        (speakers, labels, sentences, takes, seed) => {
          const setup: CorpusSetup = {
            ...exampleSetup,
            speakers: speakers.map((name) => ({ name })),
            emotions: labels,
            sentences,
            takes,
            seed,
          };
          const fixed = planPrompts(setup);
          const shuffled = planPrompts({ ...setup, order: 'shuffled' });
          assert.equal(fixed.length, promptCount(setup));
          assert.equal(new Set(fixed.map(({ id }) => id)).size, fixed.length);
          assert.deepEqual(fixed.map(({ id }) => id).sort(), shuffled.map(({ id }) => id).sort());
          assert.deepEqual(planPrompts({ ...setup, order: 'shuffled' }), shuffled);
          for (const prompts of [fixed, shuffled]) {
            const order = prompts.map(({ speaker }) => speakers.indexOf(speaker));
            assert.deepEqual(
              order,
              order.toSorted((a, b) => a - b),
            );
          }
        },
      ),
    );
    const long = {
      ...defaultSetup(),
      name: 'x',
      speakers: [{ name: 'a' }, { name: 'b' }],
      order: 'shuffled' as const,
    };
    const orders = [long, { ...long, seed: 43 }].map((setup) =>
      planPrompts(setup)
        .map(({ id }) => id)
        .join(),
    );
    assert.notEqual(orders[0], orders[1]);
    const withoutNames = planPrompts(long).map(({ emotion, sentence }) => emotion + sentence);
    assert.notDeepEqual(withoutNames.slice(0, 14), withoutNames.slice(14));
  });

  it('keeps the id of a prompt when the setup grows', () => {
    const before = planPrompts(exampleSetup).map(({ id }) => id);
    const grown = planPrompts({
      ...exampleSetup,
      speakers: [{ name: 'new' }, ...exampleSetup.speakers],
      sentences: ['another', ...exampleSetup.sentences],
      takes: 2,
    });
    const ids = new Set(grown.map(({ id }) => id));
    assert.ok(before.every((id) => ids.has(id)));
  });
});
