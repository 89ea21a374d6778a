import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { closeSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';

/** A Slurm cluster of one node on this computer, with its own configuration and key. */
export interface SlurmCluster {
  /** on the disk that the "nodes" share */
  folder: string;
  /** runs a program of Slurm */
  call: (program: string, ...args: string[]) => string;
  stopController: () => Promise<void>;
  startController: () => Promise<void>;
  close: () => Promise<void>;
}

/** Why no cluster can be started here; undefined if it can. */
export function whyNoSlurm(): string | undefined {
  if (process.platform !== 'linux') return 'Slurm runs on Linux only';
  if (process.getuid?.() !== 0) return 'starting Slurm needs root';
  const missing = ['slurmctld', 'slurmd', 'munged', 'sbatch'].filter(
    (program) => spawnSync('which', [program], { env: environment() }).status !== 0,
  );
  return missing.length > 0 ? `${missing.join(', ')} missing: apt-get install slurm-wlm munge` : undefined;
}

const environment = () => ({ ...process.env, PATH: `${process.env.PATH ?? ''}:/usr/sbin` });

/** Waits for a condition, never for a time. @throws after two minutes */
export async function until(what: string, condition: () => unknown): Promise<void> {
  for (const started = Date.now(); Date.now() - started < 120_000; await setTimeout(100)) {
    if (await condition()) return;
  }
  throw new Error(`waited in vain until ${what}`);
}

/** Starts munged, slurmctld and slurmd, and sets `SLURM_CONF`. */
export async function startSlurm(): Promise<SlurmCluster> {
  const folder = mkdtempSync(join(tmpdir(), 'ser-slurm-'));
  const at = (name: string) => join(folder, 'slurm', name);
  mkdirSync(at('state'), { recursive: true });
  mkdirSync(at('spool'));
  writeFileSync(at('key'), randomBytes(128), { mode: 0o400 });
  const [controllerPort, nodePort] = await freePorts(2);
  writeFileSync(
    at('slurm.conf'),
    `ClusterName=test
SlurmctldHost=localhost
SlurmctldPort=${controllerPort}
SlurmdPort=${nodePort}
SlurmUser=root
AuthType=auth/munge
AuthInfo=socket=${at('munge.socket')},cred_expire=4
CryptoType=crypto/munge
StateSaveLocation=${at('state')}
SlurmdSpoolDir=${at('spool')}
SlurmctldPidFile=${at('slurmctld.pid')}
SlurmdPidFile=${at('slurmd.pid')}
SlurmdParameters=config_overrides
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
MpiDefault=none
ReturnToService=2
KillWait=5
MessageTimeout=5
PreemptType=preempt/partition_prio
PreemptMode=REQUEUE
SlurmctldParameters=preempt_send_user_signal
SchedulerParameters=sched_interval=1,bf_interval=1
NodeName=localhost CPUs=4 RealMemory=1000 State=UNKNOWN
PartitionName=low Nodes=localhost Default=YES PriorityTier=1 GraceTime=10 MaxTime=INFINITE State=UP
PartitionName=high Nodes=localhost PriorityTier=10 PreemptMode=OFF MaxTime=INFINITE State=UP
`,
  );
  const previous = process.env.SLURM_CONF;
  process.env.SLURM_CONF = at('slurm.conf');
  const daemons = new Map<string, ChildProcess>();
  const start = (program: string, ...args: string[]): void => {
    const log = openSync(at(`${program}.log`), 'a');
    daemons.set(program, spawn(program, args, { stdio: ['ignore', log, log], env: environment() }));
    closeSync(log);
  };
  const stop = async (program: string): Promise<void> => {
    const child = daemons.get(program);
    if (child?.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGTERM');
    await until(`${program} has stopped`, () => child.exitCode !== null || child.signalCode !== null);
  };
  const call: SlurmCluster['call'] = (program, ...args) =>
    execFileSync(program, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  const startController = async (): Promise<void> => {
    start('slurmctld', '-D');
    await until('the controller answers', () => {
      try {
        return call('sinfo', '--noheader').includes('low');
      } catch {
        return false;
      }
    });
  };
  const cluster: SlurmCluster = {
    folder,
    call,
    startController,
    stopController: () => stop('slurmctld'),
    close: async () => {
      try {
        call('scancel', '--user=root');
        await until('the queue is empty', () => call('squeue', '--noheader') === '');
      } catch {
        // it did not start
      }
      for (const program of ['slurmd', 'slurmctld', 'munged']) await stop(program);
      if (previous === undefined) delete process.env.SLURM_CONF;
      else process.env.SLURM_CONF = previous;
      rmSync(folder, { recursive: true, force: true });
    },
  };
  start(
    'munged',
    '--foreground',
    '--force',
    `--socket=${at('munge.socket')}`,
    `--key-file=${at('key')}`,
    `--pid-file=${at('munged.pid')}`,
    `--seed-file=${at('munged.seed')}`,
  );
  try {
    await until('munge answers', () => spawnSync('munge', ['-n', '-S', at('munge.socket')]).status === 0);
    await startController();
    start('slurmd', '-D', '-N', 'localhost');
    await until('the node is idle', () => call('sinfo', '--noheader', '--partition=low').includes('idle'));
  } catch (error) {
    const logs = ['munged', 'slurmctld', 'slurmd'].map((name) => {
      try {
        return `${name}: ${readFileSync(at(`${name}.log`), 'utf8').slice(-1000)}`;
      } catch {
        return `${name}: no log`;
      }
    });
    await cluster.close();
    throw new Error(`Slurm did not start: ${String(error)}\n${logs.join('\n')}`, { cause: error });
  }
  return cluster;
}

async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer();
      await new Promise<void>((resolve) => server.listen(0, resolve));
      return server;
    }),
  );
  const ports = servers.map((server) => (server.address() as { port: number }).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}
