/**
 * Command lines: a tree of commands with typed options, pleasant help, and exit codes that mean something.
 *
 * X1  `runCli` returns the exit code and never throws: 0 done, 1 failed, 2 wrong usage or configuration, 70 a bug.
 * X2  Every failure is one line `error: ...` on stderr that names the thing and what is allowed. A stack appears only in
 *     the debug log, and only for a bug.
 * X3  Whatever is echoed is clipped: a huge or odd value gives a short message.
 */
import { formatHelp, type HelpSubject } from './cli-help.ts';
import type { Options, OptionValues } from './cli-options.ts';
import { parseWords, unknownOption } from './cli-parse.ts';
import type { Logger } from './log.ts';
import { EXIT_BUG, EXIT_OK, EXIT_USAGE, fromSystemError, OperatingError } from './operating-error.ts';
import { nearest, oneLine, shown } from './text.ts';

export * from './cli-options.ts';

/** What a command returns: nothing or 0 for done, another exit code, or what went wrong. */
export type Outcome = number | OperatingError | undefined;

export interface CommandInput<O extends Options, A extends Options> {
  readonly options: OptionValues<O>;
  readonly args: OptionValues<A>;
}

export interface CommandSpec<O extends Options, A extends Options> {
  readonly name: string;
  /** One sentence. */
  readonly summary: string;
  readonly details?: string;
  readonly options: O;
  /** Positional arguments, in order; `{}` for none. */
  readonly args: A;
  readonly examples?: readonly string[];
  readonly run: (input: CommandInput<O, A>) => Outcome | Promise<Outcome> | Promise<void> | void;
}

/** A command of any options: either a leaf that runs or a group of commands. */
export interface Command extends HelpSubject {
  readonly name: string;
  readonly commands: readonly Command[];
  /** Reads `words` and returns the work to do, or what is wrong with them. Undefined for a group. */
  readonly prepare: ((words: readonly string[]) => (() => Promise<Outcome>) | OperatingError) | undefined;
}

export interface CliOptions {
  readonly root: Command;
  readonly version: string;
  /** Without the interpreter and the script. */
  readonly words: readonly string[];
  readonly stdout: (text: string) => void;
  readonly stderr: (text: string) => void;
  /** Gets the stack of a bug at the debug level. */
  readonly log: Logger;
}

export function command<O extends Options, A extends Options>(spec: CommandSpec<O, A>): Command {
  return {
    ...describe(spec),
    options: spec.options,
    args: spec.args,
    commands: [],
    prepare: (words) => {
      const parsed = parseWords(words, spec.options, spec.args);
      if ('problem' in parsed) return usage(parsed.problem);
      return async () => (await spec.run(parsed)) ?? undefined;
    },
  };
}

export function commandGroup(spec: {
  readonly name: string;
  readonly summary: string;
  readonly details?: string;
  readonly examples?: readonly string[];
  readonly commands: readonly Command[];
}): Command {
  return { ...describe(spec), options: {}, args: {}, commands: spec.commands, prepare: undefined };
}

export async function runCli(cli: CliOptions): Promise<number> {
  const fail = (error: OperatingError) => {
    cli.stderr(`error: ${error.message}\n`);
    return error.exitCode;
  };
  try {
    const found = findCommand(cli.root, cli.words);
    if (found instanceof OperatingError) return fail(found);
    if (found.words.includes('--version') && found.command === cli.root) return say(cli, `${cli.version}\n`);
    if (asksHelp(found.words) || found.command.prepare === undefined) {
      const help = formatHelp(found.path, found.command);
      if (asksHelp(found.words)) return say(cli, help);
      cli.stderr(`${help}\n`);
      return fail(usage(`${found.path} needs a command: ${names(found.command).join(', ')}`));
    }
    const work = found.command.prepare(found.words);
    if (work instanceof OperatingError) return fail(work);
    const outcome = await work();
    return outcome instanceof OperatingError ? fail(outcome) : (outcome ?? EXIT_OK);
  } catch (error) {
    const problem = error instanceof OperatingError ? error : fromSystemError(error);
    if (problem !== undefined) return fail(problem);
    cli.log.debug({ error }, 'a bug ended the command');
    const words = error instanceof Error ? error.message : String(error);
    return fail(
      new OperatingError(`this is a bug: ${oneLine(words)} (set the log level to debug for details)`, {
        exitCode: EXIT_BUG,
      }),
    );
  }
}

interface Found {
  readonly command: Command;
  readonly path: string;
  readonly words: readonly string[];
}

function findCommand(root: Command, words: readonly string[]): Found | OperatingError {
  let at = root;
  let path = root.name;
  for (const [index, word] of words.entries()) {
    const rest = words.slice(index);
    if (at.prepare !== undefined || asksHelp([word]) || word === '--version') return { command: at, path, words: rest };
    if (word.startsWith('-')) return usage(unknownOption(word, at.options));
    const next = at.commands.find((each) => each.name === word);
    if (next === undefined) {
      const near = nearest(word, names(at));
      const hint = near === undefined ? '' : `; did you mean ${near}?`;
      return usage(`unknown command ${shown(word)}${hint} (allowed: ${names(at).join(', ')})`);
    }
    at = next;
    path = `${path} ${next.name}`;
  }
  return { command: at, path, words: [] };
}

function describe(spec: Pick<HelpSubject, 'summary' | 'details' | 'examples'> & { readonly name: string }) {
  return {
    name: spec.name,
    summary: spec.summary,
    ...(spec.details === undefined ? {} : { details: spec.details }),
    ...(spec.examples === undefined ? {} : { examples: spec.examples }),
  };
}

function say(cli: CliOptions, text: string): number {
  cli.stdout(text);
  return EXIT_OK;
}

function asksHelp(words: readonly string[]): boolean {
  return words.some((word) => word === '--help' || word === '-h');
}

function names(group: Command): string[] {
  return group.commands.map((each) => each.name);
}

function usage(message: string): OperatingError {
  return new OperatingError(message, { exitCode: EXIT_USAGE });
}
