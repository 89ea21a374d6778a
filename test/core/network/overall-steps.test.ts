import assert from 'node:assert/strict';
import { overallSteps, trainingLabel } from '../../../src/core/network';

const place = (number: number, atOnce?: number) => ({ name: `fold ${number}`, number, count: 4, atOnce });
const at = (epoch: number, step: number, steps = 10) => ({ epoch, epochs: 5, step, steps });

describe('overallSteps', () => {
  it('counts earlier trainings as completed when they run in sequence', () => {
    const { all } = overallSteps();
    assert.deepEqual(all(at(1, 1), place(1)), { done: 1, total: 200 });
    assert.deepEqual(all(at(2, 3), place(3)), { done: 113, total: 200 });
  });

  it('adds up the progress of parallel trainings', () => {
    const { all, end } = overallSteps();
    all(at(3, 10), place(1, 2));
    assert.deepEqual(all(at(1, 5), place(2, 2)), { done: 35, total: 200 });
    assert.deepEqual(all(at(1, 10, 20), place(2, 2)), { done: 70, total: 400 });
    end(place(1));
    end(place(3));
    assert.deepEqual(all(at(1, 10), place(2, 2)), { done: 110, total: 200 });
  });

  it('shows the current training, or all that run in parallel', () => {
    const steps = overallSteps();
    steps.all(at(1, 5), place(1));
    assert.deepEqual(steps.shown(at(2, 3), place(2)), { label: 'fold 2 of 4', done: 13, total: 50 });
    assert.deepEqual(steps.shown(at(2, 3), place(2, 3)), {
      label: '4 splits, 3 at once',
      done: 18,
      total: 200,
    });
    assert.equal(trainingLabel(place(4, 1)), 'fold 4 of 4');
  });
});
