import { messageOf } from '../core/base';
import { projectRoot } from '../node/files';
import { type InstalledKernel, installedKernels, installKernel, removeKernels } from '../notebook';
import { type CommandTools, defineCommands, subcommand } from './command';
import { flag, option, text } from './options';
import { recordTable } from './output';
import { runAsProgram } from './program';
import { ensureSetup } from './setup';

/** Replaced in tests. */
export interface KernelContext {
  /** sets up the engine and the library, and builds the Plotly file that is copied into the kernelspec */
  prepareKernel?: () => Promise<unknown>;
}

const nameHelp = 'name of the kernelspec';

export const kernelCommand = defineCommands<KernelContext>('npm run kernel', {
  summary: 'Make the kernel of the notebooks available outside npm run lab, for the current user.',
  defaultCommand: 'list',
  commands: {
    install: subcommand({
      summary:
        'Install the kernel of this checkout for the current user: for VS Code, Jupyter Notebook and every JupyterLab.',
      details:
        'Cells run in the folder of this checkout, wherever the notebook is stored, so relative paths start there. Install the kernel again after moving the checkout or changing Node. The notebooks use the kernel with the default name; if you have several checkouts, install the kernels of the other ones with --name and choose one in the notebook (Kernel > Change Kernel).',
      options: {
        name: option('NAME', `${nameHelp}; default: speech-emotion-workbench`, text),
        force: flag('replace the kernel of another checkout'),
      },
      run: async (options, { print, prepareKernel = ensureSetup }: CommandTools & KernelContext) => {
        try {
          await prepareKernel();
        } catch (error) {
          // The kernel starts even if the library does not compile; the first cell then shows the error.
          console.error(messageOf(error));
        }
        const { kernel, displayName, replaced } = installKernel(options);
        if (replaced && !replaced.isOwn)
          print(`replaced the kernel of ${replaced.checkout ?? 'an unknown checkout'}`);
        print(`installed "${displayName}" in ${kernel.folder}`);
        print(`  cells run in ${projectRoot}, with Node ${kernel.node}`);
        print(
          '  figures are interactive in JupyterLab and Jupyter Notebook, and static pictures in other programs',
        );
        print(
          '  controls need ipywidgets in the Python environment of Jupyter: python -m pip install ipywidgets',
        );
        return 0;
      },
    }),
    remove: subcommand({
      summary:
        'Remove the kernels that the current user has installed from this checkout, or only the one given by --name.',
      options: {
        name: option('NAME', `${nameHelp}; default: all kernels of this checkout`, text),
        force: flag('remove the kernel with this name even if it belongs to another checkout'),
      },
      run: (options, { print }: CommandTools) => {
        for (const { folder } of removeKernels(options)) print(`removed ${folder}`);
        return 0;
      },
    }),
    list: subcommand({
      summary: 'List the installed kernels of all checkouts of this project. * marks those of this checkout.',
      run: (_, { print }: CommandTools) => {
        const kernels = installedKernels();
        print(
          kernels.length > 0
            ? recordTable(kernels.map(kernelLine))
            : 'no kernel is installed: npm run kernel -- install',
        );
        return 0;
      },
    }),
  },
});
export const runKernel = kernelCommand.run;

function kernelLine({ name, folder, checkout = '', node, isOwn, problem }: InstalledKernel) {
  return { '': isOwn ? '*' : ' ', name, state: problem ?? 'works', checkout, Node: node, folder };
}

if (require.main === module) {
  runAsProgram(runKernel);
}
