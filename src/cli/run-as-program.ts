/**
 * What a file of a command does when it is the program: runs the command with the arguments of the shell, and ends with its exit code.
 * For `--help` it says the help alone, before anything is made ready.
 */
export function runAsProgram(help: string, command: (args: readonly string[]) => Promise<number>): void {
  const args = process.argv.slice(2);
  if (args.includes('--help') || args.includes('-h')) {
    console.log(help);
    return;
  }
  void command(args).then((code) => {
    process.exitCode = code;
  });
}
