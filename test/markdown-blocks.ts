/** A code block of a Markdown file. */
export interface CodeBlock {
  /** text of the heading above it */
  heading: string;
  language: string;
  code: string;
}

/** The code blocks of a Markdown file, in order. */
export function codeBlocks(markdown: string): CodeBlock[] {
  const blocks: CodeBlock[] = [];
  let heading = '';
  for (const [, title, language, code] of markdown.matchAll(/^#+ (.*)$|^```(\w*)\n([^]*?)^```$/gm)) {
    if (title) heading = title;
    else blocks.push({ heading, language, code });
  }
  return blocks;
}

/** A command of a shell block: environment variables, script of package.json, and arguments. */
export interface NpmCommand {
  text: string;
  environment: Record<string, string>;
  script: string;
  args: string[];
}

/** The commands of a shell block, which may contain comments, `&&`, and lines continued with a backslash. */
export function npmCommands(code: string): NpmCommand[] {
  const lines = code.replace(/\\\n\s*/g, '').split('\n');
  return lines
    .flatMap((line) => line.replace(/(^|\s)#.*/, '').split('&&'))
    .map((command) => command.trim())
    .filter((command) => command !== '')
    .map((text) => {
      const words = (text.match(/(?:"[^"]*"|\S)+/g) ?? []).map((word) => word.replaceAll('"', ''));
      const first = words.findIndex((word) => !/^[A-Z_]+=/.test(word));
      const environment = Object.fromEntries(
        words.slice(0, first).map((word) => word.split(/=(.*)/s, 2) as [string, string]),
      );
      const [npm, run, ...rest] = words.slice(first);
      if (npm !== 'npm') throw new Error(`not an npm command: ${text}`);
      if (run !== 'run')
        return { text, environment, script: run, args: rest.filter((word) => word !== '--') };
      const [script, ...args] = rest;
      return { text, environment, script, args: args.filter((word) => word !== '--') };
    });
}
