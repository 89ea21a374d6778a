import { existsSync } from 'node:fs';
import { hostname, userInfo } from 'node:os';

/** Properties of the session in which Jupyter is started. */
export interface LaunchEnvironment {
  isRoot: boolean;
  isContainer: boolean;
  /** set in a session over SSH: user and address of this machine */
  ssh?: { user: string; host: string };
  /** whether a browser can be opened here */
  hasScreen: boolean;
}

/** The environment of this process. */
export function launchEnvironment(env: Readonly<NodeJS.ProcessEnv> = process.env): LaunchEnvironment {
  // SSH_CONNECTION: client address, client port, server address, server port
  const address = env.SSH_CONNECTION?.split(' ').at(2);
  const isRemote = address !== undefined || (env.SSH_CLIENT ?? env.SSH_TTY) !== undefined;
  const hasDisplay = Boolean(env.DISPLAY ?? env.WAYLAND_DISPLAY);
  return {
    isRoot: process.getuid?.() === 0,
    isContainer: Boolean(env.container) || containerFiles.some((file) => existsSync(file)),
    ...(isRemote && { ssh: { user: userInfo().username, host: address ?? hostname() } }),
    hasScreen: process.platform === 'linux' ? hasDisplay : !isRemote,
  };
}

/** Created by Docker, Podman and Kubernetes. */
const containerFiles = ['/.dockerenv', '/run/.containerenv', '/var/run/secrets/kubernetes.io'];

/**
 * The options that Jupyter needs in this environment and that the user has not given, and notes on how to open it in a browser.
 *
 * @param args - options for Jupyter that the user has given
 */
export function jupyterOptions(
  args: readonly string[],
  { isRoot, isContainer, ssh, hasScreen }: LaunchEnvironment,
): { options: string[]; notes: string[] } {
  const given = (pattern: RegExp): boolean => args.some((arg) => pattern.test(arg));
  const options = [
    ...(isRoot && !given(/^--(allow-root|\w+\.allow_root)\b/) ? ['--allow-root'] : []),
    ...(!hasScreen && !given(/^--(no-)?browser\b|\.open_browser\b/) ? ['--no-browser'] : []),
  ];
  const port = portOf(args);
  const notes: string[] = [];
  if (ssh) {
    notes.push(
      `Over SSH: run "ssh -N -L ${port}:localhost:${port} ${ssh.user}@${ssh.host}" on your own computer, then open the address that Jupyter prints in a browser there. If it prints another port, use that one in the command.`,
    );
  }
  if (isContainer && !given(/^--(ip|\w+\.ip)\b/)) {
    notes.push(
      `In a container: to open the address from outside, publish the port (docker run -p 127.0.0.1:${port}:${port} …) and run "npm run lab -- --ip=0.0.0.0".`,
    );
  }
  if (!hasScreen && notes.length === 0) notes.push('Jupyter prints an address: open it in a browser.');
  return { options, notes };
}

/** The port in the options, or Jupyter's default. */
function portOf(args: readonly string[]): string {
  const at = args.findIndex((arg) => /^--(port|\w+\.port)(=|$)/.test(arg));
  if (at === -1) return '8888';
  return args[at].split('=').at(1) ?? args.at(at + 1) ?? '8888';
}
