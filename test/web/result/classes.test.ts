import assert from 'node:assert/strict';
import { emotions } from '../../../src/core/base';
import { classColor, emotionColors } from '../../../src/core/figures';
import { verdictOf } from '../../../src/web/result/classes';

const named = (count: number): string[] => Array.from({ length: count }, (_, i) => `class ${i}`);

describe('the classes on the live page', () => {
  it('have different colours, whether there are 2 or 20, and with or without emotions among them', () => {
    const cases = [
      ['angry', 'calm'],
      named(2),
      named(20),
      [...emotions, ...named(13)],
      [...named(17), 'sad', 'fear', 'happy'],
    ];
    for (const classes of cases) {
      const colors = classes.map((name) => classColor(name, classes));
      assert.equal(new Set(colors).size, classes.length, classes.join());
      for (const color of colors) assert.match(color, /^#[0-9A-F]{6}$/);
    }
  });

  it('have the colours of the figures if they are emotions', () => {
    assert.equal(classColor('sad', ['calm', 'sad']), emotionColors.sad);
  });

  it('may be two or twenty', () => {
    assert.equal(verdictOf(['calm', 'tense'], [0.3, 0.7], 0.6).text, 'tense, 70.0 %');
    const classes = named(20);
    const { label, best } = verdictOf(
      classes,
      classes.map((_, i) => (i === 19 ? 0.24 : 0.04)),
      0.5,
    );
    assert.deepEqual([label, best], ['unsure', 'class 19']);
  });
});
