import assert from 'node:assert/strict';
import { projectRoot } from '../../src/node/files';
import { joinTimers, type Watch, withProjectTypes } from '../../src/notebook/kernel/compiler';
describe('joinTimers', () => {
  it('uses one timer for all callbacks, including callbacks added meanwhile, without cancelled ones', () => {
    const set: (() => void)[] = [];
    const ran: string[] = [];
    const timers = joinTimers({
      setTimeout: (callback) => set.push(callback),
      clearTimeout: () => assert.fail('the one timer stays'),
    });
    timers.setTimeout(() => {
      ran.push('build');
      timers.setTimeout(() => ran.push('again'));
    });
    const dropped = timers.setTimeout(() => ran.push('dropped'));
    timers.setTimeout(() => ran.push('modules'));
    timers.clearTimeout(dropped);
    assert.equal(set.length, 1);
    set[0]();
    assert.deepEqual(ran, ['build', 'modules', 'again']);
    timers.setTimeout(() => ran.push('next'));
    assert.equal(set.length, 2);
  });

  it('is used by the compiler of the kernel', () => {
    const systems: { setTimeout(callback: () => void): unknown }[] = [];
    const compiler = withProjectTypes(
      {
        createWatchCompilerHost: (_: string[], __: object, system: (typeof systems)[number]) =>
          systems.push(system),
        createWatchProgram: (): Watch => {
          throw new Error('not started');
        },
      },
      projectRoot,
      () => undefined,
    );
    let set = 0;
    const system = { readFile: () => undefined, setTimeout: () => ++set, clearTimeout: () => undefined };
    compiler.createWatchCompilerHost([], {}, system);
    for (let i = 0; i < 3; i++) systems[0].setTimeout(() => undefined);
    assert.equal(set, 1);
  });
});
