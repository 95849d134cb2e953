/**
 * Reads the words of a command line into typed values, or says in one line which word is wrong and what is allowed.
 * The tokens are those of node:util; the rules on top of them are ours: no option twice unless it is a list, and no
 * option's value that looks like another option.
 */
import { parseArgs } from 'node:util';
import { type Options, type OptionValues, refusal } from './cli-options.ts';
import { nearest, shown } from './text.ts';

export interface UsageProblem {
  readonly problem: string;
}

export interface ParsedWords<O extends Options, A extends Options> {
  readonly options: OptionValues<O>;
  readonly args: OptionValues<A>;
}

type Values = Map<string, unknown>;

export function parseWords<O extends Options, A extends Options>(
  words: readonly string[],
  options: O,
  args: A,
): ParsedWords<O, A> | UsageProblem {
  const { tokens } = parseArgs({
    args: [...words],
    options: Object.fromEntries(Object.entries(options).map(([name, { kind }]) => [name, tokenKind(kind)])),
    allowPositionals: true,
    strict: false,
    tokens: true,
  });
  const given: Values = new Map();
  const positionals: string[] = [];
  for (const token of tokens) {
    if (token.kind === 'positional') positionals.push(token.value);
    if (token.kind !== 'option') continue;
    const problem = readOption(token, options, given);
    if (problem !== undefined) return { problem };
  }
  const problem =
    readArguments(positionals, args, given) ?? fillAbsent(options, given, '--') ?? fillAbsent(args, given, '');
  if (problem !== undefined) return { problem };
  const optionValues = pick(options, given);
  const argumentValues = pick(args, given);
  if (!isComplete(optionValues, options) || !isComplete(argumentValues, args)) throw new Error('an option was lost');
  return { options: optionValues, args: argumentValues };
}

interface OptionToken {
  readonly name: string;
  readonly rawName: string;
  readonly value: string | undefined;
  readonly inlineValue: boolean | undefined;
}

function readOption(token: OptionToken, options: Options, given: Values): string | undefined {
  const option = Object.hasOwn(options, token.name) ? options[token.name] : undefined;
  if (option === undefined || !token.rawName.startsWith('--')) return unknownOption(token.rawName, options);
  const label = `--${token.name}`;
  if (given.has(token.name) && option.kind !== 'list') return `${label} is given twice`;
  if (option.kind === 'flag') {
    if (token.value !== undefined) return `${label} takes no value, got ${shown(token.value)}`;
    given.set(token.name, true);
    return undefined;
  }
  const looksLikeOption = token.inlineValue === false && /^-(-|[A-Za-z])/.test(token.value ?? '');
  if (token.value === undefined || looksLikeOption) return `${label} needs a value: ${option.allowed}`;
  const result = option.read(token.value);
  if (result.kind === 'refused') return refusal(label, token.value, result.allowed);
  const before = given.get(token.name);
  const both = Array.isArray(before) && Array.isArray(result.value) ? [...before, ...result.value] : result.value;
  given.set(token.name, both);
  return undefined;
}

function readArguments(positionals: readonly string[], args: Options, given: Values): string | undefined {
  const names = Object.keys(args);
  for (const [index, word] of positionals.entries()) {
    const name = names[index];
    const argument = name === undefined ? undefined : args[name];
    if (name === undefined || argument === undefined) {
      const allowed = names.length === 0 ? 'this command takes no arguments' : `arguments: ${names.join(', ')}`;
      return `unexpected argument ${shown(word)}; ${allowed}`;
    }
    const result = argument.read(word);
    if (result.kind === 'refused') return refusal(name.toUpperCase(), word, result.allowed);
    given.set(name, result.value);
  }
  return undefined;
}

function fillAbsent(options: Options, given: Values, prefix: string): string | undefined {
  for (const [name, option] of Object.entries(options)) {
    if (given.has(name)) continue;
    if (option.absent.kind === 'required') {
      return `${prefix === '' ? name.toUpperCase() : prefix + name} is required: ${option.allowed}`;
    }
    given.set(name, option.absent.value);
  }
  return undefined;
}

export function unknownOption(rawName: string, options: Options): string {
  const near = nearest(rawName.replace(/^-+/, ''), [...Object.keys(options), 'help']);
  const hint = near === undefined ? 'see --help' : `did you mean --${near}?`;
  return `unknown option ${shown(rawName)}; ${hint}`;
}

function tokenKind(kind: 'flag' | 'value' | 'list') {
  return kind === 'flag' ? { type: 'boolean' as const } : { type: 'string' as const };
}

function pick(options: Options, given: Values): Record<string, unknown> {
  return Object.fromEntries(Object.keys(options).map((name) => [name, given.get(name)]));
}

/** Every value came from its own option's `read` or `absent`, so having all keys is having all types. */
function isComplete<O extends Options>(values: object, options: O): values is OptionValues<O> {
  return Object.keys(options).every((name) => Object.hasOwn(values, name));
}
