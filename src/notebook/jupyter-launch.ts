import { delimiter, dirname, relative } from 'node:path';
import { paths, projectRoot } from '../node/files';
import type { Jupyter } from './find-jupyter';
import { jupyterPath } from './runner/kernel-process';

/** A program to start, with what it needs in its environment. */
export interface Launch {
  program: string;
  args: string[];
  env: Record<string, string>;
}

/**
 * How to start Jupyter for this project: its root is the project's, so that pages find Plotly; it opens the notebooks;
 * and the project's kernel is listed, run by the same Node as this process.
 *
 * @param extra - passed through, after the project's own arguments
 */
export function jupyterLaunch({ application, command }: Jupyter, extra: readonly string[] = []): Launch {
  const [program, ...args] = command;
  const folder = relative(projectRoot, paths.notebooks);
  const own =
    application === 'lab'
      ? [`--ServerApp.root_dir=${projectRoot}`, `--LabApp.default_url=/lab/tree/${folder}`]
      : [`--notebook-dir=${projectRoot}`];
  return {
    program,
    args: [...args, ...own, ...extra],
    env: {
      JUPYTER_PATH: prepended(jupyterPath, process.env.JUPYTER_PATH),
      PATH: prepended(dirname(process.execPath), process.env.PATH),
    },
  };
}

function prepended(folder: string, list: string | undefined): string {
  return list ? folder + delimiter + list : folder;
}
