import assert from 'node:assert/strict';
import { jupyterOptions, type LaunchEnvironment, launchEnvironment } from '../../src/cli/lab';

describe('jupyterOptions', () => {
  const desk: LaunchEnvironment = { isRoot: false, isContainer: false, hasScreen: true };
  const ssh = { user: 'ada', host: '10.0.0.7' };

  it('adds nothing for a user at a screen', () => {
    assert.deepEqual(jupyterOptions(['--port', '9000'], desk), { options: [], notes: [] });
  });

  it('allows root, and opens no browser without a screen', () => {
    const { options, notes } = jupyterOptions([], { ...desk, isRoot: true, hasScreen: false });
    assert.deepEqual(options, ['--allow-root', '--no-browser']);
    assert.deepEqual(notes, ['Jupyter prints an address: open it in a browser.']);
  });

  it('does not repeat or contradict options of the user', () => {
    for (const args of [
      ['--allow-root', '--no-browser'],
      ['--ServerApp.allow_root=True', '--ServerApp.open_browser=False'],
      ['--allow-root=True', '--browser=firefox'],
    ])
      assert.deepEqual(jupyterOptions(args, { ...desk, isRoot: true, hasScreen: false }).options, []);
  });

  it('prints the command that forwards the port over SSH', () => {
    for (const [args, port] of [
      [[], '8888'],
      [['--port', '9000'], '9000'],
      [['--port=9000'], '9000'],
      [['--ServerApp.port=9000'], '9000'],
    ] as const) {
      const { options, notes } = jupyterOptions(args, { ...desk, hasScreen: false, ssh });
      assert.deepEqual(options, ['--no-browser']);
      assert.match(notes.join(), new RegExp(`"ssh -N -L ${port}:localhost:${port} ada@10.0.0.7"`));
    }
  });

  it('explains the option that a container needs, unless it is given', () => {
    const container = { ...desk, isContainer: true, hasScreen: false };
    assert.match(jupyterOptions([], container).notes.join(), /-p 127\.0\.0\.1:8888:8888 .*--ip=0\.0\.0\.0/);
    assert.doesNotMatch(jupyterOptions(['--ip=0.0.0.0'], container).notes.join(), /container/);
  });

  it('recognises SSH sessions, containers and missing screens', () => {
    assert.equal(launchEnvironment({}).ssh, undefined);
    assert.equal(launchEnvironment({ SSH_CONNECTION: '10.0.0.1 50000 10.0.0.7 22' }).ssh?.host, '10.0.0.7');
    assert.ok(launchEnvironment({ SSH_TTY: '/dev/pts/1' }).ssh);
    assert.equal(launchEnvironment({ container: 'podman' }).isContainer, true);
    if (process.platform === 'linux') {
      assert.equal(launchEnvironment({}).hasScreen, false);
      assert.equal(launchEnvironment({ DISPLAY: ':0' }).hasScreen, true);
    }
  });
});
