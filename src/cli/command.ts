import { Argument, Command, CommanderError, Option } from 'commander';
import { messageOf, printableLines } from '../core/base';
import { explainFileError } from '../node/files';
import {
  type CommandOption,
  InvalidValue,
  type OptionTable,
  type OptionValuesOf,
  type Parser,
} from './options';
import { type TerminalProgress, terminalProgress } from './output';

/** Passed to every command: its arguments, and functions for terminal output. */
export interface CommandTools {
  /** positional arguments */
  args: readonly string[];
  /** the call as it is typed in a shell */
  line: string;
  /** prints progress and explanations; prints nothing with `--json` */
  info: (text: string) => void;
  /** prints the result */
  print: (text: string) => void;
  progress: TerminalProgress;
  signal?: AbortSignal;
}

/** Passed by the caller of a command, in addition to its arguments. */
export interface CommandContext {
  signal?: AbortSignal;
  progress?: TerminalProgress;
  /** called before the command runs; its output goes to stderr */
  prepare?: () => Promise<unknown>;
}

/** The declaration of a command: parsing, validation and help are derived from it. */
export interface CommandDefinition<Options extends OptionTable, Context extends object> {
  /** one sentence */
  summary: string;
  /** further paragraphs of the help */
  details?: string;
  /** positional arguments in commander's syntax: `{ '[DIR]': { help: '…' } }` */
  arguments?: Readonly<Record<string, { help: string; parse?: Parser<string> }>>;
  options?: Options;
  /** options that cannot be combined: name → conflicting names */
  conflicts?: Readonly<Partial<Record<keyof Options, readonly (keyof Options)[]>>>;
  /** pass unknown options on as arguments */
  allowUnknownOptions?: boolean;
  /** whether the call works without engine and data, so that `prepare` is skipped; default no */
  skipsPreparation?: (options: OptionValuesOf<Options>) => boolean;
  /** message when the command is interrupted before it has a result */
  interrupted?: string;
  /** @returns the exit code */
  run(options: OptionValuesOf<Options>, tools: CommandTools & Context): Promise<number> | number;
}

/** A command of package.json. */
export interface CliCommand<Context extends object> {
  /** what users type: `npm run train` */
  name: string;
  /** the help texts, one per subcommand */
  helpTexts: () => string[];
  /**
   * Runs the command. Errors are printed, not thrown.
   *
   * @returns the exit code: 0, 1 when it failed, 2 for a wrong call, 130 when it was interrupted (143 after SIGTERM, 129 after SIGHUP)
   */
  run: (args: readonly string[], context?: CommandContext & Context) => Promise<number>;
}

type AnyDefinition = CommandDefinition<OptionTable, object>;

/** An invalid command line. It is printed with the usage; the exit code is 2. */
export class UsageError extends Error {}

/**
 * Declares a command.
 *
 * @example
 * const train = defineCommand('npm run train', {
 *   summary: 'Train a model.',
 *   options: { workers: option('N', 'splits trained at the same time', integer(1), 1), json: flag('print JSON') },
 *   run: ({ workers }, { info }) => { info(`${workers} workers`); return 0; },
 * });
 * await train.run(['--workers', '2']); // 0
 */
export function defineCommand<const Options extends OptionTable, Context extends object = object>(
  name: string,
  definition: CommandDefinition<Options, Context>,
): CliCommand<Context> {
  return createCommand(name, (select) => toCommander(`${name} --`, definition as never, select));
}

/**
 * Declares a command that has subcommands.
 *
 * @param options.commands - created with {@link subcommand}
 * @param options.defaultCommand - runs when no subcommand is named
 */
export function defineCommands<Context extends object = object>(
  name: string,
  { summary, commands, defaultCommand }: CommandGroup<Context>,
): CliCommand<Context> {
  return createCommand(name, (select) => {
    const root = configure(new Command(`${name} --`))
      .description(summary)
      .helpCommand(false)
      .enablePositionalOptions();
    for (const [command, definition] of Object.entries(commands)) {
      const child = toCommander(command, definition as never, select);
      root.addCommand(child, { isDefault: command === defaultCommand });
      showUsageAfterErrors(child, `${name} -- ${command}`);
    }
    return root;
  });
}

interface CommandGroup<Context extends object> {
  summary: string;
  commands: Readonly<Record<string, CommandDefinition<never, Context>>>;
  defaultCommand?: string;
}

/** Declares one subcommand for {@link defineCommands}. */
export function subcommand<const Options extends OptionTable, Context extends object = object>(
  definition: CommandDefinition<Options, Context>,
): CommandDefinition<never, Context> {
  return definition as never;
}

/** A parsed command line. */
interface Call {
  definition: AnyDefinition;
  options: Record<string, unknown>;
  args: string[];
  command: Command;
}

/** An argument as it is typed in a shell. */
export const shellQuoted = (argument: string): string =>
  /[^\w.,=+:/@%-]/.test(argument) || argument === '' ? `'${argument.replaceAll("'", "'\\''")}'` : argument;

function createCommand<Context extends object>(
  name: string,
  build: (select: (call: Call) => void) => Command,
): CliCommand<Context> {
  return {
    name,
    helpTexts: () => {
      const root = build(() => undefined);
      return [root, ...root.commands].map((command) =>
        command.configureHelp({ helpWidth, commandUsage: usageOf }).helpInformation().trim(),
      );
    },
    run: async (args, context) => {
      try {
        let call: Call | undefined;
        const root = build((selected) => (call = selected));
        showUsageAfterErrors(root, `${name} --`);
        root.parse([...args], { from: 'user' });
        const line = `${name}${args.length > 0 ? ` -- ${args.map(shellQuoted).join(' ')}` : ''}`;
        return await execute({ ...call!, line }, context ?? {});
      } catch (error) {
        if (!(error instanceof CommanderError)) throw error;
        return error.code === 'commander.helpDisplayed' ? 0 : 2;
      }
    },
  };
}

/** Runs a parsed call, with stdout reserved for the result under `--json`. */
async function execute(
  { definition, options, args, command, line }: Call & { line: string },
  { progress = terminalProgress(), signal, prepare, ...context }: CommandContext,
): Promise<number> {
  const { log, error: logError } = console;
  const isJson = options.json === true;
  console.error = withoutEscapes(logError);
  const print = (line: string): void => {
    progress.stop();
    withoutEscapes(log)(line);
  };
  const tools: CommandTools = {
    ...context,
    args,
    line,
    print,
    info: (line) => {
      if (!isJson) print(line);
    },
    progress,
    signal,
  };
  try {
    if (prepare && !definition.skipsPreparation?.(options)) {
      console.log = console.error;
      await prepare();
    }
    console.log = isJson ? console.error : withoutEscapes(log);
    return await definition.run(options, tools);
  } catch (error) {
    progress.stop();
    if (error instanceof UsageError) command.error(error.message);
    const isInterrupted = signal?.aborted ?? false;
    const message = isInterrupted ? (definition.interrupted ?? 'interrupted') : describeError(error);
    console.error(message);
    return isInterrupted ? 130 : 1;
  } finally {
    progress.stop();
    console.log = log;
    console.error = logError;
  }
}

/** Prints control characters as visible escapes: names from files may contain escape sequences. */
function withoutEscapes(write: (...parts: unknown[]) => void): (...parts: unknown[]) => void {
  return (...parts) => {
    write(...parts.map((part) => (typeof part === 'string' ? printableLines(part) : part)));
  };
}

/** The message of an error. Errors of the operating system and out-of-memory errors get a path or a remedy. */
function describeError(error: unknown): string {
  const isMemory = error instanceof RangeError && /array (buffer allocation|length)/i.test(error.message);
  if (isMemory)
    return `not enough memory (${error.message}); use fewer corpora, versions, features or workers`;
  return messageOf(explainFileError(error));
}

function toCommander(name: string, definition: AnyDefinition, select: (call: Call) => void): Command {
  const { summary, details, options = {}, conflicts = {}, allowUnknownOptions = false } = definition;
  const command = configure(new Command(name))
    .summary(summary)
    .description(details === undefined ? summary : `${summary}\n\n${details}`)
    .allowUnknownOption(allowUnknownOptions)
    .allowExcessArguments(allowUnknownOptions);
  for (const [syntax, { help, parse }] of Object.entries(definition.arguments ?? {})) {
    const argument = new Argument(syntax, help);
    if (parse) argument.argParser(collect(command, argument.name(), parse, argument.variadic));
    command.addArgument(argument);
  }
  for (const [key, declared] of Object.entries(options)) {
    const others = conflicts[key] ?? [];
    command.addOption(toCommanderOption(command, key, declared).conflicts([...others]));
  }
  return command.action(() => {
    select({
      definition,
      options: Object.fromEntries(
        Object.entries(options).map(([key, { kind, default: defaultValue }]) => {
          const value: unknown = valueOf(command, key) ?? defaultValue;
          return [key, kind === 'variadic' && value === true ? [] : value];
        }),
      ),
      args: allowUnknownOptions ? command.args : (command.processedArgs.flat() as (string | undefined)[]).filter((arg) => arg !== undefined), // prettier-ignore
      command,
    });
  });
}

/** Commander stores `--no-open` as `open`: false. */
function valueOf(command: Command, key: string): unknown {
  const [, negated] = /^no([A-Z].*)$/.exec(key) ?? [];
  if (!negated) return command.getOptionValue(key);
  return command.getOptionValue(negated[0].toLowerCase() + negated.slice(1)) === false;
}

function toCommanderOption(
  command: Command,
  key: string,
  { kind, placeholder, help, parse, default: defaultValue, isRequired = false }: CommandOption<unknown>,
): Option {
  const long = `--${key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
  const value = { flag: '', single: ` <${placeholder}>`, repeated: ` <${placeholder}>`, variadic: ` ${placeholder}` }; // prettier-ignore
  const notes = [
    ...(parse.choices ? [`one of ${parse.choices.join(', ')}`] : []),
    ...(defaultValue === undefined || kind !== 'single'
      ? []
      : [`default: ${defaultValue as string | number}`]),
  ];
  const option = new Option(long + value[kind], help + notes.map((note) => `; ${note}`).join(''));
  option.makeOptionMandatory(isRequired);
  return kind === 'flag' ? option : option.argParser(collect(command, long, parse, kind !== 'single'));
}

/** A parser for commander that reports broken rules as usage errors, and collects values of repeated options. */
function collect<Value>(command: Command, name: string, parse: Parser<Value>, many: boolean) {
  return (value: string, previous: unknown): Value | Value[] => {
    try {
      const parsed = parse(value);
      return many ? [...(Array.isArray(previous) ? (previous as Value[]) : []), parsed] : parsed;
    } catch (error) {
      if (!(error instanceof InvalidValue)) throw error;
      const { rule, text: got, suggestion } = error;
      const hint = suggestion === undefined ? '' : `; did you mean ${suggestion}?`;
      return command.error(`${name} must be ${rule}, got ${JSON.stringify(got)}${hint}`);
    }
  };
}

const helpWidth = 110;

/** Sends output through the console and makes commander throw where it would exit. */
const configure = (command: Command): Command =>
  command
    .exitOverride()
    .helpOption('-h, --help', 'show this help')
    .configureHelp({ commandUsage: usageOf })
    .configureOutput({
      getOutHelpWidth: () => Math.min(process.stdout.columns || helpWidth, helpWidth),
      getErrHelpWidth: () => Math.min(process.stderr.columns || helpWidth, helpWidth),
      writeOut: (lines) => {
        console.log(printableLines(lines.trimEnd()));
      },
      writeErr: (lines) => {
        console.error(printableLines(lines.trimEnd()));
      },
      outputError: (message, write) => {
        write(message.replace(/^error: /, ''));
      },
    });

const usageOf = (command: Command): string =>
  `${command.parent ? `${command.parent.name()} ` : ''}${command.name()} ${command.usage()}`;

/** Appends the usage to error messages of the parser. */
function showUsageAfterErrors(command: Command, name: string): void {
  command.showHelpAfterError(`\nUsage: ${usageOf(command)}\nHelp: ${name} --help`);
}
