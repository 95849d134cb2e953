/** The help of a command: usage, what it is for, its commands or options with defaults and what is allowed. */
import type { Option, Options } from './cli-options.ts';

const WIDTH = 100;

export interface HelpSubject {
  readonly summary: string;
  /** Further paragraphs. */
  readonly details?: string;
  readonly commands: readonly { readonly name: string; readonly summary: string }[];
  readonly options: Options;
  readonly args: Options;
  /** Whole command lines. */
  readonly examples?: readonly string[];
}

/** `path` is the command as typed, such as `engine journal verify`. */
export function formatHelp(path: string, subject: HelpSubject): string {
  const args = Object.entries(subject.args).map(([name, option]) => {
    return option.absent.kind === 'required' ? name.toUpperCase() : `[${name.toUpperCase()}]`;
  });
  const usage = [path, subject.commands.length > 0 ? 'COMMAND' : '', ...args, '[OPTIONS]'].filter(
    (part) => part !== '',
  );
  const optionRows = Object.entries(subject.options).map(([name, option]) => optionRow(name, option));
  const sections = [
    subject.summary,
    `Usage: ${usage.join(' ')}`,
    subject.details === undefined ? '' : wrap(subject.details, 0),
    table(
      'Commands',
      subject.commands.map(({ name, summary }) => [name, summary]),
    ),
    table(
      'Arguments',
      Object.entries(subject.args).map(([name, option]) => [name.toUpperCase(), meaning(option)]),
    ),
    table('Options', [...optionRows, ['--help', 'Show this help.']]),
    subject.examples === undefined ? '' : `Examples:\n${subject.examples.map((line) => `  ${line}`).join('\n')}`,
    subject.commands.length > 0 ? `Run \`${path} COMMAND --help\` for the options of a command.` : '',
  ];
  return `${sections.filter((section) => section !== '').join('\n\n')}\n`;
}

type Row = readonly [string, string];

function optionRow(name: string, option: Option<unknown>): Row {
  return [option.placeholder === '' ? `--${name}` : `--${name} ${option.placeholder}`, meaning(option)];
}

function meaning(option: Option<unknown>): string {
  const saysChoices = option.allowed.startsWith('one of:');
  const allowed = option.kind === 'flag' || saysChoices ? '' : ` Allowed: ${option.allowed}.`;
  if (option.absent.kind === 'required') return `${option.description}${allowed} Required.`;
  const fallback = option.absent.shown === '' ? '' : ` Default: ${option.absent.shown}.`;
  return `${option.description}${allowed}${fallback}`;
}

function table(title: string, rows: readonly Row[]): string {
  if (rows.length === 0) return '';
  const left = Math.min(30, Math.max(...rows.map(([term]) => term.length))) + 4;
  const lines = rows.map(([term, words]) => {
    const head = `  ${term}`.padEnd(left);
    const body = wrap(words, left);
    return head.length > left ? `${head}\n${' '.repeat(left)}${body}` : `${head}${body}`;
  });
  return `${title}:\n${lines.join('\n')}`;
}

/** Wraps at `WIDTH` columns; all lines but the first are indented. */
function wrap(words: string, indent: number): string {
  const lines: string[] = [];
  let line = '';
  for (const word of words.split(/\s+/)) {
    if (line !== '' && indent + line.length + 1 + word.length > WIDTH) {
      lines.push(line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  return [...lines, line].join(`\n${' '.repeat(indent)}`);
}
