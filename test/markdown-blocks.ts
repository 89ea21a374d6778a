/** A code block of a Markdown file. */
export interface CodeBlock {
  /** text of the heading that it stands under */
  heading: string;
  language: string;
  code: string;
}

/** The code blocks of a Markdown file, in their order. */
export function codeBlocks(markdown: string): CodeBlock[] {
  const blocks: CodeBlock[] = [];
  let heading = '';
  for (const [, title, language, code] of markdown.matchAll(/^#+ (.*)$|^```(\w*)\n([^]*?)^```$/gm)) {
    if (title) heading = title;
    else blocks.push({ heading, language, code });
  }
  return blocks;
}

/** A line of a shell block: what is set for it, and the script of package.json that it runs with which arguments. */
export interface NpmCommand {
  text: string;
  environment: Record<string, string>;
  script: string;
  args: string[];
}

/** The commands of a shell block; comments, and what follows a backslash at a line's end, are understood. */
export function npmCommands(code: string): NpmCommand[] {
  const lines = code.replace(/\\\n\s*/g, '').split('\n');
  return lines
    .map((line) => line.replace(/(^|\s)#.*/, '').trim())
    .filter((line) => line !== '')
    .map((text) => {
      const words = (text.match(/(?:"[^"]*"|\S)+/g) ?? []).map((word) => word.replaceAll('"', ''));
      const first = words.findIndex((word) => !/^[A-Z_]+=/.test(word));
      const environment = Object.fromEntries(
        words.slice(0, first).map((word) => word.split(/=(.*)/s, 2) as [string, string]),
      );
      const [npm, run, ...rest] = words.slice(first);
      if (npm !== 'npm') throw new Error(`no command of npm: ${text}`);
      if (run !== 'run')
        return { text, environment, script: run, args: rest.filter((word) => word !== '--') };
      const [script, ...args] = rest;
      return { text, environment, script, args: args.filter((word) => word !== '--') };
    });
}
